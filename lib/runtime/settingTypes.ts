import { z } from "zod";

type SettingValue = string | number | boolean;

/** One name in the environment. */
export type Setting<T extends SettingValue = SettingValue> = {
  /** Text in, value out. */
  readonly schema: z.ZodType<T, string>;
  /** Null: unset unless given. */
  readonly fallback: T | null;
  /** Completes "is not allowed; allowed is …". */
  readonly allowed: string;
  readonly about: string;
  /** An older name that means the same. */
  readonly alias?: string;
  /** Never shown. */
  readonly secret?: true;
};

type Defaulted<T extends SettingValue> = Setting<T> & { readonly fallback: T };

type Words = { readonly about: string; readonly alias?: string };

export function toggle(fallback: boolean, words: Words): Defaulted<boolean> {
  return {
    ...words,
    fallback,
    allowed: "true or false",
    schema: z.enum(["true", "false"]).transform((text) => text === "true"),
  };
}

/** A number between two bounds, both allowed. */
export function number(
  fallback: number,
  [min, max]: readonly [number, number],
  words: Words,
): Defaulted<number> {
  return {
    ...words,
    fallback,
    allowed: `a number from ${min} to ${max}`,
    schema: decimal.pipe(z.number().min(min).max(max)),
  };
}

/** A whole number between two bounds, both allowed. */
export function whole(
  fallback: number,
  [min, max]: readonly [number, number],
  words: Words,
): Defaulted<number> {
  return {
    ...words,
    fallback,
    allowed: `a whole number from ${min} to ${max}`,
    schema: decimal.pipe(z.int().min(min).max(max)),
  };
}

/** A schedule of five fields; "off" is none. */
export function cron(fallback: string, words: Words): Defaulted<string> {
  return {
    ...words,
    fallback,
    allowed: "a cron expression of five fields, or off",
    schema: z.string().refine((text) => text === "off" || isCron(text)),
  };
}

function isCron(text: string): boolean {
  try {
    return Bun.cron.parse(text) !== null;
  } catch {
    return false;
  }
}

/** Where something is asked from. */
export function address(fallback: string, words: Words): Defaulted<string> {
  return { ...words, fallback, allowed: "an address", schema: z.url() };
}

const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .transform(Number);
