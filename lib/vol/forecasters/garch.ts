import { nelderMead } from "../minimise.ts";
import { fitProfile } from "../profile.ts";
import { factorAhead, factorsOfBars } from "../windows.ts";
import { measureColumn } from "../problem.ts";
import { profileFactor } from "../profile.ts";
import { forecastEach } from "./forecaster.ts";
import type { Forecaster } from "./forecaster.ts";

/** Parameters of GARCH(1,1): v' = omega + alpha r^2 + beta v. */
export type Garch = { readonly omega: number; readonly alpha: number; readonly beta: number };

/** Unconstrained numbers to parameters: alpha + beta below one, the long-run variance around the sample's. */
function garchFrom(x: readonly number[], sampleVariance: number): Garch {
  const persistence = 1 / (1 + Math.exp(-(x[0] ?? 0)));
  const share = 1 / (1 + Math.exp(-(x[1] ?? 0)));
  const alpha = persistence * share;
  return {
    omega: sampleVariance * Math.exp(x[2] ?? 0) * (1 - persistence),
    alpha,
    beta: persistence - alpha,
  };
}

/** Minus the Gaussian log-likelihood per observation, without its constant. `squared` are squared returns. */
function garchLoss(squared: Float64Array, garch: Garch, start: number): number {
  let variance = start;
  let sum = 0;
  for (const value of squared) {
    sum += Math.log(variance) + value / variance;
    variance = garch.omega + garch.alpha * value + garch.beta * variance;
  }
  return (0.5 * sum) / squared.length;
}

/** GARCH(1,1) by maximum likelihood (Bollerslev 1986) on squared returns with mean zero. */
export function fitGarch(squared: Float64Array): Garch {
  const mean = squared.reduce((a, b) => a + b, 0) / squared.length;
  const loss = (x: readonly number[]): number => garchLoss(squared, garchFrom(x, mean), mean);
  const first = nelderMead(loss, [3.5, -2, 0], 0.7, 250);
  const second = nelderMead(loss, first.x, 0.25, 250);
  return garchFrom(second.x, mean);
}

/** Conditional variance of the bar that follows each bar. */
function filterGarch(squared: Float64Array, garch: Garch): Float64Array {
  const out = new Float64Array(squared.length);
  const head = squared.subarray(0, Math.min(squared.length, 500));
  let variance = head.reduce((a, b) => a + b, 0) / Math.max(1, head.length);
  for (let i = 0; i < squared.length; i++) {
    variance = garch.omega + garch.alpha * (squared[i] ?? 0) + garch.beta * variance;
    out[i] = variance;
  }
  return out;
}

/** Realised variance from inside the bars over squared returns: nights are in the one and not in the other. */
function levelRatio(measure: Float64Array, squared: Float64Array, until: number): number {
  let a = 0;
  let b = 0;
  for (let i = 0; i < until; i++) {
    a += measure[i] ?? 0;
    b += squared[i] ?? 0;
  }
  return b > 0 ? a / b : 1;
}

/** GARCH on returns cleared of the time of day; the forecast sums the path of expected variances times its clock factors. */
export const garch: Forecaster = {
  name: "garch",
  fit: (problem, train) => {
    const { bars, horizonBars } = problem;
    const until = (problem.at[train.to - 1] ?? 0) + 1;
    const profile = fitProfile(bars, until);
    const factors = factorsOfBars(bars, profile);
    const adjusted = bars.squared.map((v, i) => v / (factors[i] ?? 1));
    const scale = levelRatio(measureColumn(bars, problem.measure), bars.squared, until);
    const model = fitGarch(adjusted.subarray(0, until));
    const next = filterGarch(adjusted, model);
    const persistence = model.alpha + model.beta;
    const longRun = model.omega / (1 - persistence);
    return forecastEach(problem, (bar) => {
      if (horizonBars > 60) return (next[bar] ?? 0) * factorAhead(bars, profile, bar, horizonBars);
      let sum = 0;
      let gap = (next[bar] ?? 0) - longRun;
      for (let k = 0; k < horizonBars; k++) {
        const openMs = (bars.endMs[bar] ?? 0) + k * bars.barMs;
        sum += (longRun + gap) * profileFactor(profile, openMs);
        gap *= persistence;
      }
      return scale * sum;
    });
  },
};
