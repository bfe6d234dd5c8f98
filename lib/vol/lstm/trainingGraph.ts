import { Graph } from "../onnx/graph.ts";
import { layoutOf } from "./parameters.ts";
import type { Layout, LstmShape } from "./parameters.ts";
import type { Tensor } from "../onnx/graph.ts";

/** Squared error on logs, or QLIKE: exp(d) - d - 1 with d = target - forecast, both logs. */
export type Loss = "mse" | "qlike";

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;
const GRADIENT_NORM_MAX = 1;
/** Beyond this log error exp() would let one outlier set the step. */
const LOG_ERROR_MAX = 4;

/** Moments decay by these; the caller needs them for the bias corrections 1 - beta^t. */
export const ADAM = { beta1: BETA_1, beta2: BETA_2 } as const;

type Weights = { readonly [K in "w" | "r" | "b" | "head" | "bias"]: Tensor };

function unpack(g: Graph, theta: Tensor, shape: LstmShape, layout: Layout): Weights {
  const gates = 4 * shape.hidden;
  const take = (range: readonly [number, number], dims: readonly number[]): Tensor =>
    g.reshape(g.slice(theta, 0, range[0], range[1]), dims);
  return {
    w: take(layout.w, [gates, shape.features]),
    r: take(layout.r, [gates, shape.hidden]),
    b: take(layout.b, [gates]),
    head: take(layout.head, [shape.hidden, 1]),
    bias: take(layout.bias, [1]),
  };
}

/** The run time's own LSTM over [T, B, F]: all hidden states [T, B, H]. */
function hiddenStates(g: Graph, x: Tensor, weights: Weights, shape: LstmShape): Tensor {
  const { hidden, features } = shape;
  const bias = g.concat([weights.b, g.constant(new Float32Array(4 * hidden), [4 * hidden])], 0);
  const [y] = g.ops(
    "LSTM",
    [
      x,
      g.reshape(weights.w, [1, 4 * hidden, features]),
      g.reshape(weights.r, [1, 4 * hidden, hidden]),
      g.reshape(bias, [1, 8 * hidden]),
    ],
    1,
    { hidden_size: hidden },
  );
  return g.op("Squeeze", [y ?? "", g.integers([1])]);
}

/** Forward alone: `theta`, `x` [T, N, F] -> `out` [N, 1]. N is free. */
export function forwardGraph(shape: LstmShape): Uint8Array {
  const g = new Graph();
  const layout = layoutOf(shape);
  const theta = g.input("theta", [layout.count]);
  const x = g.input("x", [shape.steps, "N", shape.features]);
  const weights = unpack(g, theta, shape, layout);
  const states = hiddenStates(g, x, weights, shape);
  const last = g.op("Squeeze", [g.slice(states, 0, shape.steps - 1, shape.steps), g.integers([0])]);
  g.output("out", g.add(g.matmul(last, weights.head), weights.bias), ["N", 1]);
  return g.bytes();
}

type Local = {
  /** dh -> dc: o (1 - tanh(c)^2), one tensor [1, B, H] per step. */
  readonly cellOfHidden: readonly Tensor[];
  /** [1, B, 4H] per step: what turns (dc, dh, dc, dc) into the gates' derivatives. */
  readonly gates: readonly Tensor[];
  readonly forget: readonly Tensor[];
};

/** All local derivatives of all steps at once; only the cell state needs a loop. */
function localDerivatives(g: Graph, z: Tensor, shape: LstmShape, batch: number): Local {
  const { hidden, steps } = shape;
  const one = g.scalar(1);
  const minusSquare = (t: Tensor): Tensor => g.sub(one, g.mul(t, t));
  const slope = (s: Tensor): Tensor => g.mul(s, g.sub(one, s));
  const [zi = "", zo = "", zf = "", zg = ""] = g.split(z, 2, [hidden, hidden, hidden, hidden]);
  const [i, o, f] = [g.op("Sigmoid", [zi]), g.op("Sigmoid", [zo]), g.op("Sigmoid", [zf])];
  const candidate = g.op("Tanh", [zg]);
  const forget = g.unstack(f, 0, steps);
  const input = g.unstack(g.mul(i, candidate), 0, steps);
  const cells = [g.constant(new Float32Array(batch * hidden), [1, batch, hidden])];
  for (let t = 0; t < steps; t++)
    cells.push(g.add(g.mul(forget[t] ?? "", cells[t] ?? ""), input[t] ?? ""));
  const tanhCell = g.op("Tanh", [g.concat(cells.slice(1), 0)]);
  const cellBefore = g.concat(cells.slice(0, steps), 0);
  const gates = g.concat(
    [
      g.mul(candidate, slope(i)),
      g.mul(tanhCell, slope(o)),
      g.mul(cellBefore, slope(f)),
      g.mul(i, minusSquare(candidate)),
    ],
    2,
  );
  return {
    cellOfHidden: g.unstack(g.mul(o, minusSquare(tanhCell)), 0, steps),
    gates: g.unstack(gates, 0, steps),
    forget,
  };
}

