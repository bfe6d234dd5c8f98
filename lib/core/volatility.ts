/**
 * Realised volatility of the mid: exponentially weighted squared log returns per second of elapsed time.
 * Returns are taken from the mid that prevailed just before each sample, at least one second apart, so that a mid that
 * flickers within a second counts once; each is divided by the time that really passed.
 */
export type VolatilityState = {
  /** Time of the last sample; null before the first mid. */
  readonly sampleMs: number | null;
  readonly sampleMidTicks: number;
  readonly lastMidTicks: number;
  /** Decayed sum of (squared return / seconds) and of its weights, bps² per second. */
  readonly weightedVariance: number;
  readonly weight: number;
  /** Time covered by samples, for the warm-up. */
  readonly coveredMs: number;
};

const SAMPLE_MS = 1_000;
/** Time constant of the average. */
const MEMORY_MS = 300_000;
const WARM_UP_MS = 60_000;
const ROUGH_MS = 10_000;
/** A return over a hole in the data is one observation, not as many as the hole has seconds. */
const WEIGHT_CAP_MS = 10_000;

export const emptyVolatility: VolatilityState = {
  sampleMs: null,
  sampleMidTicks: 0,
  lastMidTicks: 0,
  weightedVariance: 0,
  weight: 0,
  coveredMs: 0,
};

/** Takes a new mid (ticks, > 0) into the average. Times that go back are ignored. */
export function addMid(state: VolatilityState, midTicks: number, nowMs: number): VolatilityState {
  if (!(midTicks > 0)) return state;
  if (state.sampleMs === null) {
    return { ...state, sampleMs: nowMs, sampleMidTicks: midTicks, lastMidTicks: midTicks };
  }
  const elapsedMs = nowMs - state.sampleMs;
  if (elapsedMs < 0) return state;
  if (elapsedMs < SAMPLE_MS) {
    return midTicks === state.lastMidTicks ? state : { ...state, lastMidTicks: midTicks };
  }
  const returnBps = 1e4 * Math.log(state.lastMidTicks / state.sampleMidTicks);
  const counted = Math.min(elapsedMs, WEIGHT_CAP_MS);
  const keep = Math.exp(-counted / MEMORY_MS);
  const variance = (returnBps * returnBps) / (elapsedMs / 1000);
  return {
    sampleMs: nowMs,
    sampleMidTicks: state.lastMidTicks,
    lastMidTicks: midTicks,
    weightedVariance: keep * state.weightedVariance + (1 - keep) * variance,
    weight: keep * state.weight + (1 - keep),
    coveredMs: state.coveredMs + counted,
  };
}

/** Basis points per square root of a second; null until a minute has been covered. */
export function sigmaBpsPerSqrtSec(state: VolatilityState): number | null {
  return sigmaAfter(state, WARM_UP_MS);
}

/** The same from ten seconds on: too rough to quote narrower by, enough to quote wider. */
export function roughSigmaBpsPerSqrtSec(state: VolatilityState): number | null {
  return sigmaAfter(state, ROUGH_MS);
}

function sigmaAfter(state: VolatilityState, coveredMs: number): number | null {
  if (state.coveredMs < coveredMs || state.weight === 0) return null;
  return Math.sqrt(state.weightedVariance / state.weight);
}
