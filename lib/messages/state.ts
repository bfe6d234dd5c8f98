import type { MicroUsd, Ms, PositionLots, PxTicks } from "../units/numbers.ts";
import type { Side } from "../units/grid.ts";
import type { AccountReading, Cloid, WorkingOrder } from "./orders.ts";
import type { FeedName, SourceOutcome, TrainingResult } from "./events.ts";
import type { MarketSpec } from "./market.ts";

/** Raised when a slice changes shape; older rows are refused with a clear message until there is an upcaster. */
export const STATE_SCHEMA_VERSION = 2;

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

/** The venue refuses to cancel what still rests: since when, how often in a row, and in which words. */
export type CancelRefusals = {
  readonly count: number;
  readonly text: string;
  readonly sinceMs: Ms;
  /** No cancel before this time. */
  readonly retryMs: Ms;
};

export type OrdersSlice = {
  readonly working: { readonly [cloid: Cloid]: WorkingOrder };
  /** Orders of ours that the venue listed and we had no record of, being cancelled by oid. */
  readonly strays: readonly number[];
  readonly lastQuoteMs: Ms;
  /** Nothing is placed before this time: the venue refused an order for a reason that time may cure. */
  readonly holdPlacesUntilMs: Ms;
  /** Absent while cancels are taken. */
  readonly cancelRefusals?: CancelRefusals | null | undefined;
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
  /** Twice the mid, in ticks, just before the trade. */
  readonly midX2Ticks: number;
  /** Distance of the fill from that mid, bps; absent in rows of older versions, and where we took. */
  readonly distanceBps?: number;
};

/** Markouts of fills of one range of distances: their mean, bps, and the fills that it rests on, each by its age. */
export type AdverseCell = { readonly weight: number; readonly bps: number };

/** Experience with the fills of one side. Weight and fade hold at `atMs` and decay from there. */
export type SideToxicity = {
  readonly atMs: Ms;
  /** Fills that the mean rests on, each by its age. */
  readonly weight: number;
  /** Mean markout, bps; negative is adverse. */
  readonly bps: number;
  /** How much wider than usual the side is quoted. */
  readonly fadeBps: number;
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
  /** Decayed mean of own markouts per side in basis points; negative is adverse. Null until the first matures. */
  readonly markoutBps: { readonly bid: number | null; readonly ask: number | null };
  /** What the fills of each side have lately been followed by; the means above with their weight and time. */
  readonly toxicity: { readonly bid: SideToxicity; readonly ask: SideToxicity };
  /** The same by the distance of the fill, nearest first, both sides together; weights hold at `atMs`. Absent before the first. */
  readonly adverse?: { readonly atMs: Ms; readonly cells: readonly AdverseCell[] } | undefined;
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

/**
 * How far a trigger pushes: "pulled" takes every quote off that would add to the position, the others are modes of the
 * same name.
 */
export type TriggerLevel = "pulled" | "widened" | "reduceOnly" | "flatten";

/** A limit that was exceeded and has not been kept for long enough since. */
export type TriggerState = {
  readonly level: TriggerLevel;
  /** What people read: value and limit when it reached the level. */
  readonly text: string;
  readonly sinceMs: Ms;
  /** Since when the value has been below what holds the level; null while it holds. */
  readonly calmMs: Ms | null;
};

/** The way to a flat position, while only reducing is allowed and something is held. */
export type ClosingState = {
  readonly mode: "reduceOnly" | "flatten";
  readonly sinceMs: Ms;
  /** Unsigned: when it began, and the least since. */
  readonly startLots: number;
  readonly leastLots: number;
  /** When the position last shrank. */
  readonly progressMs: Ms;
  /** Orders made since it began, and those of them that take. */
  readonly actions: number;
  readonly takes: number;
  /** The venue's last refusal; null after progress. */
  readonly refusal: string | null;
  readonly refusals: number;
  /** No order before this time: the venue has just refused one. */
  readonly retryMs: Ms;
  /** The venue takes post-only orders alone until then, as far as we know. */
  readonly postOnlyUntilMs: Ms;
};

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
  /** What follows is absent in rows of older versions. Triggers that hold, by name. */
  readonly triggers?: { readonly [name: string]: TriggerState };
  /** The total drawdown was exceeded: the position is closed, then trading halts. Only a resume clears it. */
  readonly drawdownReason?: string | null;
  readonly closing?: ClosingState | null;
  /** The position cannot be closed, and why. */
  readonly alarm?: string | null;
  /** The last time the program itself was late. */
  readonly lag?: { readonly lagMs: number; readonly atMs: Ms } | null;
};

