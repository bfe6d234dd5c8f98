import type { Side } from "../../../lib/units/grid.ts";
import { sideSign, snapPassive } from "../../../lib/units/grid.ts";
import type { TinyBook } from "./tinyBook.ts";
import type { TouchLog } from "./touchLog.ts";

export type QuoterFill = {
  readonly timeMs: number;
  readonly side: Side;
  readonly px: number;
  readonly lots: number;
};

/** Whole twice-micro-dollars: px ticks times lots, with mids doubled. */
export type QuoterPnl = {
  /** Cash and position at the mid. */
  readonly account: number;
  /** Fill prices against the mid of the block before. */
  readonly spread: number;
  /** Position times the move of the mid, block by block. */
  readonly inventory: number;
};

/** A quote stays while it is within this many px ticks of where it would be placed now. */
const TOLERANCE_TICKS = 30;

/**
 * A maker without a thought: rests one contract a side at a fixed distance from the mid (0 joins the back of the touch),
 * post-only, looks every `lookMs`, and moves when it is off. Several may stand in one book under different names; each
 * looks at the crowd's quotes only.
 */
export class Quoter {
  readonly distanceBps: number;
  readonly fills: QuoterFill[] = [];
  readonly #owner: string;
  readonly #lots: number;
  readonly #lookMs: number;
  readonly #quotes: Record<Side, { id: number; px: number } | null> = { bid: null, ask: null };
  #seen = 0;
  #ids = 0;
  #nextLookMs = 0;
  #doubleMid = Number.NaN;
  #positionLots = 0;
  #cash = 0;
  #spread = 0;
  #inventory = 0;

  constructor(distanceBps: number, lookMs = 350, lots = 1000) {
    this.distanceBps = distanceBps;
    this.#owner = `quoter ${distanceBps}`;
    this.#lots = lots;
    this.#lookMs = lookMs;
  }

  /** Once a block, after the crowd's post-only orders and before its takers. */
  step(timeMs: number, book: TinyBook): void {
    this.#collect(book);
    const bid = book.crowdBest("bid");
    const ask = book.crowdBest("ask");
    if (bid === null || ask === null) return;
    this.#revalue(bid + ask);
    if (timeMs < this.#nextLookMs) return;
    this.#nextLookMs = timeMs + this.#lookMs;
    const mid = (bid + ask) / 2;
    for (const side of ["bid", "ask"] as const) {
      const atTouch = this.distanceBps === 0;
      const px = atTouch
        ? side === "bid"
          ? bid
          : ask
        : snapPassive(mid * (1 - sideSign(side) * this.distanceBps * 1e-4), side, 3);
      const quote = this.#quotes[side];
      if (quote !== null && Math.abs(quote.px - px) <= (atTouch ? 0 : TOLERANCE_TICKS)) continue;
      if (quote !== null) book.cancel(this.#owner, quote.id);
      this.#ids++;
      const placed = book.place(this.#owner, this.#ids, side, px, this.#lots, "Alo", timeMs);
      this.#quotes[side] = placed ? { id: this.#ids, px } : null;
    }
  }

  /** Fees are not in it. */
  get pnl(): QuoterPnl {
    const value = this.#positionLots === 0 ? 0 : this.#positionLots * this.#doubleMid;
    return { account: this.#cash + value, spread: this.#spread, inventory: this.#inventory };
  }

  /** Signed distance from the fill price to the mid this much later, bp, per fill; positive is good for the maker. */
  markouts(
    log: TouchLog,
    horizonMs: number,
  ): { readonly fill: QuoterFill; readonly bps: number }[] {
    return this.fills.flatMap((fill) => {
      const doubleMid = log.doubleMidAt(fill.timeMs + horizonMs);
      if (Number.isNaN(doubleMid)) return [];
      return [{ fill, bps: (doubleMid / 2 / fill.px - 1) * 1e4 * sideSign(fill.side) }];
    });
  }

  #collect(book: TinyBook): void {
    for (; this.#seen < book.trades.length; this.#seen++) {
      const trade = book.trades[this.#seen];
      if (trade?.maker !== this.#owner) continue;
      const side = trade.side === "bid" ? "ask" : "bid";
      this.fills.push({ timeMs: trade.timeMs, side, px: trade.px, lots: trade.lots });
      const signedLots = sideSign(side) * trade.lots;
      this.#positionLots += signedLots;
      this.#cash -= 2 * signedLots * trade.px;
      this.#spread += signedLots * (this.#doubleMid - 2 * trade.px);
      const quote = this.#quotes[side];
      if (quote !== null && !book.rests(this.#owner, quote.id)) this.#quotes[side] = null;
    }
  }

  #revalue(doubleMid: number): void {
    if (this.#positionLots !== 0) {
      // Fills of the block before were booked against its mid.
      this.#inventory += this.#positionLots * (doubleMid - this.#doubleMid);
    }
    this.#doubleMid = doubleMid;
  }
}
