import type { Side } from "../../units/grid.ts";
import type { MicroUsd, Ms, PositionLots, PxTicks, SizeLots } from "../../units/numbers.ts";

/** Lower-case "0x" address of an account (never of an agent). */
export type Address = string;

export type TokenDef = {
  readonly index: number;
  readonly name: string;
  readonly tokenId: string;
  readonly szDecimals: number;
  readonly weiDecimals: number;
};

export type MarketDef = {
  /** "BTC" on the main dex, "dex:COIN" elsewhere. */
  readonly coin: string;
  /** "" for the main dex. */
  readonly dex: string;
  /** Position in the dex's universe. */
  readonly index: number;
  readonly assetId: number;
  readonly szDecimals: number;
  readonly maxLeverage: number;
  readonly onlyIsolated: boolean;
  readonly growthMode: boolean;
  readonly deployerFeeScale: number;
  readonly isDelisted: boolean;
};

export type DexDef = {
  readonly name: string;
  readonly fullName: string;
  /** Position in `perpDexs`: 0 is the main dex. */
  readonly index: number;
  readonly collateralToken: number;
  readonly markets: readonly MarketDef[];
};

export type VenueConfig = {
  readonly dexes: readonly DexDef[];
  readonly tokens: readonly TokenDef[];
  /** Blocks are cut on this grid of venue time; actions and market inputs take effect in the next one. */
  readonly blockMs: number;
  /** Answers and market data leave this long after their block. */
  readonly commitMs: number;
  /** Base perp rates as fractions in millionths: 150 is 1.5 bp. */
  readonly baseMakerMillionths: number;
  readonly baseTakerMillionths: number;
  /** Address budget, open-order cap. Off for a mere mock. */
  readonly limits: boolean;
};

/** Order as it comes on the wire, canonical: decimals without padding, cloid in lower case. */
export type WireOrder = {
  readonly a: number;
  readonly b: boolean;
  readonly p: string;
  readonly s: string;
  readonly r: boolean;
  readonly t: { readonly limit: { readonly tif: "Alo" | "Ioc" | "Gtc" | "FrontendMarket" } };
  readonly c?: string;
};

/** Actions that the core understands; signature, envelope and shape were checked before. */
export type VenueAction =
  | { readonly type: "order"; readonly orders: readonly WireOrder[]; readonly grouping: "na" }
  | {
      readonly type: "cancel";
      readonly cancels: readonly { readonly a: number; readonly o: number }[];
    }
  | {
      readonly type: "cancelByCloid";
      readonly cancels: readonly { readonly asset: number; readonly cloid: string }[];
    }
  | { readonly type: "modify"; readonly oid: number | string; readonly order: WireOrder }
  | {
      readonly type: "batchModify";
      readonly modifies: readonly { readonly oid: number | string; readonly order: WireOrder }[];
    }
  | { readonly type: "scheduleCancel"; readonly time?: number }
  | {
      readonly type: "updateLeverage";
      readonly asset: number;
      readonly isCross: boolean;
      readonly leverage: number;
    }
  | { readonly type: "approveAgent"; readonly agentAddress: Address; readonly agentName: string }
  | { readonly type: "noop" };

/** A request whose signer was recovered and mapped to an account by `signerToAccount`. */
export type SignedRequest = {
  readonly account: Address;
  readonly signer: Address;
  readonly nonce: number;
  readonly expiresAfterMs: number | null;
  readonly action: VenueAction;
};

export type OrderStatusReply =
  | { readonly resting: { readonly oid: number; readonly cloid?: string } }
  | {
      readonly filled: {
        readonly totalSz: string;
        readonly avgPx: string;
        readonly oid: number;
        readonly cloid?: string;
      };
    }
  | { readonly error: string };

/** Body of an `/exchange` answer with status 200. */
export type ActionReply =
  | { readonly status: "err"; readonly response: string }
  | {
      readonly status: "ok";
      readonly response:
        | {
            readonly type: "order";
            readonly data: { readonly statuses: readonly OrderStatusReply[] };
          }
        | {
            readonly type: "cancel";
            readonly data: {
              readonly statuses: readonly ("success" | { readonly error: string })[];
            };
          }
        | { readonly type: "default" };
    };

export type OrderRecord = {
  readonly oid: number;
  readonly cloid: string | null;
  readonly account: Address;
  readonly coin: string;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  readonly origLots: SizeLots;
  readonly leavesLots: SizeLots;
  readonly reduceOnly: boolean;
  readonly tif: "Alo" | "Ioc" | "Gtc" | "FrontendMarket";
  readonly placedMs: Ms;
  /** Venue's word: open, filled, canceled, selfTradeCanceled, reduceOnlyCanceled, marginCanceled, scheduledCancel, badAloPxRejected, … */
  readonly status: string;
  readonly statusMs: Ms;
};

