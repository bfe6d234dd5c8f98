import type { EquityRow } from "../../store/readModel.ts";

/** Profit of a window and its parts, micro-USD (a half is possible in the first three). Fees are a cost. */
export type PnlSplit = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Earned against the mid at each fill. */
  readonly spread: number;
  /** What the mid did within the markout horizon, negative against us. */
  readonly adverse: number;
  /** Everything else the position did. */
  readonly inventory: number;
  /** Sum of the three: profit before funding and fees. */
  readonly gross: number;
  readonly funding: number;
  readonly fees: number;
  readonly net: number;
  /** What the exchange says the account's value did. */
  readonly accountChange: number;
  /** Account change less net: 0, unless money was paid in or out, or the books do not close. */
  readonly residual: number;
};

/** A reading beside which our books are known and hold the same position as the venue: there the two can be compared. */
type Closing = EquityRow & {
  readonly cashMicroUsd: number;
  readonly feesMicroUsd: number;
  readonly fundingMicroUsd: number;
  readonly spreadHalfMicro: number;
  readonly adverseHalfMicro: number;
};

function isClosing(row: EquityRow): row is Closing {
  return (
    row.ledgerLots !== null &&
    row.ledgerLots === row.positionLots &&
    row.cashMicroUsd !== null &&
    row.feesMicroUsd !== null &&
    row.fundingMicroUsd !== null &&
    row.spreadHalfMicro !== null &&
    row.adverseHalfMicro !== null
  );
}

const signedValue = (row: EquityRow): number =>
  Math.sign(row.positionLots) * row.positionValueMicroUsd;

/**
 * Splits what happened between the first and the last reading at which our books and the venue's hold the same position.
 * @returns null when there are not two such readings
 */
export function splitPnl(readings: readonly EquityRow[]): PnlSplit | null {
  const first = readings.find(isClosing);
  const last = readings.findLast(isClosing);
  if (first === undefined || last === undefined || first === last) return null;
  const trading = last.cashMicroUsd - first.cashMicroUsd + (signedValue(last) - signedValue(first));
  const spread = (last.spreadHalfMicro - first.spreadHalfMicro) / 2;
  const adverse = (last.adverseHalfMicro - first.adverseHalfMicro) / 2;
  const funding = last.fundingMicroUsd - first.fundingMicroUsd;
  const fees = last.feesMicroUsd - first.feesMicroUsd;
  const net = trading + funding - fees;
  const accountChange = last.equityMicroUsd - first.equityMicroUsd;
  return {
    fromMs: first.atMs,
    toMs: last.atMs,
    spread,
    adverse,
    inventory: trading - spread - adverse,
    gross: trading,
    funding,
    fees,
    net,
    accountChange,
    residual: accountChange - net,
  };
}
