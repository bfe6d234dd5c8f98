import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelRefused } from "../modelMetadata.ts";
import { VolModel } from "../onnx/model.ts";
import { trainInChild, TrainingFailed } from "./child.ts";
import { SeatTaken } from "../registry.ts";
import type { Attempt, ModelRecord, ModelRegistry, SeatName } from "../registry.ts";
import type { TrainCallbacks, TrainOutcome } from "./child.ts";
import type { TrainJob } from "./job.ts";

/** A published model is good for this long; a daily retraining renews it, three missed ones end it. */
const MODEL_LIFE_MS = 4 * 86_400_000;

export type RetrainRequest = {
  readonly seat: SeatName;
  readonly job: Omit<TrainJob, "championPath" | "modelPath">;
  readonly nowMs: () => number;
  /** False: train, score and judge, but change nothing. */
  readonly publish: boolean;
};

export type RetrainOutcome = TrainOutcome & {
  /** File of the model in use after this training; null when none was published. */
  readonly modelFile: string | null;
  /** Why the champion's file could not compete; null when it did or there is none. */
  readonly championRefused: string | null;
};

/** A network in use must defend its seat; a HAR in use is what everyone must beat anyway. */
async function championFile(
  registry: ModelRegistry,
  request: RetrainRequest,
  folder: string,
  champion: ModelRecord | null,
): Promise<{ path: string | null; refused: string | null }> {
  if (champion === null || champion.kind === "har") return { path: null, refused: null };
  try {
    const path = join(folder, "champion.onnx");
    await writeFile(path, await registry.load(champion, request.nowMs()));
    return { path, refused: null };
  } catch (error) {
    if (error instanceof ModelRefused) return { path: null, refused: error.message };
    throw error;
  }
}

function attemptOf(outcome: TrainOutcome, atMs: number): Attempt {
  const { verdict, dataHash, entries } = outcome.report;
  return {
    atMs,
    promoted: verdict.promoted,
    why: verdict.why,
    dataHash,
    scores: entries.map(({ name, n, qlike }) => ({ name, n, qlike })),
  };
}

/**
 * One retraining: train and judge in a child process, then put the winner in its seat with one transaction. Until its
 * commit nothing has changed; a training that is killed leaves the old model.
 * @throws TrainingFailed, ModelRefused
 */
export async function retrain(
  registry: ModelRegistry,
  request: RetrainRequest,
  callbacks: TrainCallbacks,
): Promise<RetrainOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "amm500-train-"));
  try {
    const before = await registry.champion(request.seat);
    const champion = await championFile(registry, request, folder, before);
    const modelPath = join(folder, "model.onnx");
    const job = { ...request.job, championPath: champion.path, modelPath };
    const outcome = await trainInChild(job, callbacks);
    const championRefused = champion.refused ?? outcome.report.championRefused;
    const atMs = request.nowMs();
    if (!request.publish) return { ...outcome, modelFile: null, championRefused };
    const attempt = attemptOf(outcome, atMs);
    const expiresMs = atMs + MODEL_LIFE_MS;
    const over = before?.file ?? null;
    if (!outcome.modelWritten) {
      const kept = await registry.keep(request.seat, attempt, expiresMs, over);
      return { ...outcome, modelFile: kept?.file ?? null, championRefused };
    }
    const bytes = await readFile(modelPath);
    await (await VolModel.load(bytes)).release();
    const record = await registry.publish(request.seat, bytes, attempt, expiresMs, over);
    return { ...outcome, modelFile: record.file, championRefused };
  } catch (error) {
    throw error instanceof SeatTaken ? new TrainingFailed(error.message, { cause: error }) : error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
