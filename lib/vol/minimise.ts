/** Smallest value found and where. */
export type Minimum = {
  readonly x: number[];
  readonly value: number;
  readonly evaluations: number;
};

/** Downhill simplex (Nelder and Mead 1965) with the usual coefficients. Deterministic. */
export function nelderMead(
  f: (x: readonly number[]) => number,
  start: readonly number[],
  step: number,
  evaluationsMax: number,
): Minimum {
  const n = start.length;
  const used = { evaluations: 0 };
  const evaluate = (x: number[]): { x: number[]; value: number } => {
    used.evaluations++;
    const value = f(x);
    return { x, value: Number.isFinite(value) ? value : Number.POSITIVE_INFINITY };
  };
  let simplex = [evaluate([...start])];
  for (let j = 0; j < n; j++)
    simplex.push(evaluate(start.map((value, k) => (k === j ? value + step : value))));
  const along = (centre: number[], worst: number[], t: number): { x: number[]; value: number } =>
    evaluate(centre.map((c, k) => c + t * ((worst[k] ?? 0) - c)));
  while (used.evaluations < evaluationsMax) {
    simplex = simplex.toSorted((a, b) => a.value - b.value);
    const best = simplex[0];
    const worst = simplex[n];
    const second = simplex[n - 1];
    if (best === undefined || worst === undefined || second === undefined) break;
    if (worst.value - best.value < 1e-9 * (1 + Math.abs(best.value))) break;
    const centre = start.map(
      (_, k) => simplex.slice(0, n).reduce((sum, point) => sum + (point.x[k] ?? 0), 0) / n,
    );
    const reflected = along(centre, worst.x, -1);
    if (reflected.value < best.value) {
      const expanded = along(centre, worst.x, -2);
      simplex[n] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < second.value) simplex[n] = reflected;
    else {
      const contracted = along(centre, worst.x, reflected.value < worst.value ? -0.5 : 0.5);
      if (contracted.value < Math.min(reflected.value, worst.value)) simplex[n] = contracted;
      else
        simplex = simplex.map((point, i) =>
          i === 0 ? point : evaluate(point.x.map((v, k) => 0.5 * (v + (best.x[k] ?? 0)))),
        );
    }
  }
  const best = simplex.toSorted((a, b) => a.value - b.value)[0];
  return {
    x: best?.x ?? [...start],
    value: best?.value ?? Number.NaN,
    evaluations: used.evaluations,
  };
}