/** Backpropagation through time: the gates' derivatives [T, B, 4H] from that of the last hidden state [B, H]. */
function gateGradients(g: Graph, dLast: Tensor, r: Tensor, local: Local, shape: LstmShape): Tensor {
  const found: Tensor[] = [];
  let dh = g.op("Unsqueeze", [dLast, g.integers([0])]);
  let dc: Tensor | null = null;
  for (let t = shape.steps - 1; t >= 0; t--) {
    const fromHidden = g.mul(dh, local.cellOfHidden[t] ?? "");
    const cell: Tensor = dc === null ? fromHidden : g.add(dc, fromHidden);
    const dz = g.mul(g.concat([cell, dh, cell, cell], 2), local.gates[t] ?? "");
    found.push(dz);
    if (t === 0) break;
    dh = g.matmul(dz, r);
    dc = g.mul(cell, local.forget[t] ?? "");
  }
  return g.concat(found.toReversed(), 0);
}

/** Loss of a batch and its derivative by the forecast, [B, 1]. */
function lossOf(g: Graph, out: Tensor, y: Tensor, loss: Loss, batch: number): [Tensor, Tensor] {
  const share = g.scalar(1 / batch);
  const d = g.sub(y, out);
  if (loss === "mse") {
    const value = g.mul(share, g.sumAll(g.mul(d, d)));
    return [value, g.mul(g.scalar(-2 / batch), d)];
  }
  const bounded = g.op("Clip", [d, g.scalar(-LOG_ERROR_MAX), g.scalar(LOG_ERROR_MAX)]);
  const ratio = g.op("Exp", [bounded]);
  const value = g.mul(share, g.sumAll(g.sub(g.sub(ratio, bounded), g.scalar(1))));
  return [value, g.mul(share, g.sub(g.scalar(1), ratio))];
}

/** Decoupled weight decay (Loshchilov and Hutter 2019) on the whole vector, after clipping the gradient's norm. */
function adamW(
  g: Graph,
  theta: Tensor,
  gradient: Tensor,
  weightDecay: number,
  count: number,
): void {
  const [m, v] = [g.input("m", [count]), g.input("v", [count])];
  const [rate, c1, c2] = [g.input("rate", []), g.input("c1", []), g.input("c2", [])];
  const norm = g.op("Sqrt", [g.sumAll(g.mul(gradient, gradient))]);
  const limit = g.div(g.scalar(GRADIENT_NORM_MAX), g.add(norm, g.scalar(1e-12)));
  const clipped = g.mul(gradient, g.op("Min", [limit, g.scalar(1)]));
  const mNext = g.add(g.mul(g.scalar(BETA_1), m), g.mul(g.scalar(1 - BETA_1), clipped));
  const square = g.mul(clipped, clipped);
  const vNext = g.add(g.mul(g.scalar(BETA_2), v), g.mul(g.scalar(1 - BETA_2), square));
  const step = g.div(g.div(mNext, c1), g.add(g.op("Sqrt", [g.div(vNext, c2)]), g.scalar(EPSILON)));
  const move = g.add(step, g.mul(g.scalar(weightDecay), theta));
  g.output("theta1", g.sub(theta, g.mul(rate, move)), [count]);
  g.output("m1", mNext, [count]);
  g.output("v1", vNext, [count]);
}

/**
 * One step of training as plain operators: forward, backpropagation through time and AdamW on one flat vector.
 * In: `theta`, `m`, `v`, `rate`, `c1`, `c2` (bias corrections), `x` [T, B, F], `y` [B, 1]. Out: `theta1`, `m1`, `v1`, `loss`, `gradient`.
 */
export function trainingGraph(
  shape: LstmShape,
  batch: number,
  loss: Loss,
  weightDecay: number,
): Uint8Array {
  const g = new Graph();
  const layout = layoutOf(shape);
  const { steps, hidden, features } = shape;
  const theta = g.input("theta", [layout.count]);
  const x = g.input("x", [steps, batch, features]);
  const y = g.input("y", [batch, 1]);
  const weights = unpack(g, theta, shape, layout);
  const states = hiddenStates(g, x, weights, shape);
  const zero = g.constant(new Float32Array(batch * hidden), [1, batch, hidden]);
  const before = g.concat([zero, g.slice(states, 0, 0, steps - 1)], 0);
  const fromInput = g.matmul(x, g.transpose(weights.w, [1, 0]));
  const fromState = g.matmul(before, g.transpose(weights.r, [1, 0]));
  const z = g.add(g.add(fromInput, fromState), weights.b);
  const last = g.op("Squeeze", [g.slice(states, 0, steps - 1, steps), g.integers([0])]);
  const out = g.add(g.matmul(last, weights.head), weights.bias);
  const [value, dOut] = lossOf(g, out, y, loss, batch);
  const dLast = g.matmul(dOut, g.transpose(weights.head, [1, 0]));
  const local = localDerivatives(g, z, shape, batch);
  const dz = g.reshape(gateGradients(g, dLast, weights.r, local, shape), [
    steps * batch,
    4 * hidden,
  ]);
  const dzT = g.transpose(dz, [1, 0]);
  const flat = (t: Tensor): Tensor => g.reshape(t, [-1]);
  const gradient = g.concat(
    [
      flat(g.matmul(dzT, g.reshape(x, [steps * batch, features]))),
      flat(g.matmul(dzT, g.reshape(before, [steps * batch, hidden]))),
      g.op("ReduceSum", [dz, g.integers([0])], { keepdims: 0 }),
      flat(g.matmul(g.transpose(last, [1, 0]), dOut)),
      g.reshape(g.sumAll(dOut), [1]),
    ],
    0,
  );
  adamW(g, theta, gradient, weightDecay, layout.count);
  g.output("loss", value, []);
  g.output("gradient", gradient, [layout.count]);
  return g.bytes();
}
