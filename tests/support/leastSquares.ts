import type { FairSample } from "./fairSamples.ts";

/**
 * Least squares without a constant on the chosen signals, so that mirroring the market mirrors the value: solves the
 * normal equations by elimination.
 * @returns one weight per column; NaN where the columns are not independent
 */
export function leastSquares(samples: readonly FairSample[], columns: readonly number[]): number[] {
  const n = columns.length;
  const a = columns.map((c) => [
    ...columns.map((d) => samples.reduce((sum, { x }) => sum + (x[c] ?? 0) * (x[d] ?? 0), 0)),
    samples.reduce((sum, { x, y }) => sum + (x[c] ?? 0) * y, 0),
  ]);
  for (let i = 0; i < n; i++) {
    const pivot = a[i];
    if (pivot === undefined) break;
    for (const [r, row] of a.entries()) {
      if (r === i) continue;
      const factor = (row[i] ?? 0) / (pivot[i] ?? 1);
      for (let c = i; c <= n; c++) row[c] = (row[c] ?? 0) - factor * (pivot[c] ?? 0);
    }
  }
  return a.map((row, i) => (row[n] ?? 0) / (row[i] ?? 1));
}

/** Share of the variance around zero that the weights explain; below 0 they are worse than nothing. */
export function explainedShare(
  samples: readonly FairSample[],
  columns: readonly number[],
  weights: readonly number[],
): number {
  let [rest, all] = [0, 0];
  for (const { x, y } of samples) {
    const guess = columns.reduce((sum, column, i) => sum + (x[column] ?? 0) * (weights[i] ?? 0), 0);
    rest += (y - guess) ** 2;
    all += y * y;
  }
  return 1 - rest / all;
}
