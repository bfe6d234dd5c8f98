import { z } from "zod";
import { SEQUENCE_FEATURES } from "./lstm/features.ts";
import { readMetadata } from "./onnx/proto.ts";

/** Key of the metadata entry inside the .onnx. */
export const METADATA_KEY = "amm500.vol";

const Bounds = z.tuple([z.number(), z.number()]);

/** What a model needs to know about its inputs; written into the file, so that model and preprocessing cannot drift apart. */
export const ModelMetadata = z.strictObject({
  version: z.literal(1),
  name: z.enum(["har", "lstm"]),
  source: z.string(),
  barMs: z.number().positive(),
  horizonBars: z.int().positive(),
  session: z.enum(["always", "us-equity"]),
  measure: z.enum(["squaredReturns", "intrabar"]),
  floor: z.number().positive(),
  profile: z.strictObject({
    slotMinutes: z.number().positive(),
    factors: z.array(z.number().positive()).min(1),
    weekend: z.number().positive(),
  }),
  harNames: z.array(z.string()).min(1),
  sequenceNames: z.array(z.string()),
  /** True when the networks learned from real volume: then it must be there when they speak. */
  needsVolume: z.boolean(),
  /** Lowest and highest value of each HAR regressor in training, outliers cut. */
  harBounds: z.array(Bounds),
  /** Logs of realised over forecast variance that a tenth of outcomes lay below and above. */
  errorQuantiles: Bounds,
  trainedFromMs: z.number(),
  trainedToMs: z.number(),
  seeds: z.array(z.int()),
  dataHash: z.string(),
});
export type ModelMetadata = z.infer<typeof ModelMetadata>;

/** The file is no volatility model that this program can serve. The text says why. */
export class ModelRefused extends Error {
  override readonly name = "ModelRefused";
}

/** @throws ModelRefused when the bytes are damaged, foreign, or of another version of the inputs. */
export function metadataOf(bytes: Uint8Array): ModelMetadata {
  let text: string | undefined;
  try {
    text = readMetadata(bytes)[METADATA_KEY];
  } catch (cause) {
    throw new ModelRefused("the file is damaged: it does not decode as ONNX", { cause });
  }
  if (text === undefined) throw new ModelRefused(`the file has no metadata "${METADATA_KEY}"`);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new ModelRefused("the file's metadata is no JSON", { cause });
  }
  const parsed = ModelMetadata.safeParse(body);
  if (!parsed.success)
    throw new ModelRefused(
      `the file's metadata is not understood: ${z.prettifyError(parsed.error)}`,
    );
  const names = parsed.data.sequenceNames;
  if (names.length > 0 && names.join() !== SEQUENCE_FEATURES.join())
    throw new ModelRefused(
      `the model wants the features ${names.join(", ")}; this program makes ${SEQUENCE_FEATURES.join(", ")}`,
    );
  return parsed.data;
}
