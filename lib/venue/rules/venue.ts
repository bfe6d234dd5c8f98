import { assert } from "../../units/assert.ts";
import { microUsd, ms, ZERO_USD } from "../../units/numbers.ts";
import type { MicroUsd, Ms } from "../../units/numbers.ts";
import { liveAgents, resolveSigner } from "./agents.ts";
import { runBlock } from "./block.ts";
import type { QueuedRequest } from "./block.ts";
import { requestCap } from "./budget.ts";
import { HOUR_MS } from "./funding.ts";
import { transactionHash } from "./ids.ts";
import { ceilTo } from "./integers.ts";
import { accountView, assetDataView } from "./margin.ts";
import { ledgerOf, newAccount, newMarket } from "./model.ts";
import type { Account, Market, World } from "./model.ts";
import { NonceBook } from "./nonces.ts";
import { toRecord, KEPT_ORDERS } from "./orders.ts";
import { ORACLE_SILENCE_MS } from "./prices.ts";
import { assetContext, priceView } from "./publicViews.ts";
import { hashState, moneyOf } from "./audit.ts";
import type { DexMoney } from "./audit.ts";
import { newTape } from "./tape.ts";
import { addSpot, noteMoved, spotBalances, spotKey } from "./spot.ts";
import type {
  Abstraction,
  ActionReply,
  Address,
  BookReader,
  DexDef,
  FeedInput,
  MarketDef,
  MarketFeed,
  OrderRecord,
  SignedRequest,
  VenueConfig,
  VenueFill,
  VenueOutput,
  VenueTrade,
} from "./types.ts";
import type {
  AccountView,
  AgentView,
  AssetContextView,
  AssetDataView,
  CandleView,
  FeeRatesView,
  FeedStatus,
  FundingRateView,
  FundingView,
  PriceView,
  RateLimitView,
  SpotBalanceView,
  TransferView,
} from "./views.ts";

/**
 * The local exchange's core: synchronous and deterministic. Time comes in through `advanceTo`.
 * Queries answer from the state after the last block that ran.
 */
export class Venue {
  readonly config: VenueConfig;
  readonly #world: World;
  readonly #fed: Market[] = [];
  #queue: QueuedRequest[] = [];
  #nextFundingMs = Infinity;
  #lastBlockMs = -Infinity;
  #nowMs: Ms = ms(0);

