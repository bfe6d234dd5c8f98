import type { MarketView, PublicTrade } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import { sideSign } from "../units/grid.ts";

/**
 * How far takers go, counted: what an estimate of the fill intensity rests on. Exponentially forgotten by venue time;
 * floats, never money.
 */
export type IntensityState = {
  /** Venue time that the sums hold at; 0 before the first message. */
  readonly atMs: number;
  /** Seconds of market seen. */
  readonly exposureSec: number;
  /** Sweeps that went further than `SWEEP_FROM_BPS`, of either side. */
  readonly sweeps: number;
  /** Sum of how much further they went, bps. */
  readonly excessBps: number;
  /** The taker order that is being told: its trades come one by one. */
  readonly last: {
    readonly venueMs: number;
    readonly aggressor: PublicTrade["aggressor"];
    readonly depthBps: number;
  } | null;
};

/** The sums, as they travel with the market's view. */
export type SweepStats = NonNullable<MarketView["sweeps"]>;

export const emptyIntensity: IntensityState = {
  atMs: 0,
  exposureSec: 0,
  sweeps: 0,
  excessBps: 0,
  last: null,
};

/**
 * Sweeps that end nearer to the mid than this are not counted: what happens at the touch says nothing about the levels
 * behind it, where the tail of the distances is close to exponential.
 */
export const SWEEP_FROM_BPS = 1;
/** Time constant of what is remembered. */
const MEMORY_SEC = 7_200;
/** A hole in the data is no quiet market. */
const LONGEST_STEP_SEC = 10;
/** A sweep is not taken to have gone further, so that one broken print cannot spoil hours. */
const FURTHEST_BPS = 50;

/** Lets venue time pass; an earlier time changes nothing. */
export function passTime(state: IntensityState, venueMs: number): IntensityState {
  if (state.atMs === 0) return { ...state, atMs: venueMs };
  if (venueMs <= state.atMs) return state;
  const seconds = Math.min(LONGEST_STEP_SEC, (venueMs - state.atMs) / 1000);
  const keep = Math.exp(-seconds / MEMORY_SEC);
  return {
    ...state,
    atMs: venueMs,
    exposureSec: keep * state.exposureSec + seconds,
    sweeps: keep * state.sweeps,
    excessBps: keep * state.excessBps,
  };
}

/**
 * Takes one public trade: its depth is the distance of its price from the mid before its block. Trades of one block and
 * side are one sweep, which reaches as far as the furthest of them.
 * @param midX2 twice the mid before the trade's block, in ticks; null when it is unknown, and nothing is counted
 */
export function addSweep(
  state: IntensityState,
  trade: PublicTrade,
  midX2: number | null,
): IntensityState {
  const passed = passTime(state, trade.venueMs);
  if (midX2 === null || midX2 <= 0) return passed;
  const away = (1e4 * sideSign(trade.aggressor) * (2 * trade.pxTicks - midX2)) / midX2;
  const depthBps = Math.min(FURTHEST_BPS, away);
  const { last } = passed;
  const goesOn = last?.venueMs === trade.venueMs && last.aggressor === trade.aggressor;
  const before = goesOn ? last.depthBps : -Infinity;
  if (depthBps <= before) return passed;
  const told = Math.max(0, before - SWEEP_FROM_BPS);
  const now = Math.max(0, depthBps - SWEEP_FROM_BPS);
  const isFirst = before < SWEEP_FROM_BPS && depthBps >= SWEEP_FROM_BPS;
  return {
    ...passed,
    sweeps: passed.sweeps + (isFirst ? 1 : 0),
    excessBps: passed.excessBps + now - told,
    last: { venueMs: trade.venueMs, aggressor: trade.aggressor, depthBps },
  };
}

export function sweepStats({ exposureSec, sweeps, excessBps }: IntensityState): SweepStats {
  return {
    exposureSec: rounded(exposureSec),
    sweeps: rounded(sweeps),
    excessBps: rounded(excessBps),
  };
}

/** It is written down with every event. */
function rounded(value: number): number {
  return Math.round(value * 1e3) / 1e3;
}

/** A and k: takers reach an order at distance d (bps) of one side with rate A e^(-k d). */
export type Intensity = { readonly perSec: number; readonly decayPerBp: number };

/** The prior counts as so many sweeps. */
const PRIOR_SWEEPS = 4;
const REACH_BPS = { least: 0.2, most: 10 };
const MOST_PER_SEC = 5;

/**
 * Intensity of fills, A e^(-k d), from the sweeps seen: the model of Avellaneda and Stoikov (2008) and of Guéant, Lehalle
 * and Fernandez-Tapia (2013). Beyond the least distance an exponential tail has the mean excess 1/k, whatever the
 * distance, and the rate A e^(-k from): both are means of what was counted, weighed against a prior worth four sweeps
 * (conjugate gamma priors), so that the prior rules until enough is seen. The prior's 1/k follows volatility. Bounded.
 * @param volatilityBps standard deviation of the mid over the holding time
 */
export function intensity(
  stats: SweepStats | undefined,
  volatilityBps: number,
  params: Params,
): Intensity {
  const reach = Math.max(params.fillReachBps, params.fillReachVolatility * volatilityBps);
  const prior: Intensity = { perSec: params.fillsPerSec, decayPerBp: 1 / reach };
  if (stats === undefined || !params.intensityOnline) return prior;
  const sweeps = PRIOR_SWEEPS + stats.sweeps;
  const excess = (PRIOR_SWEEPS * reach + stats.excessBps) / sweeps;
  const reachBps = Math.min(REACH_BPS.most, Math.max(REACH_BPS.least, excess));
  const priorRate = prior.perSec * Math.exp(-SWEEP_FROM_BPS / reach);
  // Either side is watched all the time, so the time counts twice.
  const rate = sweeps / (PRIOR_SWEEPS / priorRate + 2 * stats.exposureSec);
  const perSec = Math.min(MOST_PER_SEC, rate * Math.exp(SWEEP_FROM_BPS / reachBps));
  return { perSec, decayPerBp: 1 / reachBps };
}

export type InventoryRisk = {
  /** Half-spread of the side at a flat position, bps: the markup and half of the slope. */
  readonly halfSpreadBps: number;
  /** What one more order held shifts both quotes by, bps. */
  readonly slopeBps: number;
};

/**
 * Half-spread and skew of Guéant, Lehalle and Fernandez-Tapia, "Dealing with the inventory risk: a solution to the
 * market making problem" (2013), asymptotic closed form, with q counted in orders:
 *
 *     delta(q) = ln(1 + gamma/k) / gamma + (2q + 1)/2 x sqrt( sigma^2 gamma / (2 k A) x (1 + gamma/k)^(1 + k/gamma) )
 *
 * Fees and adverse selection are no part of it and come on top. With gamma towards 0 the first term is 1/k.
 * @param sigma of the mid, bps per square root of a second
 * @param aversion gamma, per bp and order, above 0
 */
export function inventoryRisk(
  sigma: number,
  { perSec, decayPerBp: k }: Intensity,
  aversion: number,
): InventoryRisk {
  const growth = Math.log1p(aversion / k);
  const power = Math.exp(growth * (1 + k / aversion));
  const slopeBps = Math.sqrt(((sigma * sigma * aversion) / (2 * k * perSec)) * power);
  return { halfSpreadBps: growth / aversion + slopeBps / 2, slopeBps };
}
