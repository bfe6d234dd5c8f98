import type { Random } from "../../core/random.ts";
import { opposite, sideSign } from "../../units/grid.ts";
import type { Side } from "../../units/grid.ts";
import { sizeLots } from "../../units/numbers.ts";
import type { BookReader, FeedInput } from "../rules/types.ts";
import { bestOf } from "./crowd.ts";
import type { Agent, Crowd } from "./crowd.ts";
import { CROWD } from "./scenarios.ts";

const BPS = 1e-4;
const MINUTE_MS = 60_000;
const REFERENCE_VOL_BPS = 1.7;
const IMPACT_REFERENCE_USD = 100_000;

type Planned = { readonly dueMs: number; readonly side: Side };

/**
 * Traders who want to trade and do not know the price better than anyone: Poisson arrivals, each followed by a few more
 * orders on the same side, sizes with a heavy tail.
 */
export class UninformedAgent implements Agent {
  readonly #random: Random;
  readonly #crowd: Crowd;
  readonly #rate: number;
  /** Follow-up orders, soonest first. */
  readonly #planned: Planned[] = [];
  #nextFirstMs = 0;

  /** @param rate arrivals relative to the session's, above 0. */
  constructor(random: Random, crowd: Crowd, rate: number) {
    this.#random = random;
    this.#crowd = crowd;
    this.#rate = rate;
    this.#scheduleFirst(0);
  }

