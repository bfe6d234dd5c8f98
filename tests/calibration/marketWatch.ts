import { conditionsAt, minuteOfWeek } from "../../lib/venue/feeds/sessions.ts";
import type { BookReader } from "../../lib/venue/rules/types.ts";

/** Parts of the week that are told apart. The first two overlap none, `afterClose` and `open` are parts of others. */
type Regime = "regular" | "off" | "weekend";
export type Part = Regime | "open" | "afterClose";

const PARTS: readonly Part[] = ["regular", "off", "weekend", "open", "afterClose"];

/** Which parts of the week a time of the market's own clock belongs to. */
export function partsAt(epochMs: number): readonly Part[] {
  const minute = Math.floor(minuteOfWeek(epochMs));
  if (conditionsAt(minute).isWeekend) return ["weekend"];
  const ofDay = minute % 1440;
  if (ofDay >= 570 && ofDay < 600) return ["regular", "open"];
  if (ofDay >= 600 && ofDay < 960) return ["regular"];
  if (ofDay >= 990 && ofDay < 1070) return ["off", "afterClose"];
  return ["off"];
}

/** What was seen once a second in one part of the week. */
export class Samples {
  readonly spreadTicks: number[] = [];
  readonly spreadBps: number[] = [];
  readonly touchContracts: number[] = [];
  readonly topTenUsd: { readonly bid: number[]; readonly ask: number[] } = { bid: [], ask: [] };
  seconds = 0;
  oneTickStays = 0;
  oneTicks = 0;
  wideStays = 0;
  wides = 0;
  unchanged = 0;
  pairs = 0;
}

const CENT_TICKS = 10;

/**
 * Looks at a book of a US500-like market (one cent is ten px ticks) once a second and files what it sees by the part of
 * the week.
 */
export class MarketWatch {
  readonly parts = new Map<Part, Samples>(PARTS.map((part) => [part, new Samples()]));
  readonly #startMs: number;
  #nextMs = 5000;
  #last: { readonly bid: number; readonly ask: number } | null = null;

  /** @param startMs market time (Unix epoch) at feed time 0 */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Seconds in which a side was empty or the book crossed. */
  broken = 0;

  step(timeMs: number, book: BookReader): void {
    if (timeMs < this.#nextMs) return;
    this.#nextMs += 1000;
    const bid = book.bestBid();
    const ask = book.bestAsk();
    if (bid === null || ask === null || bid.pxTicks >= ask.pxTicks) {
      this.broken++;
      this.#last = null;
      return;
    }
    const depth = { bid: usdOf(book, "bid"), ask: usdOf(book, "ask") };
    const ticks = Math.round((ask.pxTicks - bid.pxTicks) / CENT_TICKS);
    for (const part of partsAt(this.#startMs + timeMs)) {
      const samples = this.of(part);
      samples.seconds++;
      samples.spreadTicks.push(ticks);
      samples.spreadBps.push(((ask.pxTicks - bid.pxTicks) / (ask.pxTicks + bid.pxTicks)) * 2e4);
      samples.touchContracts.push((bid.sizeLots + ask.sizeLots) / 2000);
      samples.topTenUsd.bid.push(depth.bid);
      samples.topTenUsd.ask.push(depth.ask);
      this.#countPair(samples, bid.pxTicks, ask.pxTicks, ticks);
    }
    this.#last = { bid: bid.pxTicks, ask: ask.pxTicks };
  }

  of(part: Part): Samples {
    const samples = this.parts.get(part);
    if (samples === undefined) throw new Error(`no part "${part}"`);
    return samples;
  }

  #countPair(samples: Samples, bid: number, ask: number, ticks: number): void {
    const last = this.#last;
    if (last === null) return;
    samples.pairs++;
    if (last.bid === bid && last.ask === ask) samples.unchanged++;
    const isOne = ticks === 1;
    if (Math.round((last.ask - last.bid) / CENT_TICKS) === 1) {
      samples.oneTicks++;
      if (isOne) samples.oneTickStays++;
    } else {
      samples.wides++;
      if (!isOne) samples.wideStays++;
    }
  }
}

function usdOf(book: BookReader, side: "bid" | "ask"): number {
  let usd = 0;
  for (const level of book.levels(side, 10)) usd += (level.sizeLots * level.pxTicks) / 1e6;
  return usd;
}
