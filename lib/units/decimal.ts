import { assert } from "./assert.ts";
import { microUsd, positionLots, pxTicks, sizeLots } from "./numbers.ts";
import type { MicroUsd, PositionLots, PxTicks, SizeLots } from "./numbers.ts";

const DECIMAL = /^(-?)(\d*)(?:\.(\d*))?$/;

/**
 * Wire decimal ("770.12") to an integer at `decimals` places, by string arithmetic.
 * Returns null when the text is no plain decimal, or has a non-zero digit beyond `decimals`, or is too large to be exact.
 */
export function parseDecimal(text: string, decimals: number): number | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const whole = match[2] ?? "";
  const fraction = match[3] ?? "";
  if (whole === "" && fraction === "") return null;
  const kept = fraction.slice(0, decimals).padEnd(decimals, "0");
  if (/[1-9]/.test(fraction.slice(decimals))) return null;
  const value = Number(whole + kept);
  if (!Number.isSafeInteger(value)) return null;
  return match[1] === "-" && value !== 0 ? -value : value;
}

/** Like `parseDecimal`, but digits beyond `decimals` are cut off (towards zero): for venue statistics only. */
export function truncateDecimal(text: string, decimals: number): number | null {
  const dot = text.indexOf(".");
  return parseDecimal(dot < 0 ? text : text.slice(0, dot + 1 + decimals), decimals);
}

/** Integer at `decimals` places to the canonical wire form: no trailing zeros, no exponent, no "-0". */
export function formatDecimal(value: number, decimals: number): string {
  assert(Number.isSafeInteger(value), `a decimal is made from a safe integer, got ${value}`);
  const sign = value < 0 ? "-" : "";
  const digits = String(Math.abs(value)).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return fraction === "" ? sign + whole : `${sign}${whole}.${fraction}`;
}

/** The venue's answers keep at least one decimal: "83767.0". */
export function formatDecimalPoint(value: number, decimals: number): string {
  const text = formatDecimal(value, decimals);
  return text.includes(".") ? text : `${text}.0`;
}

/** Decimals of a perp price: 6 - szDecimals (venue rule, tick-and-lot-size). */
export function pxDecimalsOf(szDecimals: number): number {
  return 6 - szDecimals;
}

/** @returns null unless a positive price that fits the market's decimals. */
export function parsePx(text: string, szDecimals: number): PxTicks | null {
  const value = parseDecimal(text, pxDecimalsOf(szDecimals));
  return value === null || value <= 0 ? null : pxTicks(value);
}

/** @returns null unless a non-negative multiple of the lot. */
export function parseSize(text: string, szDecimals: number): SizeLots | null {
  const value = parseDecimal(text, szDecimals);
  return value === null || value < 0 ? null : sizeLots(value);
}

/** @returns null unless a multiple of the lot; the sign is the side. */
export function parsePosition(text: string, szDecimals: number): PositionLots | null {
  const value = parseDecimal(text, szDecimals);
  return value === null ? null : positionLots(value);
}

/** @returns null unless a plain decimal with at most six places. */
export function parseUsd(text: string): MicroUsd | null {
  const value = parseDecimal(text, 6);
  return value === null ? null : microUsd(value);
}

export function formatPx(px: PxTicks, szDecimals: number): string {
  return formatDecimal(px, pxDecimalsOf(szDecimals));
}

export function formatSize(size: SizeLots | PositionLots, szDecimals: number): string {
  return formatDecimal(size, szDecimals);
}

export function formatUsd(value: MicroUsd): string {
  return formatDecimal(value, 6);
}
