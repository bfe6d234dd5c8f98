import { readFile, writeFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { readCandleFile } from "../lib/marketdata/history/candleFile.ts";
import { HistoryFileError } from "../lib/marketdata/history/candleTable.ts";
import { detectSession } from "../lib/vol/bars.ts";
import { TrainingStopped } from "../lib/vol/lstm/trainer.ts";
import { TrainJob } from "../lib/vol/training/job.ts";
import { runTraining } from "../lib/vol/training/run.ts";
import { NotEnoughData } from "../lib/vol/training/series.ts";
import type { TrainMessage } from "../lib/vol/training/job.ts";
import type { Series } from "../lib/vol/training/series.ts";

/**
 * The training process: reads one job from standard input, answers with one JSON object per line, and writes one file, the
 * model, where the job says. It opens no database and knows no key.
 */
const LOWEST_PRIORITY = 19;
/** A training keeps its thread busy: left alone the collector waits, and what it could free adds up. */
const COLLECT_EVERY_MS = 5_000;

function say(message: TrainMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function memoryMb(): number {
  return process.memoryUsage.rss() / 1e6;
}

async function readSeries(job: TrainJob): Promise<readonly [Series, ...Series[]]> {
  const all: Series[] = [];
  for (const file of job.files) {
    const { candles } = await readCandleFile(file.path, file.zone);
    all.push({ name: file.name, candles, session: detectSession(candles) });
  }
  const [first, ...rest] = all;
  if (first === undefined) throw new NotEnoughData("no candle file was given");
  return [first, ...rest];
}

async function work(job: TrainJob): Promise<void> {
  const started = performance.now();
  let peakMemoryMb = memoryMb();
  let stopped: string | null = null;
  let collectedMs = started;
  const stop = (): boolean => {
    if (performance.now() - collectedMs > COLLECT_EVERY_MS) {
      Bun.gc(true);
      collectedMs = performance.now();
    }
    peakMemoryMb = Math.max(peakMemoryMb, memoryMb());
    if (performance.now() - started > job.timeMsMax)
      stopped = `stopped after its time limit of ${job.timeMsMax / 1000} s`;
    if (peakMemoryMb > job.memoryMbMax)
      stopped = `stopped at ${Math.round(peakMemoryMb)} MB, over its limit of ${job.memoryMbMax} MB`;
    return stopped !== null;
  };
  try {
    const series = await readSeries(job);
    // The files' text and rows are many times larger than the columns made of them.
    Bun.gc(true);
    const champion = job.championPath === null ? null : await readFile(job.championPath);
    const { report, model } = await runTraining(
      series,
      { horizonMs: job.horizonMs, folds: job.folds, correction: job.correction },
      champion,
      { report: (text, share) => say({ kind: "progress", text, share }), stop },
    );
    if (model !== null) await writeFile(job.modelPath, model);
    stop();
    const cost = {
      seconds: (performance.now() - started) / 1000,
      peakMemoryMb: Math.round(peakMemoryMb),
    };
    say({ kind: "done", report, modelWritten: model !== null, cost });
  } catch (error) {
    if (error instanceof TrainingStopped) say({ kind: "failed", reason: stopped ?? "stopped" });
    else if (error instanceof NotEnoughData || error instanceof HistoryFileError)
      say({ kind: "failed", reason: error.message });
    else throw error;
  }
}

try {
  setPriority(LOWEST_PRIORITY);
} catch {
  say({ kind: "progress", text: "priority could not be lowered", share: 0 });
}
await work(TrainJob.parse(await Bun.stdin.json()));
