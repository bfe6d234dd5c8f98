import { LiveRows } from "../../core/tape/liveRows.ts";
import type { LiveRow } from "../../core/tape/liveRows.ts";
import type { MarketMessage } from "../../messages/marketStream.ts";
import type { BookReader, FeedInfo, FeedInput, FeedLink, MarketFeed } from "../rules/types.ts";

/**
 * How long a message waits for those that belong before it. The mirrored market is the real one that much later, for
 * orders and answers alike, so nothing is gained or lost by it.
 */
const MIRROR_HOLD_MS = 250;

export type MirrorSubject = {
  readonly coin: string;
  readonly szDecimals: number;
  /** The exchange that is shown. */
  readonly upstream: string;
};

/**
 * Another exchange's market as it is told, our orders queued on top by the rules of a replay. Whoever listens to the other
 * exchange hands in what it says and when it is lost; times are venue time.
 */
export class MirroredFeed implements MarketFeed {
  readonly info: FeedInfo;
  readonly #rows = new LiveRows(MIRROR_HOLD_MS);
  readonly #startMs: number;
  readonly #upstream: string;
  #live = false;
  #detail = "no book was heard yet";
  #cuts = 0;

  constructor({ coin, szDecimals, upstream }: MirrorSubject, startMs: number) {
    this.#startMs = startMs;
    this.#upstream = upstream;
    this.info = {
      source: "mirrored",
      coin,
      szDecimals,
      description: `Mirror of the live market ${coin} at ${upstream}, told ${MIRROR_HOLD_MS} ms late; our orders exist here alone.`,
      durationMs: Infinity,
      seed: null,
    };
  }

  push(message: MarketMessage, nowMs: number): void {
    this.#rows.push(message, nowMs);
  }

  cut(reason: string, nowMs: number): void {
    this.#live = false;
    this.#detail = reason;
    this.#cuts++;
    this.#rows.cut(reason, nowMs);
  }

  /** A book came again. */
  resumed(): void {
    this.#live = true;
    this.#detail = "books come";
  }

  link(): FeedLink {
    return {
      upstream: this.#upstream,
      live: this.#live,
      detail: this.#detail,
      cuts: this.#cuts,
      latePrints: this.#rows.latePrints,
    };
  }

  nextMs(): number {
    return this.#rows.nextMs() - this.#startMs;
  }

  next(_book: BookReader): readonly FeedInput[] {
    return this.#rows.take(this.#rows.nextMs()).map(inputOf);
  }
}

function printOf({
  side,
  pxTicks,
  sizeLots,
  late,
}: Extract<LiveRow, { kind: "print" }>): FeedInput {
  return { kind: "tapePrint", side, pxTicks, sizeLots, ...(late === true ? { late } : {}) };
}

function inputOf(row: LiveRow): FeedInput {
  switch (row.kind) {
    case "depth":
    case "touch":
      return { kind: "tapeBook", bids: row.bids, asks: row.asks, depth: row.kind === "depth" };
    case "print":
      return printOf(row);
    case "oracle":
      return { kind: "oracle", pxTicks: row.pxTicks };
    case "gap":
      return { kind: "gap", untilMs: null, reason: row.reason };
  }
}
