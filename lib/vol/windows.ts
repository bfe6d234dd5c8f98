import { profileFactor } from "./profile.ts";
import type { Profile } from "./profile.ts";
import { DAILY_MS } from "./bars.ts";
import type { Bars } from "./bars.ts";

/** Trailing means of any window in constant time. */
export type Trailing = {
  /** Mean of the `length` values that end with bar `i`, fewer where the series starts. */
  readonly mean: (i: number, length: number) => number;
};

export function trailing(values: Float64Array): Trailing {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = (sums[i] ?? 0) + (values[i] ?? 0);
  return {
    mean: (i, length) => {
      const from = Math.max(0, i + 1 - length);
      return Math.max(0, ((sums[i + 1] ?? 0) - (sums[from] ?? 0)) / (i + 1 - from));
    },
  };
}

/** The profile's factor of every bar. */
export function factorsOfBars(bars: Bars, profile: Profile): Float64Array {
  return bars.endMs.map((endMs) => profileFactor(profile, endMs - bars.barMs));
}

/** Sum of the profile over the bars that follow bar `i`: known in advance, because a clock is. */
export function factorAhead(bars: Bars, profile: Profile, i: number, horizonBars: number): number {
  let sum = 0;
  for (let k = 0; k < horizonBars; k++)
    sum += profileFactor(profile, (bars.endMs[i] ?? 0) + k * bars.barMs);
  return sum;
}

/** An hour of bars; of daily bars a week. */
export function hourBars(barMs: number): number {
  return barMs >= DAILY_MS ? 5 : Math.max(2, Math.round(3_600_000 / barMs));
}

/**
 * Lengths in bars of the windows 5, 15, 60, 240 minutes and a day, each once, none shorter than a bar. Of daily bars a day, a
 * week and a month (Corsi 2009).
 */
export function windowLengths(barMs: number, session: Bars["session"]): readonly number[] {
  if (barMs >= DAILY_MS) return [1, 5, 22];
  const day = session === "us-equity" ? 390 : 1440;
  const bars = [5, 15, 60, 240, day].map((m) => Math.max(1, Math.round((m * 60_000) / barMs)));
  return [...new Set(bars)];
}
