import { assert } from "../../units/assert.ts";
import type { Side } from "../../units/grid.ts";
import { FLAT, microUsd, positionLots, ZERO_USD } from "../../units/numbers.ts";
import type { MicroUsd, Ms, PositionLots, PxTicks, SizeLots } from "../../units/numbers.ts";
import { Book } from "./book.ts";
import { newBudget } from "./budget.ts";
import type { Budget } from "./budget.ts";
import { Candles } from "./candles.ts";
import { effectiveRates } from "./fees.ts";
import { newTraded } from "./feeTiers.ts";
import type { Traded } from "./feeTiers.ts";
import { HOUSE_ADDRESS } from "./ids.ts";
import { NonceBook } from "./nonces.ts";
import { newSchedule } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";
import type { Twap } from "./twap.ts";
import type {
  Abstraction,
  Address,
  DexDef,
  MarketDef,
  MarketFeed,
  OrderTrigger,
  Tif,
  VenueConfig,
  VenueFill,
  VenueOutput,
  VenueTrade,
} from "./types.ts";
import type { TwapEvent } from "./views.ts";
import type {
  AgentView,
  FeedGap,
  FeeRatesView,
  FundingRateView,
  FundingView,
  LeverageSetting,
  TransferView,
} from "./views.ts";

/*
 * The mutable state of the exchange. Invariants: an order rests in its market's book exactly while its status is "open"
 * and it does not wait for a trigger;
 * over all ledgers, the house's and the fee account's, money changes only by deposits.
 */

/** An order of a real account; while open it is also its own entry in the book. */
export type Order = {
  readonly kind: "account";
  readonly oid: number;
  readonly cloid: string | null;
  readonly account: Account;
  readonly market: Market;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  /** Fixed when the order enters the book; one for "the whole position" learns its size when its trigger fires. */
  origLots: SizeLots;
  lots: SizeLots;
  readonly reduceOnly: boolean;
  readonly tif: Tif;
  readonly placedMs: Ms;
  /** Null for an order without a trigger. */
  readonly trigger: OrderTrigger | null;
  /** Waits for its trigger (or its parent): open, but not in the book. */
  waiting: boolean;
  readonly builder: BuilderShare | null;
  /** The TWAP whose suborder this is. */
  readonly twap: Twap | null;
  status: string;
  statusMs: Ms;
};

/** A builder's share of the fees of an order, in parts per billion of notional. */
export type BuilderShare = { readonly account: Account; readonly ppb: number };

/** Orders that belong together: children wait for the parent; of children, one that fills ends the others. */
export type OrderGroup = {
  readonly parent: Order | null;
  readonly children: readonly Order[];
  /** The children wait for their triggers, no longer for the parent. */
  live: boolean;
};

export type CrowdEntry = {
  readonly kind: "crowd";
  readonly oid: number;
  readonly agentOrderId: number;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  lots: SizeLots;
};

export type TapeEntry = {
  readonly kind: "tape";
  readonly oid: number;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  lots: SizeLots;
};

export type Entry = Order | CrowdEntry | TapeEntry;

/** What the recording says about one price: its size (prints since then taken off) and what our takers used of it. */
type RecordedLevel = { lots: number; consumed: number };

/** State of a replayed market beside its book (tape.ts). */
export type Tape = {
  readonly recorded: {
    readonly bid: Map<number, RecordedLevel>;
    readonly ask: Map<number, RecordedLevel>;
  };
  /** Prices whose recorded size would cross a resting order of ours and is not shown. */
  readonly hidden: { readonly bid: Set<number>; readonly ask: Set<number> };
  /** True from a gap (or the start) until the first book with depth. */
  unknown: boolean;
};

type PriceState = {
  oracle: number | null;
  mark: number | null;
  /** The mark before its last update: what auto-deleveraging closes at. */
  previousMark: number | null;
  /** First price of the UTC day `day`, the middle of the widest range of prices. */
  dayPx: number | null;
  day: number;
  lastTrade: number | null;
  /** Last oracle update, or the fallback that counted as one. */
  updatedMs: number;
  /** 150 s average of mid - oracle, in ticks. */
  basis: number;
  basisMs: number | null;
};

type FundingState = {
  premiumSum: number;
  samples: number;
  /** Last sample time accounted for. */
  sampledMs: number;
  readonly history: FundingRateView[];
};

