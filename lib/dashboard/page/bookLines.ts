import type { Side } from "../../units/grid.ts";
import type { BookRow, OrderRow } from "../types.ts";

/** Prices of a side in the short form: the best ones, and always some of our own. */
const ROWS_SHORT = 11;
const OWN_SHORT = 3;

export type Line = {
  readonly px: number;
  readonly others: number;
  readonly own: number;
  /** Others' lots in front of our first order here; null without an order of ours or while unknown. */
  readonly ahead: number | null;
  readonly pending: boolean;
  /** Our first order here. */
  readonly cloid: string | null;
};

/** One side, best first: what others show and what is ours, at every price that has either. */
export function bookLines(
  levels: readonly BookRow[],
  orders: readonly OrderRow[],
  side: Side,
): readonly Line[] {
  const lines = new Map<number, Line>();
  for (const level of levels)
    lines.set(level.pxTicks, {
      px: level.pxTicks,
      others: Math.max(0, level.sizeLots - level.ownLots),
      own: 0,
      ahead: null,
      pending: false,
      cloid: null,
    });
  for (const order of orders) {
    if (order.side !== side) continue;
    const line = lines.get(order.pxTicks);
    lines.set(order.pxTicks, {
      px: order.pxTicks,
      others: line?.others ?? 0,
      own: (line?.own ?? 0) + order.leavesLots,
      ahead: line?.ahead ?? order.queueAheadLots,
      pending: (line?.pending ?? false) || order.phase !== "resting",
      cloid: line?.cloid ?? order.cloid,
    });
  }
  const direction = side === "bid" ? -1 : 1;
  return [...lines.values()].toSorted((a, b) => (a.px - b.px) * direction);
}

/** The best prices; where our orders stand deeper than those, the last rows are the nearest of them. */
export function shortLines(lines: readonly Line[]): readonly Line[] {
  const isOwn = (line: Line): boolean => line.own > 0;
  for (let deep = OWN_SHORT; deep > 0; deep--) {
    const head = lines.slice(0, ROWS_SHORT - deep);
    if (head.filter(isOwn).length + deep > OWN_SHORT) continue;
    const deeper = lines.slice(head.length).filter(isOwn).slice(0, deep);
    if (deeper.length === deep) return [...head, ...deeper];
  }
  return lines.slice(0, ROWS_SHORT);
}
