import type { Side } from "../../units/grid.ts";
import type { MicroUsd, Ms, PositionLots, PxTicks, SizeLots } from "../../units/numbers.ts";
import type { MarginTable } from "./marginTables.ts";
import type { WireTwap } from "./requests.ts";
import type { TwapEvent } from "./views.ts";

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
  /** Absent: one tier with `maxLeverage`. */
  readonly marginTable?: MarginTable;
  /** Largest open interest, in whole units of the collateral; absent: no cap. */
  readonly openInterestCapUsd?: number;
  readonly onlyIsolated: boolean;
  /** Of a market without cross: margin may be taken off a position. */
  readonly isMarginRemovable?: true;
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
  /** Largest open interest of all its markets together, in whole units of the collateral; absent: no cap. */
  readonly openInterestCapUsd?: number;
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

export type Tif = "Alo" | "Ioc" | "Gtc" | "FrontendMarket";

/** How a trigger order waits: it becomes a market (or limit) order when the mark reaches `triggerPx`. */
export type WireTrigger = {
  readonly isMarket: boolean;
  readonly triggerPx: string;
  readonly tpsl: "tp" | "sl";
};

/** Take-profits and stops of a batch: on their own, behind the first order of the batch, or on the position. */
export type Grouping = "na" | "normalTpsl" | "positionTpsl";

/** Who also earns on an order: address, and tenths of a basis point. */
export type WireBuilder = { readonly b: Address; readonly f: number };

/** Order as it comes on the wire, canonical: decimals without padding, cloid in lower case. */
export type WireOrder = {
  readonly a: number;
  readonly b: boolean;
  readonly p: string;
  readonly s: string;
  readonly r: boolean;
  readonly t: { readonly limit: { readonly tif: Tif } } | { readonly trigger: WireTrigger };
  readonly c?: string;
};

/** Actions that the core understands; signature, envelope and shape were checked before. */
export type VenueAction =
  | {
      readonly type: "order";
      readonly orders: readonly WireOrder[];
      readonly grouping: Grouping;
      readonly builder?: WireBuilder;
    }
  | {
      readonly type: "cancel";
      readonly cancels: readonly { readonly a: number; readonly o: number }[];
      /** Fast: take-profits and stops are not cancelled by it. */
      readonly fast?: true;
    }
  | {
      readonly type: "cancelByCloid";
      readonly cancels: readonly { readonly asset: number; readonly cloid: string }[];
      readonly fast?: true;
    }
  | {
      readonly type: "modify";
      readonly oid: number | string;
      readonly order: WireOrder;
      /** The new order may be of any kind; else it is post-only. */
      readonly always?: true;
    }
  | {
      readonly type: "batchModify";
      readonly modifies: readonly { readonly oid: number | string; readonly order: WireOrder }[];
      readonly always?: true;
    }
  | { readonly type: "scheduleCancel"; readonly time?: number }
  | {
      readonly type: "updateLeverage";
      readonly asset: number;
      readonly isCross: boolean;
      readonly leverage: number;
    }
  | { readonly type: "approveAgent"; readonly agentAddress: Address; readonly agentName: string }
  | {
      readonly type: "updateIsolatedMargin";
      readonly asset: number;
      /** Millionths of the collateral; negative takes away. */
      readonly ntli: number;
    }
  | {
      readonly type: "topUpIsolatedOnlyMargin";
      readonly asset: number;
      readonly leverage: string;
    }
  | {
      readonly type: "reserveRequestWeight";
      readonly weight: number;
      readonly destination?: Address;
    }
  | { readonly type: "approveBuilderFee"; readonly builder: Address; readonly maxFeeRate: string }
  | { readonly type: "setAbstraction"; readonly user: Address; readonly abstraction: Abstraction }
  | {
      readonly type: "usdClassTransfer";
      /** An amount, or "<amount> subaccount:0x…" for a sub-account's own money. */
      readonly amount: string;
      readonly toPerp: boolean;
    }
  | { readonly type: "usdSend"; readonly destination: Address; readonly amount: string }
  | {
      readonly type: "spotSend";
      readonly destination: Address;
      readonly token: string;
      readonly amount: string;
    }
  | {
      readonly type: "sendAsset";
      readonly destination: Address;
      readonly sourceDex: string;
      readonly destinationDex: string;
      readonly token: string;
      readonly amount: string;
      /** From a sub-account; "" for the account itself. */
      readonly fromSubAccount: string;
      /** Signed by an agent: only to the account itself. */
      readonly byAgent: boolean;
    }
  | { readonly type: "withdraw3"; readonly destination: Address; readonly amount: string }
  | { readonly type: "createSubAccount"; readonly name: string }
  | { readonly type: "subAccountModify"; readonly subAccountUser: Address; readonly name: string }
  | {
      readonly type: "subAccountTransfer";
      readonly subAccountUser: Address;
      readonly isDeposit: boolean;
      /** Millionths of USDC. */
      readonly usd: number;
    }
  | {
      readonly type: "subAccountSpotTransfer";
      readonly subAccountUser: Address;
      readonly isDeposit: boolean;
      readonly token: string;
      readonly amount: string;
    }
  | { readonly type: "twapOrder"; readonly twap: WireTwap }
  | { readonly type: "twapCancel"; readonly a: number; readonly t: number }
  /** Understood, signed and counted, but nothing that this exchange does. */
  | { readonly type: "refused"; readonly text: string }
  | { readonly type: "noop" };

