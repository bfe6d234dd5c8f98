import type { MicroUsd, Ms, PositionLots } from "../units/numbers.ts";
import type { Side } from "../units/grid.ts";
import type { AccountReading, Cloid, WorkingOrder } from "./orders.ts";
import type { FeedName } from "./events.ts";
import type { MarketSpec } from "./market.ts";

/** Raised when a slice changes shape; older rows are refused with a clear message until there is an upcaster. */
export const STATE_SCHEMA_VERSION = 1;

export type RunSlice = {
  readonly runId: number;
  readonly spec: MarketSpec | null;
  /** "starting" until the venue's account agrees with ours, "stopping" after the end was asked for. */
  readonly phase: "starting" | "quoting" | "stopping";
  /** Sequence of the next order id of this run. */
  readonly orderSeq: number;
  readonly feeds: { readonly [F in FeedName]: "live" | "stale" | "lost" };
  /** Why reconciliation last failed; null when it agreed. */
  readonly reconcileFailure: string | null;
  readonly reconciledMs: Ms | null;
};

export type OrdersSlice = {
  readonly working: { readonly [cloid: Cloid]: WorkingOrder };
  /** Orders of ours that the venue listed and we had no record of, being cancelled by oid. */
  readonly strays: readonly number[];
  readonly lastQuoteMs: Ms;
  /** Nothing is placed before this time: the venue refused an order for a reason that time may cure. */
  readonly holdPlacesUntilMs: Ms;
};

/** Profit since the account was first read. Half micro-USD so that a mid at half a tick stays exact. */
export type PnlHalfMicro = {
  readonly spread: number;
  readonly adverse: number;
  readonly inventory: number;
};

/** A fill whose markout horizon has not passed. */
export type PendingMarkout = {
  readonly dueMs: Ms;
  readonly side: Side;
  readonly sizeLots: number;
  /** Twice the mid, in ticks, when the fill became known. */
  readonly midX2Ticks: number;
};

/** What the taker ratio is made of. */
export type RecentFills = {
  /** One letter per fill, oldest first, at most 100: "m" maker, "t" taker. */
  readonly roles: string;
  /** Traded notional by UTC hour, oldest first, at most the last 25 hours. */
  readonly hours: readonly {
    readonly hour: number;
    readonly makerMicroUsd: MicroUsd;
    readonly takerMicroUsd: MicroUsd;
  }[];
};

export type LedgerSlice = {
  readonly positionLots: PositionLots;
  /** Cash from trading without fees: minus buys plus sells, since the baseline. */
  readonly cashMicroUsd: MicroUsd;
  readonly feesMicroUsd: MicroUsd;
  readonly fundingMicroUsd: MicroUsd;
  readonly pnl: PnlHalfMicro;
  /** Twice the mid of the others' touch that the position was last valued at, in ticks. */
  readonly markX2Ticks: number | null;
  readonly pending: readonly PendingMarkout[];
  /** Exponential mean of own markouts per side in basis points; negative is adverse. Null until the first matures. */
  readonly markoutBps: { readonly bid: number | null; readonly ask: number | null };
  readonly fills: { readonly count: number; readonly maker: number; readonly taker: number };
  readonly notionalMicroUsd: { readonly maker: MicroUsd; readonly taker: MicroUsd };
  readonly recent: RecentFills;
  /** Round trip in progress, for the loss streak: cash since the position was last flat. */
  readonly roundTripMicroUsd: MicroUsd;
  readonly lossStreak: number;
  /** Newest venue time of a fill seen; reconciliation asks from here. */
  readonly fillWatermarkMs: Ms;
  readonly fundingWatermarkMs: Ms;
  /** Account as first read in this data folder: profit counts from here. Null before. */
  readonly baseline: {
    readonly equityMicroUsd: MicroUsd;
    readonly positionLots: PositionLots;
    readonly positionValueMicroUsd: MicroUsd;
    readonly venueMs: Ms;
  } | null;
};

export type RiskMode = "normal" | "widened" | "reduceOnly" | "flatten" | "halted";

export type RiskSlice = {
  readonly mode: RiskMode;
  /** What people read: which limit, which value. */
  readonly reason: string;
  readonly sinceMs: Ms;
  readonly operatorReduceOnly: string | null;
  /** Why an operator had the position closed; only a resume clears it. Absent in rows of older versions. */
  readonly operatorFlatten?: string | null;
  /** Set by a halt; only an operator's resume clears it. */
  readonly haltReason: string | null;
  readonly equityPeakDayMicroUsd: MicroUsd;
  readonly equityPeakRunMicroUsd: MicroUsd;
  /** UTC day number of the day's peak. */
  readonly peakDay: number;
};

export type AccountSlice = {
  readonly reading: AccountReading | null;
  /** Local time of the reading. */
  readonly readMs: Ms;
  readonly failure: string | null;
  readonly budget: { readonly used: number; readonly cap: number } | null;
  /** Actions that we sent since the budget was read. */
  readonly usedSinceRead: number;
};

/** The bot's whole durable state: one row per slice, written when the slice's reference changed. */
export type BotState = {
  readonly run: RunSlice;
  readonly orders: OrdersSlice;
  readonly ledger: LedgerSlice;
  readonly risk: RiskSlice;
  readonly account: AccountSlice;
};
export type SliceName = keyof BotState;
