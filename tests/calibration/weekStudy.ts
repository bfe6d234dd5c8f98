import type { MarketRun } from "./marketRun.ts";
import { partsAt } from "./marketWatch.ts";
import type { Part, Samples } from "./marketWatch.ts";
import { kurtosis, mean, quantile, rootMeanSquare } from "./statistics.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NEW_YORK_MS = 5 * HOUR_MS;

/** Moves of the mid over so long, bp, that begin in times that pass. */
function returnsBps(
  run: MarketRun,
  spanMs: number,
  passes: (epochMs: number) => boolean,
): number[] {
  const out: number[] = [];
  for (let timeMs = MINUTE_MS; timeMs + spanMs <= run.durationMs; timeMs += spanMs) {
    if (!passes(run.startMs + timeMs) || !passes(run.startMs + timeMs + spanMs)) continue;
    const ratio = run.log.doubleMidAt(timeMs + spanMs) / run.log.doubleMidAt(timeMs);
    out.push((ratio - 1) * 1e4);
  }
  return out;
}

/** Bp per square root of a minute, from one-minute moves. */
export function partVolatility(run: MarketRun, part: Part): number {
  return rootMeanSquare(returnsBps(run, MINUTE_MS, (epochMs) => partsAt(epochMs).includes(part)));
}

/** Percent a year of 365 days, from one-minute moves of the hours the log of January 2026 covers (08:49 to 18:00). */
export function loggedHoursVolatility(run: MarketRun): number {
  const inLog = (epochMs: number): boolean => {
    const ofDay = ((epochMs - NEW_YORK_MS) % DAY_MS) / MINUTE_MS;
    return !partsAt(epochMs).includes("weekend") && ofDay >= 529 && ofDay < 1080;
  };
  return annual(rootMeanSquare(returnsBps(run, MINUTE_MS, inLog)));
}

/** Percent a year of 365 days, from ten-minute moves of the whole run. */
export function wholeVolatility(run: MarketRun): number {
  return annual(rootMeanSquare(returnsBps(run, 10 * MINUTE_MS, () => true)) / Math.sqrt(10));
}

function annual(bpsPerSqrtMin: number): number {
  return (bpsPerSqrtMin * Math.sqrt(365 * 1440)) / 100;
}

type Depth = { readonly bidUsd: number; readonly askUsd: number };

export type PartSummary = {
  readonly oneTickShare: number;
  readonly meanSpreadBps: number;
  readonly medianSpreadBps: number;
  readonly medianTouchContracts: number;
  readonly medianTopTen: Depth;
  readonly lowTopTen: Depth;
  readonly unchanged: number;
  readonly oneTickStays: number;
  readonly wideStays: number;
};

export function summaryOf(samples: Samples): PartSummary {
  const { bid, ask } = samples.topTenUsd;
  return {
    oneTickShare: mean(samples.spreadTicks.map((ticks) => (ticks === 1 ? 1 : 0))),
    meanSpreadBps: mean(samples.spreadBps),
    medianSpreadBps: quantile(samples.spreadBps, 0.5),
    medianTouchContracts: quantile(samples.touchContracts, 0.5),
    medianTopTen: { bidUsd: quantile(bid, 0.5), askUsd: quantile(ask, 0.5) },
    lowTopTen: { bidUsd: quantile(bid, 0.05), askUsd: quantile(ask, 0.05) },
    unchanged: samples.unchanged / samples.pairs,
    oneTickStays: samples.oneTickStays / samples.oneTicks,
    wideStays: samples.wideStays / samples.wides,
  };
}

export type Turnover = { readonly trades: number; readonly usd: number };

/** Trades (one per maker met, as the venue counts) and dollars per day of the run that begins on this weekday (0 Sunday, New York). */
export function turnover(run: MarketRun, weekdays: readonly number[]): Turnover {
  const daysSeen = new Set<number>();
  let [trades, usd] = [0, 0];
  const dayOf = (timeMs: number): number =>
    Math.floor((run.startMs + timeMs - NEW_YORK_MS) / DAY_MS);
  // The epoch's first day was a Thursday.
  const counts = (day: number): boolean => weekdays.includes((day + 4) % 7);
  for (let timeMs = 0; timeMs < run.durationMs; timeMs += DAY_MS)
    if (counts(dayOf(timeMs))) daysSeen.add(dayOf(timeMs));
  for (const trade of run.trades) {
    if (!counts(dayOf(trade.timeMs))) continue;
    trades++;
    usd += (trade.px * trade.lots) / 1e6;
  }
  return { trades: trades / daysSeen.size, usd: usd / daysSeen.size };
}

/** Volatility by hour of the weekday, bp per square root of a minute, with the hour's middle. */
export function hourlyVolatility(
  run: MarketRun,
): readonly { readonly hour: number; readonly volBps: number }[] {
  return Array.from({ length: 48 }, (_, half) => {
    const inside = (epochMs: number): boolean => {
      const ofDay = ((epochMs - NEW_YORK_MS) % DAY_MS) / MINUTE_MS;
      return !partsAt(epochMs).includes("weekend") && Math.floor(ofDay / 30) === half;
    };
    return { hour: half / 2 + 0.25, volBps: rootMeanSquare(returnsBps(run, MINUTE_MS, inside)) };
  });
}

/** Minute returns of one regular session that starts at feed time 0. */
export function sessionReturns(run: MarketRun): number[] {
  return returnsBps(run, MINUTE_MS, () => true);
}

export function medianKurtosis(days: readonly (readonly number[])[]): number {
  return quantile(days.map(kurtosis), 0.5);
}
