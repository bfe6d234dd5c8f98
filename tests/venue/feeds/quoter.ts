import type { Side } from "../../../lib/units/grid.ts";
import { sideSign, snapPassive } from "../../../lib/units/grid.ts";
import type { TinyBook } from "./tinyBook.ts";

export type Markout = {
  readonly fills: number;
  readonly firstFillMs: number;
  readonly bps: readonly number[];
};

/**
 * A maker without a thought: rests one contract a side at a fixed distance from the mid (0 joins the touch), looks every
 * `lookMs`, and moves when it is more than `toleranceBps` off.
 */
export class Quoter {
  readonly #distanceBps: number;
  readonly #lots: number;
  readonly #lookMs: number;
  readonly #mids: number[] = [];
  readonly #quotes: Record<Side, { id: number; px: number } | null> = { bid: null, ask: null };
  #seen = 0;
  #ids = 0;
  #nextLookMs = 0;
  readonly fills: { timeMs: number; side: Side; px: number; lots: number }[] = [];

  constructor(distanceBps: number, lookMs = 350, lots = 1000) {
    this.#distanceBps = distanceBps;
    this.#lookMs = lookMs;
    this.#lots = lots;
  }

  step(timeMs: number, book: TinyBook): void {
    this.#collect(book);
    const bid = book.bestBid();
    const ask = book.bestAsk();
    if (bid === null || ask === null) return;
    const mid = (bid.pxTicks + ask.pxTicks) / 2;
    for (let i = this.#mids.length; i * 1000 <= timeMs; i++) this.#mids.push(mid);
    if (timeMs < this.#nextLookMs) return;
    this.#nextLookMs = timeMs + this.#lookMs;
    for (const side of ["bid", "ask"] as const) {
      const touch = (side === "bid" ? bid : ask).pxTicks;
      const px =
        this.#distanceBps === 0
          ? touch
          : snapPassive(mid * (1 - sideSign(side) * this.#distanceBps * 1e-4), side, 3);
      const quote = this.#quotes[side];
      if (quote !== null && Math.abs(quote.px - px) <= (this.#distanceBps === 0 ? 0 : 30)) continue;
      if (quote !== null) book.cancel("user", quote.id);
      this.#ids++;
      const placed = book.place("user", this.#ids, side, px, this.#lots, "Alo", timeMs);
      this.#quotes[side] = placed ? { id: this.#ids, px } : null;
    }
  }

  /** Mean signed move of the mid after a fill, per horizon, from the fill price; positive is good for the maker. */
  markouts(horizonsMs: readonly number[]): Markout {
    const bps = horizonsMs.map((horizonMs) => {
      let sum = 0;
      let count = 0;
      for (const fill of this.fills) {
        const mid = this.#mids[Math.ceil((fill.timeMs + horizonMs) / 1000)];
        if (mid === undefined) continue;
        sum += ((mid - fill.px) / fill.px) * 1e4 * sideSign(fill.side) * fill.lots;
        count += fill.lots;
      }
      return sum / count;
    });
    return { fills: this.fills.length, firstFillMs: this.fills[0]?.timeMs ?? Number.NaN, bps };
  }

  #collect(book: TinyBook): void {
    for (; this.#seen < book.trades.length; this.#seen++) {
      const trade = book.trades[this.#seen];
      if (trade?.maker !== "user") continue;
      const side = trade.side === "bid" ? "ask" : "bid";
      this.fills.push({ timeMs: trade.timeMs, side, px: trade.px, lots: trade.lots });
      this.#quotes[side] = null;
    }
  }
}
