import { z } from "zod";
import type { Metric } from "./metrics.ts";
import type { VolView } from "../dashboard/volView.ts";
import type { VolSlice } from "../messages/state.ts";

const band = z.object({ low: z.number(), high: z.number() }).nullable();
const source = z.enum(["lstm", "har", "localHar", "ewma", "lastRun", "prior"]);

const forecast = z.object({
  sigmaBpsPerSqrtSec: z.number(),
  band,
  source,
  ageMs: z.number().nullable(),
  confidence: z.number(),
  /** Why nothing better is used; empty when the best is. */
  why: z.string(),
  model: z.string().nullable(),
  horizonMs: z.number(),
  /** Minutes forecast so far, by who did. */
  minutes: z.record(source, z.number()),
  backfill: z.object({ bars: z.number(), failure: z.string().nullable() }),
  score: z.object({
    windows: z.number(),
    qlike: z.number().nullable(),
    qlikeOfAverage: z.number().nullable(),
    covered: z.number().nullable(),
    last: z
      .object({
        endMs: z.number(),
        source,
        forecast: z.number(),
        band,
        realised: z.number(),
      })
      .nullable(),
  }),
  jobs: z
    .array(
      z.object({
        kind: z.enum(["fetch", "retrain"]),
        sinceMs: z.number(),
        text: z.string(),
        share: z.number(),
      }),
    )
    .readonly(),
});

/** Volatility in GET /status: the forecast in use, and where its history and its model come from. */
export const VolStatus = z.object({
  /** Null when the bot does not run. */
  forecast: forecast.nullable(),
  lastFetch: z
    .object({
      atMs: z.number(),
      used: z.string().nullable(),
      failure: z.string().nullable(),
      returnScale: z.number(),
      scaleFrom: z.string(),
      reports: z
        .array(
          z.object({
            source: z.string(),
            instrument: z.string(),
            bars: z.number(),
            barsExpected: z.number(),
            barsNew: z.number(),
            gaps: z.number(),
            newestMs: z.number().nullable(),
            passedOver: z.string().nullable(),
            detail: z.string(),
          }),
        )
        .readonly(),
    })
    .nullable(),
  fetchFailures: z.number(),
  training: z
    .object({ atMs: z.number(), durationMs: z.number(), text: z.string(), failed: z.boolean() })
    .nullable(),
  /** The newest training that ended well. */
  model: z
    .object({
      promoted: z.enum(["lstm", "champion", "har"]),
      why: z.string(),
      modelFile: z.string().nullable(),
      dataHash: z.string(),
      trainedMs: z.number(),
      source: z.string(),
      scores: z.array(z.object({ name: z.string(), n: z.number(), qlike: z.number() })).readonly(),
      championRefused: z.string().nullable(),
    })
    .nullable(),
});
export type VolStatus = z.infer<typeof VolStatus>;

/** @param view null when the bot does not run */
export function volStatusOf(slice: VolSlice, view: VolView | null): VolStatus {
  const { lastFetch, fetchFailures, lastAttempt: training, model } = slice;
  return { forecast: view, lastFetch, fetchFailures, training, model };
}

/** Metrics are in base units: a share of the price, not basis points. */
function ratio(bps: number | null | undefined): number | null {
  return bps === null || bps === undefined ? null : bps / 1e4;
}

/** Volatility for the metrics' reader. */
export function volMetrics(slice: VolSlice, view: VolView): readonly Metric[] {
  const { score, band: around } = view;
  const gauge = (name: string, help: string, value: number | null): Metric => ({
    name: `amm500_vol_${name}`,
    help,
    type: "gauge",
    samples: [{ value }],
  });
  return [
    gauge(
      "sigma_ratio_per_sqrt_second",
      "Forecast volatility of the next minutes.",
      ratio(view.sigmaBpsPerSqrtSec),
    ),
    gauge("band_low_ratio_per_sqrt_second", "Lower end of the 80 % band.", ratio(around?.low)),
    gauge("band_high_ratio_per_sqrt_second", "Upper end of the 80 % band.", ratio(around?.high)),
    gauge(
      "realised_ratio_per_sqrt_second",
      "What the newest scored window came to.",
      ratio(score.last?.realised),
    ),
    {
      name: "amm500_vol_source",
      help: "1 for who forecasts.",
      type: "gauge",
      samples: source.options.map((name) => ({
        labels: { source: name },
        value: Number(view.source === name),
      })),
    },
    gauge(
      "age_seconds",
      "Age of the newest data in the forecast.",
      view.ageMs === null ? null : view.ageMs / 1000,
    ),
    gauge("confidence", "0 to 1: the source's rank, fading with age.", view.confidence),
    {
      name: "amm500_vol_windows_total",
      help: "Forecasts compared with what came.",
      type: "counter",
      samples: [{ value: score.windows }],
    },
    gauge("qlike", "Mean QLIKE of these forecasts.", score.qlike),
    gauge("qlike_of_average", "The same for the running average of the mid.", score.qlikeOfAverage),
    gauge("band_covered_ratio", "Share of windows inside their 80 % band.", score.covered),
    gauge("fetch_failures", "Fetches in a row without any usable source.", slice.fetchFailures),
  ];
}
