import type { MarketSpec, MarketView } from "../messages/market.ts";
import type { AccountReading, QuoteReason } from "../messages/orders.ts";
import type { Params } from "../messages/params.ts";
import type { Side } from "../units/grid.ts";
import type { PxTicks, SizeLots } from "../units/numbers.ts";
import type { OthersBook } from "./othersBook.ts";
import type { ValueModel } from "./quoteValue.ts";
import type { Block } from "./safety.ts";

/** An order that should rest. */
export type DesiredQuote = {
  readonly side: Side;
  readonly pxTicks: PxTicks;
  readonly sizeLots: SizeLots;
  readonly reduceOnly: boolean;
  readonly tif: "Alo" | "Ioc";
  /** An order this close to the price is left where it is. */
  readonly toleranceTicks: number;
  readonly reason: QuoteReason;
};

/** Why a side, or a level of it, is not quoted. */
type QuoteNote = { readonly side: Side | "both"; readonly text: string };

export type QuotePlan = {
  readonly quotes: readonly DesiredQuote[];
  readonly notes: readonly QuoteNote[];
  /** Set when nothing may be quoted at all. */
  readonly block: Block | null;
  /** How to value orders of each side; absent unless both sides are quoted by the ladder. */
  readonly models?: { readonly [S in Side]: ValueModel };
};

/** What quoting needs once it is safe: all parts known. */
export type QuoteContext = {
  readonly view: MarketView;
  readonly spec: MarketSpec;
  readonly reading: AccountReading;
  readonly others: OthersBook;
  readonly fairTicks: number;
  /** Volatility of the mid, bps per square root of a second. */
  readonly sigma: number;
  readonly positionLots: number;
  readonly params: Params;
};
