import type { Side } from "../../units/grid.ts";
import type { MicroUsd, Ms, PositionLots, PxTicks, SizeLots } from "../../units/numbers.ts";
import type { Address, FeedInfo, FeedLink, MarketDef, TokenDef } from "./types.ts";

/** How an account holds a market: cross or isolated, and at which leverage. */
export type LeverageSetting = { readonly isCross: boolean; readonly leverage: number };

/** One open position, valued at mark. Ratios are left to whoever prints them. */
export type PositionView = {
  readonly market: MarketDef;
  readonly positionLots: PositionLots;
  /** Unsigned notional at entry, exact; divided by |lots| it is the entry price in ticks. */
  readonly entryCostMicroUsd: MicroUsd;
  /** Entry price in ticks, a float: the average seldom falls on a tick. */
  readonly entryPxTicks: number;
  /** Unsigned value at mark. */
  readonly valueMicroUsd: MicroUsd;
  readonly unrealizedPnlMicroUsd: MicroUsd;
  readonly leverage: LeverageSetting;
  /** Null when cross; else collateral minus entry cost, as the venue shows it. */
  readonly isolatedRawMicroUsd: MicroUsd | null;
  /** Cross: value / leverage. Isolated: collateral + unrealised PnL. */
  readonly marginUsedMicroUsd: MicroUsd;
  readonly maintenanceMicroUsd: MicroUsd;
  /** Float ticks; null when no positive price liquidates. */
  readonly liquidationPxTicks: number | null;
  /** Funding received (negative: paid) over the account's life in this market, and since the position opened. */
  readonly fundingAllTimeMicroUsd: MicroUsd;
  readonly fundingSinceOpenMicroUsd: MicroUsd;
};

/** Everything `clearinghouseState` shows for one dex. */
export type AccountView = {
  readonly address: Address;
  readonly dex: string;
  readonly venueMs: Ms;
  readonly accountValueMicroUsd: MicroUsd;
  readonly totalNtlPosMicroUsd: MicroUsd;
  readonly totalRawUsdMicroUsd: MicroUsd;
  readonly totalMarginUsedMicroUsd: MicroUsd;
  readonly crossAccountValueMicroUsd: MicroUsd;
  readonly crossNtlPosMicroUsd: MicroUsd;
  readonly crossRawUsdMicroUsd: MicroUsd;
  readonly crossMarginUsedMicroUsd: MicroUsd;
  readonly crossMaintenanceMicroUsd: MicroUsd;
  /** Initial margin with resting orders counted (margin.ts). */
  readonly initialMarginMicroUsd: MicroUsd;
  readonly withdrawableMicroUsd: MicroUsd;
  readonly positions: readonly PositionView[];
};

/** What `activeAssetData` shows: index 0 buying, 1 selling. */
export type AssetDataView = {
  readonly leverage: LeverageSetting;
  readonly isolatedRawMicroUsd: MicroUsd | null;
  readonly maxTradeLots: readonly [SizeLots, SizeLots];
  readonly availableMicroUsd: readonly [MicroUsd, MicroUsd];
  readonly markPxTicks: PxTicks | null;
};

/** Prices of a market; null as long as unknown. */
export type PriceView = {
  readonly oraclePxTicks: PxTicks | null;
  readonly markPxTicks: PxTicks | null;
  /** Middle of the book in ticks (may be half a tick); the last trade while a side is empty. */
  readonly midPxTicks: number | null;
  readonly lastTradePxTicks: PxTicks | null;
};

/** Public numbers of a market, as in `metaAndAssetCtxs`. */
export type AssetContextView = PriceView & {
  /** Hourly rate of the running hour so far, in parts per billion. */
  readonly fundingPpb: number;
  readonly openInterestLots: SizeLots;
  /** First trade of the trailing 24 h; null when there was none. */
  readonly prevDayPxTicks: PxTicks | null;
  readonly dayNtlMicroUsd: MicroUsd;
  readonly dayBaseLots: SizeLots;
  /** Null when a side of the book is missing. */
  readonly premium: number | null;
  readonly impactPxTicks: readonly [number, number] | null;
};

