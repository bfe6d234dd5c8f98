import protobuf from "protobufjs/light.js";

/** Field numbers of onnx.proto3 (ONNX IR version 8), only the messages that are used. */
const SCHEMA: protobuf.INamespace = {
  nested: {
    AttributeProto: {
      fields: {
        name: { id: 1, type: "string" },
        f: { id: 2, type: "float" },
        i: { id: 3, type: "int64" },
        s: { id: 4, type: "bytes" },
        ints: { id: 8, type: "int64", rule: "repeated", options: { packed: false } },
        type: { id: 20, type: "int32" },
      },
    },
    NodeProto: {
      fields: {
        input: { id: 1, type: "string", rule: "repeated" },
        output: { id: 2, type: "string", rule: "repeated" },
        name: { id: 3, type: "string" },
        opType: { id: 4, type: "string" },
        attribute: { id: 5, type: "AttributeProto", rule: "repeated" },
      },
    },
    TensorProto: {
      fields: {
        dims: { id: 1, type: "int64", rule: "repeated" },
        dataType: { id: 2, type: "int32" },
        name: { id: 8, type: "string" },
        rawData: { id: 9, type: "bytes" },
      },
    },
    Dimension: {
      fields: { dimValue: { id: 1, type: "int64" }, dimParam: { id: 2, type: "string" } },
    },
    TensorShapeProto: { fields: { dim: { id: 1, type: "Dimension", rule: "repeated" } } },
    TensorType: {
      fields: { elemType: { id: 1, type: "int32" }, shape: { id: 2, type: "TensorShapeProto" } },
    },
    TypeProto: { fields: { tensorType: { id: 1, type: "TensorType" } } },
    ValueInfoProto: {
      fields: { name: { id: 1, type: "string" }, type: { id: 2, type: "TypeProto" } },
    },
    GraphProto: {
      fields: {
        node: { id: 1, type: "NodeProto", rule: "repeated" },
        name: { id: 2, type: "string" },
        initializer: { id: 5, type: "TensorProto", rule: "repeated" },
        input: { id: 11, type: "ValueInfoProto", rule: "repeated" },
        output: { id: 12, type: "ValueInfoProto", rule: "repeated" },
      },
    },
    OperatorSetIdProto: {
      fields: { domain: { id: 1, type: "string" }, version: { id: 2, type: "int64" } },
    },
    StringStringEntryProto: {
      fields: { key: { id: 1, type: "string" }, value: { id: 2, type: "string" } },
    },
    ModelProto: {
      fields: {
        irVersion: { id: 1, type: "int64" },
        producerName: { id: 2, type: "string" },
        graph: { id: 7, type: "GraphProto" },
        opsetImport: { id: 8, type: "OperatorSetIdProto", rule: "repeated" },
        metadataProps: { id: 14, type: "StringStringEntryProto", rule: "repeated" },
      },
    },
  },
};

const ModelProto = protobuf.Root.fromJSON(SCHEMA).lookupType("ModelProto");

/** An attribute of a node: a whole number, a float, a text or a list of whole numbers. */
export type Attribute = {
  readonly name: string;
  readonly type: 1 | 2 | 3 | 7;
  readonly i?: number;
  readonly f?: number;
  readonly s?: Uint8Array;
  readonly ints?: readonly number[];
};

export type Node = {
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly Attribute[];
};

/** ONNX element types in use. */
export const FLOAT = 1;
export const INT64 = 7;
export const DOUBLE = 11;
export type ElementType = typeof FLOAT | typeof INT64 | typeof DOUBLE;

export type TensorData = {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: ElementType;
  readonly rawData: Uint8Array;
};

/** Shape entries are lengths, or a name for a length that is only known when the model runs. */
export type TensorInfo = {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  readonly elemType: ElementType;
};

export type Model = {
  readonly nodes: readonly Node[];
  readonly constants: readonly TensorData[];
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly metadata: Readonly<Record<string, string>>;
};

function valueInfo(info: TensorInfo): object {
  const dim = info.shape.map((d) => (typeof d === "number" ? { dimValue: d } : { dimParam: d }));
  return { name: info.name, type: { tensorType: { elemType: info.elemType, shape: { dim } } } };
}

/** A model as the bytes of a standard .onnx file: IR version 8, operator set 17. */
export function encodeModel(model: Model): Uint8Array {
  const message = ModelProto.fromObject({
    irVersion: 8,
    producerName: "amm-500",
    opsetImport: [{ domain: "", version: 17 }],
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: "vol",
      node: model.nodes,
      initializer: model.constants,
      input: model.inputs.map(valueInfo),
      output: model.outputs.map(valueInfo),
    },
  });
  return ModelProto.encode(message).finish();
}

/** The metadata written into an .onnx file; the run time does not show it. @throws RangeError when the bytes are no model. */
export function readMetadata(bytes: Uint8Array): Readonly<Record<string, string>> {
  const decoded = ModelProto.toObject(ModelProto.decode(bytes)) as {
    metadataProps?: readonly { key: string; value: string }[];
  };
  return Object.fromEntries((decoded.metadataProps ?? []).map((entry) => [entry.key, entry.value]));
}