type FeedState = {
  readonly feed: MarketFeed;
  readonly startMs: Ms;
  gapCount: number;
  readonly gaps: FeedGap[];
};

export type Market = {
  readonly def: MarketDef;
  readonly rates: FeeRatesView;
  /** Name of the dex's collateral token: fees are charged in it. */
  readonly feeToken: string;
  readonly book: Book<Entry>;
  readonly crowd: Map<number, CrowdEntry>;
  readonly prices: PriceState;
  readonly funding: FundingState;
  readonly candles: Candles;
  readonly trades: VenueTrade[];
  feed: FeedState | null;
  /** Trading is halted: no orders are taken. */
  halted: boolean;
  /** No longer traded; set by the configuration, or while the exchange runs. */
  delisted: boolean;
  /** The oracle's updates do not come through. */
  oracleFrozen: boolean;
  tape: Tape | null;
  /** Book version and touch that were last announced. */
  readonly announced: {
    version: number;
    bidPx: number;
    bidLots: number;
    askPx: number;
    askLots: number;
  };
  /** Oracle or mark changed in the running block. */
  pricesChanged: boolean;
};

/** `costMicroUsd` is the signed notional at which the open lots were entered. */
export type Position = {
  readonly market: Market;
  lots: PositionLots;
  costMicroUsd: MicroUsd;
  /** Null when cross; else collateral minus signed cost (the venue's `rawUsd` of the position). */
  isolatedRaw: MicroUsd | null;
  fundingSinceOpen: MicroUsd;
};

/** An account in one dex. `rawMicroUsd` is cash minus signed cost of all positions, so equity = raw + position values. */
export type Ledger = {
  readonly dex: string;
  rawMicroUsd: MicroUsd;
  readonly positions: Map<string, Position>;
};

export type Account = {
  readonly address: Address;
  /** Whose sub-account this is; null for an account of its own. */
  readonly master: Account | null;
  /** Of a sub-account. */
  name: string;
  readonly subAccounts: Account[];
  readonly twapEvents: TwapEvent[];
  readonly ledgers: Map<string, Ledger>;
  readonly leverage: Map<number, LeverageSetting>;
  readonly open: Map<number, Order>;
  /** Open orders and the latest finished ones. */
  readonly orders: Map<number, Order>;
  readonly byCloid: Map<string, Order>;
  /** Finished orders, oldest first. */
  readonly finished: Order[];
  readonly fills: VenueFill[];
  readonly fundings: FundingView[];
  readonly fundingAllTime: Map<string, MicroUsd>;
  readonly transfers: TransferView[];
  readonly agents: AgentView[];
  /** Spot balances by token index, in millionths. */
  readonly spot: Map<number, MicroUsd>;
  /** Null as long as the account never chose. */
  abstraction: Abstraction | null;
  /** Collateral token of every dex while the account is in unified mode, else null. */
  unified: ReadonlyMap<string, number> | null;
  /** Largest fee that each builder may take, in tenths of a basis point. */
  readonly builders: Map<Address, number>;
  /** The last block in which a position was liquidated in part. */
  partlyLiquidatedMs: number;
  readonly budget: Budget;
  /** For the fee tier; of a sub-account the master's counts. */
  readonly traded: Traded;
  readonly schedule: Schedule;
};

/** Cash leg and position of the anonymous counterparties, and collected fees. Neither pays fees nor is margin-checked. */
export type House = {
  readonly rawMicroUsd: Map<string, MicroUsd>;
  readonly lots: Map<string, PositionLots>;
  readonly feesMicroUsd: Map<string, MicroUsd>;
};

