import { runTournament } from "../evaluation/tournament.ts";
import { fitHar, harErrors, harInputs, harRows, outerTenths } from "../forecasters/har.ts";
import { SEQUENCE_FEATURES } from "../lstm/features.ts";
import { METADATA_KEY, metadataOf } from "../modelMetadata.ts";
import { VolModel } from "../onnx/model.ts";
import { servingModel } from "../servingModel.ts";
import { trainCorrection } from "./correction.ts";
import { judge } from "./gate.ts";
import { reportOf } from "./report.ts";
import { hashCandles, problemOf, splitOf } from "./series.ts";
import type { HarModel } from "../forecasters/har.ts";
import type { ModelMetadata } from "../modelMetadata.ts";
import type { Problem, Range } from "../problem.ts";
import type { Correction } from "../servingModel.ts";
import type { CorrectionOptions, Progress, TrainedCorrection } from "./correction.ts";
import type { Verdict } from "./gate.ts";
import type { RunReport } from "./report.ts";
import type { Series } from "./series.ts";
import { messageOf } from "../../units/messageOf.ts";

export type RunOptions = {
  readonly horizonMs: number;
  /** How often the classic models are refitted over the test. */
  readonly folds: number;
  /** Null: no network is trained. */
  readonly correction: CorrectionOptions | null;
};

export type RunResult = {
  readonly report: RunReport;
  /** The file that should serve: the network's when it was promoted, else the HAR's. Empty when the champion stays. */
  readonly model: Uint8Array | null;
};

/** The file served as JSON-able metadata beside the graph. */
function metadataFor(
  series: Series,
  problem: Problem,
  har: HarModel,
  known: Range,
  name: "har" | "lstm",
  more: { readonly errors: readonly [number, number]; readonly seeds: readonly number[] },
): ModelMetadata {
  const inputs = harInputs(problem, har.profile);
  const rows = harRows(problem, inputs, known);
  const width = inputs.names.length;
  const { bars } = problem;
  return {
    version: 1,
    name,
    source: series.name,
    barMs: bars.barMs,
    horizonBars: problem.horizonBars,
    session: bars.session,
    measure: problem.measure,
    floor: problem.floor,
    profile: {
      slotMinutes: har.profile.slotMinutes,
      factors: [...har.profile.factors],
      weekend: har.profile.weekend,
    },
    harNames: [...inputs.names],
    sequenceNames: name === "lstm" ? [...SEQUENCE_FEATURES] : [],
    needsVolume: name === "lstm" && hasVolume(bars.volume),
    harBounds: inputs.names.map((_, j) => boundsOf(rows, width, j)),
    errorQuantiles: [...more.errors],
    trainedFromMs: bars.endMs[problem.at[known.from] ?? 0] ?? 0,
    trainedToMs: bars.endMs[problem.at[known.to - 1] ?? 0] ?? 0,
    seeds: [...more.seeds],
    dataHash: hashCandles(series.candles),
  };
}

/** Indices and mids have none; a source that knows it knows nearly all of it. */
function hasVolume(volume: Float64Array): boolean {
  return volume.reduce((known, v) => known + (v > 0 ? 1 : 0), 0) > volume.length / 2;
}

/** Where all but two in a thousand of the training values lie. */
function boundsOf(rows: Float64Array, width: number, column: number): [number, number] {
  const values = new Float64Array(rows.length / width);
  for (let r = 0; r < values.length; r++) values[r] = rows[r * width + column] ?? 0;
  const sorted = values.toSorted();
  const at = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
  return [at(0.001), at(0.999)];
}

function build(
  problem: Problem,
  har: HarModel,
  correction: Correction | null,
  metadata: ModelMetadata,
): Uint8Array {
  const column = metadata.harNames.indexOf("logFactorAhead");
  return servingModel(har, column, problem.horizonBars, correction, {
    [METADATA_KEY]: JSON.stringify(metadata),
  });
}

async function forecastsOf(
  model: Uint8Array,
  problem: Problem,
  range: Range,
): Promise<{ variance: Float64Array; logVariance: Float64Array }> {
  const loaded = await VolModel.load(model);
  try {
    return await loaded.forecast(problem, problem.at.slice(range.from, range.to));
  } finally {
    await loaded.release();
  }
}

type Challenger = {
  readonly bytes: Uint8Array;
  readonly test: Float64Array;
  readonly trained: TrainedCorrection;
  readonly servedDifference: number;
};

