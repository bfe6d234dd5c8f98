import type { Forecast, Forecaster } from "../forecasters/forecaster.ts";
import type { Problem, Range } from "../problem.ts";

/** Chronological thirds: what is learned from, what chooses, what judges. Gaps keep overlapping targets apart. */
export type Split = { readonly train: Range; readonly validation: Range; readonly test: Range };

const TRAIN_SHARE = 0.6;
const VALIDATION_SHARE = 0.15;

/** 60 / 15 / 25 %, each boundary purged by one horizon. */
export function splitSamples(problem: Problem): Split {
  const n = problem.at.length;
  const purge = problem.horizonBars;
  const a = Math.floor(n * TRAIN_SHARE);
  const b = Math.floor(n * (TRAIN_SHARE + VALIDATION_SHARE));
  return {
    train: { from: 0, to: Math.max(0, a - purge) },
    validation: { from: a, to: Math.max(a, b - purge) },
    test: { from: b, to: n },
  };
}

/**
 * Forecasts of `test`, refitted `folds` times on everything that was known before each part of it.
 * @param from first sample to learn from.
 */
export function walkForward(
  forecaster: Forecaster,
  problem: Problem,
  test: Range,
  folds: number,
): Float64Array {
  const out = new Float64Array(test.to - test.from);
  const size = Math.ceil((test.to - test.from) / folds);
  for (let from = test.from; from < test.to; from += size) {
    const to = Math.min(test.to, from + size);
    const known = { from: 0, to: Math.max(1, from - problem.horizonBars) };
    const forecast: Forecast = forecaster.fit(problem, known);
    out.set(forecast({ from, to }), from - test.from);
  }
  return out;
}
