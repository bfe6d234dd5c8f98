import type { Random } from "../../core/random.ts";
import { sideSign } from "../../units/grid.ts";
import type { Side } from "../../units/grid.ts";
import type { PxTicks, SizeLots } from "../../units/numbers.ts";
import type { BookReader, FeedInput } from "../rules/types.ts";
import type { Agent, Crowd } from "./crowd.ts";
import { CROWD } from "./scenarios.ts";

const SIDES: readonly Side[] = ["bid", "ask"];
/** A quote with less than this share of its size left is renewed. */
const WORN_SHARE = 0.35;
/** After a quote was held back by a stale one in front of it, the maker looks again this soon, ms. */
const SECOND_LOOK_MS = { from: 160, to: 260 } as const;

type Quote = { readonly id: number; readonly pxTicks: PxTicks; readonly sizeLots: SizeLots };

type QuickMaker = (typeof CROWD.quickMakers)[number];

/**
 * Keeps one quote on each side near the efficient price as it last saw it. It is late by its looks: what moves in
 * between finds its quotes stale. Quotes stay while they are good enough, as in the real book.
 */
export class QuickMakerAgent implements Agent {
  readonly #random: Random;
  readonly #crowd: Crowd;
  readonly #style: QuickMaker;
  readonly #quotes: { bid: Quote | null; ask: Quote | null } = { bid: null, ask: null };
  dueMs = 0;

  constructor(random: Random, crowd: Crowd, style: QuickMaker) {
    this.#random = random;
    this.#crowd = crowd;
    this.#style = style;
  }

  act(feedMs: number, book: BookReader, out: FeedInput[]): void {
    const conditions = this.#crowd.clock.at(feedMs);
    const belief =
      this.#crowd.price.ticks +
      this.#style.noiseUnits * this.#crowd.unitTicks * this.#random.normal();
    const widening = Math.max(0.7, this.#crowd.price.volRatio);
    const calmHalfBps = conditions.halfBps * this.#style.halfScale * widening;
    const halfTicks = belief * (calmHalfBps + this.#crowd.alarmedHalfBps()) * 1e-4;
    let isHeldBack = false;
    for (const side of SIDES) {
      if (!this.#needsRenewal(side, belief, halfTicks, book)) continue;
      const old = this.#quotes[side];
      if (old !== null) out.push({ kind: "agentCancel", agentOrderId: old.id });
      const wanted = belief - sideSign(side) * halfTicks;
      const px = this.#crowd.postOnlyPx(wanted, side, book);
      if (px !== this.#crowd.snap(wanted, side)) isHeldBack = true;
      const usd = this.#style.usd * this.#crowd.depthAt(side, feedMs);
      const lots = this.#crowd.lotsFor(usd * Math.exp(0.6 * this.#random.normal()));
      this.#quotes[side] = {
        id: this.#crowd.place(side, px, lots, "Alo", out),
        pxTicks: px,
        sizeLots: lots,
      };
    }
    const waitMs = isHeldBack
      ? this.#random.between(SECOND_LOOK_MS.from, SECOND_LOOK_MS.to)
      : this.#random.exponential(conditions.lookMs * this.#style.lookScale);
    this.dueMs = feedMs + 1 + Math.round(waitMs);
  }

  #needsRenewal(side: Side, belief: number, halfTicks: number, book: BookReader): boolean {
    const quote = this.#quotes[side];
    if (quote === null) return true;
    const distanceTicks = (belief - quote.pxTicks) * sideSign(side);
    const farthestTicks = halfTicks + this.#style.keepUnits * this.#crowd.unitTicks;
    if (distanceTicks < 0 || distanceTicks > farthestTicks) return true;
    return book.lotsAt(side, quote.pxTicks) < WORN_SHARE * quote.sizeLots;
  }
}

type Rung = { readonly id: number; readonly sizeLots: SizeLots };

/** The patient part of the book: sizes at many prices, built a few at a time, pulled when the price comes too near. */
export class LadderAgent implements Agent {
  readonly #random: Random;
  readonly #crowd: Crowd;
  readonly #rungs: { readonly bid: Map<number, Rung>; readonly ask: Map<number, Rung> } = {
    bid: new Map(),
    ask: new Map(),
  };
  dueMs = 0;
  #actionsLeft = Number.POSITIVE_INFINITY;

  constructor(random: Random, crowd: Crowd) {
    this.#random = random;
    this.#crowd = crowd;
  }

  act(feedMs: number, book: BookReader, out: FeedInput[]): void {
    const conditions = this.#crowd.clock.at(feedMs);
    const style = CROWD.ladder;
    const belief =
      this.#crowd.price.ticks + style.noiseUnits * this.#crowd.unitTicks * this.#random.normal();
    const halfBps = conditions.halfBps * style.halfScale + this.#crowd.alarmedHalfBps();
    const halfTicks = belief * halfBps * 1e-4;
    for (const side of this.#random.chance(0.5) ? SIDES : SIDES.toReversed()) {
      const quoteTicks = belief - sideSign(side) * halfTicks;
      this.#pull(side, quoteTicks, out);
      this.#build(side, quoteTicks, this.#crowd.depthAt(side, feedMs), book, out);
    }
    this.#actionsLeft = style.actionsPerLook;
    this.dueMs =
      feedMs + 1 + Math.round(this.#random.exponential(conditions.lookMs * style.lookScale));
  }

  /** Cancels what has become too cheap to offer, at once, and what lies far behind, a little at a time. */
  #pull(side: Side, quoteTicks: number, out: FeedInput[]): void {
    const { bands, tidyBeyond } = CROWD.ladder;
    const unit = this.#crowd.unitTicks;
    for (const [px, rung] of this.#rungs[side]) {
      const distance = (quoteTicks - px) * sideSign(side);
      const band = bands.findLast((candidate) => px % (candidate.everyUnits * unit) === 0);
      const isStale = distance < -0.5 * unit;
      const isFar = distance > (band?.reachUnits ?? 0) * unit * tidyBeyond;
      if (!isStale && !(isFar && this.#actionsLeft > 0)) continue;
      if (!isStale) this.#actionsLeft--;
      out.push({ kind: "agentCancel", agentOrderId: rung.id });
      this.#rungs[side].delete(px);
    }
  }

  #build(side: Side, quoteTicks: number, depth: number, book: BookReader, out: FeedInput[]): void {
    const sign = sideSign(side);
    for (const band of CROWD.ladder.bands) {
      const stride = band.everyUnits * this.#crowd.unitTicks;
      const first = (sign > 0 ? Math.floor : Math.ceil)(quoteTicks / stride) * stride;
      const count = band.reachUnits / band.everyUnits;
      for (let k = 0; k < count && this.#actionsLeft > 0; k++)
        this.#fillRung(side, first - sign * k * stride, band.usd * depth, book, out);
    }
  }

  #fillRung(side: Side, ticks: number, usd: number, book: BookReader, out: FeedInput[]): void {
    if (ticks <= 0) return;
    const px = this.#crowd.snap(ticks, side);
    const known = this.#rungs[side].get(px);
    if (known !== undefined && book.lotsAt(side, px) >= WORN_SHARE * known.sizeLots) return;
    if (this.#crowd.postOnlyPx(px, side, book) !== px) return;
    if (known !== undefined) out.push({ kind: "agentCancel", agentOrderId: known.id });
    const lots = this.#crowd.lotsFor(usd * Math.exp(0.8 * this.#random.normal()));
    this.#rungs[side].set(px, {
      id: this.#crowd.place(side, px, lots, "Alo", out),
      sizeLots: lots,
    });
    this.#actionsLeft--;
  }
}