export type World = {
  readonly config: VenueConfig;
  readonly dexes: ReadonlyMap<string, DexDef>;
  readonly markets: ReadonlyMap<string, Market>;
  readonly byAssetId: ReadonlyMap<number, Market>;
  readonly accounts: Map<Address, Account>;
  /** Agent address to account. */
  readonly agentOwners: Map<Address, Account>;
  readonly nonces: NonceBook;
  readonly house: House;
  readonly emit: (output: VenueOutput) => void;
  /** Orders that wait for the mark. */
  readonly armed: Set<Order>;
  /** Markets to be halted in the next block. */
  readonly haltsDue: Set<Market>;
  /** Markets to be delisted in the next block. */
  readonly delistingsDue: Set<Market>;
  /** Only post-only orders are taken before this time, after a network upgrade. */
  postOnlyUntilMs: number;
  readonly groups: Set<OrderGroup>;
  /** Net money that transfers (not the faucet) brought into each place: a dex, or "spot:" and the token's index. */
  readonly moved: Map<string, MicroUsd>;
  /** Running ones, by number. */
  readonly twaps: Map<number, Twap>;
  nextTwapId: number;
  nextLid: number;
  nextOid: number;
  /** Time of the running (or last) block and the number of transactions in it. */
  nowMs: Ms;
  txIndex: number;
  /** A mark moved or an account traded in the running block: somebody may be under water. */
  solvencyChanged: boolean;
  /** Somebody's position was closed for somebody else's debt in the running round of liquidations. */
  deleveraged: boolean;
};

export function newMarket(config: VenueConfig, dex: DexDef, def: MarketDef): Market {
  const token = config.tokens.find((each) => each.index === dex.collateralToken);
  assert(token !== undefined, `token ${dex.collateralToken} of dex "${dex.name}" is configured`);
  return {
    def,
    rates: effectiveRates(config, def),
    feeToken: token.name,
    book: new Book<Entry>(),
    crowd: new Map(),
    prices: {
      oracle: null,
      mark: null,
      previousMark: null,
      dayPx: null,
      day: 0,
      lastTrade: null,
      updatedMs: 0,
      basis: 0,
      basisMs: null,
    },
    funding: { premiumSum: 0, samples: 0, sampledMs: 0, history: [] },
    candles: new Candles(),
    trades: [],
    feed: null,
    halted: false,
    delisted: def.isDelisted,
    oracleFrozen: false,
    tape: null,
    announced: { version: 0, bidPx: 0, bidLots: 0, askPx: 0, askLots: 0 },
    pricesChanged: false,
  };
}

export function newAccount(
  address: Address,
  sub: { readonly master: Account; readonly name: string } | null = null,
): Account {
  assert(address !== HOUSE_ADDRESS, "the house's address is nobody else's");
  return {
    address,
    master: sub?.master ?? null,
    name: sub?.name ?? "",
    subAccounts: [],
    twapEvents: [],
    ledgers: new Map(),
    leverage: new Map(),
    open: new Map(),
    orders: new Map(),
    byCloid: new Map(),
    finished: [],
    fills: [],
    fundings: [],
    fundingAllTime: new Map(),
    transfers: [],
    agents: [],
    spot: new Map(),
    abstraction: null,
    unified: null,
    builders: new Map(),
    partlyLiquidatedMs: Number.NEGATIVE_INFINITY,
    budget: newBudget(),
    traded: newTraded(),
    schedule: newSchedule(),
  };
}

export function ledgerOf(account: Account, dex: string): Ledger {
  const found = account.ledgers.get(dex);
  if (found !== undefined) return found;
  const fresh: Ledger = { dex, rawMicroUsd: ZERO_USD, positions: new Map() };
  account.ledgers.set(dex, fresh);
  return fresh;
}

export function positionOf(account: Account, market: Market): PositionLots {
  return account.ledgers.get(market.def.dex)?.positions.get(market.def.coin)?.lots ?? FLAT;
}

/** Default on the venue: cross at 20x where the market allows it. */
export function leverageOf(account: Account, def: MarketDef): LeverageSetting {
  return (
    account.leverage.get(def.assetId) ?? {
      isCross: !def.onlyIsolated,
      leverage: Math.min(20, def.maxLeverage),
    }
  );
}

/** Adds to one of the house's sums. */
export function addToHouse(sums: Map<string, MicroUsd>, dex: string, amount: number): void {
  sums.set(dex, microUsd((sums.get(dex) ?? 0) + amount));
}

export function addHouseLots(house: House, coin: string, lots: number): void {
  house.lots.set(coin, positionLots((house.lots.get(coin) ?? 0) + lots));
}

/** Keeps an append-only list from growing without bound: cuts it to `kept` when it has a quarter more. */
export function trimOldest(list: unknown[], kept: number): void {
  if (list.length > kept + (kept >> 2)) list.splice(0, list.length - kept);
}
