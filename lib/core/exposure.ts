import type { WorkingOrder } from "../messages/orders.ts";
import type { OrdersSlice } from "../messages/state.ts";
import type { Side } from "../units/grid.ts";
import { ordersOf } from "./ordersOf.ts";

/** What a set of orders could do to the position. */
export type Exposure = {
  /** Lots that can be bought or sold by ordinary orders. */
  readonly plain: { readonly bid: number; readonly ask: number };
  /** Lots of reduce-only orders: the venue never lets them take the position through zero. */
  readonly reducing: { readonly bid: number; readonly ask: number };
};

const noExposure: Exposure = { plain: { bid: 0, ask: 0 }, reducing: { bid: 0, ask: 0 } };

type Exposing = Pick<WorkingOrder, "side" | "reduceOnly"> & { readonly lots: number };

export function addExposure(exposure: Exposure, order: Exposing): Exposure {
  const kind = order.reduceOnly ? "reducing" : "plain";
  const sides = exposure[kind];
  return { ...exposure, [kind]: { ...sides, [order.side]: sides[order.side] + order.lots } };
}

/** Everything that may rest or still fill counts, whatever its phase. */
export function exposureOf(working: OrdersSlice["working"]): Exposure {
  let exposure = noExposure;
  for (const order of ordersOf(working)) {
    const { side, reduceOnly, leavesLots: lots } = order;
    exposure = addExposure(exposure, { side, reduceOnly, lots });
  }
  return exposure;
}

/** The position in lots, signed, if every order of one side fills and none of the other. */
export function worstPositionLots(positionLots: number, exposure: Exposure, side: Side): number {
  const sign = side === "bid" ? 1 : -1;
  const closable = Math.max(0, -sign * positionLots);
  const reducing = Math.min(exposure.reducing[side], closable);
  return positionLots + sign * (reducing + exposure.plain[side]);
}

/** The best price among own orders of a side that may rest; null when there are none. */
export function bestOwnTicks(working: OrdersSlice["working"], side: Side): number | null {
  let best: number | null = null;
  for (const order of ordersOf(working)) {
    if (order.side !== side || order.tif === "Ioc") continue;
    const better = best === null || (side === "bid" ? order.pxTicks > best : order.pxTicks < best);
    if (better) best = order.pxTicks;
  }
  return best;
}

/** True when an order at `pxTicks` would meet an order of the other side priced at `otherTicks`. */
export function crosses(side: Side, pxTicks: number, otherTicks: number | null): boolean {
  if (otherTicks === null) return false;
  return side === "bid" ? pxTicks >= otherTicks : pxTicks <= otherTicks;
}
