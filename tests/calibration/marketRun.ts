import { simulatedFeed } from "../../lib/venue/feeds/simulated.ts";
import type { ScenarioName } from "../../lib/venue/feeds/scenarios.ts";
import { Quoter } from "../venue/feeds/quoter.ts";
import { runFeed } from "../venue/feeds/runFeed.ts";
import type { TinyTrade } from "../venue/feeds/tinyBook.ts";
import { TouchLog } from "../venue/feeds/touchLog.ts";
import { MarketWatch } from "./marketWatch.ts";

/** Thursday 2026-01-15, 00:00 in New York: five days from here are three weekdays and the weekend between them. */
export const THURSDAY_MS = Date.UTC(2026, 0, 15, 5);
/** Wednesday 2026-01-14, 09:30 in New York: the opening bell. */
export const BELL_MS = Date.UTC(2026, 0, 14, 14, 30);

export type RunOptions = {
  readonly scenario: ScenarioName;
  readonly seed: number;
  readonly startMs: number;
  readonly durationMs: number;
  /** Distances of the naive makers that stand in the same book, one contract each; 0 joins the touch. */
  readonly distancesBps: readonly number[];
  readonly watched: boolean;
};

export type MarketRun = {
  readonly startMs: number;
  readonly durationMs: number;
  readonly watch: MarketWatch;
  readonly log: TouchLog;
  readonly quoters: readonly Quoter[];
  readonly trades: readonly TinyTrade[];
  readonly inputs: number;
  /** Most inputs in any one hour, per second. */
  readonly busiestPerSec: number;
};

/** Runs the simulated US500 against a small book, with naive makers in it, and keeps what is needed to measure it. */
export function runMarket(options: RunOptions): MarketRun {
  const { scenario, seed, startMs, durationMs } = options;
  const market = { coin: "km:US500", szDecimals: 3, startPxTicks: 693_000 };
  const feed = simulatedFeed({ ...market, seed, scenario, sessionStartMs: startMs });
  const watch = new MarketWatch(startMs);
  const log = new TouchLog();
  const quoters = options.distancesBps.map((distanceBps) => new Quoter(distanceBps));
  const perHour: number[] = [];
  const { book, inputs } = runFeed(
    feed,
    durationMs,
    (timeMs, reader) => {
      for (const quoter of quoters) quoter.step(timeMs, reader);
      if (options.watched) watch.step(timeMs, reader);
    },
    (timeMs, fresh) => {
      const hour = Math.floor(timeMs / 3_600_000);
      perHour[hour] = (perHour[hour] ?? 0) + fresh.length;
    },
    (reader) => log.add(reader),
  );
  const busiestPerSec = Math.max(...perHour.map((count) => count ?? 0)) / 3600;
  return { startMs, durationMs, watch, log, quoters, trades: book.trades, inputs, busiestPerSec };
}
