import type { PlaceCommand } from "../messages/commands.ts";
import type { Level, VolSource } from "../messages/market.ts";
import type { Side } from "../units/grid.ts";

/** What the database tells of orders and moments: the answers of `why`, and of the page when it looks back. */

/** An order as it left: placed anew, or by a modify that replaced another. */
export type SentOrder = Omit<PlaceCommand, "kind"> & {
  readonly kind: "place" | "modify";
  readonly replaces?: string;
};

/** The market as an event knew it, in the few figures that people ask for. */
export type MarketThen = {
  readonly atMs: number;
  readonly bidPxTicks: number | null;
  readonly askPxTicks: number | null;
  readonly bookAgeMs: number;
  readonly sigmaBpsPerSqrtSec: number | null;
  /** Who forecast it; null in events of runs that did not say. */
  readonly volSource: VolSource | null;
  readonly flowImbalance: number;
  readonly oraclePxTicks: number | null;
  readonly markPxTicks: number | null;
};

/** One execution as it is stored. */
type StoryFill = {
  readonly venueMs: number;
  readonly side: Side;
  readonly pxTicks: number;
  readonly sizeLots: number;
  readonly taker: boolean;
  readonly feeMicroUsd: number;
  readonly placement: string | null;
  readonly midX2Ticks: number | null;
};

/** Commands of one step that were not sent, by reason. */
type StoryRefusal = {
  readonly atMs: number;
  readonly reason: string;
  readonly detail: string;
  readonly count: number;
};

/** One thing that happened to an order. */
export type Happening = { readonly atMs: number; readonly text: string };

/** Everything that the database knows of one order. Parts that were pruned are null, and `missing` says which. */
export type OrderStory = {
  readonly cloid: string | null;
  readonly oid: number | null;
  readonly order: SentOrder | null;
  /** The event that made the bot place it. */
  readonly cause: { readonly kind: string; readonly atMs: number } | null;
  readonly market: MarketThen | null;
  /** Actual price's distance from fair value, bps; positive is away from the market. */
  readonly distanceBps: number | null;
  /** Oldest first. */
  readonly happenings: readonly Happening[];
  readonly fills: readonly StoryFill[];
  readonly missing: readonly string[];
};

/** Why nothing was quoted on a side, since when and until when. */
export type Silence = {
  readonly text: string;
  readonly sinceMs: number;
  /** Null: still so at the end of what is stored. */
  readonly untilMs: number | null;
};

type ModeThen = {
  readonly mode: string;
  readonly reason: string;
  readonly sinceMs: number;
};

/** What stood on one side at one moment, or why nothing did. */
export type MomentStory = {
  readonly atMs: number;
  readonly side: Side;
  /** Ours that rested then, best first; those whose placing was pruned are not among them. */
  readonly orders: readonly SentOrder[];
  /** Null when the side was quoted or nothing is recorded. */
  readonly silence: Silence | null;
  readonly mode: ModeThen | null;
  /** What was not sent shortly before, newest first. */
  readonly refusals: readonly StoryRefusal[];
  readonly market: MarketThen | null;
  readonly missing: readonly string[];
};

/** An order of ours that rested at a moment, with what was left of it. */
export type PastOrder = {
  readonly cloid: string;
  readonly side: Side;
  readonly pxTicks: number;
  readonly leavesLots: number;
  readonly order: SentOrder;
};

/** Everything that is stored of one moment. */
export type PastView = {
  readonly atMs: number;
  /** The newest book that was stored until then; null when none was. */
  readonly book: {
    readonly recvMs: number;
    readonly bids: readonly Level[];
    readonly asks: readonly Level[];
  } | null;
  readonly market: MarketThen | null;
  /** Asks from the best out, then bids from the best out. */
  readonly orders: readonly PastOrder[];
  readonly silence: { readonly [S in Side]: Silence | null };
  readonly mode: ModeThen | null;
  readonly refusals: readonly StoryRefusal[];
  readonly positionLots: number | null;
  /** The newest reading of the account until then. */
  readonly account: {
    readonly atMs: number;
    readonly equityMicroUsd: number;
    readonly marginUsedMicroUsd: number;
  } | null;
  /** Newest first, a few. */
  readonly fills: readonly StoryFill[];
  readonly missing: readonly string[];
};

/** What can be asked of the ledger. An order is named by our id of it or the exchange's number. */
export type LedgerQuestion =
  | { readonly kind: "order"; readonly id: string | number }
  | { readonly kind: "moment"; readonly atMs: number; readonly side: Side }
  | { readonly kind: "past"; readonly atMs: number };

/** `body` is JSON: a story, or `{error}` where nothing is stored of what was asked. */
export type LedgerAnswer = { readonly found: boolean; readonly body: string };

/** Looks things up in the ledger, beside the bot's own thread. @throws when it cannot be read, or too many ask. */
export type Ledger = {
  readonly ask: (question: LedgerQuestion) => Promise<LedgerAnswer>;
};
