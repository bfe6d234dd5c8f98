import type { Params } from "../messages/params.ts";
import type { AdverseCell, LedgerSlice } from "../messages/state.ts";
import { ms } from "../units/numbers.ts";
import { keptShare } from "./decay.ts";
import type { Ms } from "../units/numbers.ts";

/*
 * What fills far out is followed by larger moves: a sweep that reaches a level goes on beyond it, and the price keeps a
 * part of the way. So expected adverse selection grows with the distance of the level. The prior grows by
 * `adverseDistanceShare` per bp; own markouts, in buckets of the distance at which they filled, bend it.
 *
 * A level at distance d is charged base + extra(d). The base is what a fill within the reference distance is followed by,
 * `adverseVolatilityShare` x sigma x sqrt(T) before own fills; extra is 0 up to there and grows beyond. Neither is in the
 * other: a markout enters its side's mean with the prior's extra of its distance added back, so that the mean is that of
 * a near fill, and the profile takes out what all distances share, so that only the shape is left of it.
 */

/** Distances that stand for the buckets, bps, and where each bucket ends. Both sides share them: fills are few. */
const KNOTS_BPS = [1.5, 3, 6, 12, 24] as const;
const ENDS_BPS = [2.25, 4.5, 9, 18, Infinity] as const;
/** Distance at which a side's own experience counts as it is. */
const REFERENCE_BPS = KNOTS_BPS[0];
/** Adverse selection grows by at most this per bp, so that what a fill leaves always grows with the distance. */
const STEEPEST = 0.7;
/** One markout counts for no more than this, bps. */
const LARGEST_BPS = 30;

/** Adverse selection at each knot above that at the reference distance, bps: from 0 on, never falling. */
export type AdverseProfile = readonly number[];

type Cells = NonNullable<LedgerSlice["adverse"]>;

const EMPTY: AdverseCell = { weight: 0, bps: 0 };

/** Expected growth with distance before anything was measured, bps. */
export function priorExtraBps(distanceBps: number, params: Params): number {
  const share = Math.min(STEEPEST, params.adverseDistanceShare);
  return share * Math.max(0, distanceBps - REFERENCE_BPS);
}

function kept({ atMs }: Cells, nowMs: number, params: Params): number {
  return keptShare(atMs, nowMs, params.adverseHalfLifeMs);
}

/**
 * Takes a matured markout into the bucket of its distance.
 * @param distanceBps of the fill's price from the mid before its trade
 * @param bps move of the mid in our favour since the fill
 */
export function addToProfile(
  cells: Cells | undefined,
  distanceBps: number,
  bps: number,
  nowMs: Ms,
  params: Params,
): Cells {
  const from = cells ?? { atMs: nowMs, cells: KNOTS_BPS.map(() => EMPTY) };
  const keep = kept(from, nowMs, params);
  const at = ENDS_BPS.findIndex((end) => distanceBps < end);
  const value = Math.max(-LARGEST_BPS, Math.min(LARGEST_BPS, bps));
  const next = KNOTS_BPS.map((_, i): AdverseCell => {
    const cell = from.cells[i] ?? EMPTY;
    const weight = keep * cell.weight;
    if (i !== at) return { ...cell, weight };
    return { weight: weight + 1, bps: (weight * cell.bps + value) / (weight + 1) };
  });
  return { atMs: ms(Math.max(from.atMs, nowMs)), cells: next };
}

/**
 * The profile of now. Each bucket's mean is weighed against the prior; what all fills share is taken out, because the
 * sides' own experience has it already, so that only the shape is left.
 */
export function adverseProfile(
  cells: Cells | undefined,
  nowMs: number,
  params: Params,
): AdverseProfile {
  const priors = KNOTS_BPS.map((knot) => priorExtraBps(knot, params));
  if (cells === undefined) return priors;
  const keep = kept(cells, nowMs, params);
  const pull = params.adversePriorFills;
  let [weights, surprises] = [0, 0];
  for (const [i, { weight, bps }] of cells.cells.entries()) {
    weights += keep * weight;
    surprises += keep * weight * (-bps - (priors[i] ?? 0));
  }
  const shared = weights === 0 ? 0 : surprises / weights;
  const shape = priors.map((prior, i) => {
    const { weight, bps } = cells.cells[i] ?? EMPTY;
    const seen = keep * weight;
    return prior + (seen * (-bps - prior - shared)) / (pull + seen);
  });
  return rising(shape);
}

/** From 0 at the reference on: never falling, never steeper than allowed. */
function rising(shape: readonly number[]): number[] {
  const out = [0];
  for (let i = 1; i < KNOTS_BPS.length; i++) {
    const before = out[i - 1] ?? 0;
    const most = before + STEEPEST * ((KNOTS_BPS[i] ?? 0) - (KNOTS_BPS[i - 1] ?? 0));
    out.push(Math.min(most, Math.max(before, (shape[i] ?? 0) - (shape[0] ?? 0))));
  }
  return out;
}

/** Adverse selection of a level at the distance above that at the reference, bps: linear between knots, level outside. */
export function extraAdverseBps(profile: AdverseProfile, distanceBps: number): number {
  for (let i = 1; i < KNOTS_BPS.length; i++) {
    const to = KNOTS_BPS[i] ?? 0;
    if (distanceBps > to) continue;
    const from = KNOTS_BPS[i - 1] ?? 0;
    const low = profile[i - 1] ?? 0;
    const high = profile[i] ?? 0;
    return low + (high - low) * Math.max(0, (distanceBps - from) / (to - from));
  }
  return profile.at(-1) ?? 0;
}

/**
 * The smallest distance at which a fill leaves `leftBps` after its adverse selection, so that
 * distance - extra(distance) = left. There is exactly one, because adverse selection grows slower than the distance.
 */
export function distanceLeaving(profile: AdverseProfile, leftBps: number): number {
  if (leftBps <= REFERENCE_BPS) return leftBps;
  for (let i = 1; i < KNOTS_BPS.length; i++) {
    const [from, to] = [KNOTS_BPS[i - 1] ?? 0, KNOTS_BPS[i] ?? 0];
    const [low, high] = [profile[i - 1] ?? 0, profile[i] ?? 0];
    if (to - high < leftBps) continue;
    const slope = (high - low) / (to - from);
    return (leftBps + low - slope * from) / (1 - slope);
  }
  return leftBps + (profile.at(-1) ?? 0);
}
