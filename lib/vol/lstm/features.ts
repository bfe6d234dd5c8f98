import { newYorkTime } from "../calendar/newYork.ts";
import { factorsOfBars, trailing, windowLengths } from "../windows.ts";
import type { Problem } from "../problem.ts";
import type { Profile } from "../profile.ts";

/** Bars that the network sees. */
export const SEQUENCE_STEPS = 60;

/** What the network sees of each bar, in this order. All of it is known when the bar ends. */
export const SEQUENCE_FEATURES: readonly string[] = [
  "logRange",
  "scaledReturn",
  "logSquared",
  "relativeVolume",
  "logSquaredShort",
  "logSquaredQuarter",
  "logSquaredHour",
  "logSquaredDay",
  "logFactor",
  "dayAngle",
];

const WIDTH = SEQUENCE_FEATURES.length;

function volumeColumn(problem: Problem, day: number): Float64Array {
  const { volume } = problem.bars;
  const known = volume.map((v) => (Number.isFinite(v) ? v : 0));
  const past = trailing(known);
  return known.map((v, i) => {
    const usual = past.mean(i, day);
    return usual > 0 ? Math.log((v + 0.05 * usual) / (1.05 * usual)) : 0;
  });
}

/**
 * Row-major, one row per bar. Variances are cleared of the time of day before their logs are taken.
 * @param from rows of earlier bars stay zero: nobody asks for them.
 */
export function sequenceFeatures(problem: Problem, profile: Profile, from = 0): Float32Array {
  const { bars, floor } = problem;
  const factors = factorsOfBars(bars, profile);
  const range = bars.intrabar.map((v, i) => v / (factors[i] ?? 1));
  const squared = bars.squared.map((v, i) => v / (factors[i] ?? 1));
  const past = trailing(squared);
  const lengths = windowLengths(bars.barMs, bars.session);
  const [short = 5, quarter = 15, hour = 60] = lengths;
  const day = lengths.at(-1) ?? 390;
  const volume = volumeColumn(problem, day);
  const log = (value: number): number => Math.log(Math.max(floor, value));
  const out = new Float32Array(bars.count * WIDTH);
  for (let i = from; i < bars.count; i++) {
    const usual = Math.sqrt(Math.max(floor, past.mean(i, hour)) * (factors[i] ?? 1));
    const { minute } = newYorkTime((bars.endMs[i] ?? 0) - bars.barMs);
    out.set(
      [
        log(range[i] ?? 0),
        Math.max(-8, Math.min(8, (bars.ret[i] ?? 0) / usual)),
        log(squared[i] ?? 0),
        volume[i] ?? 0,
        log(past.mean(i, short)),
        log(past.mean(i, quarter)),
        log(past.mean(i, hour)),
        log(past.mean(i, day)),
        Math.log(factors[i] ?? 1),
        Math.sin((2 * Math.PI * minute) / 1440),
      ],
      i * WIDTH,
    );
  }
  return out;
}

/** Centre and scale of each feature, fitted on training rows alone. */
export type Normalisation = { readonly mean: Float32Array; readonly scale: Float32Array };

/** Beyond this many deviations a feature says no more. */
export const FEATURE_BOUND = 6;

/** @param parts rows of features and how many of them, from the first, are for training. */
export function fitNormalisation(
  parts: readonly { readonly features: Float32Array; readonly rows: number }[],
): Normalisation {
  const sum = new Float64Array(WIDTH);
  const square = new Float64Array(WIDTH);
  let count = 0;
  for (const { features, rows } of parts) {
    count += rows;
    for (let i = 0; i < rows * WIDTH; i++) {
      const value = features[i] ?? 0;
      sum[i % WIDTH] = (sum[i % WIDTH] ?? 0) + value;
      square[i % WIDTH] = (square[i % WIDTH] ?? 0) + value * value;
    }
  }
  const mean = Float32Array.from(sum, (value) => value / Math.max(1, count));
  const scale = Float32Array.from(square, (value, j) => {
    const variance = value / Math.max(1, count) - (mean[j] ?? 0) ** 2;
    return variance > 1e-10 ? Math.sqrt(variance) : 1;
  });
  return { mean, scale };
}

export function normalise(features: Float32Array, by: Normalisation): Float32Array {
  return features.map((value, i) => {
    const j = i % WIDTH;
    const z = (value - (by.mean[j] ?? 0)) / (by.scale[j] ?? 1);
    return Math.max(-FEATURE_BOUND, Math.min(FEATURE_BOUND, z));
  });
}

/** Copies the sequences that end with the given bars into [T, N, F], the run time's order. */
export function gatherTimeMajor(
  rows: Float32Array,
  bars: Int32Array,
  from: number,
  count: number,
  out: Float32Array,
  outCount: number,
  outFrom: number,
): void {
  for (let n = 0; n < count; n++) {
    const first = (bars[from + n] ?? 0) - SEQUENCE_STEPS + 1;
    for (let t = 0; t < SEQUENCE_STEPS; t++) {
      const source = Math.max(0, first + t) * WIDTH;
      out.set(rows.subarray(source, source + WIDTH), (t * outCount + outFrom + n) * WIDTH);
    }
  }
}

/** The same as [N, T, F], the order of the model's file. */
export function gatherBatchMajor(rows: Float32Array, bars: Int32Array): Float32Array {
  const out = new Float32Array(bars.length * SEQUENCE_STEPS * WIDTH);
  bars.forEach((bar, n) => {
    const first = bar - SEQUENCE_STEPS + 1;
    for (let t = 0; t < SEQUENCE_STEPS; t++) {
      const source = Math.max(0, first + t) * WIDTH;
      out.set(rows.subarray(source, source + WIDTH), (n * SEQUENCE_STEPS + t) * WIDTH);
    }
  });
  return out;
}
