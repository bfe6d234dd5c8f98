import type { MarketView, PublicTrade } from "../messages/market.ts";
import type { WorkingOrder } from "../messages/orders.ts";
import type { OrdersSlice } from "../messages/state.ts";
import { sizeLots } from "../units/numbers.ts";
import type { Ms } from "../units/numbers.ts";
import { ordersOf } from "./ordersOf.ts";
import { othersLotsAt, takeOutOwn } from "./othersBook.ts";
import type { OthersBook } from "./othersBook.ts";

type Working = OrdersSlice["working"];

/** Until an order is this old the displayed size may not contain it yet, so none of it is taken for our own. */
const SETTLED_MS = 2_000;

/**
 * Caps the queue ahead of each resting order by what others display at its price: cancels are assumed to happen
 * behind us unless the display proves otherwise. An order without an estimate gets one once its price is displayed.
 */
export function capQueues(working: Working, view: MarketView, nowMs: Ms): Working {
  const others = takeOutOwn(view, working);
  const changed: WorkingOrder[] = [];
  for (const order of ordersOf(working)) {
    if (order.phase !== "resting" || order.tif === "Ioc") continue;
    const shown = shownLots(order, others, view, nowMs);
    if (shown === null) continue;
    if (order.queueAheadLots !== null && order.queueAheadLots <= shown) continue;
    changed.push({ ...order, queueAheadLots: sizeLots(shown) });
  }
  return withOrders(working, changed);
}

/** One copy for all changes. */
function withOrders(working: Working, changed: readonly WorkingOrder[]): Working {
  if (changed.length === 0) return working;
  const next: { [cloid: string]: WorkingOrder } = { ...working };
  for (const order of changed) next[order.cloid] = order;
  return next;
}

function shownLots(
  order: WorkingOrder,
  others: OthersBook,
  view: MarketView,
  nowMs: Ms,
): number | null {
  const settled = nowMs - order.placedMs >= SETTLED_MS;
  return othersLotsAt(settled ? others : view, order.side, order.pxTicks);
}

/**
 * Public trades use up the queue: one at our price takes its size off, one at a worse price for the taker has swept
 * our level. Never below zero.
 */
export function tradeQueues(working: Working, trades: readonly PublicTrade[]): Working {
  const changed: WorkingOrder[] = [];
  for (const order of ordersOf(working)) {
    if (order.queueAheadLots === null || order.queueAheadLots === 0) continue;
    let ahead: number = order.queueAheadLots;
    for (const trade of trades) ahead -= usedUp(order, trade, ahead);
    const left = Math.max(0, ahead);
    if (left !== order.queueAheadLots) changed.push({ ...order, queueAheadLots: sizeLots(left) });
  }
  return withOrders(working, changed);
}

function usedUp(order: WorkingOrder, trade: PublicTrade, ahead: number): number {
  if (trade.aggressor === order.side || trade.venueMs < order.placedMs) return 0;
  if (trade.pxTicks === order.pxTicks) return trade.sizeLots;
  const beyond =
    order.side === "bid" ? trade.pxTicks < order.pxTicks : trade.pxTicks > order.pxTicks;
  return beyond ? ahead : 0;
}
