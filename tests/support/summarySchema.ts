import { z } from "zod";
import { VolStatus } from "../../lib/runtime/volStatus.ts";

const finite = z.number();
const count = z.int().min(0);
const percentiles = z.strictObject({ p50: finite.nullable(), p99: finite.nullable() });

/** The object that a run prints with `--json`: these fields, these types, no others. */
const SummaryShape = z.strictObject({
  mode: z.enum(["paper", "simulate"]),
  feed: z.string().min(1),
  market: z.string().min(1),
  szDecimals: count,
  collateral: z.string().min(1),
  seed: z.int().nullable(),
  durationMs: z.int().positive(),
  orders: z.strictObject({
    placed: count,
    modified: count,
    cancelled: count,
    rejected: z.record(z.string(), count),
  }),
  fills: z.strictObject({
    count,
    maker: count,
    taker: count,
    notionalUsd: finite.min(0),
    byCause: z.strictObject({ queue: count, through: count, taker: count }),
  }),
  folder: z
    .strictObject({
      sinceMs: z.number(),
      fills: z.strictObject({
        count: z.int(),
        maker: z.int(),
        taker: z.int(),
        notionalUsd: z.number(),
      }),
    })
    .nullable(),
  position: z.strictObject({ lots: z.int(), venueLots: z.int() }),
  pnl: z.strictObject({
    spread: finite,
    adverse: finite,
    inventory: finite,
    funding: finite,
    fees: finite,
    total: finite,
    accountChange: finite,
    residualMicroUsd: z.int(),
  }),
  actions: z.strictObject({ used: count, left: z.int().nullable() }),
  latencyMs: z.strictObject({ eventToWire: percentiles, roundTrip: percentiles }),
  volatility: VolStatus,
  openOrdersAtEnd: count,
  errors: z.array(z.string()),
});
export type Summary = z.infer<typeof SummaryShape>;

/** Standard output of a run: one line, one object. @throws when it is anything else. */
export function summaryOf(stdout: string): Summary {
  const lines = stdout.trimEnd().split("\n");
  if (lines.length !== 1) throw new Error(`one line expected, got ${lines.length}: ${stdout}`);
  return SummaryShape.parse(JSON.parse(lines[0] ?? ""));
}
