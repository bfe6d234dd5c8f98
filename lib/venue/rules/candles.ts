import { ms, pxTicks, sizeLots } from "../../units/numbers.ts";
import type { Ms, PxTicks, SizeLots } from "../../units/numbers.ts";
import type { CandleView } from "./views.ts";

const MINUTE_MS = 60_000;
/** The venue serves the latest 5000 bars. */
const KEPT_BARS = 5_000;

type Bar = {
  readonly startMs: number;
  readonly open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  ntl: number;
  trades: number;
};

/** Sums over the bars but the newest that start after `afterMs`, the first of them at `firstMs`. */
type Ended = {
  readonly bars: number;
  readonly afterMs: number;
  readonly firstMs: number;
  readonly lots: number;
  readonly ntl: number;
  readonly firstPx: PxTicks | null;
};

/** One-minute bars of a market, made from its trades; minutes without trades have none. */
export class Candles {
  readonly #bars: Bar[] = [];
  #ended: Ended = {
    bars: -1,
    afterMs: Infinity,
    firstMs: Infinity,
    lots: 0,
    ntl: 0,
    firstPx: null,
  };

  add(px: PxTicks, lots: SizeLots, timeMs: Ms): void {
    const startMs = timeMs - (timeMs % MINUTE_MS);
    const last = this.#bars.at(-1);
    if (last === undefined || last.startMs !== startMs) {
      const ntl = px * lots;
      this.#bars.push({
        startMs,
        open: px,
        high: px,
        low: px,
        close: px,
        volume: lots,
        ntl,
        trades: 1,
      });
      if (this.#bars.length >= 2 * KEPT_BARS) this.#bars.splice(0, this.#bars.length - KEPT_BARS);
      return;
    }
    last.high = Math.max(last.high, px);
    last.low = Math.min(last.low, px);
    last.close = px;
    last.volume += lots;
    last.ntl += px * lots;
    last.trades += 1;
  }

  /** Bars that start in [fromMs, toMs), oldest first, put together from one-minute bars on the epoch's grid. */
  query(intervalMs: number, fromMs: Ms, toMs: Ms): readonly CandleView[] {
    const merged: Bar[] = [];
    for (const bar of this.#bars.slice(-KEPT_BARS)) {
      const startMs = bar.startMs - (bar.startMs % intervalMs);
      if (startMs < fromMs || startMs >= toMs) continue;
      const last = merged.at(-1);
      if (last === undefined || last.startMs !== startMs) {
        merged.push({ ...bar, startMs });
        continue;
      }
      last.high = Math.max(last.high, bar.high);
      last.low = Math.min(last.low, bar.low);
      last.close = bar.close;
      last.volume += bar.volume;
      last.trades += bar.trades;
    }
    return merged.map((bar) => view(bar, intervalMs));
  }

  /** Volume of the bars that start at or after `fromMs`, and the first open among them. */
  since(fromMs: number): { lots: number; ntl: number; firstPx: PxTicks | null } {
    const forming = this.#bars.at(-1);
    if (forming === undefined || forming.startMs < fromMs)
      return { lots: 0, ntl: 0, firstPx: null };
    const { lots, ntl, firstPx } = this.#endedSince(fromMs);
    const { volume, ntl: formingNtl, open } = forming;
    return { lots: lots + volume, ntl: ntl + formingNtl, firstPx: firstPx ?? pxTicks(open) };
  }

  /** The same of all bars but the newest: it is asked for every second and changes once a minute. */
  #endedSince(fromMs: number): Ended {
    const { bars, afterMs, firstMs } = this.#ended;
    if (bars === this.#bars.length && fromMs > afterMs && fromMs <= firstMs) return this.#ended;
    let lots = 0;
    let ntl = 0;
    let index = this.#bars.length - 2;
    for (; index >= 0; index -= 1) {
      const bar = this.#bars[index];
      if (bar === undefined || bar.startMs < fromMs) break;
      lots += bar.volume;
      ntl += bar.ntl;
    }
    const first = index + 1 < this.#bars.length - 1 ? this.#bars[index + 1] : undefined;
    this.#ended = {
      bars: this.#bars.length,
      afterMs: this.#bars[index]?.startMs ?? -Infinity,
      firstMs: this.#bars[index + 1]?.startMs ?? Infinity,
      lots,
      ntl,
      firstPx: first === undefined ? null : pxTicks(first.open),
    };
    return this.#ended;
  }
}

function view(bar: Bar, intervalMs: number): CandleView {
  return {
    startMs: ms(bar.startMs),
    endMs: ms(bar.startMs + intervalMs - 1),
    openPxTicks: pxTicks(bar.open),
    highPxTicks: pxTicks(bar.high),
    lowPxTicks: pxTicks(bar.low),
    closePxTicks: pxTicks(bar.close),
    volumeLots: sizeLots(bar.volume),
    trades: bar.trades,
  };
}
