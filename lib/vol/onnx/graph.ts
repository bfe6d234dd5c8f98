import { DOUBLE, encodeModel, FLOAT, INT64 } from "./proto.ts";
import type { Attribute, ElementType, Node, TensorData, TensorInfo } from "./proto.ts";

/** Name of a tensor inside a graph. */
export type Tensor = string;

type AttributeValue = number | string | readonly number[] | { readonly float: number };

function attribute(name: string, value: AttributeValue): Attribute {
  if (typeof value === "number") return { name, type: 2, i: value };
  if (typeof value === "string") return { name, type: 3, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: 1, f: value.float };
  return { name, type: 7, ints: value };
}

/** Collects operators and constants and writes them as one .onnx. Each call of an operator gives its result a new name. */
export class Graph {
  readonly #nodes: Node[] = [];
  readonly #constants: TensorData[] = [];
  readonly #inputs: TensorInfo[] = [];
  readonly #outputs: TensorInfo[] = [];
  #count = 0;

  #name(): Tensor {
    return `t${this.#count++}`;
  }

  input(name: string, shape: readonly (number | string)[], elemType: ElementType = FLOAT): Tensor {
    this.#inputs.push({ name, shape, elemType });
    return name;
  }

  /** Gives a tensor the name that callers ask for. */
  output(
    name: string,
    from: Tensor,
    shape: readonly (number | string)[],
    elemType: ElementType = FLOAT,
  ): void {
    this.#nodes.push({ opType: "Identity", input: [from], output: [name], attribute: [] });
    this.#outputs.push({ name, shape, elemType });
  }

  /** Double precision where the values are a Float64Array, else single. */
  constant(
    values: Float32Array | Float64Array | readonly number[],
    dims: readonly number[],
  ): Tensor {
    const data = ArrayBuffer.isView(values) ? values : Float32Array.from(values);
    const dataType = data instanceof Float64Array ? DOUBLE : FLOAT;
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    const name = this.#name();
    this.#constants.push({ name, dims, dataType, rawData });
    return name;
  }

  scalar(value: number): Tensor {
    return this.constant([value], []);
  }

  double(value: number): Tensor {
    return this.constant(Float64Array.of(value), []);
  }

  integers(values: readonly number[]): Tensor {
    const data = BigInt64Array.from(values, BigInt);
    const name = this.#name();
    const dims = [values.length];
    this.#constants.push({ name, dims, dataType: INT64, rawData: new Uint8Array(data.buffer) });
    return name;
  }

  op(opType: string, input: readonly Tensor[], more: Record<string, AttributeValue> = {}): Tensor {
    return this.ops(opType, input, 1, more)[0] ?? "";
  }

  ops(
    opType: string,
    input: readonly Tensor[],
    outputs: number,
    more: Record<string, AttributeValue> = {},
  ): Tensor[] {
    const output = Array.from({ length: outputs }, () => this.#name());
    const attributes = Object.entries(more).map(([name, value]) => attribute(name, value));
    this.#nodes.push({ opType, input, output, attribute: attributes });
    return output;
  }

  add = (a: Tensor, b: Tensor): Tensor => this.op("Add", [a, b]);
  sub = (a: Tensor, b: Tensor): Tensor => this.op("Sub", [a, b]);
  mul = (a: Tensor, b: Tensor): Tensor => this.op("Mul", [a, b]);
  div = (a: Tensor, b: Tensor): Tensor => this.op("Div", [a, b]);
  matmul = (a: Tensor, b: Tensor): Tensor => this.op("MatMul", [a, b]);
  transpose = (a: Tensor, perm: readonly number[]): Tensor => this.op("Transpose", [a], { perm });
  reshape = (a: Tensor, dims: readonly number[]): Tensor =>
    this.op("Reshape", [a, this.integers(dims)]);
  concat = (parts: readonly Tensor[], axis: number): Tensor => this.op("Concat", parts, { axis });
  slice = (a: Tensor, axis: number, from: number, to: number): Tensor =>
    this.op("Slice", [a, this.integers([from]), this.integers([to]), this.integers([axis])]);
  /** Equal parts of length one along an axis. */
  unstack = (a: Tensor, axis: number, count: number): Tensor[] =>
    this.ops("Split", [a, this.integers(Array.from({ length: count }, () => 1))], count, { axis });
  split = (a: Tensor, axis: number, sizes: readonly number[]): Tensor[] =>
    this.ops("Split", [a, this.integers(sizes)], sizes.length, { axis });
  sumAll = (a: Tensor): Tensor => this.op("ReduceSum", [a], { keepdims: 0 });

  bytes(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    return encodeModel({
      nodes: this.#nodes,
      constants: this.#constants,
      inputs: this.#inputs,
      outputs: this.#outputs,
      metadata,
    });
  }
}
