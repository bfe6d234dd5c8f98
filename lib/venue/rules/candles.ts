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

/** One-minute bars of a market, made from its trades; minutes without trades have none. */
export class Candles {
  readonly #bars: Bar[] = [];

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
    let lots = 0;
    let ntl = 0;
    let firstPx: PxTicks | null = null;
    for (let index = this.#bars.length - 1; index >= 0; index -= 1) {
      const bar = this.#bars[index];
      if (bar === undefined || bar.startMs < fromMs) break;
      firstPx = pxTicks(bar.open);
      lots += bar.volume;
      ntl += bar.ntl;
    }
    return { lots, ntl, firstPx };
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
