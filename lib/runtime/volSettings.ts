import { join } from "node:path";
import type { LocalFeed } from "./localExchange.ts";
import type { Settings } from "./settings.ts";
import type { VolPlan } from "./volJobs.ts";
import { HISTORY_PATIENCE } from "../marketdata/history/askHistory.ts";
import { readLastVolatility } from "./lastVolatility.ts";
import type { Store } from "../store/store.ts";
import type { VolOptions } from "./volFeed.ts";
import { fitInThread } from "./volFit.ts";
import type { VolPrior } from "../vol/prior.ts";
import { ModelRegistry } from "../vol/registry.ts";
import type { HistoryOrder } from "../marketdata/history/askHistory.ts";

/** Bars of history: what Yahoo keeps for two months, and a month of the venue's newest 5,000. */
const BAR_MS = 300_000;
const DAYS = 30;

/** How the chain of sources is to judge. */
export function historyRules(settings: Settings): HistoryOrder["rules"] {
  return {
    useXyz100Primary: settings.USE_XYZ100_PRIMARY,
    xyz100BarsMin: settings.XYZ100_MIN_BARS,
    btcFallbackEnabled: settings.BTC_FALLBACK_ENABLED,
  };
}

type VolPlace = {
  readonly dataDir: string;
  readonly market: string;
  /** Where the market is traded. */
  readonly exchangeUrl: string;
  readonly feed: LocalFeed | undefined;
};

/**
 * What is fetched and trained for a market on a local exchange. A simulated market's candles have names of their own, and
 * models of them a seat of their own: nothing made up reaches the history or the model of the real market. A replay is
 * not recorded: its prices are of another time.
 */
function volPlan(settings: Settings, place: VolPlace): VolPlan {
  const { dataDir, market, exchangeUrl, feed } = place;
  const horizonMs = settings.VOL_HORIZON_MINUTES * 60_000;
  const simulated = feed?.info.source === "simulated";
  const instrument = `${market} (simulated, seed ${feed?.info.seed ?? 0})`;
  const seat = { symbol: settings.SYMBOL, horizonMs };
  return {
    history: {
      file: join(dataDir, "history.sqlite"),
      symbol: settings.SYMBOL,
      barMs: BAR_MS,
      days: DAYS,
      exchangeUrl: settings.HISTORY_EXCHANGE_URL,
      yahooUrl: settings.HISTORY_YAHOO_URL,
      own: simulated ? { url: exchangeUrl, coin: market, instrument } : null,
      rules: historyRules(settings),
      ...HISTORY_PATIENCE,
    },
    recordAs: simulated ? instrument : null,
    training: {
      modelsFolder: join(dataDir, "models"),
      seat,
      ownSeat: simulated ? { ...seat, symbol: `${settings.SYMBOL} simulated` } : seat,
      networks: 5,
      epochs: 10,
      timeMsMax: 900_000,
      memoryMbMax: 1000,
    },
    fetchCron: settings.VOL_FETCH_CRON,
    retrainCron: settings.ML_VOLATILITY_PREDICT ? settings.VOL_RETRAIN_CRON : "off",
  };
}

/** Where the forecast comes from under a plan. */
function volOptions(
  settings: Settings,
  { training }: VolPlan,
  lastRun: VolPrior["lastRun"],
): VolOptions {
  const { modelsFolder, seat, ownSeat } = training;
  const seats = ownSeat.symbol === seat.symbol ? [seat] : [ownSeat, seat];
  return {
    horizonMs: seat.horizonMs,
    models: settings.ML_VOLATILITY_PREDICT
      ? { registry: new ModelRegistry(modelsFolder), seats }
      : null,
    fit: fitInThread,
    prior: { statedBps: settings.VOL_PRIOR_BPS, lastRun },
  };
}

/** What a bot on a local exchange needs for its forecast. */
export function volDeps(
  { settings, store }: { readonly settings: Settings; readonly store: Pick<Store, "read"> },
  place: VolPlace,
): { readonly vol: VolOptions; readonly volPlan: VolPlan } {
  const plan = volPlan(settings, place);
  const lastRun = readLastVolatility(store.read, place.market);
  return { vol: volOptions(settings, plan, lastRun), volPlan: plan };
}
