import { newWorld } from "./world.ts";
import { nextTwapMs } from "./twap.ts";
import { VenueQueries } from "./venueQueries.ts";
import { assert } from "../../units/assert.ts";
import { microUsd, ms } from "../../units/numbers.ts";
import type { MicroUsd, Ms } from "../../units/numbers.ts";
import { resolveSigner } from "./agents.ts";
import { runBlock } from "./block.ts";
import type { QueuedRequest } from "./block.ts";
import { feedStatus } from "./feedStatus.ts";
import { HOUR_MS } from "./funding.ts";
import { transactionHash } from "./ids.ts";
import { ceilTo } from "./integers.ts";
import { ledgerOf, newAccount } from "./model.ts";
import type { Market } from "./model.ts";
import { ORACLE_SILENCE_MS } from "./prices.ts";
import { newTape } from "./tape.ts";
import { addSpot, noteMoved, spotKey } from "./spot.ts";
import type { Address, FeedInput, MarketFeed, VenueConfig, VenueOutput } from "./types.ts";
import type { ActionReply, SignedRequest } from "./requests.ts";
import type { FeedStatus } from "./views.ts";

/**
 * The local exchange's core: synchronous and deterministic. Time comes in through `advanceTo`.
 * Queries answer from the state after the last block that ran.
 */
export class Venue extends VenueQueries {
  readonly config: VenueConfig;
  readonly #fed: Market[] = [];
  #queue: QueuedRequest[] = [];
  #nextFundingMs = Infinity;
  #lastBlockMs = -Infinity;
  #nowMs: Ms = ms(0);

  constructor(config: VenueConfig, onOutput: (output: VenueOutput) => void) {
    assert(Number.isInteger(config.blockMs) && config.blockMs > 0, "blockMs is a positive integer");
    super(newWorld(config, onOutput));
    this.config = config;
  }

  /** Feed time 0 is venue time `startMs`. One feed a market. @throws AssertionError for an unknown coin or a second feed. */
  attachFeed(coin: string, feed: MarketFeed, startMs: Ms): void {
    const market = this.listed(coin);
    assert(market.feed === null, `${coin} gets one feed`);
    market.feed = { feed, startMs, gapCount: 0, gaps: [] };
    if (feed.info.source !== "simulated") market.tape = newTape();
    market.prices.updatedMs = startMs;
    market.funding.sampledMs = startMs;
    this.#fed.push(market);
    this.#nextFundingMs = Math.min(this.#nextFundingMs, startMs - (startMs % HOUR_MS) + HOUR_MS);
  }

  /** Faucet, or a transfer into a dex. Makes the account known. Takes effect, and is stamped, at once. */
  credit(address: Address, dex: string, amount: MicroUsd): void {
    assert(this.world.dexes.has(dex), `"${dex}" is a dex of this exchange`);
    assert(amount > 0, `a deposit is positive, got ${amount}`);
    let account = this.world.accounts.get(address);
    if (account === undefined) {
      account = newAccount(address);
      this.world.accounts.set(address, account);
    }
    const ledger = ledgerOf(account, dex);
    ledger.rawMicroUsd = microUsd(ledger.rawMicroUsd + amount);
    const hash = transactionHash(this.#nowMs, this.world.nextOid);
    this.world.nextOid += 1;
    account.transfers.push({ venueMs: this.#nowMs, dex, kind: "deposit", microUsd: amount, hash });
  }

  /** Faucet into a spot balance. Makes the account known. */
  creditSpot(address: Address, token: number, amount: MicroUsd): void {
    assert(amount > 0, `a deposit is positive, got ${amount}`);
    const account = this.world.accounts.get(address) ?? newAccount(address);
    this.world.accounts.set(address, account);
    addSpot(account, token, amount);
    noteMoved(this.world, spotKey(token), amount);
  }

  /** Halts a market in its next block, or lets it trade again at once. */
  haltTrading(coin: string, isHalted: boolean): void {
    const market = this.listed(coin);
    if (isHalted) this.world.haltsDue.add(market);
    else market.halted = false;
  }

  /** Delists a market in its next block: orders cancelled, positions settled at mark, no orders any more. */
  delist(coin: string): void {
    this.world.delistingsDue.add(this.listed(coin));
  }

  /** A network upgrade: until then only post-only orders are taken. */
  takeOnlyPostOnly(untilMs: Ms): void {
    this.world.postOnlyUntilMs = untilMs;
  }

  /** Keeps the oracle's updates from coming through, or lets them. */
  freezeOracle(coin: string, isFrozen: boolean): void {
    this.listed(coin).oracleFrozen = isFrozen;
  }

  /** The account itself when known, an agent's account while its approval lasts, else null. */
  signerToAccount(signer: Address): Address | null {
    return resolveSigner(this.world, signer)?.address ?? null;
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
    for (const { schedule } of this.world.accounts.values()) {
      if (schedule.timeMs !== null) due = Math.min(due, schedule.timeMs);
    }
    due = Math.min(due, nextTwapMs(this.world));
    const { haltsDue, delistingsDue } = this.world;
    if (haltsDue.size + delistingsDue.size > 0) due = Math.min(due, this.#nowMs);
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
    this.world.nowMs = this.#nowMs;
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
    runBlock(this.world, { timeMs, requests, inputs, fundingDue, fed: this.#fed });
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

  feeds(): readonly FeedStatus[] {
    return this.#fed.flatMap((market) => feedStatus(market, this.#nowMs) ?? []);
  }
}
