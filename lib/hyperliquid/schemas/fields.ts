import { z } from "zod";
import { parsePosition, parsePx, parseSize, truncateDecimal } from "../../units/decimal.ts";
import type { Side } from "../../units/grid.ts";
import { microUsd, ms } from "../../units/numbers.ts";
import type { MicroUsd, Ms, PositionLots, PxTicks, SizeLots } from "../../units/numbers.ts";

/** A wire text that a parser turns into a value, or refuses with null. */
function textField<T>(parse: (text: string) => T | null, allowed: string): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value === null) {
      context.addIssue({ code: "custom", message: `"${text}" is no ${allowed}` });
      return z.NEVER;
    }
    return value;
  });
}

/** Milliseconds since the epoch. */
export const timeField: z.ZodType<Ms, number> = z.int().nonnegative().transform(ms);

export const oidField: z.ZodType<number> = z.int().nonnegative();

/** "B" buys, "A" sells. */
export const sideField: z.ZodType<Side, "A" | "B"> = z
  .enum(["A", "B"])
  .transform((side) => (side === "B" ? "bid" : "ask"));

export const addressField: z.ZodType<string, string> = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase());

/** Absent and null are the same on this wire. */
export const cloidField: z.ZodType<string | null, string | null | undefined> = z
  .string()
  .regex(/^0x[0-9a-fA-F]{32}$/)
  .nullish()
  .transform((text) => text?.toLowerCase() ?? null);

/** Money. The venue cuts at six decimals itself; where it sends more, they are cut the same way. */
export const usdField: z.ZodType<MicroUsd, string> = textField((text) => {
  const value = truncateDecimal(text, 6);
  return value === null ? null : microUsd(value);
}, "amount of money");

/** A statistic or a rate: a float. */
export const floatField: z.ZodType<number, string> = textField((text) => {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}, "finite number");

/** A price of an order or a trade: exact. */
export function pxField(szDecimals: number): z.ZodType<PxTicks, string> {
  return textField((text) => parsePx(text, szDecimals), `price with szDecimals ${szDecimals}`);
}

export function sizeField(szDecimals: number): z.ZodType<SizeLots, string> {
  return textField((text) => parseSize(text, szDecimals), `size with szDecimals ${szDecimals}`);
}

export function positionField(szDecimals: number): z.ZodType<PositionLots, string> {
  return textField(
    (text) => parsePosition(text, szDecimals),
    `position with szDecimals ${szDecimals}`,
  );
}
