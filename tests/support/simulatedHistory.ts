import { Random } from "../../lib/core/random.ts";
import { EfficientPrice } from "../../lib/venue/feeds/efficientPrice.ts";
import { SCENARIOS } from "../../lib/venue/feeds/scenarios.ts";
import { DEFAULT_SESSION_START_MS, SessionClock } from "../../lib/venue/feeds/sessions.ts";
import type { CandleRow } from "../../lib/vol/candles.ts";

const MINUTE_MS = 60_000;
const STEP_MS = 1000;
const START_TICKS = 693_000;
const TICKS_PER_DOLLAR = 1000;

/**
 * Minutes of the simulated market's worth for the days before its default start, from a seed of their own: what a bot
 * would have recorded had it watched such a market. The last close is where the market starts.
 */
export function simulatedHistory(seed: number, days: number): readonly CandleRow[] {
  const spanMs = days * 86_400_000;
  const startMs = DEFAULT_SESSION_START_MS - spanMs;
  const scenario = SCENARIOS.week;
  const clock = new SessionClock(startMs, scenario.stretch);
  const price = new EfficientPrice(new Random(seed, "history"), clock, scenario, START_TICKS);
  const rows: CandleRow[] = [];
  for (let fromMs = 0; fromMs < spanMs; fromMs += MINUTE_MS) {
    const open = price.ticks;
    let [high, low, close] = [open, open, open];
    for (let t = fromMs + STEP_MS; t <= fromMs + MINUTE_MS; t += STEP_MS) {
      price.advanceTo(t);
      close = price.ticks;
      high = Math.max(high, close);
      low = Math.min(low, close);
    }
    rows.push({ openMs: startMs + fromMs, open, high, low, close, volume: Number.NaN });
  }
  const scale = START_TICKS / TICKS_PER_DOLLAR / (rows.at(-1)?.close ?? 1);
  return rows.map((row) => ({
    ...row,
    open: row.open * scale,
    high: row.high * scale,
    low: row.low * scale,
    close: row.close * scale,
  }));
}
