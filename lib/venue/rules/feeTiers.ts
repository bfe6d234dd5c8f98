/*
 * Fee tiers of perps by the value traded in fourteen days (trading/fees; the table as captured). Growth mode counts a tenth,
 * sub-accounts count with their master. Which fourteen days: those that have ended, by UTC (assumed). Rebates by the share
 * of all maker volume are not given: the share of a small exchange says nothing about the venue's.
 */

/** Above a traded value in whole USD: rates as fractions in millionths. */
export const FEE_TIERS: readonly {
  readonly aboveUsd: number;
  readonly takerMillionths: number;
  readonly makerMillionths: number;
}[] = [
  { aboveUsd: 5_000_000, takerMillionths: 400, makerMillionths: 120 },
  { aboveUsd: 25_000_000, takerMillionths: 350, makerMillionths: 80 },
  { aboveUsd: 100_000_000, takerMillionths: 300, makerMillionths: 40 },
  { aboveUsd: 500_000_000, takerMillionths: 280, makerMillionths: 0 },
  { aboveUsd: 2_000_000_000, takerMillionths: 260, makerMillionths: 0 },
  { aboveUsd: 7_000_000_000, takerMillionths: 240, makerMillionths: 0 },
];

const DAY_MS = 86_400_000;
const DAYS = 14;

/** What an account and its sub-accounts traded, and the tier that the ended days give. */
export type Traded = {
  /** Whole USD by UTC day; only days that may still count. */
  readonly usdByDay: Map<number, number>;
  day: number;
  tier: number;
};

export function newTraded(): Traded {
  return { usdByDay: new Map(), day: -1, tier: 0 };
}

export function noteTraded(traded: Traded, countedMicroUsd: number, nowMs: number): void {
  const day = Math.floor(nowMs / DAY_MS);
  traded.usdByDay.set(day, (traded.usdByDay.get(day) ?? 0) + countedMicroUsd / 1e6);
  for (const old of traded.usdByDay.keys()) if (old < day - DAYS) traded.usdByDay.delete(old);
}

/** 0 is the base tier. */
export function tierOf(traded: Traded, nowMs: number): number {
  const today = Math.floor(nowMs / DAY_MS);
  if (traded.day === today) return traded.tier;
  let sumUsd = 0;
  for (const [day, usd] of traded.usdByDay) {
    if (day >= today - DAYS && day < today) sumUsd += usd;
  }
  traded.day = today;
  traded.tier = FEE_TIERS.filter(({ aboveUsd }) => sumUsd > aboveUsd).length;
  return traded.tier;
}
