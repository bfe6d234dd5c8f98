import { formatPx, formatSize } from "../units/decimal.ts";
import { snapDown, snapUp } from "../units/grid.ts";
import { sizeLots } from "../units/numbers.ts";
import type { PxTicks, SizeLots } from "../units/numbers.ts";

type SliceLevel = { readonly pxTicks: number; readonly lots: number };
export type Slice = { readonly pxTicks: PxTicks; readonly lots: SizeLots };

/** A partial close below this is refused by the venue; a whole close is taken at any size. */
const MIN_ORDER_MICRO_USD = 10_000_000;

/**
 * The next order that takes a position off: as much as stands within the allowed slippage of the best price, never more
 * than the position, and the whole of it where a part would be below the venue's minimum.
 * @param lots the position, signed
 * @param levels of the side that is taken, best first
 * @returns null when nobody stands there
 */
export function flattenSlice(
  lots: number,
  levels: readonly SliceLevel[],
  slippageBps: number,
  szDecimals: number,
): Slice | null {
  const [best] = levels;
  if (best === undefined || best.pxTicks <= 0 || lots === 0) return null;
  const buying = lots < 0;
  const slipped = best.pxTicks * (1 + ((buying ? 1 : -1) * slippageBps) / 1e4);
  const pxTicks = buying ? snapDown(slipped, szDecimals) : snapUp(slipped, szDecimals);
  const within = levels.filter((level) =>
    buying ? level.pxTicks <= pxTicks : level.pxTicks >= pxTicks,
  );
  const there = within.reduce((sum, level) => sum + level.lots, 0);
  const whole = Math.abs(lots);
  const part = Math.min(whole, there);
  const tooSmall = part * pxTicks < MIN_ORDER_MICRO_USD;
  return { pxTicks, lots: sizeLots(tooSmall ? whole : part) };
}

/** The slice as the wire writes it. */
export function formatSlice(slice: Slice, szDecimals: number): { p: string; s: string } {
  return { p: formatPx(slice.pxTicks, szDecimals), s: formatSize(slice.lots, szDecimals) };
}
