export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => value * value)));
}

/** Value that the share `q` of all does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/**
 * Of absolute values, within days, after the habits of the time of day are divided out: pairs never span two days.
 * @param days equally long lists of returns
 * @param bucket so many neighbouring returns share a time of day
 */
export function absoluteAutocorrelation(
  days: readonly (readonly number[])[],
  lag: number,
  bucket: number,
): number {
  const usual: number[] = [];
  for (let from = 0; from < (days[0]?.length ?? 0); from += bucket)
    usual.push(
      quantile(
        days.flatMap((day) => day.slice(from, from + bucket).map(Math.abs)),
        0.5,
      ),
    );
  let [product, pairs, square, count] = [0, 0, 0, 0];
  for (const day of days) {
    const sizes = day.map((value, i) => Math.abs(value) / (usual[Math.floor(i / bucket)] ?? 1));
    const centre = mean(sizes);
    for (let i = 0; i < sizes.length; i++) {
      const here = (sizes[i] ?? 0) - centre;
      square += here * here;
      count++;
      if (i < lag) continue;
      product += here * ((sizes[i - lag] ?? 0) - centre);
      pairs++;
    }
  }
  return product / pairs / (square / count);
}

export function kurtosis(values: readonly number[]): number {
  const centre = mean(values);
  const square = mean(values.map((value) => (value - centre) ** 2));
  return mean(values.map((value) => (value - centre) ** 4)) / square ** 2;
}

/**
 * Mean over all values with a standard error that treats each group as one observation: fills of one session share
 * their price path.
 */
export function groupedMean(groups: readonly (readonly number[])[]): {
  readonly mean: number;
  readonly error: number;
  readonly count: number;
} {
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  const centre = mean(groups.flat());
  let square = 0;
  for (const group of groups)
    square += (group.reduce((sum, value) => sum + value, 0) - centre * group.length) ** 2;
  return { mean: centre, error: Math.sqrt(square) / count, count };
}
