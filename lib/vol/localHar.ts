import { measureBars } from "./bars.ts";
import { fitHar, harErrors, harInputs } from "./forecasters/har.ts";
import { predictLinear } from "./linear.ts";
import { poseProblem } from "./problem.ts";
import type { Candles } from "./candles.ts";
import type { HarModel } from "./forecasters/har.ts";

/** A HAR fitted on the bars at hand: what serves when no file does. */
export type LocalHar = {
  readonly model: HarModel;
  readonly floor: number;
  readonly horizonMs: number;
  /** Logs of realised over forecast variance that a tenth of outcomes lay below and above. */
  readonly errorQuantiles: readonly [number, number];
  readonly fittedMs: number;
};

/** With fewer samples its coefficients are mostly noise. */
const SAMPLES_MIN = 1500;

/** Fits on everything known; null with too few bars. */
export function fitLocalHar(candles: Candles, horizonMs: number, nowMs: number): LocalHar | null {
  const problem = poseProblem(measureBars(candles, "always"), horizonMs);
  if (problem.at.length < SAMPLES_MIN) return null;
  const all = { from: 0, to: problem.at.length };
  const model = fitHar(problem, all);
  const errorQuantiles = harErrors(problem, model, all);
  return { model, floor: problem.floor, horizonMs, errorQuantiles, fittedMs: nowMs };
}

/** Variance over the horizon after the newest bar. */
export function forecastLocalHar(har: LocalHar, candles: Candles): number {
  const problem = poseProblem(measureBars(candles, "always"), har.horizonMs, har);
  const inputs = harInputs(problem, har.model.profile);
  const bar = problem.bars.count - 1;
  const row = new Float64Array(inputs.names.length);
  inputs.write(bar, row, 0);
  const log = predictLinear(row, 0, har.model.coefficients) + inputs.logFactorAhead(bar);
  return problem.horizonBars * har.model.smearing * Math.exp(log);
}
