import { fitLinear, fitPooled, predictLinear } from "../linear.ts";
import { knownMs, POOLED_SAMPLES_MIN, samplesUntil } from "../problem.ts";
import { fitProfile } from "../profile.ts";
import { factorAhead, factorsOfBars, hourBars, trailing, windowLengths } from "../windows.ts";
import { forecastEach } from "./forecaster.ts";
import type { Forecaster } from "./forecaster.ts";
import type { Problem, Range } from "../problem.ts";
import type { Profile } from "../profile.ts";
import type { Trailing } from "../windows.ts";

/** The regressors of the HAR at every bar of a series, made from that bar and earlier ones. */
export type HarInputs = {
  readonly names: readonly string[];
  /** Writes the regressors of one bar. */
  readonly write: (bar: number, out: Float64Array, offset: number) => void;
  /** Log of the profile summed over the horizon: what the regression's target is cleared of. */
  readonly logFactorAhead: (bar: number) => number;
};

/** A fitted HAR, plain numbers: it can be written into a file. */
export type HarModel = {
  readonly profile: Profile;
  readonly coefficients: Float64Array;
  readonly smearing: number;
};

function logMean(past: Trailing, bar: number, length: number, floor: number): number {
  return Math.log(Math.max(floor, past.mean(bar, length)));
}

/**
 * Log of mean squared return and of mean Garman-Klass variance over 5, 15, 60, 240 minutes and a day, each cleared of the
 * time of day; the clock factor of the target; the gap before the session; the leverage term.
 */
export function harInputs(problem: Problem, profile: Profile): HarInputs {
  const { bars, horizonBars, floor } = problem;
  const factors = factorsOfBars(bars, profile);
  const cleared = (values: Float64Array): Trailing =>
    trailing(values.map((v, i) => v / (factors[i] ?? 1)));
  const squared = cleared(bars.squared);
  const range = cleared(bars.intrabar);
  const falls = cleared(bars.squared.map((v, i) => ((bars.ret[i] ?? 0) < 0 ? v : 0)));
  const lengths = windowLengths(bars.barMs, bars.session);
  const hour = hourBars(bars.barMs);
  const logFactorAhead = (bar: number): number =>
    Math.log(factorAhead(bars, profile, bar, horizonBars) / horizonBars);
  const gaps = gapColumn(problem);
  const names = [
    ...lengths.map((length) => `logSquared${length}`),
    ...lengths.map((length) => `logRange${length}`),
    "logFactorAhead",
    "fallShare",
    ...(gaps === null ? [] : ["gap"]),
  ];
  const write = (bar: number, out: Float64Array, offset: number): void => {
    let j = offset;
    for (const length of lengths) out[j++] = logMean(squared, bar, length, floor);
    for (const length of lengths) out[j++] = logMean(range, bar, length, floor);
    out[j++] = logFactorAhead(bar);
    out[j++] = falls.mean(bar, hour) / Math.max(floor, squared.mean(bar, hour));
    if (gaps !== null) out[j] = gaps[bar] ?? 0;
  };
  return { names, write, logFactorAhead };
}

/** Size of the gap before the session against an hour's usual move, fading over the session's first hour; null around the clock. */
function gapColumn(problem: Problem): Float64Array | null {
  const { bars } = problem;
  if (bars.session === "always") return null;
  const past = trailing(bars.squared);
  const hour = hourBars(bars.barMs);
  const out = new Float64Array(bars.count);
  let level = 0;
  for (let i = 1; i < bars.count; i++) {
    const gap = Math.abs(bars.gapRet[i] ?? 0);
    const usual = Math.sqrt(Math.max(problem.floor, past.mean(i - 1, hour)) * hour);
    level = gap > 0 ? Math.log1p(gap / usual) : level * Math.exp(-1 / hour);
    out[i] = level;
  }
  return out;
}

/** Regressors of a range of samples, row-major. */
export function harRows(problem: Problem, inputs: HarInputs, range: Range): Float64Array {
  const width = inputs.names.length;
  const rows = new Float64Array((range.to - range.from) * width);
  for (let k = range.from; k < range.to; k++)
    inputs.write(problem.at[k] ?? 0, rows, (k - range.from) * width);
  return rows;
}

/** Log targets cleared of the time of day. */
export function harTargets(problem: Problem, inputs: HarInputs, range: Range): Float64Array {
  const y = new Float64Array(range.to - range.from);
  for (let k = range.from; k < range.to; k++)
    y[k - range.from] =
      Math.log((problem.target[k] ?? 0) / problem.horizonBars) -
      inputs.logFactorAhead(problem.at[k] ?? 0);
  return y;
}

type Sample = {
  readonly profile: Profile;
  readonly names: readonly string[];
  readonly rows: Float64Array;
  readonly y: Float64Array;
};

function sampleOf(problem: Problem, train: Range): Sample {
  const profile = fitProfile(problem.bars, (problem.at[train.to - 1] ?? 0) + 1);
  const inputs = harInputs(problem, profile);
  const rows = harRows(problem, inputs, train);
  return { profile, names: inputs.names, rows, y: harTargets(problem, inputs, train) };
}

/** What other series teach about the same regressors up to the same moment: pooling never sees the future. */
function samplesOfPool(own: Sample, pool: readonly Problem[], untilMs: number): Sample[] {
  return pool.flatMap((problem) => {
    const range = samplesUntil(problem, untilMs);
    if (range.to < POOLED_SAMPLES_MIN) return [];
    const sample = sampleOf(problem, range);
    return sample.names.join() === own.names.join() ? [sample] : [];
  });
}

/**
 * Fits the HAR on a range by least squares on logs, with Duan's smearing. With a pool, slopes are common to all series and
 * level, time of day and smearing are each one's own (Bollerslev, Hood, Huss and Pedersen 2018).
 */
export function fitHar(problem: Problem, train: Range, pool: readonly Problem[] = []): HarModel {
  const own = sampleOf(problem, train);
  const others = samplesOfPool(own, pool, knownMs(problem, train.to - 1));
  const { profile, names, rows, y } = own;
  if (others.length === 0) return { profile, ...fitLinear(rows, names.length, y) };
  return { profile, ...fitPooled([own, ...others], names.length) };
}

/** Corsi (2009) in logs, with ranges, time of day, leverage and gap: the baseline every model must beat. */
export const harWith = (pool: readonly Problem[]): Forecaster => ({
  name: "har",
  fit: (problem, train) => {
    const model = fitHar(problem, train, pool);
    const inputs = harInputs(problem, model.profile);
    const row = new Float64Array(inputs.names.length);
    return forecastEach(problem, (bar) => {
      inputs.write(bar, row, 0);
      const log = predictLinear(row, 0, model.coefficients) + inputs.logFactorAhead(bar);
      return problem.horizonBars * model.smearing * Math.exp(log);
    });
  },
});

export const har = harWith([]);

/** Tenth and ninetieth percentile. */
export function outerTenths(errors: ArrayLike<number>): [number, number] {
  const sorted = Float64Array.from(errors).toSorted();
  const at = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
  return [at(0.1), at(0.9)];
}

/** Between these logs of realised over forecast variance lay eight of ten outcomes of a range. */
export function harErrors(problem: Problem, model: HarModel, range: Range): [number, number] {
  const inputs = harInputs(problem, model.profile);
  const rows = harRows(problem, inputs, range);
  const targets = harTargets(problem, inputs, range);
  const logSmearing = Math.log(model.smearing);
  const width = inputs.names.length;
  return outerTenths(
    targets.map((y, k) => y - predictLinear(rows, k * width, model.coefficients) - logSmearing),
  );
}