/** Why a resting order of a real account was filled: its turn in the queue, or a print worse than its price. */
export type FillCause = "queue" | "through" | "taker";

export type VenueFill = {
  readonly account: Address;
  readonly coin: string;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  readonly sizeLots: SizeLots;
  readonly venueMs: Ms;
  readonly startPositionLots: PositionLots;
  readonly dir: string;
  /** Without the fee (measured). */
  readonly closedPnlMicroUsd: MicroUsd;
  readonly feeMicroUsd: MicroUsd;
  readonly feeToken: string;
  readonly oid: number;
  readonly cloid: string | null;
  readonly crossed: boolean;
  readonly tid: number;
  readonly hash: string;
  readonly cause: FillCause;
};

export type VenueTrade = {
  readonly coin: string;
  /** Aggressor. */
  readonly side: Side;
  readonly pxTicks: PxTicks;
  readonly sizeLots: SizeLots;
  readonly venueMs: Ms;
  readonly tid: number;
  readonly hash: string;
  readonly buyer: Address;
  readonly seller: Address;
};

export type BookLevel = {
  readonly pxTicks: PxTicks;
  readonly sizeLots: SizeLots;
  readonly orders: number;
};

/** What the core tells its surroundings, in order. `releaseMs` is when it may be seen outside. */
export type VenueOutput =
  | { readonly kind: "bookChanged"; readonly coin: string; readonly touchChanged: boolean }
  | { readonly kind: "trades"; readonly coin: string; readonly trades: readonly VenueTrade[] }
  | { readonly kind: "orderUpdate"; readonly order: OrderRecord }
  | { readonly kind: "fill"; readonly fill: VenueFill }
  | {
      readonly kind: "funding";
      readonly account: Address;
      readonly coin: string;
      readonly venueMs: Ms;
      readonly microUsd: MicroUsd;
      readonly positionLots: PositionLots;
      readonly ratePpb: number;
    }
  | { readonly kind: "priceUpdate"; readonly coin: string }
  | { readonly kind: "block"; readonly timeMs: Ms };

/** Read access to a book: for feeds that react to it and for the answers of `/info`. */
export interface BookReader {
  bestBid(): BookLevel | null;
  bestAsk(): BookLevel | null;
  /** Best first. */
  levels(side: Side, count: number): readonly BookLevel[];
  /** Lots at a price on a side, all owners. */
  lotsAt(side: Side, px: PxTicks): SizeLots;
}

/**
 * What a market feed puts into the exchange. Times are the feed's own: milliseconds since its start.
 * `agent*` inputs are orders of the anonymous crowd in a simulated market, matched like anyone's.
 * `tapeBook` and `tapePrint` replay a recording: our orders queue behind recorded size and are filled only by prints.
 */
export type FeedInput =
  | {
      readonly kind: "agentPlace";
      readonly agentOrderId: number;
      readonly side: Side;
      readonly pxTicks: PxTicks;
      readonly sizeLots: SizeLots;
      readonly tif: "Alo" | "Ioc";
    }
  | { readonly kind: "agentCancel"; readonly agentOrderId: number }
  | {
      readonly kind: "tapeBook";
      /** Best first: [px ticks, lots] pairs, flat. A side left null did not change. */
      readonly bids: readonly number[] | null;
      readonly asks: readonly number[] | null;
      /** True when the lists are whole depth (levels missing inside the window are gone), false for a touch only. */
      readonly depth: boolean;
    }
  | {
      readonly kind: "tapePrint";
      readonly side: Side;
      readonly pxTicks: PxTicks;
      readonly sizeLots: SizeLots;
    }
  /** The recording has a hole: the book is unknown until the next tapeBook with depth. */
  | { readonly kind: "gap"; readonly untilMs: number }
  | { readonly kind: "oracle"; readonly pxTicks: PxTicks };

export type FeedInfo = {
  readonly source: "simulated" | "replayed";
  readonly coin: string;
  readonly szDecimals: number;
  /** What people should know about it, one sentence. */
  readonly description: string;
  /** Milliseconds of market time it covers; Infinity when it never ends. */
  readonly durationMs: number;
  readonly seed: number | null;
  /** What a recording covers, Unix time; absent for a simulated market. In a gap the book is not known. */
  readonly coverage?: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly rows: number;
    readonly gaps: readonly { readonly fromMs: number; readonly toMs: number }[];
  };
};

/** A market as a sequence of inputs. Deterministic: the same feed and the same book give the same inputs. */
export interface MarketFeed {
  readonly info: FeedInfo;
  /** Feed time of the next inputs; Infinity when it is over. */
  nextMs(): number;
  /** Inputs due at `nextMs()`, and moves on. */
  next(book: BookReader): readonly FeedInput[];
}
