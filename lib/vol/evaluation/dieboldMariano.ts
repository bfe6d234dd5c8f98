/** A test between two forecasts' losses. Negative: the first is better. */
export type DieboldMariano = { readonly stat: number; readonly p: number };

/** Long-run variance of a mean (Newey and West 1987, Bartlett weights). */
export function neweyWestVarianceOfMean(values: Float64Array, lags: number): number {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  let total = 0;
  for (let lag = 0; lag <= Math.min(lags, n - 1); lag++) {
    let sum = 0;
    for (let i = lag; i < n; i++)
      sum += ((values[i] ?? 0) - mean) * ((values[i - lag] ?? 0) - mean);
    total += (lag === 0 ? 1 : 2 * (1 - lag / (lags + 1))) * (sum / n);
  }
  return Math.max(0, total) / n;
}

/** Bandwidth of Newey and West (1994), 4 (n/100)^(2/9), and at least twice the overlap of neighbouring targets. */
export function hacLags(n: number, horizonBars: number): number {
  return Math.max(2 * horizonBars, Math.floor(4 * (n / 100) ** (2 / 9)));
}

/** Standard normal distribution function (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const poly =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return x >= 0 ? 1 - tail : tail;
}

/** Diebold and Mariano (1995) with a HAC variance; two-sided p. Equal losses give 0 and 1. */
export function dieboldMariano(
  first: Float64Array,
  second: Float64Array,
  lags: number,
): DieboldMariano {
  const difference = first.map((value, i) => value - (second[i] ?? Number.NaN));
  const mean = difference.reduce((a, b) => a + b, 0) / difference.length;
  const variance = neweyWestVarianceOfMean(difference, lags);
  if (variance === 0) return { stat: 0, p: 1 };
  const stat = mean / Math.sqrt(variance);
  return { stat, p: 2 * (1 - normalCdf(Math.abs(stat))) };
}
