import type { Problem, Range } from "../problem.ts";

/** Forecast variances over the horizon, one per sample of the range. Uses nothing later than each sample's bar. */
export type Forecast = (range: Range) => Float64Array;

/** One way to say the variance of the next minutes. */
export type Forecaster = {
  readonly name: string;
  /** Learns from the samples of `train` alone. */
  readonly fit: (problem: Problem, train: Range) => Forecast;
};

/** Applies `at(bar)` to each sample of a range; never below the problem's floor. */
export function forecastEach(problem: Problem, at: (bar: number) => number): Forecast {
  const least = problem.floor * problem.horizonBars;
  return (range) => {
    const out = new Float64Array(range.to - range.from);
    for (let k = range.from; k < range.to; k++)
      out[k - range.from] = Math.max(least, at(problem.at[k] ?? 0));
    return out;
  };
}
