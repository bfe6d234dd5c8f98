import { DashboardFeed } from "../dashboard/model.ts";
import { RISK_MODES } from "../dashboard/types.ts";
import type { FillRow, RiskChange, RunInfo, StoredViews } from "../dashboard/types.ts";
import type { LedgerSlice, RiskMode } from "../messages/state.ts";
import type {
  DecisionRow,
  EquityRow,
  FillRow as StoredFill,
  ReadModel,
} from "../store/readModel.ts";
import { sideSign } from "../units/grid.ts";

const BACK_MS = 2 * 86_400_000;
const FILLS_MAX = 4096;

/** What of a moment is stored; the other columns are empty there. */
type StoredSample = StoredViews["samples"][number];

/**
 * Views that begin with what earlier starts of this data folder have stored, so that a restart does not wipe the charts.
 * Account, position and profit are there as often as the account was read; our quotes and the forecast are not.
 * @param ledger the books as loaded: their profit is what the stored one leads up to
 */
export function restoredFeed(
  run: RunInfo,
  read: Pick<ReadModel, "equity" | "fills" | "modeChanges">,
  ledger: LedgerSlice,
): DashboardFeed {
  const feed = new DashboardFeed(run);
  const sinceMs = run.startedMs - BACK_MS;
  const before = <T>(rows: readonly T[], timeOf: (row: T) => number): readonly T[] =>
    rows.filter((row) => timeOf(row) < run.startedMs);
  feed.restore({
    samples: samplesOf(
      before(read.equity(sinceMs), ({ atMs }) => atMs),
      ledger,
    ),
    fills: before(read.fills(sinceMs, FILLS_MAX), ({ venueMs }) => venueMs).map(fillOf),
    riskChanges: changesOf(before(read.modeChanges(), ({ atMs }) => atMs)),
  });
  return feed;
}

function samplesOf(rows: readonly EquityRow[], ledger: LedgerSlice): readonly StoredSample[] {
  // Cash and the position's value lead to the trading profit up to a constant: what the account held at the beginning.
  const { pnl, cashMicroUsd, positionLots, markX2Ticks } = ledger;
  const value = (positionLots * (markX2Ticks ?? 0)) / 2;
  const constant = cashMicroUsd + value - (pnl.spread + pnl.adverse + pnl.inventory) / 2;
  let peak = 0;
  return rows.map((row) => {
    peak = Math.max(peak, row.equityMicroUsd);
    const mid = row.midX2Ticks === null ? null : row.midX2Ticks / 2;
    return {
      atMs: row.atMs,
      bid: mid,
      ask: mid,
      position: row.ledgerLots ?? row.positionLots,
      equity: row.equityMicroUsd,
      drawdown: peak > 0 ? 1 - row.equityMicroUsd / peak : null,
      mode: row.mode === null ? null : RISK_MODES.indexOf(row.mode),
      ...profitOf(row, mid, constant),
    };
  });
}

function profitOf(row: EquityRow, mid: number | null, constant: number): Partial<StoredSample> {
  const { cashMicroUsd, ledgerLots, feesMicroUsd, fundingMicroUsd } = row;
  const { spreadHalfMicro, adverseHalfMicro } = row;
  if (mid === null || cashMicroUsd === null || ledgerLots === null) return {};
  if (feesMicroUsd === null || fundingMicroUsd === null) return {};
  if (spreadHalfMicro === null || adverseHalfMicro === null) return {};
  const trading = cashMicroUsd + ledgerLots * mid - constant;
  const spread = spreadHalfMicro / 2;
  const adverse = adverseHalfMicro / 2;
  return {
    spread,
    adverse,
    inventory: trading - spread - adverse,
    funding: fundingMicroUsd,
    fees: feesMicroUsd,
    total: trading + fundingMicroUsd - feesMicroUsd,
  };
}

function fillOf(fill: StoredFill): Omit<FillRow, "seq"> {
  const { side, pxTicks, sizeLots, taker, midX2Ticks } = fill;
  const sign = sideSign(side);
  return {
    atMs: fill.venueMs,
    side,
    pxTicks,
    sizeLots,
    taker,
    feeMicroUsd: fill.feeMicroUsd,
    spreadMicroUsd: midX2Ticks === null ? 0 : sign * (midX2Ticks / 2 - pxTicks) * sizeLots,
    positionLots: fill.startPositionLots + sign * sizeLots,
    order: fill.cloid ?? String(fill.oid),
    cause: taker ? "taker" : (fill.placement ?? "unknown"),
  };
}

/** The reason of a stored change is the mode that it led to. */
function changesOf(rows: readonly DecisionRow[]): readonly RiskChange[] {
  let from: RiskMode = "normal";
  return rows.map((row) => {
    const change = { atMs: row.atMs, from, to: row.reason as RiskMode, reason: row.detail };
    from = change.to;
    return change;
  });
}
