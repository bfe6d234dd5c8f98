import { twapState } from "./twap.ts";
import type { TwapEvent, TwapState } from "./views.ts";
import { assert } from "../../units/assert.ts";
import { ZERO_USD } from "../../units/numbers.ts";
import type { Ms } from "../../units/numbers.ts";
import { liveAgents } from "./agents.ts";
import { requestCap } from "./budget.ts";
import { baseRates } from "./fees.ts";
import { tierOf } from "./feeTiers.ts";
import { accountView, assetDataView } from "./margin.ts";
import { newAccount } from "./model.ts";
import type { Account, Market, World } from "./model.ts";
import { isAtOpenInterestCap } from "./openInterest.ts";
import { toRecord, KEPT_ORDERS } from "./orders.ts";
import { assetContext, priceView } from "./publicViews.ts";
import { hashState, moneyOf } from "./audit.ts";
import type { DexMoney } from "./audit.ts";
import { spotBalances, spotKey } from "./spot.ts";
import type {
  Abstraction,
  Address,
  BookReader,
  DexDef,
  MarketDef,
  OrderRecord,
  VenueFill,
  VenueTrade,
} from "./types.ts";
import type {
  AccountView,
  AgentView,
  AssetContextView,
  AssetDataView,
  CandleView,
  FundingRateView,
  FundingView,
  PriceView,
  RateLimitView,
  SpotBalanceView,
  TransferView,
} from "./views.ts";

/** What the exchange tells about itself: answers from the state after the last block that ran. */
export class VenueQueries {
  protected readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** True for a market that is no longer traded. */
  isDelisted(coin: string): boolean {
    return this.listed(coin).delisted;
  }

  /** True for a mirror whose exchange is not heard: then nobody is told a book, as that exchange tells none. */
  isSilent(coin: string): boolean {
    const { feed, tape } = this.listed(coin);
    return feed?.feed.info.source === "mirrored" && tape?.unknown === true;
  }

  /** Coins of a dex whose open interest has reached a cap. */
  atOpenInterestCap(dex: string): readonly string[] {
    const all = [...this.world.markets.values()].filter((market) => market.def.dex === dex);
    return all.flatMap((market) =>
      isAtOpenInterestCap(this.world, market) ? [market.def.coin] : [],
    );
  }

  /** Venue time reached by `advanceTo`. */
  nowMs(): Ms {
    return this.world.nowMs;
  }

  dex(name: string): DexDef | null {
    return this.world.dexes.get(name) ?? null;
  }

  market(coin: string): MarketDef | null {
    return this.world.markets.get(coin)?.def ?? null;
  }

  marketByAssetId(assetId: number): MarketDef | null {
    return this.world.byAssetId.get(assetId)?.def ?? null;
  }

  /** @throws AssertionError for an unknown coin, like all queries by coin. */
  book(coin: string): BookReader {
    return this.listed(coin).book;
  }

  prices(coin: string): PriceView {
    return priceView(this.listed(coin));
  }

  assetContext(coin: string): AssetContextView {
    return assetContext(this.world, this.listed(coin));
  }

  /** Newest first, at most `count`. */
  lastTrades(coin: string, count: number): readonly VenueTrade[] {
    const { trades } = this.listed(coin);
    return trades.slice(Math.max(0, trades.length - count)).toReversed();
  }

  /** Oldest first, `fromMs` inclusive, `toMs` exclusive; from the latest 5000 one-minute bars. */
  candles(coin: string, intervalMs: number, fromMs: Ms, toMs: Ms): readonly CandleView[] {
    assert(intervalMs >= 60_000 && intervalMs % 60_000 === 0, "candles are whole minutes long");
    return this.listed(coin).candles.query(intervalMs, fromMs, toMs);
  }

  /** Hourly rates, oldest first, bounds inclusive. */
  fundingHistory(coin: string, fromMs: Ms, toMs: Ms): readonly FundingRateView[] {
    const { history } = this.listed(coin).funding;
    return history.filter((row) => row.venueMs >= fromMs && row.venueMs <= toMs);
  }

  /** Zeros for an account never seen. */
  account(address: Address, dex: string): AccountView {
    assert(this.world.dexes.has(dex), `"${dex}" is a dex of this exchange`);
    return accountView(this.world, this.known(address), address, dex);
  }

  assetData(address: Address, coin: string): AssetDataView {
    return assetDataView(this.known(address) ?? newAccount(address), this.listed(coin));
  }

  /** All dexes when none is named. Oldest first. */
  openOrders(address: Address, dex?: string): readonly OrderRecord[] {
    const open = [...(this.known(address)?.open.values() ?? [])];
    return open.filter((order) => dex === undefined || order.market.def.dex === dex).map(toRecord);
  }

  /** Among the latest 2000 finished orders of the account and all open ones. */
  orderByOid(address: Address, oid: number): OrderRecord | null {
    const order = this.known(address)?.orders.get(oid);
    return order === undefined ? null : toRecord(order);
  }

