import { bpsText, countText, percentText, spanText } from "../dashboard/format.ts";
import { historyText, trainingText } from "../dashboard/volText.ts";
import { volSourceText } from "../dashboard/volView.ts";
import type { VolSource } from "../messages/market.ts";
import type { VolStatus } from "../runtime/volStatus.ts";

const ORDER: readonly VolSource[] = ["lstm", "har", "localHar", "ewma", "lastRun", "prior"];

type Forecast = NonNullable<VolStatus["forecast"]>;

/** The forecast in use as lines for people: what, by whom, why nobody better, and where its data come from. */
export function volStatusLines(vol: VolStatus): [string, string][] {
  const { forecast } = vol;
  return [
    ["volatility", forecast === null ? "not forecast now" : forecastText(forecast)],
    ...(forecast === null || forecast.why === "" ? [] : [["", forecast.why] as [string, string]]),
    ...(forecast === null ? [] : jobLines(forecast)),
    ...provenanceLines(vol),
  ];
}

/** Who forecast in a finished run, how well, and from which data. */
export function volSummaryLines(vol: VolStatus): [string, string][] {
  const { forecast } = vol;
  const lines = provenanceLines(vol);
  return forecast === null ? lines : [["volatility", sharesText(forecast)], ...lines];
}

function forecastText({ sigmaBpsPerSqrtSec, band, source, ageMs, confidence, model }: Forecast) {
  const around = band === null ? "" : ` (${bpsText(band.low)} to ${bpsText(band.high)})`;
  const file = model === null ? "" : ` ${model}`;
  const age = ageMs === null ? "" : `, data ${spanText(ageMs)} old`;
  return `${bpsText(sigmaBpsPerSqrtSec)} bp/√s${around} by ${volSourceText(source)}${file}, confidence ${percentText(confidence, 0)}${age}`;
}

function jobLines({ jobs }: Forecast): [string, string][] {
  return jobs.map(({ kind, text, share }) => [
    "",
    `${kind === "fetch" ? "fetching" : "retraining"}: ${text} (${percentText(share, 0)})`,
  ]);
}

function sharesText({ minutes, score }: Forecast): string {
  const all = ORDER.reduce((sum, source) => sum + minutes[source], 0);
  if (all === 0) return "no minute was forecast";
  const shares = ORDER.filter((source) => minutes[source] > 0).map(
    (source) => `${volSourceText(source)} ${percentText(minutes[source] / all, 0)}`,
  );
  if (score.windows === 0) return `${shares.join(", ")} of ${countText(all)} minutes`;
  return `${shares.join(", ")} of ${countText(all)} minutes; QLIKE ${bpsText(score.qlike)}, running average ${bpsText(score.qlikeOfAverage)}, over ${countText(score.windows)} windows`;
}

function provenanceLines({ lastFetch, training }: VolStatus): [string, string][] {
  const lines: [string, string][] = [];
  if (lastFetch !== null) lines.push(["history", historyText(lastFetch)]);
  if (training !== null) lines.push(["training", trainingText(training)]);
  return lines;
}
