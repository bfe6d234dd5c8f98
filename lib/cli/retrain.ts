import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { HistoryFileError } from "../marketdata/history/candleTable.ts";
import { formatCandleCsv } from "../marketdata/history/csvFile.ts";
import { ModelRefused } from "../vol/modelMetadata.ts";
import { trainingPage } from "../vol/evaluation/page.ts";
import { DEFAULT_TRAINER } from "../vol/lstm/trainer.ts";
import { ModelRegistry } from "../vol/registry.ts";
import { TrainingFailed } from "../vol/training/child.ts";
import { retrain } from "../vol/training/retrain.ts";
import {
  CommandFailure,
  defineCommand,
  Duration,
  integerBetween,
  oneOf,
  Switch,
  UsageError,
} from "./command.ts";
import { interruption } from "./ending.ts";
import { askChain, historyFlags, provenance, reportLine } from "./historyChain.ts";
import { botToTrain, retrainByBot } from "./retrainByBot.ts";
import { readSettings } from "./readSettings.ts";
import type { History } from "../marketdata/history/chain.ts";
import type { Io } from "./command.ts";
import type { RetrainOutcome } from "../vol/training/retrain.ts";
import type { TrainJob } from "../vol/training/job.ts";

const Flags = z.object({
  ...historyFlags,
  source: oneOf("chain", "file")
    .default("chain")
    .describe("where candles come from: chain, as fetch finds them (default), or file"),
  candles: z
    .string()
    .optional()
    .describe("CSV, CSV.gz or Parquet with time, open, high, low, close[, volume]"),
  pool: z.string().optional().describe("more candle files, comma-separated: training data only"),
  zone: oneOf("auto", "utc", "new-york")
    .default("auto")
    .describe("how times without a zone are read: auto, utc or new-york"),
  horizon: Duration.default(300_000).describe(
    "how far ahead: 5m (default), 15m, a multiple of the bar",
  ),
  seed: integerBetween(0, 2 ** 31)
    .default(1)
    .describe("first seed of the networks (default 1)"),
  seeds: integerBetween(0, 20)
    .default(5)
    .describe("networks in the mean; 0 trains none (default 5)"),
  epochs: integerBetween(1, 200).default(10).describe("passes over the data (default 10)"),
  folds: integerBetween(1, 50)
    .default(4)
    .describe("refits of the classic models over the test (default 4)"),
  "shuffle-targets": Switch.describe("null test: targets dealt out at random, nothing to learn"),
  "time-limit": Duration.default(900_000).describe("the training ends after this (default 15m)"),
  "memory-limit": integerBetween(100, 100_000).default(1000).describe("megabytes (default 1000)"),
  "dry-run": Switch.describe("train, score and judge, but publish nothing"),
  html: z.string().optional().describe("also write a page with scores and plots to this file"),
  json: Switch.describe("one JSON object on standard output"),
});
type Flags = z.infer<typeof Flags>;

/** The candle files of a training, the first one the one that counts, and where they came from. */
type Inputs = {
  readonly symbol: string;
  readonly paths: readonly string[];
  readonly zone: Flags["zone"];
  readonly history: History | null;
};

async function inputsOf(flags: Flags, io: Io, folder: string): Promise<Inputs> {
  const pool = flags.pool?.split(",") ?? [];
  if (flags.source === "file" || flags.candles !== undefined) {
    if (flags.candles === undefined)
      throw new UsageError(
        "--candles is missing; --source file needs a CSV, CSV.gz or Parquet file",
      );
    const symbol = flags.symbol ?? readSettings(io, {}).settings.SYMBOL;
    return { symbol, paths: [flags.candles, ...pool], zone: flags.zone, history: null };
  }
  const { history, symbol } = await askChain(flags, io);
  for (const report of history.reports) io.err(reportLine(report));
  const path = join(folder, `${history.source}.csv`);
  // The bot makes its bars from mids, which have no volume: its model must not learn to need it.
  const rows = history.rows.map((row) => ({ ...row, volume: Number.NaN }));
  await writeFile(path, formatCandleCsv(rows));
  return { symbol, paths: [path, ...pool], zone: flags.zone, history };
}

