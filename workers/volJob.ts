import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { askHistory } from "../lib/marketdata/history/askHistory.ts";
import { NoHistory } from "../lib/marketdata/history/chain.ts";
import type { History } from "../lib/marketdata/history/chain.ts";
import { formatCandleCsv } from "../lib/marketdata/history/csvFile.ts";
import { storeMinutes } from "../lib/marketdata/history/recordedMinutes.ts";
import { VolJob } from "../lib/marketdata/history/volJob.ts";
import type { VolJobMessage } from "../lib/marketdata/history/volJob.ts";
import { DEFAULT_TRAINER } from "../lib/vol/lstm/trainer.ts";
import { ModelRefused } from "../lib/vol/modelMetadata.ts";
import { ModelRegistry } from "../lib/vol/registry.ts";
import { TrainingFailed } from "../lib/vol/training/child.ts";
import { retrain } from "../lib/vol/training/retrain.ts";

/*
 * The process beside the bot that fetches history and has models trained: files, slow answers and large arrays stay away
 * from the thread that quotes. It reads one job from standard input and answers with one JSON object per line.
 */

const LOWEST_PRIORITY = 19;
const FOLDS = 4;

function say(message: VolJobMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function askFor(job: VolJob): Promise<History> {
  const { minutes, history } = job;
  if (minutes !== null) {
    const rows = minutes.rows.map(([openMs, open, high, low, close]) => ({
      openMs,
      open,
      high,
      low,
      close,
      volume: Number.NaN,
    }));
    storeMinutes(history.file, minutes.instrument, rows, history.barMs);
  }
  return askHistory(history, (name, instrument) =>
    say({ kind: "progress", text: `asking ${name} (${instrument})`, share: 0 }),
  );
}

async function fetchOnly(job: VolJob): Promise<void> {
  try {
    const { source, returnScale, scaleFrom, reports } = await askFor(job);
    say({ kind: "fetched", used: source, returnScale, scaleFrom, reports, failure: null });
  } catch (error) {
    if (!(error instanceof NoHistory)) throw error;
    const { reports, message } = error;
    const nothing = { used: null, returnScale: 1, scaleFrom: "" };
    say({ kind: "fetched", ...nothing, reports, failure: message });
  }
}

async function fetchAndTrain(job: VolJob, signal: AbortSignal): Promise<void> {
  const history = await askFor(job);
  const { training } = job;
  const source = `${history.source} (${history.instrument})`;
  const isOwn = history.source === "us500" && job.history.own !== null;
  const seat = isOwn ? training.ownSeat : training.seat;
  const folder = await mkdtemp(join(tmpdir(), "amm500-candles-"));
  const name = `${history.source}.csv`;
  const path = join(folder, name);
  try {
    // The bot makes its bars from mids, which have no volume: its model must not learn to need it.
    const rows = history.rows.map((row) => ({ ...row, volume: Number.NaN }));
    await writeFile(path, formatCandleCsv(rows));
    const seeds = Array.from({ length: training.networks }, (_, k) => k + 1);
    const trainer = { ...DEFAULT_TRAINER, epochs: training.epochs };
    const { report, modelFile, championRefused } = await retrain(
      new ModelRegistry(training.modelsFolder),
      {
        seat,
        job: {
          files: [{ path, name, zone: "utc" }],
          horizonMs: seat.horizonMs,
          folds: FOLDS,
          correction: seeds.length === 0 ? null : { trainer, seeds, shuffleTargets: false },
          timeMsMax: training.timeMsMax,
          memoryMbMax: training.memoryMbMax,
        },
        nowMs: Date.now,
        publish: true,
      },
      { onProgress: (text, share) => say({ kind: "progress", text, share }), signal },
    );
    const { promoted, why } = report.verdict;
    const scores = report.entries.map(({ name: who, n, qlike }) => ({ name: who, n, qlike }));
    const { dataHash } = report;
    const result = { promoted, why, modelFile, dataHash, scores, championRefused };
    say({ kind: "retrained", source, result });
  } catch (error) {
    if (!(error instanceof TrainingFailed || error instanceof ModelRefused)) throw error;
    say({ kind: "failed", source, reason: error.message });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function work(job: VolJob, signal: AbortSignal): Promise<void> {
  if (job.kind === "fetch") return fetchOnly(job);
  try {
    await fetchAndTrain(job, signal);
  } catch (error) {
    if (!(error instanceof NoHistory)) throw error;
    say({ kind: "failed", source: null, reason: error.message });
  }
}

try {
  setPriority(LOWEST_PRIORITY);
} catch {
  say({ kind: "progress", text: "priority could not be lowered", share: 0 });
}
const cancel = new AbortController();
process.once("SIGTERM", () => {
  cancel.abort();
  // A training that is killed answers at once; an exchange that does not answer is not waited for.
  setTimeout(() => process.exit(1), 500).unref();
});
await work(VolJob.parse(await Bun.stdin.json()), cancel.signal);
