/** Middle value; of an even count the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Value that the share `q` does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export type Timing = { readonly perSecond: number; readonly p50Us: number; readonly p99Us: number };

/** Times single calls after a warm-up that compiles them. */
export async function timeCalls(
  run: (index: number) => unknown,
  calls: number,
  warmUp: number,
): Promise<Timing> {
  for (let i = 0; i < warmUp; i++) await run(i);
  const times: number[] = [];
  const startMs = performance.now();
  for (let i = 0; i < calls; i++) {
    const before = performance.now();
    const result = run(i);
    if (result instanceof Promise) await result;
    times.push((performance.now() - before) * 1000);
  }
  const spanMs = performance.now() - startMs;
  return {
    perSecond: Math.round((calls / spanMs) * 1000),
    p50Us: round(median(times)),
    p99Us: round(quantile(times, 0.99)),
  };
}

/** Two decimals: more would be noise. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
