import { violated } from "./assert.ts";
import { pxTicks } from "./numbers.ts";
import type { PxTicks } from "./numbers.ts";
import { pxDecimalsOf } from "./decimal.ts";

export type Side = "bid" | "ask";

export function opposite(side: Side): Side {
  return side === "bid" ? "ask" : "bid";
}

/** +1 for a bid, -1 for an ask. */
export function sideSign(side: Side): 1 | -1 {
  return side === "bid" ? 1 : -1;
}

/**
 * Distance between neighbouring legal prices at `px`, in px ticks.
 * Venue rule (tick-and-lot-size): at most five significant figures, integers always allowed.
 */
export function stepTicks(px: number, szDecimals: number): number {
  if (!(px > 0)) violated(`a price on the grid is positive, got ${px}`);
  const whole = 10 ** pxDecimalsOf(szDecimals);
  let step = 1;
  // Five figures are allowed below 100,000 ticks; each figure more makes the last one coarser.
  for (let limit = 100_000; px >= limit && step < whole; limit *= 10) step *= 10;
  return step;
}

/** True when the venue would accept the price. */
export function onGrid(px: number, szDecimals: number): boolean {
  return Number.isSafeInteger(px) && px > 0 && px % stepTicks(px, szDecimals) === 0;
}

/** Largest legal price at or below `ticks` (a float is fine). Bids are rounded this way. */
export function snapDown(ticks: number, szDecimals: number): PxTicks {
  const floor = Math.floor(ticks);
  if (!(floor > 0)) violated(`a price on the grid is positive, got ${ticks}`);
  return pxTicks(floor - (floor % stepTicks(floor, szDecimals)));
}

/** Smallest legal price at or above `ticks`. Asks are rounded this way. */
export function snapUp(ticks: number, szDecimals: number): PxTicks {
  const ceil = Math.max(1, Math.ceil(ticks));
  const step = stepTicks(ceil, szDecimals);
  const up = Math.ceil(ceil / step) * step;
  return pxTicks(up);
}

/** Away from the market: bids down, asks up. */
export function snapPassive(ticks: number, side: Side, szDecimals: number): PxTicks {
  return side === "bid" ? snapDown(ticks, szDecimals) : snapUp(ticks, szDecimals);
}