async function challenge(
  series: Series,
  problem: Problem,
  others: readonly Problem[],
  options: CorrectionOptions,
  progress: Progress,
): Promise<Challenger> {
  const split = splitOf(problem);
  const har = fitHar(problem, split.known, others);
  const trained = await trainCorrection(problem, har, others, split, options, progress);
  const metadata = metadataFor(series, problem, har, split.known, "lstm", {
    errors: outerTenths(trained.errors),
    seeds: options.seeds,
  });
  const bytes = build(problem, har, trained.correction, metadata);
  const { variance } = await forecastsOf(bytes, problem, split.test);
  const served = await forecastsOf(bytes, problem, split.validation);
  const servedDifference = options.shuffleTargets
    ? 0
    : largestDifference(problem, split.validation, served.logVariance, trained.errors);
  return { bytes, test: variance, trained, servedDifference };
}

/** The trainer's log forecast is the log target minus its error; clipped corrections are not compared. */
function largestDifference(
  problem: Problem,
  range: Range,
  served: Float64Array,
  errors: Float32Array,
): number {
  let largest = 0;
  for (let k = range.from; k < range.to; k++) {
    const log = Math.log((problem.target[k] ?? 0) / problem.horizonBars);
    const trainer = log - (errors[k - range.from] ?? 0);
    largest = Math.max(largest, Math.abs(trainer - (served[k - range.from] ?? 0)));
  }
  return largest;
}

async function championForecast(
  bytes: Uint8Array | null,
  problem: Problem,
  range: Range,
): Promise<{ forecast: Float64Array | null; refused: string | null }> {
  if (bytes === null) return { forecast: null, refused: null };
  try {
    const firstBar = problem.at[range.from] ?? 0;
    if (metadataOf(bytes).trainedToMs > (problem.bars.endMs[firstBar] ?? 0))
      return { forecast: null, refused: "the champion was trained on part of this test" };
    const { variance } = await forecastsOf(bytes, problem, range);
    return { forecast: variance, refused: null };
  } catch (error) {
    return { forecast: null, refused: messageOf(error) };
  }
}

/**
 * Trains, scores on samples that nothing has seen, and judges. The first series is the one that counts; others only add
 * training data, to the HAR and to the networks alike.
 * @param champion the file of the network in use, or null.
 * @throws TrainingStopped, NotEnoughData
 */
export async function runTraining(
  all: readonly [Series, ...Series[]],
  options: RunOptions,
  champion: Uint8Array | null,
  progress: Progress,
): Promise<RunResult> {
  const [series, ...rest] = all;
  const problem = problemOf(series, options.horizonMs);
  const others = rest
    .filter((other) => other.candles.barMs === series.candles.barMs)
    .map((other) => problemOf(other, options.horizonMs));
  const split = splitOf(problem);
  const challenger =
    options.correction === null
      ? null
      : await challenge(series, problem, others, options.correction, progress);
  const incumbent = await championForecast(champion, problem, split.test);
  const more = new Map<string, Float64Array>();
  if (challenger !== null) more.set("lstm", challenger.test);
  if (incumbent.forecast !== null) more.set("champion", incumbent.forecast);
  progress.report("scoring", 1);
  const tournament = runTournament(problem, split.test, options.folds, more, others);
  const { realised, forecasts } = tournament;
  const verdict = judge({
    realised,
    har: forecasts.get("har") ?? new Float64Array(),
    lstm: challenger?.test ?? null,
    champion: incumbent.forecast,
    horizonBars: problem.horizonBars,
  });
  const report = reportOf({
    series,
    options,
    problem,
    split,
    tournament,
    verdict,
    network: challenger === null ? null : { ...challenger, ...challenger.trained },
    championRefused: incumbent.refused,
  });
  return { report, model: modelToServe(verdict, challenger, series, problem, others) };
}

function modelToServe(
  verdict: Verdict,
  challenger: Challenger | null,
  series: Series,
  problem: Problem,
  others: readonly Problem[],
): Uint8Array | null {
  if (verdict.promoted === "champion") return null;
  if (verdict.promoted === "lstm" && challenger !== null) return challenger.bytes;
  return harFile(series, problem, others);
}

/** The HAR refitted on everything, as a file of the same format without networks. */
function harFile(series: Series, problem: Problem, others: readonly Problem[]): Uint8Array {
  const all = { from: 0, to: problem.at.length };
  const har = fitHar(problem, all, others);
  const inputs = harInputs(problem, har.profile);
  const errors = harErrors(problem, har, all);
  const metadata = metadataFor(series, problem, har, all, "har", { errors, seeds: [] });
  return build(problem, har, null, { ...metadata, harNames: [...inputs.names] });
}
