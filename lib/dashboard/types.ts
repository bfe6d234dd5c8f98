import type { EventKind, FeedName } from "../messages/events.ts";
import type { Level, MarketSpec } from "../messages/market.ts";
import type { AccountReading, OrderPhase, QuoteReason } from "../messages/orders.ts";
import type { Params } from "../messages/params.ts";
import type { LedgerSlice, MarkoutCause, RiskMode, RunSlice, VolSlice } from "../messages/state.ts";
import type { Side } from "../units/grid.ts";
import type { VolView } from "./volView.ts";

/** The settings that the views draw limits from. */
export type RunLimits = Pick<
  Params,
  | "leverage"
  | "positionLimitFraction"
  | "reduceOnlySkew"
  | "reduceOnlyMargin"
  | "marginCap"
  | "reduceOnlyDrawdown"
  | "maxDrawdown"
  | "cancelReserve"
  | "orderLevels"
  | "bookStaleMs"
>;

/** What moves the market of a run: invented, recorded, copied as it happens, or real. */
export type MarketSource = "simulated" | "replayed" | "mirrored" | "exchange";

/** What stays true for a whole run and is stamped on every view of it. Carries no paths of the machine. */
export type RunInfo = {
  readonly mode: "paper" | "simulate" | "testnet" | "live";
  /** Where the market comes from, for people: "simulated market", "tape us500-2026-08-03", "mirror of mainnet". */
  readonly feed: string;
  /** Absent when nobody trades there, and in runs of older versions. */
  readonly source?: MarketSource;
  /** Null when nothing of the run is drawn from a seed. */
  readonly seed: number | null;
  readonly spec: MarketSpec;
  readonly startedMs: number;
  /** Venue seconds per second of the wall clock. */
  readonly speed: number;
  /** One sentence: how the exchange decides that an order of ours trades. */
  readonly fillModel: string;
  readonly limits: RunLimits;
};

/** Milliseconds; null until the first measurement. */
export type Percentiles = { readonly p50: number | null; readonly p99: number | null };

/** Values by the upper edges of `HISTOGRAM_EDGES_MS`; the last count is of those above all of them. */
export type BucketCounts = readonly number[];
export const HISTOGRAM_EDGES_MS = [
  0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048,
] as const;

/** How long things took in this run, as distributions. */
export type RuntimeHistograms = {
  readonly eventToWire: BucketCounts;
  readonly roundTrip: BucketCounts;
};

/** What the sequencer does not know of itself: measured around it. */
export type RuntimeStats = {
  readonly latencyMs: { readonly eventToWire: Percentiles; readonly roundTrip: Percentiles };
  readonly workers: {
    readonly total: number;
    readonly busy: number;
    /** Batches that wait for a worker. */
    readonly queued: number;
    /** Threads that died and were replaced; batches turned away; what a batch waited, and was worked on. */
    readonly replaced?: number;
    readonly refused?: number;
    readonly waitMs?: Percentiles;
    readonly runMs?: Percentiles;
  };
  readonly histograms?: RuntimeHistograms;
  /** Actions of this run, and what the venue's budget leaves; null until it was read. */
  readonly actions: { readonly used: number; readonly left: number | null };
  readonly vol: VolView;
};

/** One price of the book. `lots` is what the venue shows, ours included. */
export type BookRow = Level & { readonly ownLots: number };

export type OrderRow = {
  readonly cloid: string;
  readonly oid: number | null;
  readonly side: Side;
  readonly pxTicks: number;
  readonly leavesLots: number;
  readonly origLots: number;
  readonly phase: OrderPhase;
  readonly reduceOnly: boolean;
  readonly placedMs: number;
  /** Others' lots in front of us; null while unknown. */
  readonly queueAheadLots: number | null;
  readonly why: QuoteReason | null;
};

/** Profit and its parts, micro-USD (a half is possible). The parts add up to `total`; fees are a cost, so positive is paid. */
export type PnlView = {
  readonly total: number;
  readonly spread: number;
  readonly adverse: number;
  readonly inventory: number;
  readonly funding: number;
  readonly fees: number;
};

export type BudgetView = {
  readonly used: number;
  readonly cap: number;
  /** Cap less used less what was sent since the reading. */
  readonly left: number;
  /** Actions sent over the last hour of venue time, scaled up when the run is younger. */
  readonly actionsPerHour: number;
  /** Hours until nothing is left at this churn; null while nothing is sent. */
  readonly runwayHours: number | null;
};

/** Mean move of the mid our way after fills of one side and kind, a number of seconds after the fill. */
export type MarkoutPoint = {
  readonly side: Side;
  /** Placement of the quote that filled, "taker" for a fill that took. */
  readonly kind: string;
  /** Whether takers ended at our price or went through it, or all together. */
  readonly cause: MarkoutCause | "all";
  readonly seconds: number;
  readonly fills: number;
  readonly meanBps: number;
  /** Standard error of the mean; null below two fills. */
  readonly errorBps: number | null;
};

export type RiskChange = {
  readonly atMs: number;
  readonly from: RiskMode;
  readonly to: RiskMode;
  readonly reason: string;
};

