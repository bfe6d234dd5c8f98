import type { Side } from "../../units/grid.ts";
import { positionOf } from "./model.ts";
import type { Account, Market, Order, World } from "./model.ts";
import { cancelResting } from "./orders.ts";

/*
 * Reduce-only as measured on the venue: an order that is too big is shrunk to the position (`origSz` keeps the request);
 * flat or on the wrong side it is refused; of two resting ones that exceed the position together the older is cancelled;
 * a resting one shrinks with the position and ends as `reduceOnlyCanceled`.
 */

/** Lots of the position that an order on `side` would reduce; 0 when flat or on the wrong side. */
export function reducibleLots(account: Account, market: Market, side: Side): number {
  const lots = positionOf(account, market);
  return side === "ask" ? Math.max(0, lots) : Math.max(0, -lots);
}

function restingReduceOnly(account: Account, market: Market, side: Side): Order[] {
  const found: Order[] = [];
  for (const order of account.open.values()) {
    if (order.waiting || !order.reduceOnly) continue;
    if (order.market === market && order.side === side) found.push(order);
  }
  return found;
}

/** After `newest` began to rest: older reduce-only orders of its side go until all fit the position. */
export function cancelOlderExcess(world: World, newest: Order): void {
  const { account, market, side } = newest;
  const resting = restingReduceOnly(account, market, side);
  let sum = resting.reduce((total, order) => total + order.lots, 0);
  const limit = reducibleLots(account, market, side);
  for (const order of resting) {
    if (sum <= limit || order === newest) return;
    sum -= order.lots;
    cancelResting(world, order, "reduceOnlyCanceled");
  }
}

/**
 * After a position changed: resting reduce-only orders shrink to it, the older ones first (which of several gives way is
 * assumed); what shrinks to nothing, or stands on the wrong side, is cancelled.
 */
export function shrinkToPosition(world: World, account: Account, market: Market): void {
  if (account.open.size === 0) return;
  for (const side of ["bid", "ask"] as const) {
    const resting = restingReduceOnly(account, market, side);
    let excess =
      resting.reduce((total, order) => total + order.lots, 0) -
      reducibleLots(account, market, side);
    for (const order of resting) {
      if (excess <= 0) break;
      const cut = Math.min(excess, order.lots);
      excess -= cut;
      if (cut === order.lots) cancelResting(world, order, "reduceOnlyCanceled");
      else market.book.reduce(order, cut);
    }
  }
}
