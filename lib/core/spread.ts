import type { Params } from "../messages/params.ts";
import { distanceLeaving, extraAdverseBps } from "./adverseProfile.ts";
import type { AdverseProfile } from "./adverseProfile.ts";
import type { Side } from "../units/grid.ts";
import { sideSign } from "../units/grid.ts";

export type SpreadInput = {
  readonly side: Side;
  readonly makerFeeBps: number;
  /** Measured adverse selection of this side's fills, weighed against the prior; the prior itself before any. */
  readonly measuredBps: number;
  /** How adverse selection grows with distance. */
  readonly profile: AdverseProfile;
  /** Extra width after toxic fills. */
  readonly fadeBps: number;
  readonly sigmaBpsPerSqrtSec: number;
  /** -1 (all sells) to 1 (all buys). */
  readonly flowImbalance: number;
  /** Edge that the risk of holding asks for. */
  readonly inventoryRiskBps: number;
  /** Edge aimed at above the least. */
  readonly cushionBps: number;
  /** 1, or more when risk or the time of the week asks for wider quotes. */
  readonly widening: number;
};

export type HalfSpread = {
  /** Distance of the best quote from the reservation price. */
  readonly halfSpreadBps: number;
  readonly feeBps: number;
  /** Expected at the half-spread, and what it is at the nearest distance. */
  readonly adverseBps: number;
  readonly adverseBaseBps: number;
  readonly volatilityBps: number;
  readonly fadeBps: number;
  /** What a fill at that distance is expected to leave: half-spread - fee - adverse selection. */
  readonly edgeBps: number;
};

/**
 * Expected adverse selection of a near fill on `side`, bps: own markouts weighed against the prior, never below the floor,
 * and more when takers have lately run against this side (sells against bids, buys against asks). What is charged at a
 * distance is this and the profile's extra.
 */
export function adverseBps(
  input: Pick<SpreadInput, "side" | "measuredBps" | "flowImbalance">,
  params: Params,
): number {
  const against = Math.max(0, -sideSign(input.side) * input.flowImbalance);
  return Math.max(params.adverseBpsFloor, input.measuredBps) + params.flowAdverseBps * against;
}

/** Standard deviation of the mid over the holding time, bps. */
export function volatilityBps(sigma: number, params: Params): number {
  return sigma * Math.sqrt(params.holdingMs / 1000);
}

/** Floats that add up to the least edge may miss it by their rounding. */
export const ROUNDING_BPS = 1e-9;

/** True when a fill is expected to leave at least the minimum edge. */
export function hasEdge(edgeBps: number, params: Params): boolean {
  return edgeBps >= params.edgeBpsMin - ROUNDING_BPS;
}

/**
 * Half-spread of one side: the distance that leaves the minimum edge and the cushion above it, or what the risk of holding asks for, after fee and
 * the adverse selection of that distance; at least the multiple of the mid's standard deviation over the holding time;
 * times the widening, plus what toxic fills left, clamped to half of the allowed full width. The caller refuses to quote
 * without `hasEdge`: then even the widest allowed quote would lose.
 */
export function halfSpread(input: SpreadInput, params: Params): HalfSpread {
  const feeBps = input.makerFeeBps;
  const base = adverseBps(input, params);
  const asked = Math.max(params.edgeBpsMin + input.cushionBps, input.inventoryRiskBps);
  const volatility = volatilityBps(input.sigmaBpsPerSqrtSec, params);
  const needed = Math.max(
    distanceLeaving(input.profile, feeBps + base + asked),
    params.volatilityMultiple * volatility,
  );
  const least = params.spreadBpsMin / 2;
  const most = params.spreadBpsMax / 2;
  const wished = Math.max(least, needed) * input.widening + input.fadeBps;
  const halfSpreadBps = Math.max(least, Math.min(most, wished));
  const adverse = base + extraAdverseBps(input.profile, halfSpreadBps);
  return {
    halfSpreadBps,
    feeBps,
    adverseBps: adverse,
    adverseBaseBps: base,
    volatilityBps: volatility,
    fadeBps: input.fadeBps,
    edgeBps: halfSpreadBps - feeBps - adverse,
  };
}
