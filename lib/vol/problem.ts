import type { Bars } from "./bars.ts";

/** What a realised variance is summed from: squared returns, or what each bar says from inside where the horizon has too few. */
export type Measure = "squaredReturns" | "intrabar";

/** A forecasting task: at the end of bar `at[k]`, say the variance of the `horizonBars` bars that follow. */
export type Problem = {
  readonly bars: Bars;
  readonly horizonBars: number;
  readonly measure: Measure;
  /** Variance below this is not told apart from zero. Per bar. */
  readonly floor: number;
  readonly at: Int32Array;
  /** Realised variance over the whole horizon; NaN where it is not known yet. */
  readonly target: Float64Array;
};

/** Half-open range of samples. */
export type Range = { readonly from: number; readonly to: number };

/** With fewer bars the sum of squared returns is mostly noise: its noise floor in QLIKE is ln(n/2) - psi(n/2). */
const BARS_FOR_SQUARED_RETURNS = 3;
const FLOOR_SHARE = 0.002;

export function measureColumn(bars: Bars, measure: Measure): Float64Array {
  return measure === "squaredReturns" ? bars.squared : bars.intrabar;
}

/** Bars that must have passed before a forecast is made: enough for most windows. */
function warmupBars(barMs: number): number {
  return Math.max(30, Math.ceil(120 * (60_000 / barMs)));
}

/** From the first bars alone, so that no later bar changes what an earlier one says. */
function floorOf(column: Float64Array): number {
  const head = column.subarray(0, Math.min(2000, Math.max(1, Math.floor(column.length / 5))));
  return Math.max(
    1e-14,
    (FLOOR_SHARE * head.reduce((a, b) => a + b, 0)) / Math.max(1, head.length),
  );
}

/**
 * One sample per bar. Targets never cross a gap or the end of a session. `withOpenEnd` adds the newest bars, whose target
 * is still unknown, so that the same code serves.
 * @param horizonMs a multiple of the bar.
 * @param serving the floor of the model that is served; null when the bars are for training.
 */
export function poseProblem(
  bars: Bars,
  horizonMs: number,
  serving: { readonly floor: number } | null = null,
): Problem {
  const horizonBars = Math.max(1, Math.round(horizonMs / bars.barMs));
  const measure = horizonBars >= BARS_FOR_SQUARED_RETURNS ? "squaredReturns" : "intrabar";
  const column = measureColumn(bars, measure);
  const floor = serving?.floor ?? floorOf(column);
  const at: number[] = [];
  const target: number[] = [];
  for (let i = warmupBars(bars.barMs); i < bars.count; i++) {
    const end = i + horizonBars;
    if (end >= bars.count) {
      if (serving === null) break;
      at.push(i);
      target.push(Number.NaN);
      continue;
    }
    if (bars.run[i] !== bars.run[end]) continue;
    let sum = 0;
    for (let k = i + 1; k <= end; k++) sum += column[k] ?? 0;
    at.push(i);
    target.push(Math.max(sum, floor * horizonBars));
  }
  return {
    bars,
    horizonBars,
    measure,
    floor,
    at: Int32Array.from(at),
    target: Float64Array.from(target),
  };
}

/** A pooled series with fewer adds more noise than knowledge. */
export const POOLED_SAMPLES_MIN = 500;

/** Time at which a sample's target is known. */
export function knownMs(problem: Problem, sample: number): number {
  const bar = (problem.at[sample] ?? 0) + problem.horizonBars;
  return problem.bars.endMs[Math.min(bar, problem.bars.count - 1)] ?? 0;
}

/** Samples of another series whose targets were known when the first one's range ended: pooling never sees the future. */
export function samplesUntil(problem: Problem, timeMs: number): Range {
  let to = 0;
  while (to < problem.at.length && knownMs(problem, to) <= timeMs) to++;
  return { from: 0, to };
}