function jobOf(flags: Flags, inputs: Inputs): Omit<TrainJob, "championPath" | "modelPath"> {
  const trainer = { ...DEFAULT_TRAINER, epochs: flags.epochs };
  const seeds = Array.from({ length: flags.seeds }, (_, k) => flags.seed + k);
  const shuffleTargets = flags["shuffle-targets"];
  return {
    files: inputs.paths.map((path) => ({
      path,
      name: path.split("/").at(-1) ?? path,
      zone: inputs.zone,
    })),
    horizonMs: flags.horizon,
    folds: flags.folds,
    correction: seeds.length === 0 ? null : { trainer, seeds, shuffleTargets },
    timeMsMax: flags["time-limit"],
    memoryMbMax: flags["memory-limit"],
  };
}

/** What `--json` prints. */
function asJson(outcome: RetrainOutcome, published: boolean): object {
  const { entries, verdict, sample: _plots, ...rest } = outcome.report;
  return {
    ...rest,
    forecasters: entries.map(({ dmVsHar, ...entry }) => ({ ...entry, dmVsHar })),
    promoted: verdict.promoted,
    why: verdict.why,
    championRefused: outcome.championRefused,
    published,
    model: outcome.modelFile,
    cost: outcome.cost,
  };
}

function asText(outcome: RetrainOutcome): string {
  const { report } = outcome;
  const rows = report.entries.map((entry) =>
    [
      entry.name.padEnd(9),
      String(entry.n).padStart(7),
      entry.qlike.toFixed(4).padStart(8),
      entry.mseLog.toFixed(4).padStart(8),
      entry.r2.toFixed(3).padStart(7),
      entry.r2Log.toFixed(3).padStart(7),
      `${entry.dmVsHar.stat.toFixed(2)} (p ${entry.dmVsHar.p.toFixed(3)})`.padStart(18),
    ].join(" "),
  );
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
  return [
    `${report.series}: variance of the next ${report.horizonMs / 60_000} min from ${report.measure}, out of sample ${day(report.testFromMs)} to ${day(report.testToMs)} UTC`,
    "forecaster      n    qlike  mseLog      r2   r2log          DM vs HAR",
    ...rows,
    `in use: ${report.verdict.promoted}. ${report.verdict.why}.`,
    ...(outcome.championRefused === null ? [] : [`champion refused: ${outcome.championRefused}`]),
    outcome.modelFile === null ? "nothing published" : `model: ${outcome.modelFile}`,
    `took ${outcome.cost.seconds.toFixed(1)} s, ${outcome.cost.peakMemoryMb} MB`,
  ].join("\n");
}

async function run(flags: Flags, _operands: readonly string[], io: Io): Promise<number> {
  const publish = !flags["dry-run"] && !flags["shuffle-targets"];
  if (publish && flags.source === "chain" && flags.candles === undefined) {
    const symbol = flags.symbol ?? readSettings(io, {}).settings.SYMBOL;
    const bot = await botToTrain(flags.data, { symbol, horizonMs: flags.horizon }, io);
    if (bot !== null) return retrainByBot(bot, flags.json, io);
  }
  return trainHere(flags, publish, io);
}

async function trainHere(flags: Flags, publish: boolean, io: Io): Promise<number> {
  const registry = new ModelRegistry(join(flags.data, "models"));
  const folder = await mkdtemp(join(tmpdir(), "amm500-candles-"));
  const cancel = new AbortController();
  void interruption((signal) => {
    io.err(`${signal}: the training ends, nothing is published`);
    cancel.abort();
  });
  try {
    const inputs = await inputsOf(flags, io, folder);
    const request = {
      seat: { symbol: inputs.symbol, horizonMs: flags.horizon },
      job: jobOf(flags, inputs),
      nowMs: Date.now,
      publish,
    };
    const outcome = await retrain(registry, request, {
      onProgress: (text, share) => io.err(`${Math.round(100 * share)} % ${text}`),
      signal: cancel.signal,
    });
    if (flags.html !== undefined) await writeFile(flags.html, trainingPage(outcome.report));
    const history = inputs.history === null ? null : provenance(inputs.history);
    if (flags.json) io.out(JSON.stringify({ ...asJson(outcome, publish), history }));
    else io.out(asText(outcome));
    return 0;
  } catch (error) {
    if (
      error instanceof TrainingFailed ||
      error instanceof ModelRefused ||
      error instanceof HistoryFileError
    )
      throw new CommandFailure(error.message, { cause: error });
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const retrainCommand = defineCommand({
  name: "retrain",
  summary:
    "Trains the volatility models, scores them out of sample, and promotes the winner or keeps the one in use.",
  operands: "",
  flags: Flags,
  run,
});
