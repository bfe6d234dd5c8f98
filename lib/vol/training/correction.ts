import { fitHar, harInputs, harRows, harTargets } from "../forecasters/har.ts";
import { predictLinear } from "../linear.ts";
import { fitNormalisation, normalise, sequenceFeatures } from "../lstm/features.ts";
import { calibratedQlike, forwardAll, Trainer } from "../lstm/trainer.ts";
import { NotEnoughData } from "./series.ts";
import { knownMs, POOLED_SAMPLES_MIN, samplesUntil } from "../problem.ts";
import { Random } from "../../core/random.ts";
import type { HarModel } from "../forecasters/har.ts";
import type { Sequences, Trained, TrainerOptions } from "../lstm/trainer.ts";
import type { Loss } from "../lstm/trainingGraph.ts";
import type { Problem, Range } from "../problem.ts";
import type { Correction } from "../servingModel.ts";
import type { Split } from "../evaluation/walkForward.ts";

/** What a run is told: how far along, and whether to go on. */
export type Progress = {
  readonly report: (text: string, share: number) => void;
  /** True when the run was cancelled or its time is up. */
  readonly stop: () => boolean;
};

export type CorrectionOptions = {
  readonly trainer: TrainerOptions;
  readonly seeds: readonly number[];
  /** For a null test: targets are dealt out at random, so that there is nothing to learn. */
  readonly shuffleTargets: boolean;
};

export type TrainedCorrection = {
  readonly correction: Correction;
  readonly loss: Loss;
  /** Validation QLIKE, calibrated, of the HAR alone and of the mean of the networks. */
  readonly validation: { readonly har: number; readonly lstm: number };
  readonly epochs: readonly number[];
  /** Log errors on validation after calibration. */
  readonly errors: Float32Array;
};

type Pooled = {
  readonly problem: Problem;
  readonly har: HarModel;
  readonly train: Range;
  readonly validation: Range;
};

function sequencesOf(
  problem: Problem,
  har: HarModel,
  rows: Float32Array,
  range: Range,
  random: Random | null,
): Sequences {
  const inputs = harInputs(problem, har.profile);
  const regressors = harRows(problem, inputs, range);
  const target = harTargets(problem, inputs, range);
  const width = inputs.names.length;
  const y = Float32Array.from(
    target,
    (value, k) => value - predictLinear(regressors, k * width, har.coefficients),
  );
  if (random !== null) shuffle(y, random);
  return { rows, bars: problem.at.slice(range.from, range.to), y };
}

function shuffle(values: Float32Array, random: Random): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    const kept = values[i] ?? 0;
    values[i] = values[j] ?? 0;
    values[j] = kept;
  }
}

/** Every other series with a HAR of its own, cut where the first one's training and its validation end. */
function pool(first: Problem, others: readonly Problem[], split: Split): Pooled[] {
  const trainEndMs = knownMs(first, split.train.to - 1);
  const validationEndMs = knownMs(first, split.validation.to - 1);
  return others.flatMap((problem) => {
    const train = samplesUntil(problem, trainEndMs);
    const known = samplesUntil(problem, validationEndMs);
    const from = Math.min(known.to, train.to + problem.horizonBars);
    return train.to < POOLED_SAMPLES_MIN
      ? []
      : [{ problem, har: fitHar(problem, known), train, validation: { from, to: known.to } }];
  });
}

function meanOf(outs: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(outs[0]?.length ?? 0);
  for (const out of outs) out.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + value / outs.length));
  return sum;
}

type Steps = { done: number; readonly total: number };

/** Trains one network, telling how far along the whole run is. */
async function trainMember(
  trainer: Trainer,
  seed: number,
  loss: Loss,
  progress: Progress,
  steps: Steps,
): Promise<Trained> {
  const number = steps.done + 1;
  const trained = await trainer.trainOne(seed, loss, (epoch, lossMean, score) => {
    const text = `network ${number} of ${steps.total} (seed ${seed}, ${loss}), epoch ${epoch}: train ${lossMean.toFixed(4)}, validation QLIKE ${score.toFixed(4)}`;
    progress.report(text, steps.done / steps.total);
    return progress.stop();
  });
  steps.done++;
  return trained;
}

/**
 * Trains the networks that correct a HAR: on the training samples of the first series and of all others up to the same
 * moment; early stopping and choice of the loss on the validation samples of all, calibration on the first one's.
 * @throws TrainingStopped
 */
export async function trainCorrection(
  first: Problem,
  har: HarModel,
  others: readonly Problem[],
  split: Split,
  options: CorrectionOptions,
  progress: Progress,
): Promise<TrainedCorrection> {
  const random = options.shuffleTargets ? new Random(options.seeds[0] ?? 1, "shuffle") : null;
  const pooled = [
    { problem: first, har, train: split.train, validation: split.validation },
    ...pool(first, others, split),
  ];
  const raw = pooled.map((part) => sequenceFeatures(part.problem, part.har.profile));
  const normalisation = fitNormalisation(
    pooled.map((part, i) => ({
      features: raw[i] ?? new Float32Array(),
      rows: (part.problem.at[part.train.to - 1] ?? 0) + 1,
    })),
  );
  const rows = raw.map((features) => normalise(features, normalisation));
  const sequences = (which: "train" | "validation"): Sequences[] =>
    pooled.map((part, i) =>
      sequencesOf(part.problem, part.har, rows[i] ?? new Float32Array(), part[which], random),
    );
  const train = sequences("train");
  const validation = sequences("validation").filter((part) => part.y.length > 0);
  const trainer = await Trainer.create(options.trainer, train, validation);
  try {
    return await ensemble(trainer, validation[0], normalisation, options, progress);
  } finally {
    await trainer.release();
  }
}

async function ensemble(
  trainer: Trainer,
  validation: Sequences | undefined,
  normalisation: Correction["normalisation"],
  options: CorrectionOptions,
  progress: Progress,
): Promise<TrainedCorrection> {
  if (validation === undefined) throw new NotEnoughData("no samples are left to validate on");
  const [first = 1, ...rest] = options.seeds;
  const steps = { done: 0, total: rest.length + 2 };
  const mse = await trainMember(trainer, first, "mse", progress, steps);
  const qlikeTrained = await trainMember(trainer, first, "qlike", progress, steps);
  const loss = qlikeTrained.validationQlike < mse.validationQlike ? "qlike" : "mse";
  const trained = [loss === "mse" ? mse : qlikeTrained];
  for (const seed of rest) trained.push(await trainMember(trainer, seed, loss, progress, steps));
  const members = trained.map((one) => one.theta);
  const epochs = trained.map((one) => one.epoch);
  const outs: Float32Array[] = [];
  for (const theta of members) outs.push(await forwardAll(trainer.forward, theta, validation));
  const out = meanOf(outs);
  const { qlike, offset } = calibratedQlike(validation.y, out);
  const zero = new Float32Array(out.length);
  return {
    correction: { hidden: options.trainer.hidden, members, normalisation, offset },
    loss,
    validation: { har: calibratedQlike(validation.y, zero).qlike, lstm: qlike },
    epochs,
    errors: validation.y.map((value, i) => value - (out[i] ?? 0) - offset),
  };
}
