import { AssertionError } from "../../units/assert.ts";
import type { MicroUsd, Ms } from "../../units/numbers.ts";
import type {
  ActionReply,
  Address,
  BookReader,
  DexDef,
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
  TransferView,
} from "./views.ts";

function soon(): never {
  throw new AssertionError("expected: the body of this method to be there");
}

/**
 * The local exchange's core: synchronous and deterministic. Time comes in through `advanceTo`.
 * Queries answer from the state after the last block that ran.
 */
export class Venue {
  readonly config: VenueConfig;
  readonly onOutput: (output: VenueOutput) => void;

  constructor(config: VenueConfig, onOutput: (output: VenueOutput) => void) {
    this.config = config;
    this.onOutput = onOutput;
  }

  /** Feed time 0 is venue time `startMs`. One feed a market. @throws AssertionError for an unknown coin or a second feed. */
  attachFeed(_coin: string, _feed: MarketFeed, _startMs: Ms): void {
    soon();
  }

  /** Faucet, or a transfer into a dex. Makes the account known. Takes effect at once. */
  credit(_account: Address, _dex: string, _amount: MicroUsd): void {
    soon();
  }

  /** The account itself when known, an agent's account while its approval lasts, else null. */
  signerToAccount(_signer: Address): Address | null {
    return soon();
  }

  /** Queues a request for the first block at or after `arrivedMs`; `reply` is called when that block runs. */
  submit(
    _request: SignedRequest,
    _arrivedMs: Ms,
    _reply: (reply: ActionReply, blockMs: Ms) => void,
  ): void {
    soon();
  }

  /** Time of the next block that has anything to do; null when nothing is pending. */
  nextWorkMs(): Ms | null {
    return soon();
  }

  /** Runs all blocks with work up to `nowMs`, in order. */
  advanceTo(_nowMs: Ms): void {
    soon();
  }

  /** Venue time reached by `advanceTo`. */
  nowMs(): Ms {
    return soon();
  }

  dex(_name: string): DexDef | null {
    return soon();
  }
  market(_coin: string): MarketDef | null {
    return soon();
  }
  marketByAssetId(_assetId: number): MarketDef | null {
    return soon();
  }
  /** @throws AssertionError for an unknown coin, like all queries by coin. */
  book(_coin: string): BookReader {
    return soon();
  }
  prices(_coin: string): PriceView {
    return soon();
  }
  assetContext(_coin: string): AssetContextView {
    return soon();
  }
  /** Newest first, at most `count`. */
  lastTrades(_coin: string, _count: number): readonly VenueTrade[] {
    return soon();
  }
  /** Oldest first, `fromMs` inclusive, `toMs` exclusive; from the latest 5000 one-minute bars. */
  candles(_coin: string, _intervalMs: number, _fromMs: Ms, _toMs: Ms): readonly CandleView[] {
    return soon();
  }
  /** Hourly rates, oldest first. */
  fundingHistory(_coin: string, _fromMs: Ms, _toMs: Ms): readonly FundingRateView[] {
    return soon();
  }

  /** Zeros for an account never seen. */
  account(_address: Address, _dex: string): AccountView {
    return soon();
  }
  assetData(_address: Address, _coin: string): AssetDataView {
    return soon();
  }
  /** All dexes when none is named. Oldest first. */
  openOrders(_address: Address, _dex?: string): readonly OrderRecord[] {
    return soon();
  }
  /** Among the latest 2000 orders of the account and all open ones. */
  orderByOid(_address: Address, _oid: number): OrderRecord | null {
    return soon();
  }
  /** The newest order with that cloid. */
  orderByCloid(_address: Address, _cloid: string): OrderRecord | null {
    return soon();
  }
  /** Newest first, at most 2000. */
  historicalOrders(_address: Address): readonly OrderRecord[] {
    return soon();
  }
  /** Oldest first, bounds inclusive, the first `limit` of them; the latest 10 000 exist. */
  fills(
    _address: Address,
    _query: { readonly fromMs: Ms; readonly toMs: Ms; readonly limit: number },
  ): readonly VenueFill[] {
    return soon();
  }
  /** Newest first, at most `limit`. */
  latestFills(_address: Address, _limit: number): readonly VenueFill[] {
    return soon();
  }
  /** Oldest first. */
  fundings(_address: Address): readonly FundingView[] {
    return soon();
  }
  feeRates(_address: Address, _coin: string): FeeRatesView {
    return soon();
  }
  rateLimit(_address: Address): RateLimitView {
    return soon();
  }
  agents(_address: Address): readonly AgentView[] {
    return soon();
  }
  /** Oldest first. */
  transfers(_address: Address): readonly TransferView[] {
    return soon();
  }
  feeds(): readonly FeedStatus[] {
    return soon();
  }
  /** Same inputs, same hash. */
  stateHash(): string {
    return soon();
  }
}
