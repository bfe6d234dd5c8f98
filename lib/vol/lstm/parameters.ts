import type { Random } from "../../core/random.ts";

/** Size of one small LSTM with a linear head. */
export type LstmShape = {
  /** Steps of the sequence. */
  readonly steps: number;
  readonly features: number;
  readonly hidden: number;
};

/** Where each matrix lies in the one flat parameter vector. Gates in ONNX's order: input, output, forget, cell. */
export type Layout = {
  /** [4H, F] */
  readonly w: readonly [number, number];
  /** [4H, H] */
  readonly r: readonly [number, number];
  /** [4H] */
  readonly b: readonly [number, number];
  /** [H] and the head's bias. */
  readonly head: readonly [number, number];
  readonly bias: readonly [number, number];
  readonly count: number;
};

export function layoutOf(shape: LstmShape): Layout {
  const gates = 4 * shape.hidden;
  const w = gates * shape.features;
  const r = w + gates * shape.hidden;
  const b = r + gates;
  const head = b + shape.hidden;
  return {
    w: [0, w],
    r: [w, r],
    b: [r, b],
    head: [b, head],
    bias: [head, head + 1],
    count: head + 1,
  };
}

/** The head starts this much smaller than usual, so that training starts at the linear model it corrects. */
const HEAD_SCALE = 0.02;

/** Uniform in +-1/sqrt(H) as is usual for LSTMs, forget gates biased to one (Jozefowicz et al. 2015), head near zero. */
export function initialParameters(shape: LstmShape, random: Random): Float32Array {
  const layout = layoutOf(shape);
  const theta = new Float32Array(layout.count);
  const bound = 1 / Math.sqrt(shape.hidden);
  for (let i = 0; i < layout.b[0]; i++) theta[i] = bound * (2 * random.uniform() - 1);
  for (let j = 0; j < shape.hidden; j++) theta[layout.b[0] + 2 * shape.hidden + j] = 1;
  for (let i = layout.head[0]; i < layout.head[1]; i++)
    theta[i] = HEAD_SCALE * bound * (2 * random.uniform() - 1);
  return theta;
}
