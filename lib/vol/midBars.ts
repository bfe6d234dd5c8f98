import { DAILY_MS } from "./bars.ts";
import { candlesFromRows } from "./candles.ts";
import type { CandleRow, Candles } from "./candles.ts";

/** Minutes without a mid over which the price counts as unchanged; longer silence is a gap. */
const FLAT_BARS_MAX = 5;
/** A first mid later than this share of its bar leaves the bar half known. */
const PARTIAL_SHARE = 1 / 6;

/** Minute bars from mids as they come, and from candles where there were no mids yet. Finished bars only. */
export class MidBars {
  readonly #barMs: number;
  readonly #barsMax: number;
  #bars: CandleRow[] = [];
  #open: CandleRow | null = null;
  /** The open bar began before its first mid was seen: its range would be too small. */
  #partial = false;

  /** @param barsMax how many finished bars are kept. */
  constructor(barMs: number, barsMax: number) {
    this.#barMs = barMs;
    this.#barsMax = barsMax;
  }

  get count(): number {
    return this.#bars.length;
  }

  /** End of the newest finished bar, or null. */
  get endMs(): number | null {
    const last = this.#bars.at(-1);
    return last === undefined ? null : last.openMs + this.#barMs;
  }

  /** Takes a mid (> 0). Times that go back are ignored. True when a bar was finished by it. */
  addMid(mid: number, nowMs: number): boolean {
    if (!(mid > 0)) return false;
    const openMs = Math.floor(nowMs / this.#barMs) * this.#barMs;
    const open = this.#open;
    if (open !== null && openMs < open.openMs) return false;
    if (open !== null && openMs === open.openMs) {
      this.#open = {
        ...open,
        high: Math.max(open.high, mid),
        low: Math.min(open.low, mid),
        close: mid,
      };
      return false;
    }
    if (open !== null) this.#finish(open, openMs);
    this.#partial = !this.#followsOn(openMs) && nowMs - openMs > PARTIAL_SHARE * this.#barMs;
    const first = open !== null && openMs - open.openMs <= this.#barMs ? open.close : mid;
    this.#open = {
      openMs,
      open: first,
      high: Math.max(first, mid),
      low: Math.min(first, mid),
      close: mid,
      volume: Number.NaN,
    };
    return open !== null;
  }

  /** Finished candles of the same market; where a bar is known already, the known one stays. */
  addCandles(rows: readonly CandleRow[]): void {
    const known = new Map(rows.map((row) => [row.openMs, row]));
    for (const bar of this.#bars) known.set(bar.openMs, bar);
    const openMs = this.#open?.openMs ?? Number.POSITIVE_INFINITY;
    this.#bars = [...known.values()]
      .filter((row) => row.openMs < openMs)
      .toSorted((a, b) => a.openMs - b.openMs)
      .slice(-this.#barsMax);
  }

  /** Finished bars that begin at `fromMs` or later, oldest first. */
  rowsSince(fromMs: number): readonly CandleRow[] {
    const bars = this.#bars;
    let from = bars.length;
    while (from > 0 && (bars[from - 1]?.openMs ?? 0) >= fromMs) from--;
    return bars.slice(from);
  }

  /**
   * The newest finished bars, joined into longer ones where asked; a longer bar needs all of its parts' span to be over.
   * @param count at most this many.
   */
  candles(barMs: number, count: number): Candles {
    if (barMs === this.#barMs || barMs >= DAILY_MS)
      return candlesFromRows(this.#bars.slice(-count), this.#barMs);
    const joined: CandleRow[] = [];
    for (const bar of this.#bars.slice((-count - 1) * Math.ceil(barMs / this.#barMs))) {
      const openMs = Math.floor(bar.openMs / barMs) * barMs;
      const last = joined.at(-1);
      if (last === undefined || last.openMs !== openMs) joined.push({ ...bar, openMs });
      else
        joined[joined.length - 1] = {
          ...last,
          high: Math.max(last.high, bar.high),
          low: Math.min(last.low, bar.low),
          close: bar.close,
          volume: last.volume + bar.volume,
        };
    }
    const last = joined.at(-1);
    if (last !== undefined && last.openMs + barMs > (this.endMs ?? 0)) joined.pop();
    return candlesFromRows(joined.slice(-count), barMs);
  }

  #followsOn(openMs: number): boolean {
    return this.#open !== null && openMs - this.#open.openMs <= FLAT_BARS_MAX * this.#barMs;
  }

  #finish(open: CandleRow, nextOpenMs: number): void {
    if (this.#partial) return;
    this.#bars.push(open);
    const missing = (nextOpenMs - open.openMs) / this.#barMs - 1;
    if (missing <= FLAT_BARS_MAX)
      for (let k = 1; k <= missing; k++) {
        const openMs = open.openMs + k * this.#barMs;
        const px = open.close;
        this.#bars.push({ openMs, open: px, high: px, low: px, close: px, volume: Number.NaN });
      }
    if (this.#bars.length > 1.1 * this.#barsMax) this.#bars = this.#bars.slice(-this.#barsMax);
  }
}
