import type { Level } from "../../messages/market.ts";
import type { MarketMessage } from "../../messages/marketStream.ts";
import type { Side } from "../../units/grid.ts";
import type { PxTicks, SizeLots } from "../../units/numbers.ts";
import { MAX_LEVELS } from "./tape.ts";

type Received = {
  /** The venue's own time. */
  readonly venueMs: number;
  /** When it was heard, on the listener's clock. */
  readonly recvMs: number;
};

/** A line of a market's history, as a tape or a mirror takes it. Levels are flat pairs of px ticks and lots, best first. */
export type LiveRow =
  | (Received & {
      readonly kind: "depth" | "touch";
      readonly bids: readonly number[];
      readonly asks: readonly number[];
    })
  | (Received & {
      readonly kind: "print";
      readonly side: Side;
      readonly pxTicks: PxTicks;
      readonly sizeLots: SizeLots;
      /** A book that shows it was handed out before. */
      readonly late?: true;
    })
  | (Received & { readonly kind: "oracle"; readonly pxTicks: PxTicks })
  /** From here on the book is not known, until the next depth row. */
  | { readonly kind: "gap"; readonly recvMs: number; readonly reason: string };

type Dated = Exclude<LiveRow, { readonly kind: "gap" }>;

/** An unchanged oracle is repeated after this long: as often as a deployer publishes (HIP-3 deployer actions). */
const ORACLE_PERIOD_MS = 3000;

/** So many trades are known when they are told again. */
const TRADES_KEPT = 4096;

/** At equal times: a book already shows what the prints of its block took, so they come before it. */
const RANK: { readonly [kind in Dated["kind"]]: number } = {
  print: 0,
  touch: 1,
  depth: 2,
  oracle: 3,
};

/**
 * Puts the messages of a venue's public streams into one history in the venue's own time: its streams of one block come in
 * no fixed order, so each message waits `holdMs` for those that belong before it. What contradicts what was handed out
 * already is left out (books older than the newest one) or marked (prints that the newest book already shows: to count
 * them would take the same size from a queue twice).
 */
export class LiveRows {
  readonly #holdMs: number;
  /** Sorted by venue time, rank, arrival. */
  #waiting: Dated[] = [];
  /** Everything before a cut, and the cut: handed out at once. */
  #ready: LiveRow[] = [];
  #readyMs = Infinity;
  #known = false;
  #bookMs = -Infinity;
  /** Venue time of the first book since the last cut: what traded before it was told by nobody. */
  #knownFromMs = Infinity;
  #newestMs = 0;
  #oracle: { readonly pxTicks: number; readonly recvMs: number } | null = null;
  #latePrints = 0;
  readonly #trades = new Set<string>();

  constructor(holdMs: number) {
    this.#holdMs = holdMs;
  }

  /** Prints that came after a book of their block, or a later one, was handed out. */
  get latePrints(): number {
    return this.#latePrints;
  }

  push(message: MarketMessage, recvMs: number): void {
    switch (message.kind) {
      case "book":
        return this.#add({
          kind: "depth",
          venueMs: message.venueMs,
          recvMs,
          bids: flat(message.bids),
          asks: flat(message.asks),
        });
      case "bbo":
        return this.#add({
          kind: "touch",
          venueMs: message.venueMs,
          recvMs,
          bids: flat(message.bid === null ? [] : [message.bid]),
          asks: flat(message.ask === null ? [] : [message.ask]),
        });
      case "trades":
        for (const { tid, venueMs, aggressor, pxTicks, sizeLots } of message.trades) {
          if (this.#isNewTrade(`${venueMs} ${tid}`))
            this.#add({ kind: "print", venueMs, recvMs, side: aggressor, pxTicks, sizeLots });
        }
        return;
      case "context":
        // The stream of contexts carries no time: it is as new as the newest message before it.
        return this.#add({
          kind: "oracle",
          venueMs: this.#newestMs,
          recvMs,
          pxTicks: message.oraclePxTicks,
        });
    }
  }

  /** The book is not known any more. What was heard before counts; the venue's time may start anew. */
  cut(reason: string, recvMs: number): void {
    this.#ready.push(...this.#waiting, { kind: "gap", recvMs, reason });
    this.#readyMs = Math.min(this.#readyMs, recvMs);
    this.#waiting = [];
    this.#newestMs = 0;
  }

  /** When `take` next has something, on the listener's clock; Infinity while nothing waits. */
  nextMs(): number {
    if (this.#ready.length > 0) return this.#readyMs;
    return this.#waiting.reduce(
      (due, { recvMs }) => Math.min(due, recvMs + this.#holdMs),
      Infinity,
    );
  }

  /** What is due, in order. */
  take(nowMs: number): readonly LiveRow[] {
    const out: LiveRow[] = [];
    for (const row of this.#ready) if (this.#counts(row)) out.push(this.#marked(row));
    this.#ready = [];
    this.#readyMs = Infinity;
    const last = this.#waiting.findLastIndex(({ recvMs }) => recvMs + this.#holdMs <= nowMs);
    for (const row of this.#waiting.splice(0, last + 1))
      if (this.#counts(row)) out.push(this.#marked(row));
    return out;
  }

  #add(row: Dated): void {
    this.#newestMs = Math.max(this.#newestMs, row.venueMs);
    let at = this.#waiting.length;
    for (; at > 0; at--) {
      const before = this.#waiting[at - 1];
      if (before === undefined || isInOrder(before, row)) break;
    }
    this.#waiting.splice(at, 0, row);
  }

  /** Whether a row adds to what was handed out before it. */
  #counts(row: LiveRow): boolean {
    switch (row.kind) {
      case "gap": {
        const wasKnown = this.#known;
        this.#known = false;
        this.#bookMs = -Infinity;
        this.#knownFromMs = Infinity;
        return wasKnown;
      }
      case "depth":
        if (row.venueMs < this.#bookMs) return false;
        if (!this.#known) this.#knownFromMs = row.venueMs;
        this.#known = true;
        this.#bookMs = row.venueMs;
        return true;
      case "touch":
        if (!this.#known || row.venueMs < this.#bookMs) return false;
        this.#bookMs = row.venueMs;
        return true;
      case "print":
        return this.#known && row.venueMs > this.#knownFromMs;
      case "oracle":
        return this.#isNewOracle(row.pxTicks, row.recvMs);
    }
  }

  /** A trade is one by its time and number; whoever reconnects is told the latest again. */
  #isNewTrade(key: string): boolean {
    if (this.#trades.has(key)) return false;
    this.#trades.add(key);
    const [oldest] = this.#trades;
    if (this.#trades.size > TRADES_KEPT && oldest !== undefined) this.#trades.delete(oldest);
    return true;
  }

  #marked(row: LiveRow): LiveRow {
    if (row.kind !== "print" || row.venueMs > this.#bookMs) return row;
    this.#latePrints++;
    return { ...row, late: true };
  }

  #isNewOracle(pxTicks: number, recvMs: number): boolean {
    const last = this.#oracle;
    if (last?.pxTicks === pxTicks && recvMs - last.recvMs < ORACLE_PERIOD_MS) return false;
    this.#oracle = { pxTicks, recvMs };
    return true;
  }
}

function isInOrder(a: Dated, b: Dated): boolean {
  return a.venueMs !== b.venueMs ? a.venueMs < b.venueMs : RANK[a.kind] <= RANK[b.kind];
}

function flat(levels: readonly Level[]): number[] {
  return levels.slice(0, MAX_LEVELS).flatMap(({ pxTicks, sizeLots }) => [pxTicks, sizeLots]);
}
