import type { Level, MarketView } from "../messages/market.ts";
import type { WorkingOrder } from "../messages/orders.ts";
import type { AccountSlice, BotState, LedgerSlice, RiskSlice } from "../messages/state.ts";
import type { Side } from "../units/grid.ts";
import type { BookRow, LiveView, OrderRow, PnlView, RunLimits } from "./types.ts";

/** The book is shown to this depth; our own orders are listed whole. */
const BOOK_DEPTH = 14;

/** Twice the mid in ticks; null while a side is empty. */
export function midX2(view: MarketView | null): number | null {
  const bid = view?.bids[0];
  const ask = view?.asks[0];
  return bid === undefined || ask === undefined ? null : bid.pxTicks + ask.pxTicks;
}

/** Parts and total of the profit so far, micro-USD. */
export function pnlOf(ledger: LedgerSlice): PnlView {
  const spread = ledger.pnl.spread / 2;
  const adverse = ledger.pnl.adverse / 2;
  const inventory = ledger.pnl.inventory / 2;
  const funding = ledger.fundingMicroUsd;
  const fees = ledger.feesMicroUsd;
  return {
    total: spread + adverse + inventory + funding - fees,
    spread,
    adverse,
    inventory,
    funding,
    fees,
  };
}

/** Lots whose notional is `fraction` of equity times leverage; null until equity and price are known. */
export function lotsOfFraction(
  fraction: number,
  limits: RunLimits,
  account: AccountSlice,
  midTicksX2: number | null,
): number | null {
  const equity = account.reading?.equityMicroUsd;
  if (equity === undefined || midTicksX2 === null || midTicksX2 <= 0) return null;
  return Math.max(0, Math.floor((fraction * equity * limits.leverage) / (midTicksX2 / 2)));
}

function bookRows(levels: readonly Level[], own: ReadonlyMap<number, number>): BookRow[] {
  return levels.slice(0, BOOK_DEPTH).map((level) => ({
    pxTicks: level.pxTicks,
    sizeLots: level.sizeLots,
    ownLots: own.get(level.pxTicks) ?? 0,
  }));
}

/** Lots of ours per price that rest on the exchange, so are part of what it shows. */
function ownByPrice(orders: readonly WorkingOrder[], side: Side): Map<number, number> {
  const own = new Map<number, number>();
  for (const order of orders)
    if (order.side === side && (order.phase === "resting" || order.phase === "cancelling"))
      own.set(order.pxTicks, (own.get(order.pxTicks) ?? 0) + order.leavesLots);
  return own;
}

export function marketSection(view: MarketView | null, state: BotState): LiveView["market"] {
  if (view === null) return null;
  const orders = Object.values(state.orders.working);
  return {
    bids: bookRows(view.bids, ownByPrice(orders, "bid")),
    asks: bookRows(view.asks, ownByPrice(orders, "ask")),
    bookRecvMs: view.bookRecvMs,
    markPxTicks: view.markPxTicks,
    oraclePxTicks: view.oraclePxTicks,
    sigmaBpsPerSqrtSec: view.sigmaBpsPerSqrtSec,
    flowImbalance: view.flowImbalance,
  };
}

/** Asks from the best out, then bids from the best out. */
export function orderRows(state: BotState): readonly OrderRow[] {
  const rows = Object.values(state.orders.working).map((order) => ({
    cloid: order.cloid,
    oid: order.oid,
    side: order.side,
    pxTicks: order.pxTicks,
    leavesLots: order.leavesLots,
    origLots: order.origLots,
    phase: order.phase,
    reduceOnly: order.reduceOnly,
    placedMs: order.placedMs,
    queueAheadLots: order.queueAheadLots,
    why: order.reason,
  }));
  return rows.toSorted((a, b) =>
    a.side === b.side
      ? (a.pxTicks - b.pxTicks) * (a.side === "bid" ? -1 : 1)
      : a.side === "ask"
        ? -1
        : 1,
  );
}

export function ledgerSection(
  state: BotState,
  limits: RunLimits,
  midTicksX2: number | null,
): LiveView["ledger"] {
  const { ledger, account } = state;
  const lots = (fraction: number): number | null =>
    lotsOfFraction(fraction, limits, account, midTicksX2);
  return {
    positionLots: ledger.positionLots,
    limitLots: lots(limits.positionLimitFraction),
    reduceOnlyLots: lots(limits.reduceOnlySkew),
    pnl: pnlOf(ledger),
    fills: ledger.fills,
    notionalMicroUsd: ledger.notionalMicroUsd,
    markoutBps: ledger.markoutBps,
    lossStreak: ledger.lossStreak,
  };
}

export function accountSection(account: AccountSlice, risk: RiskSlice): LiveView["account"] {
  const { reading } = account;
  const below = (peak: number): number | null =>
    reading === null || peak <= 0 ? null : Math.max(0, 1 - reading.equityMicroUsd / peak);
  return {
    reading,
    readMs: account.readMs,
    failure: account.failure,
    marginUse:
      reading === null || reading.equityMicroUsd <= 0
        ? null
        : reading.marginUsedMicroUsd / reading.equityMicroUsd,
    drawdownDay: below(risk.equityPeakDayMicroUsd),
    drawdownRun: below(risk.equityPeakRunMicroUsd),
  };
}

/** Best and outermost price of ours on a side, resting or on the way; null when we quote nothing there. */
export function ownExtent(
  orders: readonly WorkingOrder[],
  side: Side,
): { readonly best: number; readonly far: number } | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const order of orders) {
    if (order.side !== side || order.phase === "cancelling") continue;
    low = Math.min(low, order.pxTicks);
    high = Math.max(high, order.pxTicks);
  }
  if (low > high) return null;
  return side === "bid" ? { best: high, far: low } : { best: low, far: high };
}