export type AccountSlice = {
  readonly reading: AccountReading | null;
  /** Local time of the reading. */
  readonly readMs: Ms;
  readonly failure: string | null;
  readonly budget: { readonly used: number; readonly cap: number } | null;
  /** Actions that we sent since the budget was read. */
  readonly usedSinceRead: number;
  /** How fast we have lately spent actions; absent before the first. */
  readonly pace?: ActionPace | undefined;
};

/** Decayed means of the actions sent, per hour, at a time. */
export type ActionPace = {
  readonly atMs: Ms;
  /** Over some ten minutes: what the price of an action follows. */
  readonly fastPerHour: number;
  /** Over some hours: what the forecast rests on. */
  readonly slowPerHour: number;
  /** When the first action was counted: before the hours are over their mean is of less. Absent in older rows. */
  readonly sinceMs?: Ms | undefined;
};

/** Horizons at which a fill's markout is taken, seconds. */
export const MARKOUT_SECONDS = [1, 5, 30, 60, 300] as const;

/**
 * How a fill of ours came about, as public trades tell: at our price, from the queue; by a taker who went on beyond it;
 * by our own taking. "unknown" in rows of older versions.
 */
export type MarkoutCause = "queue" | "through" | "taker" | "unknown";

/** A fill whose longest markout is still to come. */
export type OpenMarkout = {
  readonly filledMs: Ms;
  readonly side: Side;
  /** Absent in older rows. */
  readonly pxTicks?: PxTicks | undefined;
  readonly cause?: MarkoutCause | undefined;
  /** Placement of the quote that filled, "taker" for a fill that took. */
  readonly kind: string;
  readonly sizeLots: number;
  readonly midX2Ticks: number;
  /** Horizons done. */
  readonly done: number;
};

/** A public trade at a price beyond that of an order of ours. */
export type PassingTrade = {
  readonly venueMs: Ms;
  readonly aggressor: Side;
  readonly pxTicks: PxTicks;
};

/** Markouts of one side, kind and cause at one horizon: enough for a mean with its error. */
export type MarkoutCell = {
  readonly side: Side;
  readonly kind: string;
  readonly cause?: MarkoutCause | undefined;
  readonly seconds: number;
  readonly fills: number;
  readonly lots: number;
  /** Sum over fills of lots x bps, and the plain sums over fills. */
  readonly lotsBps: number;
  readonly bps: number;
  readonly bpsSquared: number;
};

/** How our fills turned out, at several horizons; bounded. */
export type QualitySlice = {
  readonly open: readonly OpenMarkout[];
  readonly cells: readonly MarkoutCell[];
  /** The newest, because a fill may become known after the trades of its block. Absent in older rows. */
  readonly passing?: readonly PassingTrade[] | undefined;
  /** Fills that were left out because too many were open. */
  readonly dropped: number;
};

/** What is known of price history and of the models trained on it. Its row is absent in folders of older versions. */
export type VolSlice = {
  /** The newest training that ended well, and where its data came from. */
  readonly model: (TrainingResult & { readonly trainedMs: Ms; readonly source: string }) | null;
  /** The newest training, however it ended. */
  readonly lastAttempt: {
    readonly atMs: Ms;
    readonly durationMs: number;
    /** What came of it; a failure's reason. */
    readonly text: string;
    readonly failed: boolean;
  } | null;
  readonly lastFetch: {
    readonly atMs: Ms;
    readonly used: string | null;
    readonly failure: string | null;
    readonly returnScale: number;
    readonly scaleFrom: string;
    readonly reports: readonly SourceOutcome[];
  } | null;
  /** Fetches that found no source since one did: the next ones wait longer. */
  readonly fetchFailures: number;
};

/** The bot's whole durable state: one row per slice, written when the slice's reference changed. */
export type BotState = {
  readonly run: RunSlice;
  readonly orders: OrdersSlice;
  readonly ledger: LedgerSlice;
  readonly risk: RiskSlice;
  readonly account: AccountSlice;
  readonly quality: QualitySlice;
  readonly vol: VolSlice;
};
export type SliceName = keyof BotState;
