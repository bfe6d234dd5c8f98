import { addressAt, stringAt } from "../shape.ts";
import { usd } from "../format.ts";
import { rate } from "../rows.ts";
import { dexOf, userOf } from "./context.ts";
import type { InfoContext, InfoHandler } from "./context.ts";

/*
 * What the real venue offers beside trading and this one does not: staking, vaults, referrals, auctions, TWAP, outcomes.
 * The answers are those for a user who never touched any of it, so that clients which ask at their start go on.
 */

/** An empty list for a user. */
export const noneOfUser: InfoHandler = (request) => {
  userOf(request);
  return [];
};

/** An empty list. */
export const none: InfoHandler = () => [];

export const delegatorSummary: InfoHandler = (request) => {
  userOf(request);
  return {
    delegated: "0.0",
    undelegated: "0.0",
    totalPendingWithdrawal: "0.0",
    nPendingWithdrawals: 0,
  };
};

export const referral: InfoHandler = (request, { venue }) => {
  const user = userOf(request);
  return {
    referredBy: null,
    cumVlm: usd(venue.rateLimit(user).cumVlmMicroUsd),
    unclaimedRewards: "0.0",
    claimedRewards: "0.0",
    builderRewards: "0.0",
    tokenToState: [],
    referrerState: { stage: "needToTrade", data: { required: "10000.0" } },
    rewardHistory: [],
  };
};

/** No auction runs. */
const NO_AUCTION = {
  startTimeSeconds: 0,
  durationSeconds: 111_600,
  startGas: "500.0",
  currentGas: null,
  endGas: "500.0",
};

export const auctionStatus: InfoHandler = () => NO_AUCTION;

export const spotDeployState: InfoHandler = (request) => {
  userOf(request);
  return { states: [], gasAuction: NO_AUCTION };
};

export const legalCheck: InfoHandler = (request) => {
  userOf(request);
  return { ipAllowed: true, acceptedTerms: true, userAllowed: true, restrictions: "n" };
};

export const isVip: InfoHandler = (request) => {
  userOf(request);
  return false;
};

/** No vault exists. */
export const vaultDetails: InfoHandler = (request) => {
  addressAt(request["vaultAddress"], "vaultAddress");
  return null;
};

/** Largest market orders by leverage (documented, contract-specifications). */
export const maxMarketOrderNtls: InfoHandler = () => [
  [25, "30000000.0"],
  [20, "5000000.0"],
  [10, "2000000.0"],
  [1, "500000.0"],
];

export const perpAnnotation: InfoHandler = (request) => {
  stringAt(request["coin"], "coin");
  return null;
};

const HOUR_MS = 3_600_000;

/** Rates of the main dex for the next hour; other venues' rates are not known here. */
export const predictedFundings: InfoHandler = (_request, context) => {
  const { venue } = context;
  const nextFundingTime = (Math.floor(venue.nowMs() / HOUR_MS) + 1) * HOUR_MS;
  return dexOf({}, context).markets.map(({ coin }) => [
    coin,
    [
      [
        "HlPerp",
        {
          fundingRate: rate(venue.assetContext(coin).fundingPpb),
          nextFundingTime,
          fundingIntervalHours: 1,
        },
      ],
    ],
  ]);
};

const PERIODS = ["day", "week", "month", "allTime"] as const;

/** Value now, without a history: the same for every period, all dexes together. */
export const portfolio: InfoHandler = (request, context: InfoContext) => {
  const user = userOf(request);
  const { venue } = context;
  const value = venue.config.dexes.reduce(
    (sum, dex) => sum + venue.account(user, dex.name).accountValueMicroUsd,
    0,
  );
  const data = {
    accountValueHistory: [[venue.nowMs(), usd(value)]],
    pnlHistory: [[venue.nowMs(), "0.0"]],
    vlm: usd(venue.rateLimit(user).cumVlmMicroUsd),
  };
  const perp = PERIODS.map((period) => `perp${period[0]?.toUpperCase() ?? ""}${period.slice(1)}`);
  return [...PERIODS, ...perp].map((period) => [period, data]);
};
