import type { Random } from "../../core/random.ts";
import { opposite, sideSign, snapPassive, stepTicks } from "../../units/grid.ts";
import type { Side } from "../../units/grid.ts";
import { pxTicks, sizeLots } from "../../units/numbers.ts";
import type { PxTicks, SizeLots } from "../../units/numbers.ts";
import type { BookReader, FeedInput } from "../rules/types.ts";
import { CROWD } from "./scenarios.ts";
import type { EfficientPrice } from "./efficientPrice.ts";
import type { SessionClock } from "./sessions.ts";

/** One member of the simulated crowd: acts when its time has come and says when it looks next. */
export interface Agent {
  readonly dueMs: number;
  act(feedMs: number, book: BookReader, out: FeedInput[]): void;
}

/** Distance between neighbouring quoted prices, bp: one cent at 693 dollars. Coarser where the venue's grid is. */
const UNIT_BPS = 0.144;

/** What all agents share: the price they follow, the grid, the market's clock, and ids for their orders. */
export class Crowd {
  readonly price: EfficientPrice;
  readonly clock: SessionClock;
  /** Agents count distances in this many px ticks. A multiple of the grid's step at the start price. */
  readonly unitTicks: number;
  readonly #szDecimals: number;
  readonly #lotsPerUsd: number;
  readonly #tides: { readonly [S in Side]: DepthTide };
  #lastOrderId = 0;

  constructor(
    random: Random,
    price: EfficientPrice,
    clock: SessionClock,
    szDecimals: number,
    startTicks: number,
  ) {
    this.price = price;
    this.clock = clock;
    this.#tides = {
      bid: new DepthTide(random.split("bid tide"), CROWD.depthTide.deviation.bid),
      ask: new DepthTide(random.split("ask tide"), CROWD.depthTide.deviation.ask),
    };
    this.#szDecimals = szDecimals;
    const step = stepTicks(startTicks, szDecimals);
    this.unitTicks = step * Math.max(1, Math.round((startTicks * UNIT_BPS * 1e-4) / step));
    this.#lotsPerUsd = 1e6 / startTicks;
  }

  /** What makers add to their half-spread after a sudden move, bp. */
  alarmedHalfBps(): number {
    return CROWD.alarm.share * this.price.alarmBps;
  }

  /** How much is quoted on a side now, relative to regular hours. */
  depthAt(side: Side, feedMs: number): number {
    return this.clock.at(feedMs).depth * this.#tides[side].at(feedMs);
  }

  /** Whole lots worth about this many dollars at the start price, at least one. */
  lotsFor(usd: number): SizeLots {
    return sizeLots(Math.max(1, Math.round(usd * this.#lotsPerUsd)));
  }

  /** Legal price at or away from `ticks`. */
  snap(ticks: number, side: Side): PxTicks {
    return snapPassive(Math.max(1, ticks), side, this.#szDecimals);
  }

  /** Nearest legal price to `ticks` at which a post-only order does not cross what is displayed. */
  postOnlyPx(ticks: number, side: Side, book: BookReader): PxTicks {
    const wanted = this.snap(ticks, side);
    const facing = bestOf(book, opposite(side));
    if (facing === null || (facing - wanted) * sideSign(side) > 0) return wanted;
    // One px tick inside the facing quote, then rounded away from it, is the nearest legal price.
    return this.snap(facing - sideSign(side), side);
  }

  place(side: Side, px: PxTicks, lots: SizeLots, tif: "Alo" | "Ioc", out: FeedInput[]): number {
    this.#lastOrderId++;
    const agentOrderId = this.#lastOrderId;
    out.push({ kind: "agentPlace", agentOrderId, side, pxTicks: px, sizeLots: lots, tif });
    return agentOrderId;
  }
}

/** Moves on a grid of its own, so that it does not depend on who looks when. */
const TIDE_STEP_MS = 10_000;
const TIDE_KEPT = Math.exp(-TIDE_STEP_MS / CROWD.depthTide.tauMs);

/** Ebb and flow of what makers offer on one side: a log-Ornstein-Uhlenbeck factor with median one. */
class DepthTide {
  readonly #random: Random;
  readonly #deviation: number;
  #logFactor: number;
  #steps = 0;

  constructor(random: Random, deviation: number) {
    this.#random = random;
    this.#deviation = deviation;
    this.#logFactor = deviation * random.normal();
  }

  at(feedMs: number): number {
    const fresh = this.#deviation * Math.sqrt(1 - TIDE_KEPT ** 2);
    for (const due = Math.floor(feedMs / TIDE_STEP_MS); this.#steps < due; this.#steps++)
      this.#logFactor = this.#logFactor * TIDE_KEPT + fresh * this.#random.normal();
    return Math.exp(this.#logFactor);
  }
}

/** Best displayed price of a side, or null. */
export function bestOf(book: BookReader, side: Side): PxTicks | null {
  const level = side === "bid" ? book.bestBid() : book.bestAsk();
  return level === null ? null : pxTicks(level.pxTicks);
}