export type CandleView = {
  readonly startMs: Ms;
  readonly endMs: Ms;
  readonly openPxTicks: PxTicks;
  readonly highPxTicks: PxTicks;
  readonly lowPxTicks: PxTicks;
  readonly closePxTicks: PxTicks;
  readonly volumeLots: SizeLots;
  readonly trades: number;
};

export type FundingView = {
  readonly coin: string;
  readonly venueMs: Ms;
  /** Positive: received. */
  readonly microUsd: MicroUsd;
  readonly positionLots: PositionLots;
  readonly ratePpb: number;
  readonly hash: string;
};

/** One hour's rate of a market, as in `fundingHistory`. */
export type FundingRateView = {
  readonly venueMs: Ms;
  readonly ratePpb: number;
  readonly premium: number;
};

export type TransferView = {
  readonly venueMs: Ms;
  readonly dex: string;
  /** `deposit` comes from the faucet; `backstop` is what a liquidation took (negative) or had to make good. */
  readonly kind: "deposit" | "backstop" | "transfer";
  readonly microUsd: MicroUsd;
  readonly hash: string;
  /** What a transfer was; absent for the other kinds. */
  readonly delta?: LedgerDelta;
};

type Sent = {
  readonly microUsd: MicroUsd;
  readonly user: Address;
  readonly destination: Address;
  /** Paid by the sender on top. */
  readonly feeMicroUsd: MicroUsd;
};

/** A transfer as the venue tells it to both sides. */
export type LedgerDelta =
  | { readonly type: "accountClassTransfer"; readonly microUsd: MicroUsd; readonly toPerp: boolean }
  | ({ readonly type: "internalTransfer" } & Sent)
  | {
      readonly type: "subAccountTransfer";
      readonly microUsd: MicroUsd;
      readonly user: Address;
      readonly destination: Address;
    }
  | ({ readonly type: "spotTransfer"; readonly token: string } & Sent)
  | ({
      readonly type: "send";
      readonly token: string;
      readonly sourceDex: string;
      readonly destinationDex: string;
    } & Sent)
  | { readonly type: "withdraw"; readonly microUsd: MicroUsd; readonly feeMicroUsd: MicroUsd };

/** A row of `spotClearinghouseState`. */
export type SpotBalanceView = {
  readonly token: TokenDef;
  readonly totalMicroUsd: MicroUsd;
  readonly holdMicroUsd: MicroUsd;
};

export type AgentView = {
  readonly address: Address;
  /** "" for the unnamed one. */
  readonly name: string;
  readonly validUntilMs: Ms | null;
};

export type RateLimitView = {
  /** Volume that counts for the budget: growth mode contributes a tenth. */
  readonly cumVlmMicroUsd: MicroUsd;
  /** Beyond what was reserved. */
  readonly used: number;
  readonly cap: number;
  /** Reserved and not yet used. */
  readonly surplus: number;
};

/** Effective rates of an account in a market, in parts per billion of notional; a rebate is negative. */
export type FeeRatesView = { readonly makerPpb: number; readonly takerPpb: number };

/** When the book was not known; `untilMs` is null as long as that lasts. */
export type FeedGap = {
  readonly fromMs: Ms;
  readonly untilMs: Ms | null;
  readonly reason?: string;
};

/** Where a market's feed stands, in feed time. */
export type FeedStatus = {
  readonly coin: string;
  readonly info: FeedInfo;
  readonly startMs: Ms;
  readonly positionMs: Ms;
  readonly ended: boolean;
  /** Holes met so far: how many, and the latest hundred with their venue times. */
  readonly gapCount: number;
  readonly gaps: readonly FeedGap[];
  /** False while the book is not known. */
  readonly bookKnown: boolean;
  /** Only of a mirror. */
  readonly link?: FeedLink;
};

/** What a TWAP wants and has reached. */
export type TwapState = {
  readonly coin: string;
  readonly side: Side;
  readonly sizeLots: SizeLots;
  readonly executedLots: SizeLots;
  readonly executedMicroUsd: MicroUsd;
  readonly minutes: number;
  readonly reduceOnly: boolean;
  readonly randomize: boolean;
  readonly startMs: Ms;
};

export type TwapEvent = {
  readonly twapId: number;
  readonly venueMs: Ms;
  readonly state: TwapState;
  readonly status: "activated" | "finished" | "terminated";
};
