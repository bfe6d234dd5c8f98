import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { Random } from "../../../lib/core/random.ts";
import { fitHar, harInputs } from "../../../lib/vol/forecasters/har.ts";
import { measureBars } from "../../../lib/vol/bars.ts";
import {
  fitNormalisation,
  normalise,
  SEQUENCE_FEATURES,
  SEQUENCE_STEPS,
  sequenceFeatures,
} from "../../../lib/vol/lstm/features.ts";
import { initialParameters, layoutOf } from "../../../lib/vol/lstm/parameters.ts";
import { forwardGraph, trainingGraph } from "../../../lib/vol/lstm/trainingGraph.ts";
import { shapeOf, Trainer } from "../../../lib/vol/lstm/trainer.ts";
import { OnnxSession } from "../../../lib/vol/onnx/session.ts";
import { poseProblem } from "../../../lib/vol/problem.ts";
import { servingModel } from "../../../lib/vol/servingModel.ts";
import { predictLinear } from "../../../lib/vol/linear.ts";
import { lstmForward } from "../../support/lstmReference.ts";
import { candlesFromReturns, garchReturns, MINUTE } from "../../support/syntheticCandles.ts";
import type { Loss } from "../../../lib/vol/lstm/trainingGraph.ts";
import type { Sequences } from "../../../lib/vol/lstm/trainer.ts";

setDefaultTimeout(60_000);

const shape = { steps: 9, features: 5, hidden: 6 };
const batch = 7;
const count = layoutOf(shape).count;

function example(seed: number): { theta: Float32Array; x: Float32Array; y: Float32Array } {
  const random = new Random(seed, "gradient");
  const theta = initialParameters(shape, random).map((v) => v + 0.3 * random.normal());
  const x = Float32Array.from({ length: shape.steps * batch * shape.features }, () =>
    random.normal(),
  );
  return { theta, x, y: Float32Array.from({ length: batch }, () => random.normal()) };
}

function outputOf(theta: ArrayLike<number>, x: Float32Array, n: number): number {
  return lstmForward(theta, shape, (t, f) => x[(t * batch + n) * shape.features + f] ?? 0);
}

function lossOf(theta: ArrayLike<number>, x: Float32Array, y: Float32Array, loss: Loss): number {
  let sum = 0;
  for (let n = 0; n < batch; n++) {
    const d = (y[n] ?? 0) - outputOf(theta, x, n);
    sum += loss === "mse" ? d * d : Math.exp(d) - d - 1;
  }
  return sum / batch;
}

const vector = (data: Float32Array) => ({ data, dims: [data.length] });
const scalar = (value: number) => ({ data: Float32Array.of(value), dims: [] });

describe("the training graph", () => {
  test.each(["mse", "qlike"] as const)(
    "%s: its loss and gradient are those of finite differences in double precision, to 1e-6",
    async (loss) => {
      const { theta, x, y } = example(loss === "mse" ? 1 : 2);
      const session = await OnnxSession.load(trainingGraph(shape, batch, loss, 0));
      const answer = await session.run(
        {
          theta: vector(theta),
          m: vector(new Float32Array(count)),
          v: vector(new Float32Array(count)),
          rate: scalar(0.01),
          c1: scalar(0.1),
          c2: scalar(0.001),
          x: { data: x, dims: [shape.steps, batch, shape.features] },
          y: { data: y, dims: [batch, 1] },
        },
        ["loss", "gradient", "theta1"],
      );
      await session.release();
      expect(answer["loss"]?.[0]).toBeCloseTo(lossOf(theta, x, y, loss), 5);
      let worst = 0;
      const step = 1e-5;
      for (let i = 0; i < count; i++) {
        const moved = Float64Array.from(theta);
        moved[i] = (theta[i] ?? 0) + step;
        const up = lossOf(moved, x, y, loss);
        moved[i] = (theta[i] ?? 0) - step;
        const slope = (up - lossOf(moved, x, y, loss)) / (2 * step);
        worst = Math.max(worst, Math.abs(slope - (answer["gradient"]?.[i] ?? 0)));
      }
      expect(worst).toBeLessThan(1e-6);
      expect(worst).toBeGreaterThan(0);
      const moved = answer["theta1"] ?? theta;
      const largest = moved.reduce((max, v, i) => Math.max(max, Math.abs(v - (theta[i] ?? 0))), 0);
      expect(largest).toBeLessThan(0.0101);
    },
  );

  test("gates keep ONNX's order: the run time's LSTM equals the plain one to 1e-5", async () => {
    const { theta, x } = example(3);
    const session = await OnnxSession.load(forwardGraph(shape));
    const answer = await session.run(
      { theta: vector(theta), x: { data: x, dims: [shape.steps, batch, shape.features] } },
      ["out"],
    );
    await session.release();
    for (let n = 0; n < batch; n++)
      expect(Math.abs((answer["out"]?.[n] ?? 9) - outputOf(theta, x, n))).toBeLessThan(1e-5);
  });
});

