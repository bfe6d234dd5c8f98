import type { TrainingResult, VolRetrainEvent } from "../../messages/events.ts";
import type { BotState, LedgerSlice } from "../../messages/state.ts";
import { counted } from "../../units/counted.ts";

/** "2 m 05 s", "850 ms". */
export function spanWords(spanMs: number): string {
  if (spanMs < 1000) return `${Math.round(spanMs)} ms`;
  const seconds = Math.round(spanMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} m`;
}

function money(microUsd: number): string {
  return `${microUsd < 0 ? "−" : ""}$${(Math.abs(microUsd) / 1e6).toFixed(2)}`;
}

/** Where the books stood when the day began. */
export type DayStart = {
  readonly atMs: number;
  readonly equityMicroUsd: number | null;
  readonly ledger: LedgerSlice;
};

export function dayStart(state: BotState, atMs: number): DayStart {
  const equityMicroUsd = state.account.reading?.equityMicroUsd ?? null;
  return { atMs, equityMicroUsd, ledger: state.ledger };
}

/** What was earned and traded since the day began, and how things stand. */
export function summaryWords(start: DayStart, state: BotState, atMs: number): string {
  const { ledger, risk, account, run } = state;
  const equity = account.reading?.equityMicroUsd ?? null;
  const fills = ledger.fills.count - start.ledger.fills.count;
  const takers = ledger.fills.taker - start.ledger.fills.taker;
  const traded =
    ledger.notionalMicroUsd.maker +
    ledger.notionalMicroUsd.taker -
    start.ledger.notionalMicroUsd.maker -
    start.ledger.notionalMicroUsd.taker;
  const fees = ledger.feesMicroUsd - start.ledger.feesMicroUsd;
  const funding = ledger.fundingMicroUsd - start.ledger.fundingMicroUsd;
  const contracts = ledger.positionLots / 10 ** (run.spec?.szDecimals ?? 0);
  const change =
    equity === null || start.equityMicroUsd === null
      ? "account value not known"
      : `account value ${money(equity)}, change ${money(equity - start.equityMicroUsd)}`;
  return [
    `The last ${spanWords(atMs - start.atMs)}: ${change}`,
    `${counted(fills, "fill")} (${takers} taking), ${money(traded)} traded, fees ${money(fees)}, funding ${money(funding)}`,
    `position ${contracts}, risk ${risk.mode}: ${risk.reason}`,
  ].join("; ");
}

const WINNERS: { readonly [W in TrainingResult["promoted"]]: string } = {
  lstm: "a new LSTM serves",
  champion: "the model in use stays",
  har: "HAR serves",
};

export function retrainWords({ result, failure, durationMs, source }: VolRetrainEvent): string {
  const took = `after ${spanWords(durationMs)}`;
  if (result === null) return `Training failed ${took}: ${failure ?? "no reason was given"}`;
  return `Training ended ${took} on ${source ?? "no source"}: ${WINNERS[result.promoted]}, ${result.why}`;
}