  get dueMs(): number {
    return Math.min(this.#nextFirstMs, this.#planned[0]?.dueMs ?? Number.POSITIVE_INFINITY);
  }

  act(feedMs: number, book: BookReader, out: FeedInput[]): void {
    const following = this.#planned[0];
    if (following !== undefined && following.dueMs <= feedMs) {
      this.#planned.shift();
      this.#take(feedMs, following.side, book, out);
      return;
    }
    const side = leaningSide(this.#random, this.#crowd);
    this.#take(feedMs, side, book, out);
    this.#planFollowers(feedMs, side);
    this.#scheduleFirst(feedMs);
  }

  #scheduleFirst(feedMs: number): void {
    const { takersPerMin } = this.#crowd.clock.at(feedMs);
    const busyness = Math.max(0.3, this.#crowd.price.volRatio);
    const meanMs = MINUTE_MS / (takersPerMin * this.#rate * busyness);
    this.#nextFirstMs = feedMs + 1 + Math.round(this.#random.exponential(meanMs));
  }

  #planFollowers(feedMs: number, side: Side): void {
    const count = this.#random.poisson(CROWD.uninformed.followers);
    let dueMs = feedMs;
    for (let i = 0; i < count; i++) {
      dueMs += 1 + Math.round(this.#random.exponential(CROWD.uninformed.followerWaitMs));
      this.#planned.push({ dueMs, side });
    }
    this.#planned.sort((a, b) => a.dueMs - b.dueMs);
  }

  #take(feedMs: number, side: Side, book: BookReader, out: FeedInput[]): void {
    const { medianUsd, sizeSpread, largestUsd } = CROWD.uninformed;
    const usd = Math.min(largestUsd, medianUsd * Math.exp(sizeSpread * this.#random.normal()));
    takeWithImpact(this.#crowd, feedMs, side, usd, CROWD.uninformed, book, out);
  }
}

/**
 * Traders in a hurry who have heard something: one order through every level up to what they think the price will be.
 * They are right on average and wrong in the single case, so the price keeps most of the way and the book refills
 * around the new price. Blind sweeps that revert at once would pay every wide quote for nothing.
 */
export class SweepAgent implements Agent {
  readonly #random: Random;
  readonly #crowd: Crowd;
  readonly #rate: number;
  #isOnlyLooking = false;
  dueMs = 0;

  /** @param rate relative to normal, above 0. */
  constructor(random: Random, crowd: Crowd, rate: number) {
    this.#random = random;
    this.#crowd = crowd;
    this.#rate = rate;
    this.#schedule(0);
  }

  act(feedMs: number, book: BookReader, out: FeedInput[]): void {
    const isOnlyLooking = this.#isOnlyLooking;
    this.#schedule(feedMs);
    if (!isOnlyLooking) this.#sweep(feedMs, book, out);
  }

  #sweep(feedMs: number, book: BookReader, out: FeedInput[]): void {
    const { leastReachBps, reachPerVol, largestReachPerVol, medianUsd, sizeSpread } = CROWD.sweeps;
    const { price, clock } = this.#crowd;
    const { volBps, depth } = clock.at(feedMs);
    const side = this.#random.chance(0.5) ? "bid" : "ask";
    const sign = sideSign(side);
    const conviction = Math.min(1, this.#random.exponential(reachPerVol) / largestReachPerVol);
    const reachBps = leastReachBps + volBps * price.volRatio * largestReachPerVol * conviction;
    const limit = this.#crowd.snap(price.ticks * (1 + sign * reachBps * BPS), side);
    price.push(sign * reachBps * this.#keptShare(conviction));
    const usd = medianUsd * depth * Math.exp(sizeSpread * this.#random.normal());
    const facing = bestOf(book, opposite(side));
    if (facing !== null && (limit - facing) * sign >= 0)
      this.#crowd.place(side, limit, this.#crowd.lotsFor(usd), "Ioc", out);
  }

  /** Who goes further knows more. */
  #keptShare(conviction: number): number {
    const { least, most, deviation } = CROWD.sweeps.keptShare;
    return least + (most - least) * conviction + deviation * this.#random.normal();
  }

  /** Looks at the conditions once a minute at least, so that a quiet night does not swallow the morning. */
  #schedule(feedMs: number): void {
    const waitMs = this.#random.exponential(this.#meanMs(feedMs));
    this.#isOnlyLooking = waitMs > MINUTE_MS;
    this.dueMs = feedMs + 1 + Math.round(Math.min(waitMs, MINUTE_MS));
  }

  #meanMs(feedMs: number): number {
    const { perMin, volPower, mostAgitation } = CROWD.sweeps;
    const agitated = Math.min(mostAgitation, agitation(this.#crowd, feedMs));
    return MINUTE_MS / (this.#rate * perMin * agitated ** volPower);
  }
}

/** Side of an uninformed taker: hidden pressure leans on it. */
function leaningSide(random: Random, crowd: Crowd): Side {
  const lean = CROWD.uninformed.pressure * Math.tanh(crowd.price.pressure);
  return random.chance(0.5 * (1 + lean)) ? "bid" : "ask";
}

type Style = { readonly reachBps: number; readonly impactBps: number };

/** Volatility now over the usual one of regular hours. */
function agitation(crowd: Crowd, feedMs: number): number {
  return (crowd.clock.at(feedMs).volBps * crowd.price.volRatio) / REFERENCE_VOL_BPS;
}

/** Sends the order if there is anything to take; the efficient price moves by its wish, not by its luck. */
function takeWithImpact(
  crowd: Crowd,
  feedMs: number,
  side: Side,
  usd: number,
  style: Style,
  book: BookReader,
  out: FeedInput[],
): void {
  const sign = sideSign(side);
  const calmness = Math.min(1, agitation(crowd, feedMs));
  crowd.price.push(sign * style.impactBps * calmness * Math.sqrt(usd / IMPACT_REFERENCE_USD));
  const facing = bestOf(book, opposite(side));
  if (facing === null) return;
  // Rounded back towards the touch: never a price beyond the reach.
  const limit = crowd.snap(facing * (1 + sign * style.reachBps * BPS), side);
  crowd.place(side, limit, crowd.lotsFor(usd), "Ioc", out);
}

/**
 * Traders who see the efficient price at once and take every quote that is off by more than their cost, whoever owns
 * it. They are why quoting at the touch without speed loses.
 */
export class InformedAgent implements Agent {
  readonly #random: Random;
  readonly #crowd: Crowd;
  readonly #rate: number;
  dueMs = 0;

  /** @param rate looks relative to normal, above 0. */
  constructor(random: Random, crowd: Crowd, rate: number) {
    this.#random = random;
    this.#crowd = crowd;
    this.#rate = rate;
    this.#scheduleLook(0);
  }

  act(feedMs: number, book: BookReader, out: FeedInput[]): void {
    this.#scheduleLook(feedMs);
    this.#hit("bid", book, out);
    this.#hit("ask", book, out);
  }

  #scheduleLook(feedMs: number): void {
    const meanMs = (this.#crowd.clock.at(feedMs).lookMs * CROWD.informed.lookScale) / this.#rate;
    this.dueMs = feedMs + 1 + Math.round(this.#random.exponential(meanMs));
  }

  #hit(side: Side, book: BookReader, out: FeedInput[]): void {
    const sign = sideSign(side);
    const { costBps, usualUsd } = CROWD.informed;
    const limitTicks = this.#crowd.price.ticks * (1 - sign * costBps * BPS);
    const facingSide = opposite(side);
    const facing = bestOf(book, facingSide);
    if (facing === null || (limitTicks - facing) * sign < 0) return;
    const limit = this.#crowd.snap(limitTicks, side);
    let lots = 0;
    for (const level of book.levels(facingSide, 20))
      if ((limit - level.pxTicks) * sign >= 0) lots += level.sizeLots;
    const offBps = (sign * (this.#crowd.price.ticks - facing)) / (facing * BPS);
    const most = this.#crowd.lotsFor(usualUsd * (offBps / costBps) ** 3);
    if (lots > 0) this.#crowd.place(side, limit, sizeLots(Math.min(lots, most)), "Ioc", out);
  }
}
