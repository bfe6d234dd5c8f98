import type { Level, MarketView } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import type { BotState } from "../messages/state.ts";
import type { Ms } from "../units/numbers.ts";
import { takeOutOwn } from "./othersBook.ts";
import type { Moment } from "./safety.ts";
import type { Gauge, Step } from "./triggers.ts";

/** A book is thin until it shows a quarter more than the least. */
const THIN: readonly Step[] = [{ level: "pulled", enter: 1, exit: 0.8 }];
const PULLED: readonly Step[] = [{ level: "pulled", enter: 1, exit: 1 }];
/** A load far beyond every limit, still a number that can be stored and compared. */
const UTMOST = 1e9;

/** Reasons to trust neither the market nor ourselves. Without a book there is nothing to measure. */
export function marketGauges(state: BotState, moment: Moment, params: Params): readonly Gauge[] {
  const lag = lagGauge(state, moment.atMs, params);
  const { view } = moment;
  if (view === null) return [lag];
  const gauges = [lag, crossedGauge(view), oracleGauge(view, moment.atMs, params)];
  // While the touch is newer than the depth, what lies behind it is not known.
  return view.depthKnown === false ? gauges : [...gauges, thinGauge(view, state, params)];
}

function lagGauge(state: BotState, nowMs: Ms, params: Params): Gauge {
  const { lag } = state.risk;
  const lagMs = lag !== null && lag !== undefined && lag.atMs === nowMs ? lag.lagMs : 0;
  return {
    name: "lag",
    load: lagMs / params.lagMsMax,
    steps: PULLED,
    text: () => `lag: the program was ${Math.round(lagMs)} ms late, allowed ${params.lagMsMax} ms`,
  };
}

/** Bid at or above ask: a book between two updates, or one that cannot be trusted. */
function crossedGauge(view: MarketView): Gauge {
  const bid = view.bids[0]?.pxTicks;
  const ask = view.asks[0]?.pxTicks;
  const crossed = bid !== undefined && ask !== undefined && bid >= ask;
  return {
    name: "crossed book",
    load: crossed ? UTMOST : 0,
    steps: PULLED,
    text: () => `crossed book: bid ${bid}, ask ${ask} ticks`,
  };
}

/** What others show, own orders taken out: the poorer side counts. */
function thinGauge(view: MarketView, state: BotState, params: Params): Gauge {
  const least = params.thinBookMicroUsd;
  const others = takeOutOwn(view, state.orders.working);
  const shown = Math.min(shownMicroUsd(others.bids), shownMicroUsd(others.asks));
  return {
    name: "thin book",
    load: thinness(least, shown),
    steps: THIN,
    text: () =>
      `thin book: others show ${(shown / 1e6).toFixed(0)} on a side, least ${(least / 1e6).toFixed(0)}`,
  };
}

function thinness(least: number, shown: number): number {
  if (least === 0) return 0;
  return shown === 0 ? UTMOST : least / shown;
}

function shownMicroUsd(levels: readonly Level[]): number {
  return levels.reduce((sum, { pxTicks, sizeLots }) => sum + pxTicks * sizeLots, 0);
}

/**
 * For how long the oracle has stood still, and how far the mid went from where it was then; null before its first
 * change, and without a book.
 */
export function oracleLag(
  view: MarketView,
  nowMs: Ms,
): { readonly ageMs: number; readonly movedBps: number } | null {
  const change = view.oracleChange;
  const before = change?.midX2Ticks ?? null;
  const bid = view.bids[0]?.pxTicks;
  const ask = view.asks[0]?.pxTicks;
  if (change === undefined || before === null || bid === undefined || ask === undefined)
    return null;
  const movedBps = (1e4 * Math.abs(bid + ask - before)) / before;
  return { ageMs: nowMs - change.recvMs, movedBps };
}

/**
 * Deployers publish every three seconds (HIP-3), but the same price twice is no fault: the oracle is stale when it
 * stands still while the mid goes away from where it was then.
 */
function oracleGauge(view: MarketView, nowMs: Ms, params: Params): Gauge {
  const name = "stale oracle";
  const lag = oracleLag(view, nowMs);
  if (lag === null) return { name, load: 0, steps: PULLED, text: () => name };
  const { ageMs, movedBps } = lag;
  return {
    name,
    load: movedBps > params.oracleDriftBps ? ageMs / params.oracleStaleMs : 0,
    steps: PULLED,
    text: () =>
      `${name}: unchanged for ${ageMs} ms while the mid moved ${movedBps.toFixed(1)} bp, allowed ${params.oracleStaleMs} ms`,
  };
}
