/** A mean with the bounds that hold the true one in 95 of 100 such samples. */
export type Interval = {
  readonly mean: number;
  /** Null when there are too few values to say: fewer than two. */
  readonly low: number | null;
  readonly high: number | null;
  readonly count: number;
};

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of a sample; null below two values. */
function deviationOf(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom; beyond, the normal one is near enough. */
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
];

function t95(degrees: number): number {
  return T95[degrees - 1] ?? 1.96;
}

/** Mean of independent values with its 95 % interval; null without values. */
export function meanInterval(values: readonly number[]): Interval | null {
  if (values.length === 0) return null;
  const mean = meanOf(values);
  const deviation = deviationOf(values);
  if (deviation === null) return { mean, low: null, high: null, count: values.length };
  const half = (t95(values.length - 1) * deviation) / Math.sqrt(values.length);
  return { mean, low: mean - half, high: mean + half, count: values.length };
}

/** The market never closes, so a year has this many days. */
const DAYS_A_YEAR = 365;

/**
 * Annualised Sharpe ratio of daily returns against a rate of zero. Interval: standard error sqrt((1 + SR²/2) / n) of the
 * daily ratio (Lo, "The Statistics of Sharpe Ratios", 2002, independent returns), with Student's quantile because n is
 * small.
 * @returns null below two days or without any variation
 */
export function sharpeOf(dailyReturns: readonly number[]): Interval | null {
  const deviation = deviationOf(dailyReturns);
  if (deviation === null || deviation === 0) return null;
  const count = dailyReturns.length;
  const daily = meanOf(dailyReturns) / deviation;
  const half = t95(count - 1) * Math.sqrt((1 + daily ** 2 / 2) / count);
  const year = Math.sqrt(DAYS_A_YEAR);
  return { mean: daily * year, low: (daily - half) * year, high: (daily + half) * year, count };
}

/** Annualised mean over the deviation of the losing days alone; null below two days or without a losing day. */
export function sortinoOf(dailyReturns: readonly number[]): number | null {
  if (dailyReturns.length < 2) return null;
  const squares = dailyReturns.reduce((sum, value) => sum + Math.min(0, value) ** 2, 0);
  if (squares === 0) return null;
  const downside = Math.sqrt(squares / dailyReturns.length);
  return (meanOf(dailyReturns) / downside) * Math.sqrt(DAYS_A_YEAR);
}

export type Drawdown = {
  /** Largest fall below an earlier peak, as a fraction of that peak. */
  readonly fraction: number;
  readonly microUsd: number;
  readonly peakMs: number;
  readonly troughMs: number;
};

/** Largest fall of a series, oldest first; null without values. */
export function drawdownOf(
  series: readonly { readonly atMs: number; readonly equityMicroUsd: number }[],
): Drawdown | null {
  const [first] = series;
  if (first === undefined) return null;
  let peak = first;
  let worst: Drawdown = { fraction: 0, microUsd: 0, peakMs: first.atMs, troughMs: first.atMs };
  for (const point of series) {
    if (point.equityMicroUsd > peak.equityMicroUsd) peak = point;
    if (peak.equityMicroUsd <= 0) continue;
    const fall = peak.equityMicroUsd - point.equityMicroUsd;
    const fraction = fall / peak.equityMicroUsd;
    if (fraction > worst.fraction)
      worst = { fraction, microUsd: fall, peakMs: peak.atMs, troughMs: point.atMs };
  }
  return worst;
}
