import { Random } from "../../core/random.ts";
import { OnnxSession } from "../onnx/session.ts";
import { gatherTimeMajor, SEQUENCE_FEATURES, SEQUENCE_STEPS } from "./features.ts";
import { initialParameters } from "./parameters.ts";
import { ADAM, forwardGraph, trainingGraph } from "./trainingGraph.ts";
import type { Floats } from "../onnx/session.ts";
import type { LstmShape } from "./parameters.ts";
import type { Loss } from "./trainingGraph.ts";

/** Normalised feature rows of one series, the bars its samples end with, and what is to be learned at each. */
export type Sequences = {
  readonly rows: Float32Array;
  readonly bars: Int32Array;
  /** Log of realised variance minus the linear model's log forecast. */
  readonly y: Float32Array;
};

export type TrainerOptions = {
  readonly hidden: number;
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  readonly weightDecay: number;
  /** More samples than this per epoch are thinned out. */
  readonly sequencesMax: number;
};

export const DEFAULT_TRAINER: TrainerOptions = {
  hidden: 16,
  epochs: 10,
  batch: 256,
  rate: 2e-3,
  weightDecay: 0.01,
  sequencesMax: 20_000,
};

/** Told after each epoch; a true answer ends the training at once. */
export type OnEpoch = (epoch: number, trainLoss: number, validationQlike: number) => boolean;

export type Trained = {
  readonly theta: Float32Array;
  /** Best epoch, 0 is the untrained start. */
  readonly epoch: number;
  readonly validationQlike: number;
};

/** Asked to stop, or out of time. */
export class TrainingStopped extends Error {
  override readonly name = "TrainingStopped";
}

export function shapeOf(hidden: number): LstmShape {
  return { steps: SEQUENCE_STEPS, features: SEQUENCE_FEATURES.length, hidden };
}

const scalar = (value: number): Floats => ({ data: Float32Array.of(value), dims: [] });
const vector = (data: Float32Array): Floats => ({ data, dims: [data.length] });

/** QLIKE of log errors d after the best constant is taken out: ln(mean(exp d)) - mean(d). */
export function calibratedQlike(
  y: Float32Array,
  out: Float32Array,
): { qlike: number; offset: number } {
  let ratios = 0;
  let logs = 0;
  for (let i = 0; i < y.length; i++) {
    const d = (y[i] ?? 0) - (out[i] ?? 0);
    ratios += Math.exp(d) / y.length;
    logs += d / y.length;
  }
  const offset = Math.log(ratios);
  return { qlike: offset - logs, offset };
}

/** The network's outputs for all samples of a series. */
export async function forwardAll(
  forward: OnnxSession,
  theta: Float32Array,
  data: Sequences,
): Promise<Float32Array> {
  const out = new Float32Array(data.bars.length);
  const features = SEQUENCE_FEATURES.length;
  for (let from = 0; from < out.length; from += 1024) {
    const count = Math.min(1024, out.length - from);
    const x = new Float32Array(SEQUENCE_STEPS * count * features);
    gatherTimeMajor(data.rows, data.bars, from, count, x, count, 0);
    const answer = await forward.run(
      { theta: vector(theta), x: { data: x, dims: [SEQUENCE_STEPS, count, features] } },
      ["out"],
    );
    out.set(answer["out"] ?? [], from);
  }
  return out;
}

type Order = { readonly series: Uint8Array; readonly sample: Int32Array };

/** All samples of all series in a random order, thinned to the most that an epoch may see. */
function shuffled(parts: readonly Sequences[], max: number, random: Random): Order {
  const total = parts.reduce((sum, part) => sum + part.bars.length, 0);
  const series = new Uint8Array(total);
  const sample = new Int32Array(total);
  let k = 0;
  parts.forEach((part, s) => {
    for (let i = 0; i < part.bars.length; i++) {
      series[k] = s;
      sample[k++] = i;
    }
  });
  const swap = (values: Uint8Array | Int32Array, i: number, j: number): void => {
    const kept = values[i] ?? 0;
    values[i] = values[j] ?? 0;
    values[j] = kept;
  };
  for (let i = total - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    swap(series, i, j);
    swap(sample, i, j);
  }
  const count = Math.min(total, max);
  return { series: series.subarray(0, count), sample: sample.subarray(0, count) };
}

/** The steps of one network: parameters, moments and their count. */
class Stepper {
  readonly #session: OnnxSession;
  readonly #parts: readonly Sequences[];
  readonly #batch: number;
  readonly #x: Float32Array;
  readonly #y: Float32Array;
  theta: Float32Array;
  #m: Float32Array;
  #v: Float32Array;
  #step = 0;

  constructor(
    session: OnnxSession,
    parts: readonly Sequences[],
    batch: number,
    theta: Float32Array,
  ) {
    this.#session = session;
    this.#parts = parts;
    this.#batch = batch;
    this.#x = new Float32Array(SEQUENCE_STEPS * batch * SEQUENCE_FEATURES.length);
    this.#y = new Float32Array(batch);
    this.theta = theta;
    this.#m = new Float32Array(theta.length);
    this.#v = new Float32Array(theta.length);
  }

