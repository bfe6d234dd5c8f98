import type { VolSource } from "../messages/market.ts";

/** What is compared: a forecast of the next horizon and what came of it. Basis points per square root of a second. */
export type ScoredWindow = {
  /** End of the window; the forecast was made one horizon earlier. */
  readonly endMs: number;
  readonly source: VolSource;
  readonly forecast: number;
  readonly band: { readonly low: number; readonly high: number } | null;
  readonly realised: number;
};

/** How the forecasts of this run did, over the newest windows. */
export type VolScoreView = {
  readonly windows: number;
  /** RV/f - ln(RV/f) - 1 of variances, mean; lower is better, a perfect forecast of five returns scores 0.213. */
  readonly qlike: number | null;
  /** The same for the running average of the mid on the same windows. */
  readonly qlikeOfAverage: number | null;
  /** Share of realised values inside the 80 % band, of the windows that had one. */
  readonly covered: number | null;
  readonly last: ScoredWindow | null;
};

/** A job beside the bot that runs. */
export type RunningVolJob = {
  readonly kind: "fetch" | "retrain";
  readonly sinceMs: number;
  readonly text: string;
  readonly share: number;
};

/** The forecast in use, what it rests on, and how it did. */
export type VolView = {
  readonly sigmaBpsPerSqrtSec: number;
  readonly band: { readonly low: number; readonly high: number } | null;
  readonly source: VolSource;
  /** Age of the newest data in the forecast; null when it rests on none. */
  readonly ageMs: number | null;
  readonly confidence: number;
  /** Why nothing better is used; empty when the best is. */
  readonly why: string;
  /** File of the model in use. */
  readonly model: string | null;
  readonly horizonMs: number;
  /** Minutes forecast so far, by who did. */
  readonly minutes: { readonly [S in VolSource]: number };
  /** Minutes that the venue had for the time before the start, and why there are none. */
  readonly backfill: { readonly bars: number; readonly failure: string | null };
  readonly score: VolScoreView;
  readonly jobs: readonly RunningVolJob[];
};

type VolColumn = "volForecast" | "volLow" | "volHigh" | "volRealised";

/** The window that ended last, as a row of the time series. */
export function volSample(
  stats: { readonly vol: VolView } | null,
): Readonly<Record<VolColumn, number | null>> {
  const last = stats?.vol.score.last ?? null;
  return {
    volForecast: last?.forecast ?? null,
    volLow: last?.band?.low ?? null,
    volHigh: last?.band?.high ?? null,
    volRealised: last?.realised ?? null,
  };
}

const SOURCES: Readonly<Record<VolSource, string>> = {
  lstm: "network",
  har: "HAR model",
  localHar: "HAR on the market's own minutes",
  ewma: "running average of the mid",
  lastRun: "the last run",
  prior: "assumption (VOL_PRIOR_BPS)",
};

/** A source in words. */
export function volSourceText(source: VolSource): string {
  return SOURCES[source];
}