  constructor(config: VenueConfig, onOutput: (output: VenueOutput) => void) {
    assert(Number.isInteger(config.blockMs) && config.blockMs > 0, "blockMs is a positive integer");
    this.config = config;
    const markets = new Map<string, Market>();
    const byAssetId = new Map<number, Market>();
    for (const dex of config.dexes) {
      for (const def of dex.markets) {
        assert(!markets.has(def.coin), `coin ${def.coin} is configured once`);
        assert(!byAssetId.has(def.assetId), `asset id ${def.assetId} is configured once`);
        const market = newMarket(config, dex, def);
        markets.set(def.coin, market);
        byAssetId.set(def.assetId, market);
      }
    }
    this.#world = {
      config,
      dexes: new Map(config.dexes.map((dex) => [dex.name, dex])),
      markets,
      byAssetId,
      accounts: new Map(),
      agentOwners: new Map(),
      nonces: new NonceBook(),
      house: { rawMicroUsd: new Map(), lots: new Map(), feesMicroUsd: new Map() },
      emit: onOutput,
      armed: new Set(),
      haltsDue: new Set(),
      groups: new Set(),
      moved: new Map(),
      nextLid: 1,
      nextOid: 1,
      nowMs: ms(0),
      txIndex: 0,
      solvencyChanged: false,
    };
  }

  /** Feed time 0 is venue time `startMs`. One feed a market. @throws AssertionError for an unknown coin or a second feed. */
  attachFeed(coin: string, feed: MarketFeed, startMs: Ms): void {
    const market = this.#market(coin);
    assert(market.feed === null, `${coin} gets one feed`);
    market.feed = { feed, startMs, gapCount: 0, gaps: [] };
    if (feed.info.source === "replayed") market.tape = newTape();
    market.prices.updatedMs = startMs;
    market.funding.sampledMs = startMs;
    this.#fed.push(market);
    this.#nextFundingMs = Math.min(this.#nextFundingMs, startMs - (startMs % HOUR_MS) + HOUR_MS);
  }

  /** Faucet, or a transfer into a dex. Makes the account known. Takes effect, and is stamped, at once. */
  credit(address: Address, dex: string, amount: MicroUsd): void {
    assert(this.#world.dexes.has(dex), `"${dex}" is a dex of this exchange`);
    assert(amount > 0, `a deposit is positive, got ${amount}`);
    let account = this.#world.accounts.get(address);
    if (account === undefined) {
      account = newAccount(address);
      this.#world.accounts.set(address, account);
    }
    const ledger = ledgerOf(account, dex);
    ledger.rawMicroUsd = microUsd(ledger.rawMicroUsd + amount);
    const hash = transactionHash(this.#nowMs, this.#world.nextOid);
    this.#world.nextOid += 1;
    account.transfers.push({ venueMs: this.#nowMs, dex, kind: "deposit", microUsd: amount, hash });
  }

  /** Faucet into a spot balance. Makes the account known. */
  creditSpot(address: Address, token: number, amount: MicroUsd): void {
    assert(amount > 0, `a deposit is positive, got ${amount}`);
    const account = this.#world.accounts.get(address) ?? newAccount(address);
    this.#world.accounts.set(address, account);
    addSpot(account, token, amount);
    noteMoved(this.#world, spotKey(token), amount);
  }

  /** Halts a market in its next block, or lets it trade again at once. */
  haltTrading(coin: string, isHalted: boolean): void {
    const market = this.#market(coin);
    if (isHalted) this.#world.haltsDue.add(market);
    else market.halted = false;
  }

  /** Keeps the oracle's updates from coming through, or lets them. */
  freezeOracle(coin: string, isFrozen: boolean): void {
    this.#market(coin).oracleFrozen = isFrozen;
  }

  /** The account itself when known, an agent's account while its approval lasts, else null. */
  signerToAccount(signer: Address): Address | null {
    return resolveSigner(this.#world, signer)?.address ?? null;
  }

  /** Queues a request for the first block at or after `arrivedMs`; `reply` is called when that block runs. */
  submit(
    request: SignedRequest,
    arrivedMs: Ms,
    reply: (reply: ActionReply, blockMs: Ms) => void,
  ): void {
    this.#queue.push({ request, arrivedMs, reply: (text, blockMs) => reply(text, ms(blockMs)) });
  }

  /** Time of the next block that has anything to do; null when nothing is pending. */
  nextWorkMs(): Ms | null {
    let due = this.#nextFundingMs;
    for (const { arrivedMs } of this.#queue) due = Math.min(due, arrivedMs);
    for (const { feed, prices } of this.#fed) {
      if (feed !== null) due = Math.min(due, feed.startMs + feed.feed.nextMs());
      due = Math.min(due, prices.updatedMs + ORACLE_SILENCE_MS);
    }
    for (const { schedule } of this.#world.accounts.values()) {
      if (schedule.timeMs !== null) due = Math.min(due, schedule.timeMs);
    }
    if (due === Infinity) return null;
    const { blockMs } = this.config;
    return ms(Math.max(ceilTo(due, blockMs), this.#lastBlockMs + blockMs));
  }

  /** Runs all blocks with work up to `nowMs`, in order. */
  advanceTo(nowMs: Ms): void {
    for (let next = this.nextWorkMs(); next !== null && next <= nowMs; next = this.nextWorkMs()) {
      this.#nowMs = next;
      this.#runBlock(next);
    }
    this.#nowMs = ms(Math.max(this.#nowMs, nowMs));
    // Agents expire, and credits are stamped, by the time reached, not by the last block's.
    this.#world.nowMs = this.#nowMs;
  }

  #runBlock(timeMs: Ms): void {
    this.#lastBlockMs = timeMs;
    const requests = this.#queue.filter((queued) => queued.arrivedMs <= timeMs);
    if (requests.length > 0)
      this.#queue = this.#queue.filter((queued) => queued.arrivedMs > timeMs);
    const inputs: { market: Market; timeMs: number; input: FeedInput }[] = [];
    for (const market of this.#fed) this.#collectInputs(market, timeMs, inputs);
    const fundingDue = timeMs >= this.#nextFundingMs;
    if (fundingDue) this.#nextFundingMs = timeMs - (timeMs % HOUR_MS) + HOUR_MS;
    runBlock(this.#world, { timeMs, requests, inputs, fundingDue, fed: this.#fed });
  }

  #collectInputs(
    market: Market,
    blockMs: number,
    into: { market: Market; timeMs: number; input: FeedInput }[],
  ): void {
    if (market.feed === null) return;
    const { feed, startMs } = market.feed;
    for (let at = startMs + feed.nextMs(); at <= blockMs; at = startMs + feed.nextMs()) {
      for (const input of feed.next(market.book)) into.push({ market, timeMs: at, input });
    }
  }

  /** Venue time reached by `advanceTo`. */
  nowMs(): Ms {
    return this.#nowMs;
  }

  dex(name: string): DexDef | null {
    return this.#world.dexes.get(name) ?? null;
  }

  market(coin: string): MarketDef | null {
    return this.#world.markets.get(coin)?.def ?? null;
  }

  marketByAssetId(assetId: number): MarketDef | null {
    return this.#world.byAssetId.get(assetId)?.def ?? null;
  }

  /** @throws AssertionError for an unknown coin, like all queries by coin. */
  book(coin: string): BookReader {
    return this.#market(coin).book;
  }

  prices(coin: string): PriceView {
    return priceView(this.#market(coin));
  }

  assetContext(coin: string): AssetContextView {
    return assetContext(this.#world, this.#market(coin));
  }

  /** Newest first, at most `count`. */
  lastTrades(coin: string, count: number): readonly VenueTrade[] {
    const { trades } = this.#market(coin);
    return trades.slice(Math.max(0, trades.length - count)).toReversed();
  }

  /** Oldest first, `fromMs` inclusive, `toMs` exclusive; from the latest 5000 one-minute bars. */
  candles(coin: string, intervalMs: number, fromMs: Ms, toMs: Ms): readonly CandleView[] {
    assert(intervalMs >= 60_000 && intervalMs % 60_000 === 0, "candles are whole minutes long");
    return this.#market(coin).candles.query(intervalMs, fromMs, toMs);
  }

  /** Hourly rates, oldest first, bounds inclusive. */
  fundingHistory(coin: string, fromMs: Ms, toMs: Ms): readonly FundingRateView[] {
    const { history } = this.#market(coin).funding;
    return history.filter((row) => row.venueMs >= fromMs && row.venueMs <= toMs);
  }

  /** Zeros for an account never seen. */
  account(address: Address, dex: string): AccountView {
    assert(this.#world.dexes.has(dex), `"${dex}" is a dex of this exchange`);
    return accountView(this.#world, this.#account(address), address, dex);
  }

  assetData(address: Address, coin: string): AssetDataView {
    return assetDataView(this.#account(address) ?? newAccount(address), this.#market(coin));
  }

  /** All dexes when none is named. Oldest first. */
  openOrders(address: Address, dex?: string): readonly OrderRecord[] {
    const open = [...(this.#account(address)?.open.values() ?? [])];
    return open.filter((order) => dex === undefined || order.market.def.dex === dex).map(toRecord);
  }

  /** Among the latest 2000 finished orders of the account and all open ones. */
  orderByOid(address: Address, oid: number): OrderRecord | null {
    const order = this.#account(address)?.orders.get(oid);
    return order === undefined ? null : toRecord(order);
  }

  /** The newest order with that cloid. */
  orderByCloid(address: Address, cloid: string): OrderRecord | null {
    const order = this.#account(address)?.byCloid.get(cloid);
    return order === undefined ? null : toRecord(order);
  }

  /** Newest first, at most 2000. */
  historicalOrders(address: Address): readonly OrderRecord[] {
    const orders = [...(this.#account(address)?.orders.values() ?? [])];
    return orders.slice(-KEPT_ORDERS).toReversed().map(toRecord);
  }

  /** Oldest first, bounds inclusive, the first `limit` of them; the latest 10 000 exist. */
  fills(
    address: Address,
    query: { readonly fromMs: Ms; readonly toMs: Ms; readonly limit: number },
  ): readonly VenueFill[] {
    const fills = this.#account(address)?.fills ?? [];
    const inside = fills.filter(
      (fill) => fill.venueMs >= query.fromMs && fill.venueMs <= query.toMs,
    );
    return inside.slice(0, query.limit);
  }

  /** Newest first, at most `limit`. */
  latestFills(address: Address, limit: number): readonly VenueFill[] {
    const fills = this.#account(address)?.fills ?? [];
    return fills.slice(Math.max(0, fills.length - limit)).toReversed();
  }

  /** Oldest first. */
  fundings(address: Address): readonly FundingView[] {
    return [...(this.#account(address)?.fundings ?? [])];
  }

  /** Effective rates; every account is at the base tier. */
  feeRates(_address: Address, coin: string): FeeRatesView {
    return this.#market(coin).rates;
  }

  rateLimit(address: Address): RateLimitView {
    const budget = this.#account(address)?.budget;
    return {
      cumVlmMicroUsd: budget?.cumVlmMicroUsd ?? ZERO_USD,
      used: Math.max(0, (budget?.used ?? 0) - (budget?.reserved ?? 0)),
      cap: budget === undefined ? 10_000 : requestCap(budget),
      surplus: Math.max(0, (budget?.reserved ?? 0) - (budget?.used ?? 0)),
    };
  }

  /** Tokens that the account holds or held. */
  spotBalances(address: Address): readonly SpotBalanceView[] {
    const account = this.#account(address);
    return account === undefined ? [] : spotBalances(this.#world, account);
  }

  /** Null as long as the account never chose. */
  abstraction(address: Address): Abstraction | null {
    return this.#account(address)?.abstraction ?? null;
  }

  /** Approved builders with their largest fee in tenths of a basis point. */
  builders(address: Address): ReadonlyMap<Address, number> {
    return this.#account(address)?.builders ?? new Map<Address, number>();
  }

  agents(address: Address): readonly AgentView[] {
    const account = this.#account(address);
    return account === undefined ? [] : liveAgents(account, this.#nowMs);
  }

  /** Oldest first. */
  transfers(address: Address): readonly TransferView[] {
    return [...(this.#account(address)?.transfers ?? [])];
  }

  feeds(): readonly FeedStatus[] {
    return this.#fed.flatMap((market) => {
      if (market.feed === null) return [];
      const { feed, startMs, gapCount, gaps } = market.feed;
      const elapsed = Math.max(0, this.#nowMs - startMs);
      const positionMs = ms(Math.min(elapsed, feed.info.durationMs));
      const ended = feed.nextMs() === Infinity;
      const { coin } = market.def;
      return [{ coin, info: feed.info, startMs, positionMs, ended, gapCount, gaps: [...gaps] }];
    });
  }

  /** Same inputs, same hash. */
  stateHash(): string {
    return hashState(this.#world);
  }

  /** All money of a dex by holder, for proving that none is created or lost. */
  money(dex: string): DexMoney {
    return moneyOf(this.#world, dex);
  }

  #market(coin: string): Market {
    const market = this.#world.markets.get(coin);
    assert(market !== undefined, `"${coin}" is a coin of this exchange`);
    return market;
  }

  #account(address: Address): Account | undefined {
    return this.#world.accounts.get(address);
  }
}
