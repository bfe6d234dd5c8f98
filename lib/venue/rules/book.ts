import { assert } from "../../units/assert.ts";
import type { Side } from "../../units/grid.ts";
import { sizeLots } from "../../units/numbers.ts";
import type { PxTicks, SizeLots } from "../../units/numbers.ts";
import type { BookLevel, BookReader } from "./types.ts";

/** What rests at a price: an account's order, an order of the simulated crowd, or recorded ("ghost") size. */
export type RestingEntry = {
  readonly kind: "account" | "crowd" | "tape";
  readonly oid: number;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  /** Lots still to fill. Only the book changes it while the entry rests. */
  lots: SizeLots;
};

/** A price with its first-in-first-out queue; `lots` is the sum over the queue. */
export type Level<E extends RestingEntry> = {
  readonly pxTicks: PxTicks;
  lots: number;
  readonly entries: E[];
};

/** One side of the book. Levels are kept worst first, so that work at the touch moves little memory. */
class Ladder<E extends RestingEntry> {
  readonly levels: Level<E>[] = [];
  readonly byPx = new Map<number, Level<E>>();
  readonly #sign: 1 | -1;

  constructor(side: Side) {
    this.#sign = side === "bid" ? 1 : -1;
  }

  /** Index of the first level that is not worse than `px`. */
  indexOf(px: number): number {
    let low = 0;
    let high = this.levels.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const level = this.levels[middle];
      assert(level !== undefined, "the middle of a non-empty range is a level");
      if ((level.pxTicks - px) * this.#sign < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  obtain(px: PxTicks): Level<E> {
    const found = this.byPx.get(px);
    if (found !== undefined) return found;
    const level: Level<E> = { pxTicks: px, lots: 0, entries: [] };
    this.levels.splice(this.indexOf(px), 0, level);
    this.byPx.set(px, level);
    return level;
  }

  drop(level: Level<E>): void {
    assert(level.lots === 0, `a level that leaves the book holds no lots, got ${level.lots}`);
    this.levels.splice(this.indexOf(level.pxTicks), 1);
    this.byPx.delete(level.pxTicks);
  }
}

/** Price-time priority: better prices first, at one price first in, first out (venue rule, hypercore/order-book). */
export class Book<E extends RestingEntry> implements BookReader {
  readonly #bids = new Ladder<E>("bid");
  readonly #asks = new Ladder<E>("ask");
  /** Grows with every change. */
  version = 0;

  #ladder(side: Side): Ladder<E> {
    return side === "bid" ? this.#bids : this.#asks;
  }

  /** Puts the entry at the end of its price's queue, or at its head. */
  add(entry: E, where: "back" | "front" = "back"): void {
    assert(entry.lots > 0, `a resting entry has lots, got ${entry.lots}`);
    const level = this.#ladder(entry.side).obtain(entry.pxTicks);
    if (where === "back") level.entries.push(entry);
    else level.entries.unshift(entry);
    level.lots += entry.lots;
    this.version += 1;
  }

  /** Takes `lots` off the entry; at zero it leaves the book. */
  reduce(entry: E, lots: number): void {
    assert(
      lots > 0 && lots <= entry.lots,
      `between 1 and ${entry.lots} lots come off, got ${lots}`,
    );
    const ladder = this.#ladder(entry.side);
    const level = ladder.byPx.get(entry.pxTicks);
    assert(level !== undefined, `a resting entry's level is in the book, px ${entry.pxTicks}`);
    entry.lots = sizeLots(entry.lots - lots);
    level.lots -= lots;
    this.version += 1;
    if (entry.lots > 0) return;
    const index = level.entries.indexOf(entry);
    assert(index >= 0, `a resting entry is in its queue, oid ${entry.oid}`);
    if (index === 0) level.entries.shift();
    else level.entries.splice(index, 1);
    if (level.entries.length === 0) ladder.drop(level);
  }

  /** Removes the entry and leaves its `lots` as they were. */
  remove(entry: E): void {
    const { lots } = entry;
    this.reduce(entry, lots);
    entry.lots = lots;
  }

  /** Adds to an entry without moving it: only for recorded size at the end of its queue. */
  grow(entry: E, lots: number): void {
    const level = this.#ladder(entry.side).byPx.get(entry.pxTicks);
    assert(level !== undefined, `a resting entry's level is in the book, px ${entry.pxTicks}`);
    entry.lots = sizeLots(entry.lots + lots);
    level.lots += lots;
    this.version += 1;
  }

  /** The best level with its queue. */
  best(side: Side): Level<E> | undefined {
    return this.#ladder(side).levels.at(-1);
  }

  level(side: Side, px: number): Level<E> | undefined {
    return this.#ladder(side).byPx.get(px);
  }

  /** All levels, worst first. */
  ladder(side: Side): readonly Level<E>[] {
    return this.#ladder(side).levels;
  }

  bestBid(): BookLevel | null {
    return publicLevel(this.best("bid"));
  }

  bestAsk(): BookLevel | null {
    return publicLevel(this.best("ask"));
  }

  levels(side: Side, count: number): readonly BookLevel[] {
    const all = this.#ladder(side).levels;
    const shown: BookLevel[] = [];
    for (let index = all.length - 1; index >= 0 && shown.length < count; index -= 1) {
      const level = publicLevel(all[index]);
      if (level !== null) shown.push(level);
    }
    return shown;
  }

  lotsAt(side: Side, px: PxTicks): SizeLots {
    return sizeLots(this.level(side, px)?.lots ?? 0);
  }
}

function publicLevel<E extends RestingEntry>(level: Level<E> | undefined): BookLevel | null {
  if (level === undefined) return null;
  return { pxTicks: level.pxTicks, sizeLots: sizeLots(level.lots), orders: level.entries.length };
}

/** True when an order on `side` with limit `limitPx` could trade at `px`. */
export function crosses(side: Side, limitPx: number, px: number): boolean {
  return side === "bid" ? px <= limitPx : px >= limitPx;
}

/** Middle of the book in ticks (may be half a tick); null while a side is empty. */
export function midTicks(book: BookReader): number | null {
  const bid = book.bestBid();
  const ask = book.bestAsk();
  return bid === null || ask === null ? null : (bid.pxTicks + ask.pxTicks) / 2;
}
