import type { EventOf, SourceOutcome } from "../messages/events.ts";
import { countText, dateTimeText, spanText } from "./format.ts";

/** One source of a fetch in words. */
function sourceText(report: SourceOutcome): string {
  const { source, instrument, passedOver, detail, bars, gaps } = report;
  if (passedOver !== null) return `${source} (${instrument}) passed over: ${passedOver}, ${detail}`;
  return `${source} (${instrument}): ${countText(bars)} bars, ${countText(gaps)} gaps`;
}

/** A fetch of price history as a line of the log. */
export function fetchText(event: EventOf<"dataFetch">): string {
  if (event.reports.length === 0) return `History not fetched: ${event.failure ?? "no source"}`;
  const told = event.reports.map(sourceText).join("; ");
  if (event.used === null) return `History: no source has enough: ${told}`;
  return `History from ${event.used}: ${told}`;
}

/** A training as a line of the log. */
export function retrainText(event: EventOf<"volRetrain">): string {
  const { result, failure, durationMs, source } = event;
  if (result === null) return `Retraining failed: ${failure ?? "no reason given"}`;
  const file = result.modelFile === null ? "" : `, ${result.modelFile}`;
  return `Retrained on ${source ?? "unknown data"} in ${spanText(durationMs)}: ${result.promoted} serves${file}. ${result.why}`;
}

type Fetch = {
  readonly atMs: number;
  readonly reports: readonly SourceOutcome[];
  readonly failure: string | null;
  readonly returnScale: number;
  readonly scaleFrom: string;
};

/** The newest fetch in words. */
export function historyText(lastFetch: Fetch | null): string {
  if (lastFetch === null) return "not fetched in this run";
  const { atMs, reports, failure, returnScale, scaleFrom } = lastFetch;
  const told = reports.length === 0 ? (failure ?? "no source") : reports.map(sourceText).join("; ");
  const scaled = returnScale === 1 ? "" : `; returns × ${returnScale.toFixed(3)}, ${scaleFrom}`;
  return `${dateTimeText(atMs)} UTC: ${told}${scaled}`;
}

/** The newest training in words. */
export function trainingText(
  attempt: { readonly atMs: number; readonly text: string; readonly failed: boolean } | null,
): string {
  if (attempt === null) return "not in this run";
  return `${dateTimeText(attempt.atMs)} UTC: ${attempt.failed ? "failed: " : ""}${attempt.text}`;
}
