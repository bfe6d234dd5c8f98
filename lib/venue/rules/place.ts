import { formatDecimalPoint, pxDecimalsOf } from "../../units/decimal.ts";
import { opposite } from "../../units/grid.ts";
import { sizeLots } from "../../units/numbers.ts";
import { crosses } from "./book.ts";
import { canAfford, valuePx } from "./margin.ts";
import { tierLeverage } from "./marginTables.ts";
import { averagePx, sweep } from "./match.ts";
import type { Taken } from "./match.ts";
import { leverageOf, positionOf } from "./model.ts";
import type { Account, BuilderShare, Market, Order, World } from "./model.ts";
import { capRejection } from "./openInterest.ts";
import { announceOrder, finishOrder, registerOrder, restOrder } from "./orders.ts";
import { cancelOlderExcess, reducibleLots } from "./reduceOnly.ts";
import { hiddenCross } from "./hidden.ts";
import type { Twap } from "./twap.ts";
import type { OrderTrigger } from "./types.ts";
import type { OrderStatusReply } from "./requests.ts";
import type { CheckedOrder } from "./validate.ts";

const MIN_NOTIONAL_MICRO_USD = 10_000_000;
const BASE_OPEN_ORDERS = 1_000;
const MAX_OPEN_ORDERS = 5_000;
const VOLUME_PER_EXTRA_ORDER_USD = 5_000_000;

/** Runtime refusal: the order gets an oid and a record with this status, and the reply this text. */
export type Rejection = { readonly status: string; readonly text: string };

/**
 * Places one checked order. Runtime refusals, in this order (spot precedence measured, the rest assumed): market state,
 * open-order cap, reduce-only, nothing to take, minimum value, post-only, open-interest cap, margin tier, margin.
 */
export function placeOrder(
  world: World,
  account: Account,
  wanted: CheckedOrder,
  builder: BuilderShare | null = null,
  twap: Twap | null = null,
): OrderStatusReply {
  const closable = reducibleLots(account, wanted.market, wanted.side);
  const lots = wanted.reduceOnly && wanted.lots === 0 ? closable : wanted.lots;
  const order = newOrder(world, account, wanted, lots, builder, null, twap);
  registerOrder(order);
  const refusal = marketRejection(world, order) ?? openOrderRejection(world, order);
  return refusal === null ? enterBook(world, order) : reject(world, order, refusal);
}

/** An order that was made meets the book: new, or after its trigger fired. */
export function enterBook(world: World, order: Order): OrderStatusReply {
  const closable = reducibleLots(order.account, order.market, order.side);
  if (order.reduceOnly) order.lots = sizeLots(Math.min(order.origLots, closable));
  const rejection = findRejection(world, order, closable);
  if (rejection !== null) return reject(world, order, rejection);
  if (order.tif === "Alo") return rest(world, order);
  const taken = take(world, order);
  order.lots = sizeLots(order.lots - taken.lots);
  if (order.lots > 0 && order.tif === "Gtc") {
    const filled = rest(world, order);
    return taken.lots > 0 ? filledReply(order, taken) : filled;
  }
  if (taken.lots === 0) return reject(world, order, nothingToTake(order));
  finishOrder(world, order, "filled");
  announceOrder(world, order);
  return filledReply(order, taken);
}

/** A record with an oid; it is neither findable nor in the book yet. */
export function newOrder(
  world: World,
  account: Account,
  wanted: CheckedOrder,
  lots: number,
  builder: BuilderShare | null,
  trigger: OrderTrigger | null = null,
  twap: Twap | null = null,
): Order {
  const oid = world.nextOid;
  world.nextOid += 1;
  return {
    kind: "account",
    oid,
    cloid: wanted.cloid,
    account,
    market: wanted.market,
    side: wanted.side,
    pxTicks: wanted.px,
    origLots: sizeLots(lots),
    lots: sizeLots(lots),
    reduceOnly: wanted.reduceOnly,
    tif: wanted.tif,
    placedMs: world.nowMs,
    trigger,
    waiting: false,
    builder,
    twap,
    status: "open",
    statusMs: world.nowMs,
  };
}

/** A market that takes no orders of any kind. */
export function closedRejection({ def, delisted, halted }: Market): Rejection | null {
  if (!delisted && !halted) return null;
  const why = delisted ? "Market is delisted" : "Trading is halted";
  return { status: "rejected", text: `${why}. asset=${def.assetId}` };
}

/** More orders than an account may have open; what has waited for its trigger is not new. */
export function openOrderRejection(world: World, order: Order): Rejection | null {
  if (!world.config.limits || order.account.open.size < openOrderCap(order)) return null;
  const text = `Too many open orders. asset=${order.market.def.assetId}`;
  return { status: "tooManyOpenOrdersRejected", text };
}

function marketRejection(world: World, order: Order): Rejection | null {
  const { market } = order;
  const suffix = `asset=${market.def.assetId}`;
  const closed = closedRejection(market);
  if (closed !== null) return closed;
  if (order.tif !== "Alo" && world.nowMs < world.postOnlyUntilMs) {
    const text = `Only post-only orders allowed immediately after network upgrade. ${suffix}`;
    return { status: "rejected", text };
  }
  if (market.tape?.unknown === true) {
    const why =
      market.feed?.feed.info.source === "mirrored"
        ? "The mirrored exchange is not heard"
        : "Recorded market data has a gap or ended";
    const text = `${why}, the book is unknown. ${suffix}`;
    return { status: "rejected", text };
  }
  return null;
}

