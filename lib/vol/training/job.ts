import { z } from "zod";
import type { RunReport } from "./report.ts";

const Trainer = z.strictObject({
  hidden: z.int().min(1).max(256),
  epochs: z.int().min(1).max(1000),
  batch: z.int().min(1).max(4096),
  rate: z.number().positive(),
  weightDecay: z.number().min(0),
  sequencesMax: z.int().positive(),
});

/** What the training process is told, as JSON on its standard input. */
export const TrainJob = z.strictObject({
  /** Candle files; the first one counts, others add training data. */
  files: z
    .array(
      z.strictObject({
        path: z.string(),
        name: z.string(),
        zone: z.enum(["auto", "utc", "new-york"]),
      }),
    )
    .min(1),
  horizonMs: z.number().positive(),
  folds: z.int().min(1).max(50),
  correction: z
    .strictObject({
      trainer: Trainer,
      seeds: z.array(z.int()).min(1).max(20),
      shuffleTargets: z.boolean(),
    })
    .nullable(),
  championPath: z.string().nullable(),
  /** Where the model to be served is written; nothing is written when the champion stays. */
  modelPath: z.string(),
  timeMsMax: z.number().positive(),
  memoryMbMax: z.number().positive(),
});
export type TrainJob = z.infer<typeof TrainJob>;

/** What the training process says, one JSON object per line of its standard output. */
export type TrainMessage =
  | { readonly kind: "progress"; readonly text: string; readonly share: number }
  | {
      readonly kind: "done";
      readonly report: RunReport;
      readonly modelWritten: boolean;
      readonly cost: TrainCost;
    }
  | { readonly kind: "failed"; readonly reason: string };

export type TrainCost = { readonly seconds: number; readonly peakMemoryMb: number };
