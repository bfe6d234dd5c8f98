import { layoutOf } from "../../lib/vol/lstm/parameters.ts";
import type { LstmShape } from "../../lib/vol/lstm/parameters.ts";

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/**
 * One sequence through the network, in double precision and written plainly: the yardstick for the graphs. `x` is [T, F];
 * gates in ONNX's order input, output, forget, cell.
 */
export function lstmForward(
  theta: ArrayLike<number>,
  shape: LstmShape,
  x: (t: number, feature: number) => number,
): number {
  const { steps, features, hidden } = shape;
  const layout = layoutOf(shape);
  const at = (i: number): number => theta[i] ?? 0;
  let h = new Float64Array(hidden);
  const c = new Float64Array(hidden);
  for (let t = 0; t < steps; t++) {
    const next = new Float64Array(hidden);
    const gate = (g: number, j: number): number => {
      const row = g * hidden + j;
      let z = at(layout.b[0] + row);
      for (let f = 0; f < features; f++) z += at(layout.w[0] + row * features + f) * x(t, f);
      for (let k = 0; k < hidden; k++) z += at(layout.r[0] + row * hidden + k) * (h[k] ?? 0);
      return z;
    };
    for (let j = 0; j < hidden; j++) {
      const [i, o, f] = [sigmoid(gate(0, j)), sigmoid(gate(1, j)), sigmoid(gate(2, j))];
      c[j] = f * (c[j] ?? 0) + i * Math.tanh(gate(3, j));
      next[j] = o * Math.tanh(c[j] ?? 0);
    }
    h = next;
  }
  let out = at(layout.bias[0]);
  for (let j = 0; j < hidden; j++) out += at(layout.head[0] + j) * (h[j] ?? 0);
  return out;
}
