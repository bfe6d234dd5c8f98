import type { MicroUsd, Ms, PositionLots, PxTicks, SizeLots } from "../units/numbers.ts";
import type { Side } from "../units/grid.ts";
import type { MarketSpec, MarketView, PublicTrade } from "./market.ts";
import type { AccountReading, Cloid, OwnFill, VenueOrder } from "./orders.ts";

/** Unique per input: a second event with the same id changes nothing. */
export type EventId = string;

type Base = {
  readonly id: EventId;
  /** Local time when the input entered the sequencer. */
  readonly atMs: Ms;
  /** The market as known then; null before the first book. */
  readonly view: MarketView | null;
};

/** The bot starts. The run id makes order ids unique across restarts. */
export type RunStartedEvent = Base & {
  readonly kind: "runStarted";
  readonly runId: number;
  readonly spec: MarketSpec;
};
/** The bot is told to end: quotes are cancelled and none are placed. */
export type RunStoppingEvent = Base & { readonly kind: "runStopping"; readonly reason: string };

export type BookEvent = Base & { readonly kind: "book" };
export type TradeEvent = Base & {
  readonly kind: "trade";
  readonly trades: readonly PublicTrade[];
};
export type FillEvent = Base & { readonly kind: "fill"; readonly fill: OwnFill };

/** Word of the venue about one of our orders, from its stream. */
export type OrderUpdateEvent = Base & {
  readonly kind: "orderUpdate";
  readonly oid: number;
  readonly cloid: Cloid | null;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  readonly leavesLots: SizeLots;
  readonly origLots: SizeLots;
  /** The venue's own status word: "open", "filled", "canceled", "badAloPxRejected" and so on. */
  readonly status: string;
  readonly statusMs: Ms;
};

export type CommandOutcome =
  | {
      readonly cloid: Cloid;
      readonly op: "place" | "modify";
      readonly result: "resting";
      readonly oid: number;
    }
  | {
      readonly cloid: Cloid;
      readonly op: "place" | "modify";
      readonly result: "filled";
      readonly oid: number;
    }
  | {
      readonly cloid: Cloid;
      readonly op: "place" | "modify";
      readonly result: "rejected";
      readonly text: string;
    }
  | { readonly cloid: Cloid; readonly op: "cancel"; readonly result: "cancelled" }
  | {
      readonly cloid: Cloid;
      readonly op: "cancel";
      readonly result: "rejected";
      readonly text: string;
    }
  | {
      readonly cloid: Cloid;
      readonly op: "place" | "modify" | "cancel";
      readonly result: "unresolved";
      readonly text: string;
    }
  /** The venue was asked afterwards and knows nothing of it, and no fill exists: it never acted and never will. */
  | {
      readonly cloid: Cloid;
      readonly op: "place" | "modify" | "cancel";
      readonly result: "neverActed";
    };

/** Where the time of a batch went, in microseconds of the wall. */
export type BatchTiming = {
  /** The step that made it; null for a batch that is sent again. */
  readonly step: {
    /** From the event's entry to its step, then handler, risk check with planning, commit. */
    readonly waitedUs: number;
    readonly handlerUs: number;
    readonly riskUs: number;
    readonly commitUs: number;
  } | null;
  /** From the hand-over until a worker took it. */
  readonly queuedUs: number;
  /** Building and signing. */
  readonly signUs: number;
  /** From the post to the answer; null when nothing was posted. */
  readonly roundTripUs: number | null;
};

/** Answer to a batch, or the knowledge that there is none. */
export type OutcomeEvent = Base & {
  readonly kind: "outcome";
  readonly nonce: number;
  readonly outcomes: readonly CommandOutcome[];
  /** Time from the call to the answer. */
  readonly roundTripMs: number | null;
  /** Absent where nothing is measured, and for a batch that the venue was asked about. */
  readonly timing?: BatchTiming;
};

export type MarginEvent = Base & {
  readonly kind: "margin";
  readonly reading: AccountReading | null;
  /** Why there is no reading. */
  readonly failure: string | null;
  /** Address budget as the venue counts it, when it was read as well. */
  readonly budget: { readonly used: number; readonly cap: number } | null;
};

