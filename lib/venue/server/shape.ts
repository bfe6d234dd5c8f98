/** The JSON is well-formed, but not what the endpoint takes: HTTP 422. The reason is for tests and logs only. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

export type JsonObject = { readonly [key: string]: unknown };

/** @throws ShapeError unless an object. */
export function objectAt(value: unknown, what: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ShapeError(`${what} must be an object`);
  return value as JsonObject;
}

/** @throws ShapeError unless an array. */
export function arrayAt(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ShapeError(`${what} must be an array`);
  return value;
}

/** @throws ShapeError unless a string. */
export function stringAt(value: unknown, what: string): string {
  if (typeof value !== "string") throw new ShapeError(`${what} must be a string`);
  return value;
}

/** @throws ShapeError unless true or false. */
export function booleanAt(value: unknown, what: string): boolean {
  if (typeof value !== "boolean") throw new ShapeError(`${what} must be true or false`);
  return value;
}

/** @throws ShapeError unless a whole number from 0 to 2^53 - 1. */
export function unsignedAt(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new ShapeError(`${what} must be an unsigned integer`);
  return value;
}

/** @throws ShapeError unless a whole number that is exact. */
export function integerAt(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    throw new ShapeError(`${what} must be an integer`);
  return value;
}

/** A field that may be absent or null, read by `read` otherwise. */
export function optionalAt<T>(
  value: unknown,
  what: string,
  read: (value: unknown, what: string) => T,
): T | null {
  return value === undefined || value === null ? null : read(value, what);
}

/** @throws ShapeError unless one of the words. */
export function wordAt<W extends string>(value: unknown, what: string, words: readonly W[]): W {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new ShapeError(`${what} must be one of ${words.join(", ")}`);
  return found;
}

/**
 * 20 bytes of hex in any digit case, with or without "0x" (measured: "0X" is refused). Answers in lower case with "0x".
 * @throws ShapeError otherwise.
 */
export function addressAt(value: unknown, what: string): string {
  const match = /^(?:0x)?([0-9a-fA-F]{40})$/.exec(stringAt(value, what));
  if (match === null) throw new ShapeError(`${what} must be a 20-byte hex address`);
  return `0x${(match[1] ?? "").toLowerCase()}`;
}

/** @throws ShapeError unless "0x" and 32 hex digits; answers in lower case. */
export function cloidAt(value: unknown, what: string): string {
  const text = stringAt(value, what);
  if (!/^0x[0-9a-fA-F]{32}$/.test(text))
    throw new ShapeError(`${what} must be 0x and 32 hex digits`);
  return text.toLowerCase();
}

/**
 * Unsigned decimal text in canonical form: no padding, no exponent, no sign, at most eight significant decimals
 * (measured: ".5" and "5." are accepted, a ninth non-zero decimal is not).
 * @throws ShapeError otherwise.
 */
export function decimalAt(value: unknown, what: string): string {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(stringAt(value, what));
  const whole = match?.[1] ?? "";
  const fraction = withoutPadding(match?.[2] ?? "");
  const isNumber = match !== null && (whole !== "" || (match[2] ?? "") !== "");
  if (!isNumber || fraction.length > 8 || whole.length > 30)
    throw new ShapeError(`${what} must be an unsigned decimal with at most 8 decimals`);
  const digits = whole.replace(/^0+(?=\d)/, "");
  return `${digits === "" ? "0" : digits}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Without the zeros at its end, in time that grows with the length alone: a pattern would try every run of zeros anew. */
function withoutPadding(fraction: string): string {
  let end = fraction.length;
  while (fraction[end - 1] === "0") end--;
  return fraction.slice(0, end);
}

/** @throws ShapeError when the object has a key beyond those allowed (the envelope and actions are strict). */
export function onlyKeys(object: JsonObject, allowed: readonly string[], what: string): void {
  const extra = Object.keys(object).find((key) => !allowed.includes(key));
  if (extra !== undefined) throw new ShapeError(`${what} has an unknown field ${extra}`);
}
