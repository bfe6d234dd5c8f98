import { z } from "zod";
import type { SourceOutcome, TrainingResult } from "../../messages/events.ts";
import { HistoryOrder } from "./askHistory.ts";

const Row = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]);

const Seat = z.strictObject({ symbol: z.string(), horizonMs: z.number().positive() });

/** What the process beside the bot is told, as JSON on its standard input. */
export const VolJob = z.strictObject({
  kind: z.enum(["fetch", "retrain"]),
  history: HistoryOrder,
  /** Minutes that the bot has seen of its market: begin, open, high, low, close. Null: they are not kept. */
  minutes: z.strictObject({ instrument: z.string(), rows: z.array(Row) }).nullable(),
  training: z.strictObject({
    modelsFolder: z.string(),
    /** Whose model it is when the data are of the symbol's market, and when they are of the bot's own one. */
    seat: Seat,
    ownSeat: Seat,
    /** Networks and passes over the data; no network at all: HAR alone. */
    networks: z.int().min(0).max(20),
    epochs: z.int().min(1),
    timeMsMax: z.number().positive(),
    memoryMbMax: z.number().positive(),
  }),
});
export type VolJob = z.infer<typeof VolJob>;

/** What it answers, one JSON object per line; the last one counts. */
export type VolJobMessage =
  | { readonly kind: "progress"; readonly text: string; readonly share: number }
  | {
      readonly kind: "fetched";
      readonly used: string | null;
      readonly returnScale: number;
      readonly scaleFrom: string;
      readonly reports: readonly SourceOutcome[];
      readonly failure: string | null;
    }
  | { readonly kind: "retrained"; readonly source: string; readonly result: TrainingResult }
  | { readonly kind: "failed"; readonly source: string | null; readonly reason: string };