describe("the trainer", () => {
  const random = new Random(9, "memory");
  /** What is to be learned: the third feature one step before the end. */
  function task(samples: number): Sequences {
    const width = SEQUENCE_FEATURES.length;
    const rows = Float32Array.from({ length: (samples + 60) * width }, () => random.normal());
    const bars = Int32Array.from({ length: samples }, (_, i) => i + 60);
    const y = Float32Array.from(bars, (bar) => Math.tanh(2 * (rows[(bar - 1) * width + 2] ?? 0)));
    return { rows, bars, y };
  }
  const options = {
    hidden: 8,
    epochs: 8,
    batch: 32,
    rate: 2e-2,
    weightDecay: 0.01,
    sequencesMax: 1024,
  };
  const [train, validation] = [task(1024), task(256)];

  test("learns from what came one step before and is the same twice for a seed", async () => {
    const trainer = await Trainer.create(options, [train], [validation]);
    const first = await trainer.trainOne(5, "mse", () => false);
    const second = await trainer.trainOne(5, "mse", () => false);
    const other = await trainer.trainOne(6, "mse", () => false);
    await trainer.release();
    expect(first.theta).toEqual(second.theta);
    expect(first.theta).not.toEqual(other.theta);
    const start = await startLoss();
    expect(first.validationQlike).toBeLessThan(0.6 * start);
  });

  async function startLoss(): Promise<number> {
    const trainer = await Trainer.create(
      { ...options, epochs: 1, rate: 1e-9 },
      [train],
      [validation],
    );
    const { validationQlike } = await trainer.trainOne(5, "mse", () => false);
    await trainer.release();
    return validationQlike;
  }

  test("ends at once when asked to stop", async () => {
    const trainer = await Trainer.create(options, [train], [validation]);
    let epochs = 0;
    const stopped = trainer.trainOne(5, "mse", () => {
      epochs++;
      return true;
    });
    expect(stopped).rejects.toThrow("stopped");
    await stopped.catch(() => null);
    await trainer.release();
    expect(epochs).toBe(1);
  });
});

describe("the served file", () => {
  test("normalisation, HAR, networks and exp in one graph equal plain double precision to 1e-5", async () => {
    const candles = candlesFromReturns(
      garchReturns(1500, 4, { omega: 4e-9, alpha: 0.1, beta: 0.85 }),
    );
    const problem = poseProblem(measureBars(candles, "always"), 5 * MINUTE);
    const har = fitHar(problem, { from: 0, to: 1000 });
    const inputs = harInputs(problem, har.profile);
    const features = sequenceFeatures(problem, har.profile);
    const normalisation = fitNormalisation([{ features, rows: 1000 }]);
    const random = new Random(8, "members");
    const members = [1, 2].map(() =>
      initialParameters(shapeOf(8), random).map((v) => v + 0.1 * random.normal()),
    );
    const correction = { hidden: 8, members, normalisation, offset: 0.07 };
    const column = inputs.names.indexOf("logFactorAhead");
    const bytes = servingModel(har, column, 5, correction, {});
    const session = await OnnxSession.load(bytes);
    const rows = normalise(features, normalisation);
    const width = SEQUENCE_FEATURES.length;
    for (const bar of [200, 777, 1450]) {
      const row = new Float64Array(inputs.names.length);
      inputs.write(bar, row, 0);
      const sequence = features.slice((bar - SEQUENCE_STEPS + 1) * width, (bar + 1) * width);
      const answer = await session.runDouble(
        {
          har: { data: row, dims: [1, row.length] },
          sequence: { data: sequence, dims: [1, SEQUENCE_STEPS, width] },
        },
        ["logVariance", "variance", "harVariance"],
      );
      const base = predictLinear(row, 0, har.coefficients) + inputs.logFactorAhead(bar);
      const out =
        members.reduce(
          (sum, theta) =>
            sum +
            lstmForward(
              theta,
              shapeOf(8),
              (t, f) => rows[(bar - SEQUENCE_STEPS + 1 + t) * width + f] ?? 0,
            ),
          0,
        ) / 2;
      const log = base + out + 0.07;
      expect(Math.abs((answer["logVariance"]?.[0] ?? 0) - log)).toBeLessThan(1e-5);
      expect((answer["variance"]?.[0] ?? 0) / (5 * Math.exp(log))).toBeCloseTo(1, 4);
      expect((answer["harVariance"]?.[0] ?? 0) / (5 * har.smearing * Math.exp(base))).toBeCloseTo(
        1,
        4,
      );
    }
    await session.release();
  });
});
