import type { Level, PublicTrade } from "./market.ts";
import type { Ms, PxTicks } from "../units/numbers.ts";

/** The touch changed: the fastest book message. A side without orders is null. */
export type BboMessage = {
  readonly kind: "bbo";
  readonly venueMs: Ms;
  readonly bid: Level | null;
  readonly ask: Level | null;
};
/** Whole depth as the venue shows it: five levels a side on the fast stream. Best first. */
export type BookMessage = {
  readonly kind: "book";
  readonly venueMs: Ms;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
};
export type TradesMessage = {
  readonly kind: "trades";
  readonly trades: readonly PublicTrade[];
};
export type ContextMessage = {
  readonly kind: "context";
  readonly markPxTicks: PxTicks;
  readonly oraclePxTicks: PxTicks;
  /** Hourly rate as a fraction. */
  readonly fundingRate: number;
};
/** What a venue's public streams of one market say, parsed. */
export type MarketMessage = BboMessage | BookMessage | TradesMessage | ContextMessage;
