import { formatDecimal, formatDecimalPoint } from "../../../units/decimal.ts";
import { ms } from "../../../units/numbers.ts";
import { FEE_TIERS } from "../../rules/feeTiers.ts";
import { usd } from "../format.ts";
import { userOf } from "./context.ts";
import type { InfoContext, InfoHandler } from "./context.ts";

const DAY_MS = 86_400_000;
const DAYS = 14;
const FILLS_KEPT = 10_000;

type DayVolume = {
  readonly date: string;
  readonly userCross: string;
  readonly userAdd: string;
  readonly exchange: string;
};

/** Day number since the epoch as "2025-05-23". Civil date from days after H. Hinnant's algorithm. */
function isoDate(day: number): string {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const date = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${year}-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`;
}

/** Traded value of the user as taker and maker, and of everyone, for the last fortnight and today. Oldest first. */
function dailyVolumes(user: string, { venue, totals }: InfoContext): readonly DayVolume[] {
  const today = Math.floor(venue.nowMs() / DAY_MS);
  const fromMs = ms(Math.max(0, (today - DAYS) * DAY_MS));
  const sums = new Map<number, { cross: number; add: number }>();
  for (const fill of venue.fills(user, { fromMs, toMs: venue.nowMs(), limit: FILLS_KEPT })) {
    const day = Math.floor(fill.venueMs / DAY_MS);
    const sum = sums.get(day) ?? { cross: 0, add: 0 };
    sum[fill.crossed ? "cross" : "add"] += fill.pxTicks * fill.sizeLots;
    sums.set(day, sum);
  }
  return Array.from({ length: DAYS + 1 }, (_, i) => {
    const day = today - DAYS + i;
    const sum = sums.get(day);
    return {
      date: isoDate(day),
      userCross: usd(sum?.cross ?? 0),
      userAdd: usd(sum?.add ?? 0),
      exchange: usd(totals.dayVolumeMicroUsd(day * DAY_MS)),
    };
  });
}

const SPOT_TIERS = [
  ["0.0006", "0.0003"],
  ["0.0005", "0.0002"],
  ["0.0004", "0.0001"],
  ["0.00035", "0.0"],
  ["0.0003", "0.0"],
  ["0.00025", "0.0"],
] as const;

/** Rebates by the share of all maker volume: told as captured, not given here. */
const MAKER_TIERS = [
  { makerFractionCutoff: "0.005", add: "-0.00001" },
  { makerFractionCutoff: "0.015", add: "-0.00002" },
  { makerFractionCutoff: "0.03", add: "-0.00003" },
];

/** The table of tiers as captured. */
function vipTiers(): readonly object[] {
  return FEE_TIERS.map(({ aboveUsd, takerMillionths, makerMillionths }, tier) => ({
    ntlCutoff: formatDecimalPoint(aboveUsd, 0),
    cross: formatDecimal(takerMillionths, 6),
    add: formatDecimalPoint(makerMillionths, 6),
    spotCross: SPOT_TIERS[tier]?.[0],
    spotAdd: SPOT_TIERS[tier]?.[1],
  }));
}

const NO_DISCOUNT = { bpsOfMaxSupply: "0.0", discount: "0.0" };

/**
 * Rates of the account's tier; deployer share and growth mode come on top and are the client's arithmetic, as on the
 * real venue. There are no referrals and no staking here.
 */
export const userFees: InfoHandler = (request, context) => {
  const user = userOf(request);
  const { config } = context.venue;
  const rates = context.venue.baseRates(user);
  const cross = formatDecimal(config.baseTakerMillionths, 6);
  const add = formatDecimal(config.baseMakerMillionths, 6);
  return {
    dailyUserVlm: dailyVolumes(user, context),
    feeSchedule: {
      cross,
      add,
      spotCross: "0.0007",
      spotAdd: "0.0004",
      tiers: { vip: vipTiers(), mm: MAKER_TIERS },
      referralDiscount: "0.0",
      stakingDiscountTiers: [NO_DISCOUNT],
    },
    userCrossRate: formatDecimal(rates.baseTakerMillionths, 6),
    userAddRate: formatDecimalPoint(rates.baseMakerMillionths, 6),
    userSpotCrossRate: "0.0007",
    userSpotAddRate: "0.0004",
    activeReferralDiscount: "0.0",
    trial: null,
    feeTrialEscrow: "0.0",
    feeTrialReward: "0.0",
    nextTrialAvailableTimestamp: null,
    stakingLink: null,
    activeStakingDiscount: NO_DISCOUNT,
  };
};
