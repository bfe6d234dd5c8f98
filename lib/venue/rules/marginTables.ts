import { mulDivTrunc } from "./integers.ts";
import type { MarketDef } from "./types.ts";

/*
 * Margin tables (trading/margin-tiers): above a tier's lower bound of position value its lower leverage holds. Maintenance
 * is half the initial margin at a tier's highest leverage, less a deduction that makes it a continuous function of the
 * value; which is the same as taking each part of the value at its own tier's rate. A table with an id below 50 is one
 * tier with that leverage.
 */

/** Leverage by position value: sorted by rising lower bound and falling leverage, the first bound is 0. */
export type MarginTable = {
  readonly id: number;
  readonly description: string;
  readonly tiers: readonly { readonly lowerBoundUsd: number; readonly maxLeverage: number }[];
};

/** The market's table: its own, or the single tier of its highest leverage. */
export function marginTableOf(def: MarketDef): MarginTable {
  return def.marginTable ?? singleTier(def.maxLeverage);
}

/** The table that an id below 50 stands for. */
export function singleTier(maxLeverage: number): MarginTable {
  return { id: maxLeverage, description: "", tiers: [{ lowerBoundUsd: 0, maxLeverage }] };
}

/** Highest leverage for a position of an unsigned value, in millionths. */
export function tierLeverage(def: MarketDef, value: number): number {
  let { maxLeverage } = def;
  for (const tier of marginTableOf(def).tiers) {
    if (value >= tier.lowerBoundUsd * 1_000_000) ({ maxLeverage } = tier);
  }
  return maxLeverage;
}

/** Maintenance margin of an unsigned position value, both in millionths, cut tier by tier. */
export function maintenanceMargin(def: MarketDef, value: number): number {
  const { tiers } = marginTableOf(def);
  let sum = 0;
  tiers.forEach(({ lowerBoundUsd, maxLeverage }, index) => {
    const from = lowerBoundUsd * 1_000_000;
    const to = (tiers[index + 1]?.lowerBoundUsd ?? Infinity) * 1_000_000;
    const part = Math.min(value, to) - from;
    if (part > 0) sum += mulDivTrunc(part, 1, 2 * maxLeverage);
  });
  return sum;
}

/**
 * Price at which an account falls to its maintenance margin (trading/liquidations; measured to the digit):
 * liq = price - side * available / size / (1 - mmr * side), available = equity - maintenance of everything that the equity
 * carries, mmr that of the tier in which the position's value lies at that price. Null when no positive price liquidates.
 */
export function liquidationPx(
  def: MarketDef,
  position: { readonly lots: number; readonly pxTicks: number },
  equity: number,
  maintenance: number,
): number | null {
  const { lots, pxTicks } = position;
  const size = Math.abs(lots);
  const side = Math.sign(lots);
  const others = maintenance - maintenanceMargin(def, size * pxTicks);
  const { tiers } = marginTableOf(def);
  let deduction = 0;
  let before = 0;
  for (const [index, tier] of tiers.entries()) {
    const rate = 1 / (2 * tier.maxLeverage);
    const from = tier.lowerBoundUsd * 1_000_000;
    deduction += from * (rate - before);
    before = rate;
    const own = size * pxTicks * rate - deduction;
    const liq = pxTicks - (side * (equity - others - own)) / size / (1 - rate * side);
    const to = (tiers[index + 1]?.lowerBoundUsd ?? Infinity) * 1_000_000;
    if (size * liq < to) return liq > 0 ? liq : null;
  }
  return null;
}
