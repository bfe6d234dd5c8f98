import type { Params } from "../messages/params.ts";
import type { SideToxicity } from "../messages/state.ts";
import { ms } from "../units/numbers.ts";
import type { Ms } from "../units/numbers.ts";

/** One markout counts for no more than this, bps: a single jump says little about the next fill. */
const LARGEST_BPS = 10;

function kept(fromMs: number, nowMs: number, halfLifeMs: number): number {
  return nowMs <= fromMs ? 1 : 2 ** ((fromMs - nowMs) / halfLifeMs);
}

/**
 * Takes a matured markout into a side's experience. Older ones have lost weight with time, not with the number of
 * later fills: a side that is quoted far away, and therefore never fills, must come back by itself. A fill far from
 * the mid says less about the next one at the front, and counts less. What was worse than the prior also widens the
 * side for a while.
 * @param bps move of the mid in our favour since the fill
 * @param distanceBps how far from the mid it filled
 */
export function addMarkout(
  side: SideToxicity,
  bps: number,
  distanceBps: number,
  nowMs: Ms,
  params: Params,
): SideToxicity {
  const value = Math.max(-LARGEST_BPS, Math.min(LARGEST_BPS, bps));
  const near = params.spreadBpsMin / 2;
  const own = Math.min(1, near / Math.max(near, distanceBps));
  const before = side.weight * kept(side.atMs, nowMs, params.markoutHalfLifeMs);
  const weight = before + own;
  const worse = Math.max(0, -params.adverseBpsFloor - value);
  const fade = fadeBps(side, nowMs, params) + params.fadeShare * own * worse;
  return {
    atMs: ms(Math.max(side.atMs, nowMs)),
    weight,
    bps: (before * side.bps + own * value) / weight,
    fadeBps: Math.min(params.fadeBpsMax, fade),
  };
}

/**
 * Adverse selection to expect of a side, bps, not negative unless measured better than nothing: its decayed mean,
 * weighed by the fills it rests on against the prior, and never beyond the cap, so that no run of bad fills can end a
 * side for good.
 */
export function measuredAdverseBps(side: SideToxicity, nowMs: Ms, params: Params): number {
  const weight = side.weight * kept(side.atMs, nowMs, params.markoutHalfLifeMs);
  const prior = params.markoutPriorFills;
  const blended = (prior * params.adverseBpsFloor - weight * side.bps) / (prior + weight);
  return Math.min(params.adverseBpsCap, blended);
}

/** Extra half-spread of a side after toxic fills, bps. */
export function fadeBps(side: SideToxicity, nowMs: Ms, params: Params): number {
  return side.fadeBps * kept(side.atMs, nowMs, params.fadeHalfLifeMs);
}
