import { statusOf } from "./outboxRow.ts";
import type { Statements } from "./statements.ts";
import type { CommitInput } from "./store.ts";
import type { ActivityKind } from "./tables.ts";
import type { PlannedBatch } from "../messages/audit.ts";
import type { EventOf } from "../messages/events.ts";
import type { MarketView } from "../messages/market.ts";
import type { Cloid, OwnFill, QuoteReason } from "../messages/orders.ts";
import type { BotState } from "../messages/state.ts";

/** Orders whose reason is remembered: a fill may come after the order has left the books. */
const REASONS_KEPT = 2000;
const HOUR_MS = 3_600_000;

/** Why the newest orders were placed, by their id. */
export class RecentReasons {
  readonly #reasons = new Map<Cloid, QuoteReason>();

  note(batch: PlannedBatch): void {
    for (const command of batch.commands) {
      if (command.kind !== "place" && command.kind !== "modify") continue;
      if (command.reason !== null) this.#reasons.set(command.cloid, command.reason);
    }
    for (const cloid of this.#reasons.keys()) {
      if (this.#reasons.size <= REASONS_KEPT) break;
      this.#reasons.delete(cloid);
    }
  }

  of(cloid: Cloid | null, state: BotState): QuoteReason | null {
    if (cloid === null) return null;
    return this.#reasons.get(cloid) ?? state.orders.working[cloid]?.reason ?? null;
  }
}

/** Rows that a step leaves about the account: a fill, a funding payment, an answer, a reading, and the hour's counts. */
export function writeAccount(
  input: CommitInput,
  causeSeq: number,
  statements: Statements,
  reasons: RecentReasons,
): void {
  const { event, before, after } = input;
  if (event.kind === "fill")
    insertFill(event.fill, event.view, causeSeq, statements, reasons.of(event.fill.cloid, before));
  if (event.kind === "funding" && event.venueMs > before.ledger.fundingWatermarkMs)
    statements.insertFunding.run({
      venueMs: event.venueMs,
      microUsd: event.microUsd,
      positionLots: event.positionLots,
      causeSeq,
    });
  if (event.kind === "outcome")
    statements.markAnswered.run({
      nonce: event.nonce,
      status: statusOf(event.outcomes),
      atMs: event.atMs,
    });
  countActivity(input, statements, reasons);
  const { reading } = after.account;
  if (reading !== null && reading !== before.account.reading)
    insertReading(event.atMs, event.view, after, statements);
}

function midX2(view: MarketView | null): number | null {
  const bid = view?.bids[0];
  const ask = view?.asks[0];
  return bid === undefined || ask === undefined ? null : bid.pxTicks + ask.pxTicks;
}

function insertFill(
  fill: OwnFill,
  view: MarketView | null,
  causeSeq: number,
  statements: Statements,
  reason: QuoteReason | null,
): void {
  statements.insertFill.run({
    venueMs: fill.venueMs,
    tid: fill.tid,
    oid: fill.oid,
    cloid: fill.cloid,
    side: fill.side,
    pxTicks: fill.pxTicks,
    sizeLots: fill.sizeLots,
    taker: fill.taker ? 1 : 0,
    feeMicroUsd: fill.feeMicroUsd,
    startPositionLots: fill.startPositionLots,
    causeSeq,
    midX2Ticks: midX2(view),
    placement: reason?.placement ?? null,
    level: reason?.level ?? null,
    edgeBps: reason?.edgeBps ?? null,
  });
}

function insertReading(
  atMs: number,
  view: MarketView | null,
  { account, ledger, orders, risk }: BotState,
  statements: Statements,
): void {
  const { reading } = account;
  if (reading === null) return;
  const resting = Object.values(orders.working).filter(({ phase }) => phase === "resting");
  statements.insertEquity.run({
    atMs,
    equityMicroUsd: reading.equityMicroUsd,
    marginUsedMicroUsd: reading.marginUsedMicroUsd,
    positionLots: reading.positionLots,
    positionValueMicroUsd: reading.positionValueMicroUsd,
    midX2Ticks: midX2(view),
    ledgerLots: ledger.positionLots,
    cashMicroUsd: ledger.cashMicroUsd,
    feesMicroUsd: ledger.feesMicroUsd,
    fundingMicroUsd: ledger.fundingMicroUsd,
    spreadHalfMicro: ledger.pnl.spread,
    adverseHalfMicro: ledger.pnl.adverse,
    bidMarkoutBps: ledger.markoutBps.bid,
    askMarkoutBps: ledger.markoutBps.ask,
    mode: risk.mode,
    restingBids: resting.filter(({ side }) => side === "bid").length,
    restingAsks: resting.filter(({ side }) => side === "ask").length,
  });
}

function countActivity(
  { event, before, batches }: CommitInput,
  statements: Statements,
  reasons: RecentReasons,
): void {
  const counts = new Map<ActivityKind, Map<string, number>>();
  const count = (kind: ActivityKind, placement: string): void => {
    const byPlacement = counts.get(kind) ?? new Map<string, number>();
    byPlacement.set(placement, (byPlacement.get(placement) ?? 0) + 1);
    counts.set(kind, byPlacement);
  };
  for (const { commands } of batches)
    for (const command of commands) {
      if (command.kind === "place" || command.kind === "modify")
        count("sent", command.reason?.placement ?? "");
      else count("cancel", "");
    }
  for (const outcome of outcomesOf(event)) {
    if (outcome.op === "cancel") continue;
    const placement = reasons.of(outcome.cloid, before)?.placement ?? "";
    if (outcome.result === "resting" || outcome.result === "filled") count("rested", placement);
    if (outcome.result === "rejected") count("rejected", placement);
  }
  const hour = Math.floor(event.atMs / HOUR_MS);
  for (const [kind, byPlacement] of counts)
    for (const [placement, times] of byPlacement)
      statements.countActivity.run({ hour, kind, placement, count: times });
}

function outcomesOf(event: CommitInput["event"]): EventOf<"outcome">["outcomes"] {
  return event.kind === "outcome" ? event.outcomes : [];
}
