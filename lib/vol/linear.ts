/** Solves A x = b for a symmetric positive definite A (row-major, n x n) by Cholesky; null when A is not. */
function solveSpd(a: Float64Array, b: Float64Array): Float64Array | null {
  const n = b.length;
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (l[i * n + k] ?? 0) * (l[j * n + k] ?? 0);
      if (i === j) {
        if (!(sum > 0)) return null;
        l[i * n + i] = Math.sqrt(sum);
      } else l[i * n + j] = sum / (l[j * n + j] ?? 1);
    }
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] = (x[i] ?? 0) - (l[i * n + k] ?? 0) * (x[k] ?? 0);
    x[i] = (x[i] ?? 0) / (l[i * n + i] ?? 1);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = (x[i] ?? 0) - (l[k * n + i] ?? 0) * (x[k] ?? 0);
    x[i] = (x[i] ?? 0) / (l[i * n + i] ?? 1);
  }
  return x;
}

/** Least squares with an intercept: coefficients, the last of them the intercept. */
export type LinearFit = {
  readonly coefficients: Float64Array;
  /** Mean of exp(residual): Duan's smearing factor, which turns a mean of logs into a mean. */
  readonly smearing: number;
};

const RIDGE = 1e-6;

/**
 * Ordinary least squares by normal equations on standardised columns, with a ridge small enough only to keep columns that
 * are constant or copies of one another from breaking it.
 * @param rows `count` rows of `width` regressors, row-major.
 */
export function fitLinear(rows: Float64Array, width: number, y: Float64Array): LinearFit {
  const count = y.length;
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (let r = 0; r < count; r++)
    for (let j = 0; j < width; j++) mean[j] = (mean[j] ?? 0) + (rows[r * width + j] ?? 0) / count;
  for (let r = 0; r < count; r++)
    for (let j = 0; j < width; j++)
      scale[j] = (scale[j] ?? 0) + ((rows[r * width + j] ?? 0) - (mean[j] ?? 0)) ** 2 / count;
  for (let j = 0; j < width; j++) scale[j] = Math.sqrt(scale[j] ?? 0) || 1;
  const yMean = y.reduce((a, b) => a + b, 0) / Math.max(1, count);
  const gram = new Float64Array(width * width);
  const moment = new Float64Array(width);
  const z = new Float64Array(width);
  for (let r = 0; r < count; r++) {
    for (let j = 0; j < width; j++)
      z[j] = ((rows[r * width + j] ?? 0) - (mean[j] ?? 0)) / (scale[j] ?? 1);
    const dy = (y[r] ?? 0) - yMean;
    for (let j = 0; j < width; j++) {
      const zj = z[j] ?? 0;
      moment[j] = (moment[j] ?? 0) + zj * dy;
      for (let k = 0; k <= j; k++)
        gram[j * width + k] = (gram[j * width + k] ?? 0) + zj * (z[k] ?? 0);
    }
  }
  for (let j = 0; j < width; j++) {
    gram[j * width + j] = (gram[j * width + j] ?? 0) + RIDGE * count;
    for (let k = 0; k < j; k++) gram[k * width + j] = gram[j * width + k] ?? 0;
  }
  const beta = solveSpd(gram, moment) ?? new Float64Array(width);
  const coefficients = new Float64Array(width + 1);
  let intercept = yMean;
  for (let j = 0; j < width; j++) {
    coefficients[j] = (beta[j] ?? 0) / (scale[j] ?? 1);
    intercept -= (coefficients[j] ?? 0) * (mean[j] ?? 0);
  }
  coefficients[width] = intercept;
  return { coefficients, smearing: smearingOf(rows, width, y, coefficients) };
}

/** Value of a fitted row, intercept included. */
export function predictLinear(
  rows: Float64Array,
  offset: number,
  coefficients: Float64Array,
): number {
  const width = coefficients.length - 1;
  let sum = coefficients[width] ?? 0;
  for (let j = 0; j < width; j++) sum += (coefficients[j] ?? 0) * (rows[offset + j] ?? 0);
  return sum;
}

function smearingOf(
  rows: Float64Array,
  width: number,
  y: Float64Array,
  coefficients: Float64Array,
): number {
  let sum = 0;
  for (let r = 0; r < y.length; r++)
    sum += Math.exp((y[r] ?? 0) - predictLinear(rows, r * width, coefficients));
  return y.length === 0 ? 1 : sum / y.length;
}

/** Rows and targets of one group. */
export type Group = { readonly rows: Float64Array; readonly y: Float64Array };

/** Slopes common to all groups, each of them centred first; intercept and smearing of the first group. */
export function fitPooled(groups: readonly [Group, ...Group[]], width: number): LinearFit {
  const centred = groups.map(({ rows, y }) => centre(rows, y, width));
  const total = centred.reduce((sum, { y }) => sum + y.length, 0);
  const all = { rows: new Float64Array(total * width), y: new Float64Array(total) };
  let at = 0;
  for (const { rows, y } of centred) {
    all.rows.set(rows, at * width);
    all.y.set(y, at);
    at += y.length;
  }
  const { coefficients } = fitLinear(all.rows, width, all.y);
  const [own] = groups;
  const { rowMean, yMean } = centre(own.rows, own.y, width);
  coefficients[width] = 0;
  coefficients[width] = yMean - predictLinear(rowMean, 0, coefficients);
  return { coefficients, smearing: smearingOf(own.rows, width, own.y, coefficients) };
}

function centre(rows: Float64Array, y: Float64Array, width: number) {
  const rowMean = new Float64Array(width);
  const count = Math.max(1, y.length);
  rows.forEach((value, i) => (rowMean[i % width] = (rowMean[i % width] ?? 0) + value / count));
  const yMean = y.reduce((a, b) => a + b, 0) / count;
  return {
    rowMean,
    yMean,
    rows: rows.map((value, i) => value - (rowMean[i % width] ?? 0)),
    y: y.map((value) => value - yMean),
  };
}