/** The small sections: each is replaced as a whole when anything in it changes. */
export type LiveView = {
  readonly clock: { readonly nowMs: number; readonly stepSeq: number };
  readonly run: {
    readonly phase: RunSlice["phase"];
    readonly feeds: { readonly [F in FeedName]: "live" | "stale" | "lost" };
    readonly reconcileFailure: string | null;
  };
  readonly market: {
    readonly bids: readonly BookRow[];
    readonly asks: readonly BookRow[];
    readonly bookRecvMs: number;
    readonly markPxTicks: number | null;
    readonly oraclePxTicks: number | null;
    readonly sigmaBpsPerSqrtSec: number | null;
    readonly flowImbalance: number;
  } | null;
  readonly orders: readonly OrderRow[];
  readonly ledger: {
    readonly positionLots: number;
    /** The largest position that the bot allows itself, either way; null until equity and price are known. */
    readonly limitLots: number | null;
    /** Position where only the reducing side stays; null likewise. */
    readonly reduceOnlyLots: number | null;
    readonly pnl: PnlView;
    readonly fills: LedgerSlice["fills"];
    readonly notionalMicroUsd: LedgerSlice["notionalMicroUsd"];
    readonly markoutBps: LedgerSlice["markoutBps"];
    readonly lossStreak: number;
  };
  readonly risk: {
    readonly mode: RiskMode;
    readonly reason: string;
    readonly sinceMs: number;
    readonly haltReason: string | null;
    readonly operatorReduceOnly: string | null;
    /** Newest first. */
    readonly history: readonly RiskChange[];
  };
  readonly account: {
    readonly reading: AccountReading | null;
    readonly readMs: number;
    readonly failure: string | null;
    /** Share of equity that positions hold as margin, 0 to 1. */
    readonly marginUse: number | null;
    /** Fall of equity from the peak of the day and of the run, 0 to 1. */
    readonly drawdownDay: number | null;
    readonly drawdownRun: number | null;
  };
  readonly budget: BudgetView | null;
  readonly markouts: readonly MarkoutPoint[];
  /** Price history and the models trained on it. */
  readonly vol: VolSlice;
  readonly runtime: RuntimeStats | null;
};

/** From free to stopped. */
export const RISK_MODES: readonly RiskMode[] = [
  "normal",
  "widened",
  "reduceOnly",
  "flatten",
  "halted",
];

/**
 * Columns of the time series. Prices in ticks (the touch, our best and our outermost), money in micro-USD, volatility in
 * bps per square root of a second: what was forecast for the window that ended last, and what came. Drawdown is the share
 * below the peak of the run, the mode an index of `RISK_MODES`.
 */
export const SAMPLE_COLUMNS = [
  "bid",
  "ask",
  "ownBid",
  "ownAsk",
  "ownBidFar",
  "ownAskFar",
  "position",
  "limit",
  "total",
  "spread",
  "adverse",
  "inventory",
  "funding",
  "fees",
  "volForecast",
  "volLow",
  "volHigh",
  "volRealised",
  "equity",
  "drawdown",
  "mode",
] as const;
export type SampleColumn = (typeof SAMPLE_COLUMNS)[number];

/** Rows as columns, oldest first; null where there was nothing. */
export type SampleRows = {
  readonly t: readonly number[];
  readonly columns: { readonly [C in SampleColumn]: readonly (number | null)[] };
};

export type FillRow = {
  /** Counts up; a client that has it already ignores it. */
  readonly seq: number;
  readonly atMs: number;
  readonly side: Side;
  readonly pxTicks: number;
  readonly sizeLots: number;
  readonly taker: boolean;
  readonly feeMicroUsd: number;
  /** Distance to the mid at the fill times size: what the spread earned, micro-USD. */
  readonly spreadMicroUsd: number;
  readonly positionLots: number;
  /** Our id of the order, else the exchange's number: what the ledger is asked by. */
  readonly order: string;
  /** How the price of the order was found; "taker" for a fill that took, "unknown" without a record. */
  readonly cause: string;
};

export type DecisionKind =
  | "place"
  | "modify"
  | "cancel"
  | "fill"
  | "funding"
  | "refusal"
  | "reject"
  | "risk"
  | "feed"
  | "run"
  | "operator"
  | "account"
  | "volatility";

/** Orders of one side that one step handled alike. */
export type QuoteGroup = {
  readonly count: number;
  readonly bestPxTicks: number | null;
  readonly farPxTicks: number | null;
  readonly lots: number;
  /** Reason figures of the best one. */
  readonly why: QuoteReason | null;
  /** Our id of the best one; null when it has none. */
  readonly cloid: string | null;
};

/** One line of the log: what the bot did, did not do, or was told, and why. */
export type Decision = {
  readonly seq: number;
  readonly atMs: number;
  readonly kind: DecisionKind;
  /** The event that led to it. */
  readonly cause: EventKind;
  readonly bid: QuoteGroup | null;
  readonly ask: QuoteGroup | null;
  readonly text: string;
  /** The order that a fill belongs to, as the ledger is asked for it; null for everything else. */
  readonly order: string | null;
  /** The same thing over and over is one line; `firstMs` is when it began. */
  readonly times: number;
  readonly firstMs: number;
};

/** What is known of the time before this start, oldest first. */
export type StoredViews = {
  readonly samples: readonly ({ readonly atMs: number } & {
    readonly [C in SampleColumn]?: number | null;
  })[];
  readonly fills: readonly Omit<FillRow, "seq">[];
  readonly riskChanges: readonly RiskChange[];
};

export type Snapshot = {
  readonly run: RunInfo;
  /** Null before the first step. */
  readonly live: LiveView | null;
  readonly samples: SampleRows;
  readonly fills: readonly FillRow[];
  /** Oldest first. */
  readonly decisions: readonly Decision[];
};

/** What changed since the last publication. Applying one twice, or one the snapshot already holds, changes nothing. */
export type Delta = {
  readonly live: Partial<LiveView> & Pick<LiveView, "clock">;
  readonly samples: SampleRows;
  readonly fills: readonly FillRow[];
  readonly decisions: readonly Decision[];
};
