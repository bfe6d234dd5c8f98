import { snapDown, snapPassive, snapUp } from "../units/grid.ts";
import type { Side } from "../units/grid.ts";
import type { PxTicks } from "../units/numbers.ts";
import type { OthersBook } from "./othersBook.ts";

/** The legal price nearest to `target` that is no closer to the market and cannot trade with the others' touch. */
export function passivePx(
  others: OthersBook,
  side: Side,
  target: number,
  szDecimals: number,
): PxTicks {
  const snapped = snapPassive(Math.max(1, target), side, szDecimals);
  const far = (side === "bid" ? others.asks : others.bids)[0];
  if (far === undefined) return snapped;
  if (side === "bid")
    return snapped < far.pxTicks ? snapped : snapDown(far.pxTicks - 1, szDecimals);
  return snapped > far.pxTicks ? snapped : snapUp(far.pxTicks + 1, szDecimals);
}

/** The side that takes the position towards zero; null when flat. */
export function reducingSide(positionLots: number): Side | null {
  if (positionLots === 0) return null;
  return positionLots > 0 ? "ask" : "bid";
}
