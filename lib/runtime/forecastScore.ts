import { z } from "zod";
import type { VolView } from "../dashboard/volView.ts";
import type { Audit } from "../messages/audit.ts";
import type { ReadModel } from "../store/readModel.ts";
import type { Store } from "../store/store.ts";

const META = "forecastScore";
/** The score moves slowly; the database needs not hear of every minute. */
const KEEP_EVERY_MS = 600_000;

const StoredScore = z.object({
  atMs: z.number(),
  horizonMs: z.number(),
  windows: z.number(),
  qlike: z.number().nullable(),
  qlikeOfAverage: z.number().nullable(),
  covered: z.number().nullable(),
});
/** How the volatility forecasts of the newest windows did, as of a moment: see `VolScoreView`. */
export type ForecastScore = z.infer<typeof StoredScore>;

/** Follows the steps and stores how the forecasts do, for reports: now and then, and when the run stops. */
export function forecastKeeper(
  view: () => Pick<VolView, "score" | "horizonMs">,
  store: Pick<Store, "putMeta">,
): (audit: Audit) => void {
  let keptMs = Number.NEGATIVE_INFINITY;
  return ({ event }) => {
    const isDue = event.kind === "margin" && event.atMs - keptMs >= KEEP_EVERY_MS;
    if (!isDue && event.kind !== "runStopping") return;
    const { score, horizonMs } = view();
    if (score.windows === 0) return;
    keptMs = event.atMs;
    const { windows, qlike, qlikeOfAverage, covered } = score;
    const stored: ForecastScore = {
      atMs: event.atMs,
      horizonMs,
      windows,
      qlike,
      qlikeOfAverage,
      covered,
    };
    store.putMeta(META, JSON.stringify(stored));
  };
}

/** Null when no forecast has been scored in the folder yet. */
export function readForecastScore(read: ReadModel): ForecastScore | null {
  const text = read.meta(META);
  return text === null ? null : StoredScore.parse(JSON.parse(text));
}

/** One line for people: lower QLIKE is better; the running average of the mid is what a forecast has to beat. */
export function forecastText(score: ForecastScore | null): string {
  if (score === null) return "not scored yet";
  const { windows, horizonMs, qlike, qlikeOfAverage, covered } = score;
  const number = (value: number | null): string => (value === null ? "-" : value.toFixed(3));
  const inside = covered === null ? "no band" : `${(100 * covered).toFixed(0)} % in the 80 % band`;
  return `QLIKE ${number(qlike)} over the last ${windows} windows of ${horizonMs / 60_000} min (running average of the mid ${number(qlikeOfAverage)}), ${inside}`;
}
