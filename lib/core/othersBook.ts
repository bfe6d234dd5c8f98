import { ordersOf } from "./ordersOf.ts";
import type { Level, MarketView } from "../messages/market.ts";
import type { WorkingOrder } from "../messages/orders.ts";
import type { OrdersSlice } from "../messages/state.ts";
import type { Side } from "../units/grid.ts";
import { sizeLots } from "../units/numbers.ts";

/** The book without our own orders: what we quote against and measure queues by. Best first. */
export type OthersBook = { readonly bids: readonly Level[]; readonly asks: readonly Level[] };

/**
 * Takes every order of ours that may rest out of the displayed levels. An order whose answer is outstanding is taken
 * out too: following our own quote would be worse than overlooking someone else's for the time of one answer.
 */
export function takeOutOwn(view: MarketView, working: OrdersSlice["working"]): OthersBook {
  const known = taken.get(view);
  if (known !== undefined && known.working === working) return known.others;
  const orders = ordersOf(working);
  const others = {
    bids: without(view.bids, orders, "bid"),
    asks: without(view.asks, orders, "ask"),
  };
  taken.set(view, { working, others });
  return others;
}

/** Every book is asked for several times a step, and neither views nor orders are ever changed in place. */
const taken = new WeakMap<
  MarketView,
  { readonly working: OrdersSlice["working"]; readonly others: OthersBook }
>();

/** Orders behind the displayed depth, which are most, cost one comparison. */
function without(
  levels: readonly Level[],
  orders: readonly WorkingOrder[],
  side: Side,
): readonly Level[] {
  const last = levels.at(-1);
  if (last === undefined) return levels;
  let own: Map<number, number> | null = null;
  for (const { side: at, tif, pxTicks, leavesLots } of orders) {
    if (at !== side || tif === "Ioc") continue;
    if (side === "bid" ? pxTicks < last.pxTicks : pxTicks > last.pxTicks) continue;
    own ??= new Map();
    own.set(pxTicks, (own.get(pxTicks) ?? 0) + leavesLots);
  }
  if (own === null) return levels;
  const others: Level[] = [];
  for (const level of levels) {
    const mine = own.get(level.pxTicks) ?? 0;
    if (mine === 0) others.push(level);
    else if (level.sizeLots > mine)
      others.push({ pxTicks: level.pxTicks, sizeLots: sizeLots(level.sizeLots - mine) });
  }
  return others;
}

/** Twice the mid of the others' touch in ticks, an exact integer; null unless both sides show an uncrossed price. */
export function midX2Ticks(book: OthersBook): number | null {
  const bid = book.bids[0];
  const ask = book.asks[0];
  if (bid === undefined || ask === undefined || bid.pxTicks >= ask.pxTicks) return null;
  return bid.pxTicks + ask.pxTicks;
}

/**
 * Others' displayed lots at a price: 0 where the price is better than, or between, displayed levels; null where it
 * lies behind the displayed depth and nothing is known.
 */
export function othersLotsAt(book: OthersBook, side: Side, pxTicks: number): number | null {
  const levels = side === "bid" ? book.bids : book.asks;
  const last = levels.at(-1);
  if (last === undefined) return null;
  const hidden = side === "bid" ? pxTicks < last.pxTicks : pxTicks > last.pxTicks;
  if (hidden) return null;
  return levels.find((level) => level.pxTicks === pxTicks)?.sizeLots ?? 0;
}