/** How an account holds its money: each dex its own, or one balance a token for all of them. */
export type Abstraction = "disabled" | "unifiedAccount" | "portfolioMargin";

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
  readonly tif: Tif;
  /** Only of a trigger order, fired or not. */
  readonly trigger?: OrderTrigger;
  readonly isTwapSlice?: true;
  readonly placedMs: Ms;
  /** Venue's word: open, filled, canceled, selfTradeCanceled, reduceOnlyCanceled, marginCanceled, scheduledCancel, badAloPxRejected, … */
  readonly status: string;
  readonly statusMs: Ms;
};

export type OrderTrigger = {
  readonly pxTicks: PxTicks;
  readonly isMarket: boolean;
  readonly tpsl: "tp" | "sl";
  /** Fires when the mark is at or above the price, else at or below. */
  readonly above: boolean;
  readonly isPositionTpsl: boolean;
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
  /** Part of the fee that goes to a builder; absent when there is none. */
  readonly builderFeeMicroUsd?: MicroUsd;
  /** Only of a fill that liquidated somebody. */
  readonly liquidation?: {
    readonly liquidatedUser: Address;
    readonly markPxTicks: PxTicks;
    readonly method: "market" | "backstop";
  };
  readonly oid: number;
  readonly cloid: string | null;
  /** Of the TWAP whose slice it is; absent for other fills. */
  readonly twapId?: number;
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
  | {
      readonly kind: "liquidation";
      /** Number of the liquidation. */
      readonly lid: number;
      readonly liquidator: Address;
      readonly liquidatedUser: Address;
      readonly notionalMicroUsd: MicroUsd;
      readonly accountValueMicroUsd: MicroUsd;
    }
  | { readonly kind: "twap"; readonly account: Address; readonly event: TwapEvent }
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
 * `tapeBook` and `tapePrint` replay a recording or mirror another exchange: our orders queue behind recorded size and are filled only by prints.
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
      /** The book shows already what it took. */
      readonly late?: true;
    }
  /** The market data has a hole: the book is unknown until the next tapeBook with depth; null while nobody knows when. */
  | { readonly kind: "gap"; readonly untilMs: number | null; readonly reason?: string }
  | { readonly kind: "oracle"; readonly pxTicks: PxTicks };

export type FeedInfo = {
  readonly source: "simulated" | "replayed" | "mirrored";
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

/** A mirror's connection to the exchange that it shows. */
export type FeedLink = {
  readonly upstream: string;
  /** False while its book is not known. */
  readonly live: boolean;
  /** What happened last, for people. */
  readonly detail: string;
  /** How often the book was lost since the start. */
  readonly cuts: number;
  /** Trades that came too late to say whose turn it was; they fill better prices alone. */
  readonly latePrints: number;
};

/** A market as a sequence of inputs. Deterministic: the same feed and the same book give the same inputs. */
export interface MarketFeed {
  readonly info: FeedInfo;
  /** Feed time of the next inputs; Infinity when it is over. */
  nextMs(): number;
  /** Inputs due at `nextMs()`, and moves on. */
  next(book: BookReader): readonly FeedInput[];
  /** How a mirror stands with the exchange that it shows. */
  link?(): FeedLink;
}