  /** The newest order with that cloid. */
  orderByCloid(address: Address, cloid: string): OrderRecord | null {
    const order = this.known(address)?.byCloid.get(cloid);
    return order === undefined ? null : toRecord(order);
  }

  /** Newest first, at most 2000. */
  historicalOrders(address: Address): readonly OrderRecord[] {
    const orders = [...(this.known(address)?.orders.values() ?? [])];
    return orders.slice(-KEPT_ORDERS).toReversed().map(toRecord);
  }

  /** Oldest first, bounds inclusive, the first `limit` of them; the latest 10 000 exist. */
  fills(
    address: Address,
    query: { readonly fromMs: Ms; readonly toMs: Ms; readonly limit: number },
  ): readonly VenueFill[] {
    const fills = this.known(address)?.fills ?? [];
    const inside = fills.filter(
      (fill) => fill.venueMs >= query.fromMs && fill.venueMs <= query.toMs,
    );
    return inside.slice(0, query.limit);
  }

  /** Newest first, at most `limit`. */
  latestFills(address: Address, limit: number): readonly VenueFill[] {
    const fills = this.known(address)?.fills ?? [];
    return fills.slice(Math.max(0, fills.length - limit)).toReversed();
  }

  /** Oldest first. */
  fundings(address: Address): readonly FundingView[] {
    return [...(this.known(address)?.fundings ?? [])];
  }

  /** Rates of the account's tier, before what a market adds or takes off. */
  baseRates(address: Address): ReturnType<typeof baseRates> {
    const account = this.known(address);
    const traded = (account?.master ?? account)?.traded;
    const tier = traded === undefined ? 0 : tierOf(traded, this.nowMs());
    return baseRates(this.world.config, tier);
  }

  rateLimit(address: Address): RateLimitView {
    const budget = this.known(address)?.budget;
    return {
      cumVlmMicroUsd: budget?.cumVlmMicroUsd ?? ZERO_USD,
      used: Math.max(0, (budget?.used ?? 0) - (budget?.reserved ?? 0)),
      cap: budget === undefined ? 10_000 : requestCap(budget),
      surplus: Math.max(0, (budget?.reserved ?? 0) - (budget?.used ?? 0)),
    };
  }

  /** Tokens that the account holds or held. */
  spotBalances(address: Address): readonly SpotBalanceView[] {
    const account = this.known(address);
    return account === undefined ? [] : spotBalances(this.world, account);
  }

  /** Null as long as the account never chose. */
  abstraction(address: Address): Abstraction | null {
    return this.known(address)?.abstraction ?? null;
  }

  /** Approved builders with their largest fee in tenths of a basis point. */
  builders(address: Address): ReadonlyMap<Address, number> {
    return this.known(address)?.builders ?? new Map<Address, number>();
  }

  agents(address: Address): readonly AgentView[] {
    const account = this.known(address);
    return account === undefined ? [] : liveAgents(account, this.world.nowMs);
  }

  /** Running TWAPs of an account. */
  twaps(address: Address): readonly { readonly twapId: number; readonly state: TwapState }[] {
    return [...this.world.twaps.values()].flatMap((twap) =>
      twap.account.address === address ? [{ twapId: twap.id, state: twapState(twap) }] : [],
    );
  }

  /** What became of an account's TWAPs, oldest first. */
  twapEvents(address: Address): readonly TwapEvent[] {
    return [...(this.known(address)?.twapEvents ?? [])];
  }

  /** Oldest first. */
  subAccounts(address: Address): readonly { readonly name: string; readonly address: Address }[] {
    return (this.known(address)?.subAccounts ?? []).map((sub) => ({
      name: sub.name,
      address: sub.address,
    }));
  }

  /** Whose sub-account an address is; null for every other. */
  masterOf(address: Address): Address | null {
    return this.known(address)?.master?.address ?? null;
  }

  /** Oldest first. */
  transfers(address: Address): readonly TransferView[] {
    return [...(this.known(address)?.transfers ?? [])];
  }

  /** Same inputs, same hash. */
  stateHash(): string {
    return hashState(this.world);
  }

  /** A token's spot balances in the ledger's sense: what all accounts hold, and what came in. The two are equal. */
  spotMoney(token: number): { readonly heldMicroUsd: number; readonly movedMicroUsd: number } {
    let held = 0;
    for (const account of this.world.accounts.values()) held += account.spot.get(token) ?? 0;
    return { heldMicroUsd: held, movedMicroUsd: this.world.moved.get(spotKey(token)) ?? 0 };
  }

  /** All money of a dex by holder, for proving that none is created or lost. */
  money(dex: string): DexMoney {
    return moneyOf(this.world, dex);
  }

  protected listed(coin: string): Market {
    const market = this.world.markets.get(coin);
    assert(market !== undefined, `"${coin}" is a coin of this exchange`);
    return market;
  }

  protected known(address: Address): Account | undefined {
    return this.world.accounts.get(address);
  }
}
