import { Graph } from "./onnx/graph.ts";
import { DOUBLE } from "./onnx/proto.ts";
import { FEATURE_BOUND, SEQUENCE_FEATURES, SEQUENCE_STEPS } from "./lstm/features.ts";
import { layoutOf } from "./lstm/parameters.ts";
import { shapeOf } from "./lstm/trainer.ts";
import type { HarModel } from "./forecasters/har.ts";
import type { Normalisation } from "./lstm/features.ts";
import type { Tensor } from "./onnx/graph.ts";

/** The networks that correct the HAR, and the constant that makes their mean unbiased. */
export type Correction = {
  readonly hidden: number;
  readonly members: readonly Float32Array[];
  readonly normalisation: Normalisation;
  /** Added to the members' mean: log of the smearing factor found on validation. */
  readonly offset: number;
};

/** The networks may move the HAR's variance by at most this factor either way. */
const CORRECTION_FACTOR_MAX = 5;

function member(g: Graph, x: Tensor, theta: Float32Array, hidden: number): Tensor {
  const layout = layoutOf(shapeOf(hidden));
  const take = (range: readonly [number, number], dims: readonly number[]): Tensor =>
    g.constant(theta.slice(range[0], range[1]), dims);
  const bias = new Float32Array(8 * hidden);
  bias.set(theta.subarray(layout.b[0], layout.b[1]));
  const [, last = ""] = g.ops(
    "LSTM",
    [
      x,
      take(layout.w, [1, 4 * hidden, SEQUENCE_FEATURES.length]),
      take(layout.r, [1, 4 * hidden, hidden]),
      g.constant(bias, [1, 8 * hidden]),
    ],
    2,
    { hidden_size: hidden },
  );
  const state = g.op("Squeeze", [last, g.integers([0])]);
  return g.add(g.matmul(state, take(layout.head, [hidden, 1])), take(layout.bias, [1]));
}

function correctionOf(g: Graph, correction: Correction, logSmearing: number): Tensor {
  const features = SEQUENCE_FEATURES.length;
  const sequence = g.input("sequence", ["N", SEQUENCE_STEPS, features]);
  const { mean, scale } = correction.normalisation;
  const centred = g.sub(sequence, g.constant(mean, [features]));
  const scaled = g.div(centred, g.constant(scale, [features]));
  const bounded = g.op("Clip", [scaled, g.scalar(-FEATURE_BOUND), g.scalar(FEATURE_BOUND)]);
  const x = g.transpose(bounded, [1, 0, 2]);
  const outs = correction.members.map((theta) => member(g, x, theta, correction.hidden));
  const sum = outs.reduce((a, b) => g.add(a, b));
  const centre = g.mul(sum, g.scalar(1 / outs.length));
  const limit = Math.log(CORRECTION_FACTOR_MAX);
  const moved = g.add(centre, g.scalar(correction.offset - logSmearing));
  return g.op("Clip", [moved, g.scalar(-limit), g.scalar(limit)]);
}

/**
 * One standard .onnx, the HAR in double and the networks in single precision: normalisation, HAR, the networks' correction and exp. In: `har` [N, K] raw regressors, and where
 * networks correct it, `sequence` [N, 60, 10] raw features. Out: `logVariance` [N, 1], the log of the mean variance per bar over the
 * horizon; `variance` and `harVariance` [N, 1], over the whole horizon.
 * Without networks the file is the HAR itself.
 */
export function servingModel(
  har: HarModel,
  logFactorColumn: number,
  horizonBars: number,
  correction: Correction | null,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const g = new Graph();
  const width = har.coefficients.length - 1;
  const rows = g.input("har", ["N", width], DOUBLE);
  const product = g.matmul(rows, g.constant(har.coefficients.slice(0, width), [width, 1]));
  const logFactor = g.slice(rows, 1, logFactorColumn, logFactorColumn + 1);
  const logSmearing = Math.log(har.smearing);
  const constant = g.double((har.coefficients[width] ?? 0) + logSmearing);
  const base = g.add(g.add(product, logFactor), constant);
  const log =
    correction === null
      ? base
      : g.add(base, g.op("Cast", [correctionOf(g, correction, logSmearing)], { to: DOUBLE }));
  const bars = g.double(horizonBars);
  g.output("logVariance", log, ["N", 1], DOUBLE);
  g.output("variance", g.mul(bars, g.op("Exp", [log])), ["N", 1], DOUBLE);
  g.output("harVariance", g.mul(bars, g.op("Exp", [base])), ["N", 1], DOUBLE);
  return g.bytes(metadata);
}
