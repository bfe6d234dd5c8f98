import { harInputs } from "../forecasters/har.ts";
import {
  gatherBatchMajor,
  SEQUENCE_FEATURES,
  SEQUENCE_STEPS,
  sequenceFeatures,
} from "../lstm/features.ts";
import { metadataOf, ModelRefused } from "../modelMetadata.ts";
import { OnnxSession } from "./session.ts";
import type { ModelMetadata } from "../modelMetadata.ts";
import type { Problem } from "../problem.ts";
import type { Profile } from "../profile.ts";
import { messageOf } from "../../units/messageOf.ts";

/** Variances over the horizon, one per bar asked for. */
export type ModelForecasts = {
  readonly variance: Float64Array;
  readonly harVariance: Float64Array;
  readonly logVariance: Float64Array;
  /** Names of HAR regressors far outside what the model was trained on, at the last bar. */
  readonly outOfRange: readonly string[];
};

function profileOf(metadata: ModelMetadata): Profile {
  const { slotMinutes, factors, weekend } = metadata.profile;
  return {
    session: metadata.session,
    slotMinutes,
    factors: Float64Array.from(factors),
    weekend,
  };
}

/** A model's file, loaded: the only way in which any forecast of a trained model is made, in evaluation and in service. */
export class VolModel {
  readonly metadata: ModelMetadata;
  readonly #session: OnnxSession;

  private constructor(metadata: ModelMetadata, session: OnnxSession) {
    this.metadata = metadata;
    this.#session = session;
  }

  /** @throws ModelRefused when the file is damaged or does not fit this program. */
  static async load(bytes: Uint8Array): Promise<VolModel> {
    const metadata = metadataOf(bytes);
    try {
      return new VolModel(metadata, await OnnxSession.load(bytes));
    } catch (cause) {
      const why = messageOf(cause);
      throw new ModelRefused(`the run time refuses the file: ${why}`, { cause });
    }
  }

  /**
   * Forecasts at the ends of the given bars.
   * @throws ModelRefused when the problem is not the one the model was made for, or an answer is not finite.
   */
  async forecast(problem: Problem, bars: Int32Array): Promise<ModelForecasts> {
    this.#check(problem);
    const profile = profileOf(this.metadata);
    const inputs = harInputs(problem, profile);
    if (inputs.names.join() !== this.metadata.harNames.join())
      throw new ModelRefused(
        `the model wants the regressors ${this.metadata.harNames.join(", ")}; the data give ${inputs.names.join(", ")}`,
      );
    const width = inputs.names.length;
    const row = new Float64Array(width);
    const har = new Float64Array(bars.length * width);
    bars.forEach((bar, n) => {
      inputs.write(bar, row, 0);
      har.set(row, n * width);
    });
    const first = Math.max(
      0,
      bars.reduce((least, bar) => Math.min(least, bar), Infinity),
    );
    const rows = this.#usesSequence()
      ? sequenceFeatures(problem, profile, Math.max(0, first - SEQUENCE_STEPS + 1))
      : null;
    const out = {
      variance: new Float64Array(bars.length),
      harVariance: new Float64Array(bars.length),
      logVariance: new Float64Array(bars.length),
    };
    for (let from = 0; from < bars.length; from += 512) {
      const part = bars.subarray(from, from + 512);
      const answer = await this.#run(
        har.subarray(from * width, (from + part.length) * width),
        rows === null ? null : gatherBatchMajor(rows, part),
        part.length,
      );
      for (const name of ["variance", "harVariance", "logVariance"] as const)
        out[name].set(answer[name] ?? [], from);
    }
    if (!out.variance.every((value) => Number.isFinite(value) && value > 0))
      throw new ModelRefused("the model's answer is not a positive number");
    return { ...out, outOfRange: this.#outOfRange(row) };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #usesSequence(): boolean {
    return this.metadata.sequenceNames.length > 0;
  }

  async #run(
    har: Float64Array,
    sequence: Float32Array | null,
    count: number,
  ): Promise<Readonly<Record<string, Float64Array>>> {
    const width = har.length / count;
    const feeds =
      sequence === null
        ? { har: { data: har, dims: [count, width] } }
        : {
            har: { data: har, dims: [count, width] },
            sequence: { data: sequence, dims: [count, SEQUENCE_STEPS, SEQUENCE_FEATURES.length] },
          };
    return this.#session.runDouble(feeds, ["variance", "harVariance", "logVariance"]);
  }

  #check(problem: Problem): void {
    const wanted = this.metadata;
    const { bars } = problem;
    const same =
      bars.barMs === wanted.barMs &&
      bars.session === wanted.session &&
      problem.horizonBars === wanted.horizonBars &&
      problem.measure === wanted.measure;
    if (same) return;
    const text = (x: { barMs: number; session: string; horizonBars: number }): string =>
      `${x.horizonBars} bars of ${x.barMs / 1000} s (${x.session})`;
    const given = {
      barMs: bars.barMs,
      session: bars.session,
      horizonBars: problem.horizonBars,
    };
    throw new ModelRefused(`the model forecasts ${text(wanted)}; asked for ${text(given)}`);
  }

  /** A regressor may leave its training range by half the range's width. */
  #outOfRange(row: Float64Array): readonly string[] {
    return this.metadata.harNames.filter((_, j) => {
      const [low, high] = this.metadata.harBounds[j] ?? [0, 0];
      const slack = 0.5 * (high - low) + 1e-9;
      const value = row[j] ?? Number.NaN;
      return !(value >= low - slack && value <= high + slack);
    });
  }
}
