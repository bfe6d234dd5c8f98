import { z } from "zod";
import { CandleStore } from "./candleStore.ts";
import { fetchHistory, NoHistory } from "./chain.ts";
import { openSources } from "./sources.ts";
import type { History } from "./chain.ts";
import type { SourceName } from "./source.ts";

/** What is to be fetched, from whom, into which file. Plain data: it may come from another process. */
export const HistoryOrder = z.strictObject({
  /** The history file. */
  file: z.string(),
  /** "US500", or with its dex. */
  symbol: z.string(),
  barMs: z.number().positive(),
  days: z.number().positive(),
  exchangeUrl: z.string(),
  /** Stands in for Yahoo's hosts; null: Yahoo itself. */
  yahooUrl: z.string().nullable(),
  /**
   * The market that is traded where it is not the one that the symbol names elsewhere: asked for at its own exchange, and
   * stored under a name of its own, so that made-up prices never mix with real ones. Null: it is that one.
   */
  own: z.strictObject({ url: z.string(), coin: z.string(), instrument: z.string() }).nullable(),
  rules: z.strictObject({
    useXyz100Primary: z.boolean(),
    xyz100BarsMin: z.number(),
    btcFallbackEnabled: z.boolean(),
  }),
  timeoutMs: z.number().positive(),
  retry: z.strictObject({ attempts: z.int().min(1), firstWaitMs: z.number() }),
});
export type HistoryOrder = z.infer<typeof HistoryOrder>;

/** Patience with each source. */
export const HISTORY_PATIENCE = {
  timeoutMs: 15_000,
  retry: { attempts: 4, firstWaitMs: 1000 },
} as const;

/** Asks the chain, keeps what is new, and notes what was found. @throws NoHistory when no source has enough. */
export async function askHistory(
  order: HistoryOrder,
  onSource: (name: SourceName, instrument: string) => void,
): Promise<History> {
  const { barMs, days, symbol, exchangeUrl, yahooUrl, own, timeoutMs, rules } = order;
  const store = new CandleStore(order.file);
  const nowMs = Date.now();
  const toMs = Math.floor(nowMs / barMs) * barMs;
  const request = { barMs, fromMs: toMs - days * 86_400_000, toMs };
  const retry = { ...order.retry, sleep: Bun.sleep, random: Math.random };
  try {
    const sources = await openSources(
      { symbol, exchangeUrl, yahooUrl, own, timeoutMs, retry, nowMs: Date.now },
      store,
    );
    const history = await fetchHistory(sources, request, rules, store, onSource);
    store.logFetch(nowMs, { used: history.source, reports: history.reports });
    return history;
  } catch (error) {
    if (error instanceof NoHistory) store.logFetch(nowMs, { used: null, reports: error.reports });
    throw error;
  } finally {
    store.close();
  }
}