  /** One batch; returns its loss. */
  async step(order: Order, from: number, rate: number): Promise<number> {
    for (let n = 0; n < this.#batch; n++) {
      const part = this.#parts[order.series[from + n] ?? 0];
      const k = order.sample[from + n] ?? 0;
      if (part === undefined) continue;
      gatherTimeMajor(part.rows, part.bars, k, 1, this.#x, this.#batch, n);
      this.#y[n] = part.y[k] ?? 0;
    }
    this.#step++;
    const answer = await this.#session.run(
      {
        theta: vector(this.theta),
        m: vector(this.#m),
        v: vector(this.#v),
        rate: scalar(rate),
        c1: scalar(1 - ADAM.beta1 ** this.#step),
        c2: scalar(1 - ADAM.beta2 ** this.#step),
        x: { data: this.#x, dims: [SEQUENCE_STEPS, this.#batch, SEQUENCE_FEATURES.length] },
        y: { data: this.#y, dims: [this.#batch, 1] },
      },
      ["theta1", "m1", "v1", "loss"],
    );
    this.theta = answer["theta1"] ?? this.theta;
    this.#m = answer["m1"] ?? this.#m;
    this.#v = answer["v1"] ?? this.#v;
    return answer["loss"]?.[0] ?? Number.NaN;
  }
}

/** Sessions of one training; built once for all seeds. */
export class Trainer {
  readonly #options: TrainerOptions;
  readonly #train: readonly Sequences[];
  readonly #validation: readonly Sequences[];
  readonly forward: OnnxSession;
  /** One at a time: each holds tens of megabytes. */
  #stepping: { readonly loss: Loss; readonly session: OnnxSession } | null = null;

  private constructor(
    options: TrainerOptions,
    train: readonly Sequences[],
    validation: readonly Sequences[],
    forward: OnnxSession,
  ) {
    this.#options = options;
    this.#train = train;
    this.#validation = validation;
    this.forward = forward;
  }

  static async create(
    options: TrainerOptions,
    train: readonly Sequences[],
    validation: readonly Sequences[],
  ): Promise<Trainer> {
    const forward = await OnnxSession.load(forwardGraph(shapeOf(options.hidden)));
    return new Trainer(options, train, validation, forward);
  }

  async #stepper(loss: Loss): Promise<OnnxSession> {
    if (this.#stepping?.loss === loss) return this.#stepping.session;
    await this.#stepping?.session.release();
    this.#stepping = null;
    const { hidden, batch, weightDecay } = this.#options;
    const graph = trainingGraph(shapeOf(hidden), batch, loss, weightDecay);
    const session = await OnnxSession.load(graph);
    this.#stepping = { loss, session };
    return session;
  }

  /**
   * One network from one seed; the epoch with the best validation is kept, the untrained start included.
   * @throws TrainingStopped when `onEpoch` says so.
   */
  async trainOne(seed: number, loss: Loss, onEpoch: OnEpoch): Promise<Trained> {
    const { batch, epochs, rate, sequencesMax, hidden } = this.#options;
    const random = new Random(seed, "lstm");
    const start = initialParameters(shapeOf(hidden), random.split("parameters"));
    const stepper = new Stepper(await this.#stepper(loss), this.#train, batch, start);
    let best: Trained = { theta: start, epoch: 0, validationQlike: await this.#validate(start) };
    const order = random.split("order");
    const perEpoch = Math.max(1, Math.floor(this.#sampleCount(sequencesMax) / batch));
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const samples = shuffled(this.#train, sequencesMax, order);
      let lossMean = 0;
      for (let k = 0; k < perEpoch; k++) {
        const progress = ((epoch - 1) * perEpoch + k) / (epochs * perEpoch);
        const decayed = rate * (0.05 + 0.95 * 0.5 * (1 + Math.cos(Math.PI * progress)));
        lossMean += (await stepper.step(samples, k * batch, decayed)) / perEpoch;
      }
      const validationQlike = await this.#validate(stepper.theta);
      if (validationQlike < best.validationQlike)
        best = { theta: stepper.theta, epoch, validationQlike };
      if (onEpoch(epoch, lossMean, validationQlike)) throw new TrainingStopped("stopped");
    }
    return best;
  }

  async release(): Promise<void> {
    await this.forward.release();
    await this.#stepping?.session.release();
  }

  #sampleCount(max: number): number {
    return Math.min(
      max,
      this.#train.reduce((sum, part) => sum + part.bars.length, 0),
    );
  }

  async #validate(theta: Float32Array): Promise<number> {
    let sum = 0;
    let count = 0;
    for (const part of this.#validation) {
      const out = await forwardAll(this.forward, theta, part);
      sum += part.y.length * calibratedQlike(part.y, out).qlike;
      count += part.y.length;
    }
    return sum / count;
  }
}
