import type { Params } from "../messages/params.ts";
import type { SideToxicity } from "../messages/state.ts";
import { ms } from "../units/numbers.ts";
import { keptShare } from "./decay.ts";
import type { Ms } from "../units/numbers.ts";

/** One markout counts for no more than this, bps: a single jump says little about the next fill. */
const LARGEST_BPS = 10;

/**
 * Adverse selection to expect before anything was measured, bps: it grows with how far the mid usually moves, because
 * most fills come when it moves.
 * @param volatilityBps standard deviation of the mid over the holding time
 */
export function priorAdverseBps(volatilityBps: number, params: Params): number {
  return Math.max(params.adverseBpsFloor, params.adverseVolatilityShare * volatilityBps);
}

/**
 * Takes a matured markout into a side's experience. Older ones have lost weight with time, not with the number of
 * later fills: a side that is quoted far away, and therefore never fills, must come back by itself. What was worse than
 * the mean also widens the side for a while.
 * @param bps move of the mid in our favour since the fill
 */
export function addMarkout(
  side: SideToxicity,
  bps: number,
  nowMs: Ms,
  params: Params,
): SideToxicity {
  const value = Math.max(-LARGEST_BPS, Math.min(LARGEST_BPS, bps));
  const before = side.weight * keptShare(side.atMs, nowMs, params.markoutHalfLifeMs);
  const weight = before + 1;
  const worse = Math.max(0, Math.min(-params.adverseBpsFloor, side.bps) - value);
  const fade = fadeBps(side, nowMs, params) + params.fadeShare * worse;
  return {
    atMs: ms(Math.max(side.atMs, nowMs)),
    weight,
    bps: (before * side.bps + value) / weight,
    fadeBps: Math.min(params.fadeBpsMax, fade),
  };
}

/**
 * Adverse selection to expect of a side, bps, not negative unless measured better than nothing: its decayed mean,
 * weighed by the fills it rests on against the prior, and never beyond the cap, so that no run of bad fills can end a
 * side for good.
 */
export function measuredAdverseBps(
  side: SideToxicity,
  priorBps: number,
  nowMs: Ms,
  params: Params,
): number {
  const weight = side.weight * keptShare(side.atMs, nowMs, params.markoutHalfLifeMs);
  const prior = params.markoutPriorFills;
  const blended = (prior * priorBps - weight * side.bps) / (prior + weight);
  return Math.min(params.adverseBpsCap, blended);
}

/** Extra half-spread of a side after toxic fills, bps. */
export function fadeBps(side: SideToxicity, nowMs: Ms, params: Params): number {
  return side.fadeBps * keptShare(side.atMs, nowMs, params.fadeHalfLifeMs);
}
