import { assert } from "../../units/assert.ts";
import type { Account, Order, World } from "./model.ts";
import type { OrderRecord } from "./types.ts";

/** The venue forgets finished orders by count, about 2000 an account (measured). */
export const KEPT_ORDERS = 2_000;

export function toRecord(order: Order): OrderRecord {
  return {
    oid: order.oid,
    cloid: order.cloid,
    account: order.account.address,
    coin: order.market.def.coin,
    side: order.side,
    pxTicks: order.pxTicks,
    origLots: order.origLots,
    leavesLots: order.lots,
    reduceOnly: order.reduceOnly,
    tif: order.tif,
    ...(order.trigger === null ? {} : { trigger: order.trigger }),
    ...(order.twap === null ? {} : { isTwapSlice: true as const }),
    placedMs: order.placedMs,
    status: order.status,
    statusMs: order.statusMs,
  };
}

export function announceOrder(world: World, order: Order): void {
  world.emit({ kind: "orderUpdate", order: toRecord(order) });
}

/** Makes the order findable; the newest of a cloid wins (a cloid may be used again). */
export function registerOrder(order: Order): void {
  const { account } = order;
  account.orders.set(order.oid, order);
  if (order.cloid !== null) account.byCloid.set(order.cloid, order);
}

/** Puts the order into the book and the account's open orders. */
export function restOrder(order: Order): void {
  assert(order.status === "open", `a resting order is open, got ${order.status}`);
  order.market.book.add(order);
  order.account.open.set(order.oid, order);
}

/** Ends an order that no longer rests; the record stays until enough newer ones have finished. */
export function finishOrder(world: World, order: Order, status: string): void {
  order.status = status;
  order.statusMs = world.nowMs;
  const { account } = order;
  account.open.delete(order.oid);
  account.finished.push(order);
  if (account.finished.length > KEPT_ORDERS + KEPT_ORDERS / 4) forgetOldest(account);
}

/** Takes an open order out of the book, or from among those that wait. */
export function withdraw(world: World, order: Order): void {
  if (order.waiting) {
    order.waiting = false;
    world.armed.delete(order);
  } else order.market.book.remove(order);
}

/** Ends an open order with the given status and announces it. */
export function cancelResting(world: World, order: Order, status: string): void {
  withdraw(world, order);
  finishOrder(world, order, status);
  announceOrder(world, order);
}

/** Cancels all open orders of an account (in one dex, or everywhere), oldest first. */
export function cancelAll(world: World, account: Account, status: string, dex?: string): void {
  for (const order of account.open.values()) {
    if (dex === undefined || order.market.def.dex === dex) cancelResting(world, order, status);
  }
}

function forgetOldest(account: Account): void {
  const gone = account.finished.splice(0, account.finished.length - KEPT_ORDERS);
  for (const order of gone) {
    account.orders.delete(order.oid);
    if (order.cloid !== null && account.byCloid.get(order.cloid) === order) {
      account.byCloid.delete(order.cloid);
    }
  }
}