function findRejection(world: World, order: Order, closable: number): Rejection | null {
  const { market, account } = order;
  const suffix = `asset=${market.def.assetId}`;
  const state = marketRejection(world, order);
  if (state !== null) return state;
  if (order.reduceOnly && order.lots === 0) {
    const text = `Reduce only order would increase position. ${suffix}`;
    return { status: "reduceOnlyRejected", text };
  }
  const taking = order.tif === "Ioc" || order.tif === "FrontendMarket";
  const best = market.book.best(opposite(order.side));
  if (taking && (best === undefined || !crosses(order.side, order.pxTicks, best.pxTicks))) {
    return nothingToTake(order);
  }
  const closesAll = closable > 0 && order.origLots >= closable;
  const valuedAt = taking && best !== undefined ? best.pxTicks : order.pxTicks;
  if (!closesAll && order.twap === null && order.lots * valuedAt < MIN_NOTIONAL_MICRO_USD) {
    const text = `Order must have minimum value of $10. ${suffix}`;
    return { status: "minTradeNtlRejected", text };
  }
  if (order.tif === "Alo" && wouldMatch(order)) {
    const text = `Post only order would have immediately matched, bbo was ${touchText(market, order)}. ${suffix}`;
    return { status: "badAloPxRejected", text };
  }
  const limits = capRejection(world, order) ?? tierRejection(order);
  if (limits !== null) return limits;
  const notional = order.lots * (taking ? valuePx(market) || order.pxTicks : order.pxTicks);
  if (!order.reduceOnly && !canAfford(account, { market, side: order.side, notional })) {
    const text = `Insufficient margin to place order. ${suffix}`;
    return { status: "perpMarginRejected", text };
  }
  return null;
}

/** The leverage that is set must be allowed for the position that the order would make (error-responses). */
function tierRejection(order: Order): Rejection | null {
  const { market, account } = order;
  if (order.reduceOnly || market.def.marginTable === undefined) return null;
  const held = positionOf(account, market);
  const after = Math.abs(held + (order.side === "bid" ? order.lots : -order.lots));
  if (after <= Math.abs(held)) return null;
  const value = after * (valuePx(market) || order.pxTicks);
  if (leverageOf(account, market.def).leverage <= tierLeverage(market.def, value)) return null;
  return {
    status: "perpMaxPositionRejected",
    text: `Order would cause position to exceed margin tier limit at current leverage asset=${market.def.assetId}`,
  };
}

/** 1000, and one more per 5M of volume up to 5000; from 1000 on reduce-only and trigger orders are refused (rate-limits). */
function openOrderCap(order: Order): number {
  if (order.reduceOnly || order.trigger !== null) return BASE_OPEN_ORDERS;
  const volumeUsd = order.account.budget.cumVlmMicroUsd / 1_000_000;
  const extra = Math.floor(volumeUsd / VOLUME_PER_EXTRA_ORDER_USD);
  return Math.min(MAX_OPEN_ORDERS, BASE_OPEN_ORDERS + extra);
}

function nothingToTake(order: Order): Rejection {
  const suffix = `asset=${order.market.def.assetId}`;
  const empty = order.market.book.best(opposite(order.side)) === undefined;
  if (order.tif === "FrontendMarket" && empty) {
    const text = `No liquidity available for market order. ${suffix}`;
    return { status: "marketOrderNoLiquidityRejected", text };
  }
  const text = `Order could not immediately match against any resting orders. ${suffix}`;
  return { status: "iocCancelRejected", text };
}

function wouldMatch(order: Order): boolean {
  const best = order.market.book.best(opposite(order.side));
  if (best !== undefined && crosses(order.side, order.pxTicks, best.pxTicks)) return true;
  return hiddenCross(order.market, order.side, order.pxTicks) !== null;
}

/** "1866.7@1866.9"; an empty side is written as 0.0 (assumed). */
function touchText(market: Market, order: Order): string {
  const hidden = hiddenCross(market, order.side, order.pxTicks);
  const bid = order.side === "ask" && hidden !== null ? hidden : market.book.best("bid")?.pxTicks;
  const ask = order.side === "bid" && hidden !== null ? hidden : market.book.best("ask")?.pxTicks;
  const decimals = pxDecimalsOf(market.def.szDecimals);
  return `${formatDecimalPoint(bid ?? 0, decimals)}@${formatDecimalPoint(ask ?? 0, decimals)}`;
}

/** Ends a new order with a reason. */
export function reject(world: World, order: Order, rejection: Rejection): OrderStatusReply {
  finishOrder(world, order, rejection.status);
  announceOrder(world, order);
  return { error: rejection.text };
}

function rest(world: World, order: Order): OrderStatusReply {
  restOrder(order);
  announceOrder(world, order);
  if (order.reduceOnly) cancelOlderExcess(world, order);
  const resting = { oid: order.oid, ...(order.cloid === null ? {} : { cloid: order.cloid }) };
  return { resting };
}

function take(world: World, order: Order): Taken {
  const { account, oid, cloid, side, twap } = order;
  const taken = sweep(
    world,
    order.market,
    { account, oid, cloid, side, dir: null, builder: order.builder, twap },
    order.pxTicks,
    order.lots,
  );
  if (twap !== null) {
    twap.executedLots += taken.lots;
    twap.executedMicroUsd += taken.notional;
  }
  return taken;
}

function filledReply(order: Order, taken: Taken): OrderStatusReply {
  const { szDecimals } = order.market.def;
  return {
    filled: {
      totalSz: formatDecimalPoint(taken.lots, szDecimals),
      avgPx: formatDecimalPoint(averagePx(taken), pxDecimalsOf(szDecimals)),
      oid: order.oid,
      ...(order.cloid === null ? {} : { cloid: order.cloid }),
    },
  };
}