/** The venue's whole word on our account, taken at one time. */
export type ReconciledEvent = Base & {
  readonly kind: "reconciled";
  readonly snapshot: {
    readonly askedMs: Ms;
    readonly openOrders: readonly VenueOrder[];
    /** Every fill since the watermark, oldest first; each is also sent as its own fill event before this one. */
    readonly reading: AccountReading;
  } | null;
  readonly failure: string | null;
};

export type FundingEvent = Base & {
  readonly kind: "funding";
  readonly venueMs: Ms;
  /** Positive is received. */
  readonly microUsd: MicroUsd;
  readonly positionLots: PositionLots;
};

export type OperatorEvent = Base & {
  readonly kind: "operator";
  readonly order:
    | { readonly op: "reduceOnly"; readonly enabled: boolean }
    | { readonly op: "halt" }
    | { readonly op: "resume" }
    /** Close the position at once and quote nothing until resumed. */
    | { readonly op: "flatten" }
    /** Take every order off the exchange and halt. */
    | { readonly op: "cancelAll" }
    /** Take one order off, by our id or the venue's. */
    | {
        readonly op: "cancel";
        readonly order: { readonly cloid: Cloid } | { readonly oid: number };
      };
  readonly reason: string;
};

export type FeedName = "market" | "account";
export type FeedStateEvent = Base & {
  readonly kind: "feedState";
  readonly feed: FeedName;
  readonly state: "live" | "stale" | "lost";
  readonly detail: string;
};

export type TimerName = "requote" | "marginTick" | "reconcile" | "dailyReport";
export type TimerEvent = Base & {
  readonly kind: "timer";
  readonly timer: TimerName;
  /** How long after its due time the program came to it: what the event loop lags. */
  readonly lagMs?: number;
};

/** How one source of price history did in one fetch. */
export type SourceOutcome = {
  readonly source: string;
  /** What was asked for, as people know it. */
  readonly instrument: string;
  /** Bars in the span that was asked for, stored ones included; of how many possible; and how many are new. */
  readonly bars: number;
  readonly barsExpected: number;
  readonly barsNew: number;
  readonly gaps: number;
  readonly newestMs: number | null;
  /** Why it does not serve, as one word and in words; null for the source in use. */
  readonly passedOver: string | null;
  readonly detail: string;
};

/** A fetch of price history has ended. */
export type DataFetchEvent = Base & {
  readonly kind: "dataFetch";
  readonly durationMs: number;
  /** The source that serves; null when none has enough, and `failure` says why. */
  readonly used: string | null;
  /** What every log return is multiplied by, and where that number is from. */
  readonly returnScale: number;
  readonly scaleFrom: string;
  readonly reports: readonly SourceOutcome[];
  readonly failure: string | null;
};

/** What a training found: who serves from now on and why. */
export type TrainingResult = {
  readonly promoted: "lstm" | "champion" | "har";
  readonly why: string;
  /** File of the model in use; its identity is a hash of its bytes. */
  readonly modelFile: string | null;
  readonly dataHash: string;
  /** Out of sample, all on the same samples; lower QLIKE is better. */
  readonly scores: readonly { readonly name: string; readonly n: number; readonly qlike: number }[];
  /** Why the file of the model in use could not compete; null when it did or there was none. */
  readonly championRefused: string | null;
};

/** A training has ended. */
export type VolRetrainEvent = Base & {
  readonly kind: "volRetrain";
  readonly durationMs: number;
  /** Where its data came from: source and instrument; null when it did not get that far. */
  readonly source: string | null;
  /** Null when it failed, and `failure` says why. Nothing has changed then. */
  readonly result: TrainingResult | null;
  readonly failure: string | null;
};

export type Event =
  | RunStartedEvent
  | RunStoppingEvent
  | BookEvent
  | TradeEvent
  | FillEvent
  | OrderUpdateEvent
  | OutcomeEvent
  | MarginEvent
  | ReconciledEvent
  | FundingEvent
  | OperatorEvent
  | FeedStateEvent
  | TimerEvent
  | DataFetchEvent
  | VolRetrainEvent;
export type EventKind = Event["kind"];
export type EventOf<K extends EventKind> = Extract<Event, { kind: K }>;
