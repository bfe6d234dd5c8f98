import type { InferenceSession } from "onnxruntime-node";

type RunTime = typeof import("onnxruntime-node");

/** Named float inputs and outputs of one call. */
export type Floats = {
  readonly data: Float32Array | Float64Array;
  readonly dims: readonly number[];
};

/** One thread, no spinning: the quoting thread and a training must share few cores. */
const OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  logSeverityLevel: 3,
};

/** A loaded model. `release` must be called: without it native memory stays until the process ends. */
export class OnnxSession {
  readonly #runTime: RunTime;
  readonly #session: InferenceSession;
  #released = false;

  private constructor(runTime: RunTime, session: InferenceSession) {
    this.#runTime = runTime;
    this.#session = session;
  }

  /** @throws Error when the bytes are no model that the run time accepts. */
  static async load(bytes: Uint8Array): Promise<OnnxSession> {
    // Its native library takes tens of milliseconds and megabytes: only where there is a model.
    const runTime = await import("onnxruntime-node");
    return new OnnxSession(runTime, await runTime.InferenceSession.create(bytes, OPTIONS));
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /** @param fetch names of the single-precision outputs wanted. */
  async run(
    inputs: Readonly<Record<string, Floats>>,
    fetch: readonly string[],
  ): Promise<Readonly<Record<string, Float32Array>>> {
    const answer = await this.#call(inputs, fetch);
    return Object.fromEntries(fetch.map((name) => [name, answer[name]?.data as Float32Array]));
  }

  /** @param fetch names of the double-precision outputs wanted. */
  async runDouble(
    inputs: Readonly<Record<string, Floats>>,
    fetch: readonly string[],
  ): Promise<Readonly<Record<string, Float64Array>>> {
    const answer = await this.#call(inputs, fetch);
    return Object.fromEntries(fetch.map((name) => [name, answer[name]?.data as Float64Array]));
  }

  #call(
    inputs: Readonly<Record<string, Floats>>,
    fetch: readonly string[],
  ): Promise<InferenceSession.OnnxValueMapType> {
    const { Tensor } = this.#runTime;
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { data, dims }]) => [
        name,
        data instanceof Float64Array
          ? new Tensor("float64", data, dims)
          : new Tensor("float32", data, dims),
      ]),
    );
    return this.#session.run(feeds, [...fetch]);
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.#session.release();
  }
}
