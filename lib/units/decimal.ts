import { violated } from "./assert.ts";
import { microUsd, positionLots, pxTicks, sizeLots } from "./numbers.ts";
import type { MicroUsd, PositionLots, PxTicks, SizeLots } from "./numbers.ts";

const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;

/**
 * Wire decimal ("770.12") to an integer at `decimals` places, digit by digit.
 * Returns null when the text is no plain decimal, or has a non-zero digit beyond `decimals`, or is too large to be exact.
 */
export function parseDecimal(text: string, decimals: number): number | null {
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  let value = 0;
  let digits = 0;
  /** Places after the point so far; -1 before it. */
  let places = -1;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT && places < 0) {
      places = 0;
      continue;
    }
    if (code < ZERO || code > NINE) return null;
    digits++;
    if (places >= decimals) {
      if (code !== ZERO) return null;
      continue;
    }
    // Rounds only beyond the safe integers, which the end refuses.
    value = value * 10 + (code - ZERO);
    if (places >= 0) places++;
  }
  if (digits === 0) return null;
  for (let missing = decimals - Math.max(0, places); missing > 0; missing--) value *= 10;
  if (!Number.isSafeInteger(value)) return null;
  return start === 1 && value !== 0 ? -value : value;
}

/** Like `parseDecimal`, but digits beyond `decimals` are cut off (towards zero): for venue statistics only. */
export function truncateDecimal(text: string, decimals: number): number | null {
  const dot = text.indexOf(".");
  return parseDecimal(dot < 0 ? text : text.slice(0, dot + 1 + decimals), decimals);
}

/** Integer at `decimals` places to the canonical wire form: no trailing zeros, no exponent, no "-0". */
export function formatDecimal(value: number, decimals: number): string {
  if (!Number.isSafeInteger(value)) violated(`a decimal is made from a safe integer, got ${value}`);
  const sign = value < 0 ? "-" : "";
  const digits = Math.abs(value);
  let scale = 10 ** decimals;
  let rest = digits % scale;
  const whole = (digits - rest) / scale;
  if (rest === 0) return sign + String(whole);
  while (rest % 10 === 0) {
    rest /= 10;
    scale /= 10;
  }
  // The digit in front keeps the fraction's leading zeros.
  return `${sign}${whole}.${String(scale + rest).slice(1)}`;
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
