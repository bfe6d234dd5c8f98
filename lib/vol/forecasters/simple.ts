import { measureColumn } from "../problem.ts";
import { hourBars, trailing } from "../windows.ts";
import { forecastEach } from "./forecaster.ts";
import type { Forecaster } from "./forecaster.ts";

/** Random walk: the variance of the last horizon is that of the next. */
export const lastRealised: Forecaster = {
  name: "lastRv",
  fit: (problem) => {
    const past = trailing(measureColumn(problem.bars, problem.measure));
    const n = problem.horizonBars;
    return forecastEach(problem, (bar) => n * past.mean(bar, n));
  },
};

/** Standard deviation of the last 60 minutes, squared. */
export const hourDeviation: Forecaster = {
  name: "std60",
  fit: (problem) => {
    const past = trailing(measureColumn(problem.bars, problem.measure));
    const length = hourBars(problem.bars.barMs);
    return forecastEach(problem, (bar) => problem.horizonBars * past.mean(bar, length));
  },
};

/** Decay of RiskMetrics (J.P. Morgan 1996, technical document, table 5.8: 0.94 for daily data), here per bar. */
const RISKMETRICS_DECAY = 0.94;

/** Exponentially weighted mean of past variances, one step of `decay` per bar, started at the first hour's mean. */
function ewmaColumn(values: Float64Array, decay: number): Float64Array {
  const out = new Float64Array(values.length);
  const head = values.subarray(0, Math.min(values.length, 60));
  let level = head.reduce((a, b) => a + b, 0) / Math.max(1, head.length);
  for (let i = 0; i < values.length; i++) {
    level = decay * level + (1 - decay) * (values[i] ?? 0);
    out[i] = level;
  }
  return out;
}

export const ewma: Forecaster = {
  name: "ewma",
  fit: (problem) => {
    const level = ewmaColumn(measureColumn(problem.bars, problem.measure), RISKMETRICS_DECAY);
    return forecastEach(problem, (bar) => problem.horizonBars * (level[bar] ?? 0));
  },
};
