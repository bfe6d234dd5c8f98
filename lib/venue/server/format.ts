import { formatDecimalPoint, pxDecimalsOf } from "../../units/decimal.ts";
import type { Side } from "../../units/grid.ts";

/** Prices, sizes and values leave as strings that keep a decimal point: "83767.0" (captured). */
export function px(ticks: number, szDecimals: number): string {
  return formatDecimalPoint(ticks, pxDecimalsOf(szDecimals));
}

export function size(lots: number, szDecimals: number): string {
  return formatDecimalPoint(lots, szDecimals);
}

export function usd(microUsd: number): string {
  return formatDecimalPoint(microUsd, 6);
}

/**
 * A statistic (rate, ratio, average) with at most `decimals` places, rounded to the nearest.
 * Never used for money, which is exact.
 */
export function statistic(value: number, decimals: number): string {
  return formatDecimalPoint(Math.round(value * 10 ** decimals), decimals);
}

/** The wire's word for a side. */
export function wireSide(side: Side): "B" | "A" {
  return side === "bid" ? "B" : "A";
}
