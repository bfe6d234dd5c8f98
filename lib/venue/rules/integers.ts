import { assert } from "../../units/assert.ts";

/** a * b / c, exact, rounded towards zero. Falls back to big integers where the product is no safe integer. */
export function mulDivTrunc(a: number, b: number, c: number): number {
  assert(c > 0, `the divisor is positive, got ${c}`);
  const product = a * b;
  if (Number.isSafeInteger(product)) return clean((product - (product % c)) / c);
  const value = Number((BigInt(a) * BigInt(b)) / BigInt(c));
  assert(Number.isSafeInteger(value), `the quotient is a safe integer, got ${value}`);
  return clean(value);
}

/** a / b of non-negative integers, rounded up. */
export function divCeil(a: number, b: number): number {
  assert(a >= 0 && b > 0, `a quotient that is rounded up is not negative, got ${a} / ${b}`);
  const rest = a % b;
  return (a - rest) / b + (rest > 0 ? 1 : 0);
}

/** Never "-0", which would print and hash differently. */
function clean(value: number): number {
  return value === 0 ? 0 : value;
}

/** Smallest multiple of `step` that is at least `value`. */
export function ceilTo(value: number, step: number): number {
  const rest = value % step;
  return rest === 0 ? value : value - rest + step;
}

/** Middle value; the average of the two middle ones when their number is even. Null without values. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? 0;
  const lower = sorted[(sorted.length - 1) >> 1] ?? 0;
  return (lower + upper) / 2;
}
