import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatCandleCsv } from "../../lib/marketdata/history/csvFile.ts";
import { rowAt } from "../../lib/vol/candles.ts";
import { DEFAULT_TRAINER } from "../../lib/vol/lstm/trainer.ts";
import { VolatilityPort } from "../../lib/vol/port.ts";
import { ModelRegistry } from "../../lib/vol/registry.ts";
import { trainInChild } from "../../lib/vol/training/child.ts";
import { runTraining } from "../../lib/vol/training/run.ts";
import {
  candlesFromReturns,
  garchReturns,
  MINUTE,
  squareWaveReturns,
} from "../support/syntheticCandles.ts";
import { fitLocalHar } from "../../lib/vol/localHar.ts";
import type { TrainJob } from "../../lib/vol/training/job.ts";
import { benchEventToWire } from "./eventToWire.ts";
import type { BesideBench } from "./eventToWire.ts";
import { round, timeCalls } from "./measure.ts";
import type { Timing } from "./measure.ts";

export type VolatilityBench = {
  /** One refresh of the bot's port with a promoted mean of five networks: bars, features, HAR, networks. */
  readonly refresh: Timing;
  /** The same while a training runs beside it. */
  readonly refreshBesideTraining: Timing;
  /** Book message to signed request, alone and beside a training by turns. */
  readonly eventToWireMs: BesideBench;
  /** Fitting the HAR that serves without a model, on four days of minutes: done in a thread of its own. */
  readonly localFit: Timing;
  readonly training: {
    /** Minute bars of 60 days. */
    readonly bars: number;
    readonly networks: number;
    readonly epochs: number;
    readonly seconds: number;
    readonly peakMemoryMb: number;
  };
};

const HORIZON_MS = 5 * MINUTE;
const SEAT = { symbol: "bench", horizonMs: HORIZON_MS };
const DAYS = 60;
const SEEDS = [1, 2, 3, 4, 5];

/** A port that serves a network, on a market the network knows. */
async function servingPort(folder: string): Promise<{ port: VolatilityPort; nowMs: number }> {
  const candles = candlesFromReturns(squareWaveReturns(3600, 1));
  const trainer = { ...DEFAULT_TRAINER, epochs: 5, batch: 32, rate: 1e-2, sequencesMax: 2048 };
  const correction = { trainer, seeds: SEEDS, shuffleTargets: false };
  const { model, report } = await runTraining(
    [{ name: "wave", candles, session: "always" }],
    { horizonMs: HORIZON_MS, folds: 1, correction },
    null,
    { report: () => undefined, stop: () => false },
  );
  if (model === null || report.verdict.promoted !== "lstm")
    throw new Error(`the bench needs a network, got: ${report.verdict.why}`);
  const nowMs = (candles.openMs.at(-1) ?? 0) + MINUTE;
  const registry = new ModelRegistry(folder);
  const attempt = { atMs: nowMs, promoted: "lstm", why: "", dataHash: "", scores: [] } as const;
  await registry.publish(SEAT, model, { ...attempt, scores: [] }, nowMs + 1e9);
  const port = new VolatilityPort(HORIZON_MS);
  port.addCandles(Array.from(candles.openMs, (_, i) => rowAt(candles, i)));
  await port.syncModel(registry, SEAT, nowMs);
  return { port, nowMs };
}

const WIRE = { touches: 200, repeats: 5, warmUp: 100, periodMs: 20 };

/** The whole bot beside a training that does not end before it is told to. */
async function wireBesideTraining(job: TrainJob): Promise<BesideBench> {
  const beside = async (): Promise<() => Promise<void>> => {
    const cancel = new AbortController();
    const { promise: learns, resolve } = Promise.withResolvers<undefined>();
    const onProgress = (text: string): void => {
      if (text.startsWith("network")) resolve(undefined);
    };
    const training = trainInChild(job, { onProgress, signal: cancel.signal });
    const ended = training.then(
      () => undefined,
      () => undefined,
    );
    await Promise.race([learns, training]);
    return async () => {
      cancel.abort();
      await ended;
    };
  };
  const { beside: found } = await benchEventToWire({ ...WIRE, beside });
  if (found === null) throw new Error("nothing was measured beside the training");
  return found;
}

/** Four days of minutes. */
const FIT_BARS = 5760;

function timeLocalFit(): Promise<Timing> {
  const returns = garchReturns(FIT_BARS, 7, { omega: 4e-9, alpha: 0.1, beta: 0.85 });
  const candles = candlesFromReturns(returns);
  return timeCalls(
    () => {
      if (fitLocalHar(candles, HORIZON_MS, 0) === null) throw new Error("too few bars");
      return Promise.resolve();
    },
    20,
    3,
  );
}

/** A training as a retraining does it, on 60 days of minute bars in a file: five networks and one of the other loss. */
async function trainingOf(folder: string, epochs: number): Promise<TrainJob> {
  const returns = garchReturns(DAYS * 1440, 7, { omega: 4e-9, alpha: 0.1, beta: 0.85 });
  const candles = candlesFromReturns(returns);
  const path = join(folder, "candles.csv");
  await writeFile(path, formatCandleCsv(Array.from(candles.openMs, (_, i) => rowAt(candles, i))));
  const trainer = { ...DEFAULT_TRAINER, epochs };
  return {
    files: [{ path, name: "bench", zone: "utc" }],
    horizonMs: HORIZON_MS,
    folds: 4,
    correction: { trainer, seeds: SEEDS, shuffleTargets: false },
    championPath: null,
    modelPath: join(folder, "model.onnx"),
    timeMsMax: 600_000,
    memoryMbMax: 2000,
  };
}

/** A forecast, and the same beside a training that is ended then. */
async function measureRefresh(
  folder: string,
  job: TrainJob,
  calls: number,
): Promise<Pick<VolatilityBench, "refresh" | "refreshBesideTraining">> {
  const { port, nowMs } = await servingPort(folder);
  const cancel = new AbortController();
  try {
    const paced = async (): Promise<void> => {
      await port.refresh(nowMs);
      if (port.read(nowMs).source !== "lstm") throw new Error(port.read(nowMs).why);
    };
    const refresh = await timeCalls(paced, calls, 20);
    const { signal } = cancel;
    const running = trainInChild(job, { onProgress: () => undefined, signal });
    const ended = running.catch(() => undefined);
    const refreshBesideTraining = await timeCalls(paced, calls, 20);
    cancel.abort();
    await ended;
    return { refresh, refreshBesideTraining };
  } finally {
    await port.close();
  }
}

/** Quoting beside a training, inference, training. @param epochs of the training; ten is what a retraining uses. */
export async function benchVolatility(calls = 300, epochs = 10): Promise<VolatilityBench> {
  const folder = await mkdtemp(join(tmpdir(), "amm500-bench-"));
  try {
    const job = await trainingOf(folder, epochs);
    const trainer = { ...DEFAULT_TRAINER, epochs: 1000 };
    const endless = { ...job, correction: { trainer, seeds: SEEDS, shuffleTargets: false } };
    const eventToWireMs = await wireBesideTraining(endless);
    const refreshes = await measureRefresh(folder, endless, calls);
    const localFit = await timeLocalFit();
    const { cost } = await trainInChild(job, { onProgress: () => undefined, signal: null });
    return {
      ...refreshes,
      eventToWireMs,
      localFit,
      training: {
        bars: DAYS * 1440,
        networks: SEEDS.length + 1,
        epochs,
        seconds: round(cost.seconds),
        peakMemoryMb: cost.peakMemoryMb,
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
