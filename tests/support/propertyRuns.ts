/**
 * How many cases a property draws: what the gate can afford, times `FC_RUNS` for a soak
 * (`FC_RUNS=20 FAST_CHECK_SEED=$RANDOM bun test tests/property`).
 */
export function propertyRuns(inTheGate: number): number {
  const factor = Number(process.env["FC_RUNS"] ?? "1");
  if (!(factor > 0)) throw new Error(`FC_RUNS must be a positive number, got ${factor}`);
  return Math.max(1, Math.round(inTheGate * factor));
}

/** Time that so many cases may take, for the test runner. */
export function propertyTimeoutMs(): number {
  return 60_000 * Math.max(1, Number(process.env["FC_RUNS"] ?? "1"));
}
