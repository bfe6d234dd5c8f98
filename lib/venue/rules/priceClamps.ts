import type { Market } from "./model.ts";

/*
 * What a HIP-3 market's prices may do (hip-3-deployer-actions): a mark moves at most 1 % an update, and no price goes
 * beyond ten times the start of day's, up or down. That the main dex obeys the same is assumed.
 */

const MAX_MARK_STEP = 0.01;
const MAX_DAY_FACTOR = 10;
const DAY_MS = 86_400_000;

/** A price inside ten times the start of day's value; the first price of a UTC day is that value. */
export function clampToDay(market: Market, px: number, nowMs: number): number {
  const { prices } = market;
  const day = Math.floor(nowMs / DAY_MS);
  if (prices.dayPx === null || prices.day !== day) {
    prices.day = day;
    prices.dayPx = prices.mark ?? px;
  }
  return Math.max(prices.dayPx / MAX_DAY_FACTOR, Math.min(prices.dayPx * MAX_DAY_FACTOR, px));
}

/** The wanted mark, at most one percent from the one before. */
export function clampMarkStep(before: number | null, wanted: number): number {
  if (before === null) return wanted;
  const step = before * MAX_MARK_STEP;
  return Math.max(before - step, Math.min(before + step, wanted));
}
