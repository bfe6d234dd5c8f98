import { z } from "zod";
import type { BotState, SliceName } from "../messages/state.ts";

type Shape<T> = { readonly [K in keyof T]: z.ZodType };

const Whole = z.int();
const WholeOrNull = z.int().nullable();
const TextOrNull = z.string().nullable();

/** Makes the compiler complain when a slice gains a field that is not checked here. */
function sliceOf<S extends SliceName>(shape: Shape<BotState[S]>): z.ZodType {
  return z.object(shape);
}

const Run = sliceOf<"run">({
  runId: Whole,
  spec: z.looseObject({ market: z.string(), dex: z.string(), assetId: Whole }).nullable(),
  phase: z.enum(["starting", "quoting", "stopping"]),
  orderSeq: Whole,
  feeds: z.record(z.enum(["market", "account"]), z.enum(["live", "stale", "lost"])),
  reconcileFailure: TextOrNull,
  reconciledMs: WholeOrNull,
});

const Working = z.looseObject({
  cloid: z.string(),
  oid: WholeOrNull,
  side: z.enum(["bid", "ask"]),
  pxTicks: Whole,
  origLots: Whole,
  leavesLots: Whole,
  phase: z.enum(["opening", "resting", "cancelling", "unresolved"]),
});

const Orders = sliceOf<"orders">({
  working: z.record(z.string(), Working),
  strays: z.array(Whole),
  lastQuoteMs: Whole,
  holdPlacesUntilMs: Whole,
  cancelRefusals: z
    .object({ count: Whole, text: z.string(), sinceMs: Whole, retryMs: Whole })
    .nullish(),
});

const SideToxicity = z.object({
  atMs: Whole,
  weight: z.number(),
  bps: z.number(),
  fadeBps: z.number(),
});

const Ledger = sliceOf<"ledger">({
  positionLots: Whole,
  cashMicroUsd: Whole,
  feesMicroUsd: Whole,
  fundingMicroUsd: Whole,
  pnl: z.object({ spread: z.number(), adverse: z.number(), inventory: z.number() }),
  markX2Ticks: z.number().nullable(),
  pending: z.array(z.looseObject({ dueMs: Whole, side: z.enum(["bid", "ask"]) })),
  markoutBps: z.object({ bid: z.number().nullable(), ask: z.number().nullable() }),
  toxicity: z.object({ bid: SideToxicity, ask: SideToxicity }),
  adverse: z
    .object({ atMs: Whole, cells: z.array(z.object({ weight: z.number(), bps: z.number() })) })
    .optional(),
  fills: z.object({ count: Whole, maker: Whole, taker: Whole }),
  notionalMicroUsd: z.object({ maker: Whole, taker: Whole }),
  recent: z.object({
    roles: z.string(),
    hours: z.array(z.object({ hour: Whole, makerMicroUsd: Whole, takerMicroUsd: Whole })),
  }),
  roundTripMicroUsd: Whole,
  lossStreak: Whole,
  fillWatermarkMs: Whole,
  fundingWatermarkMs: Whole,
  baseline: z.looseObject({ equityMicroUsd: Whole, positionLots: Whole }).nullable(),
});

const Trigger = z.object({
  level: z.enum(["pulled", "widened", "reduceOnly", "flatten"]),
  text: z.string(),
  sinceMs: Whole,
  calmMs: WholeOrNull,
});

const Risk = sliceOf<"risk">({
  mode: z.enum(["normal", "widened", "reduceOnly", "flatten", "halted"]),
  reason: z.string(),
  sinceMs: Whole,
  operatorReduceOnly: TextOrNull,
  operatorFlatten: TextOrNull.optional(),
  haltReason: TextOrNull,
  equityPeakDayMicroUsd: Whole,
  equityPeakRunMicroUsd: Whole,
  peakDay: Whole,
  triggers: z.record(z.string(), Trigger).optional(),
  drawdownReason: TextOrNull.optional(),
  closing: z.looseObject({ mode: z.enum(["reduceOnly", "flatten"]) }).nullish(),
  alarm: TextOrNull.optional(),
  lag: z.object({ lagMs: z.number(), atMs: Whole }).nullish(),
});

const Account = sliceOf<"account">({
  reading: z.looseObject({ venueMs: Whole, equityMicroUsd: Whole }).nullable(),
  readMs: Whole,
  failure: TextOrNull,
  budget: z.object({ used: z.number(), cap: z.number() }).nullable(),
  usedSinceRead: z.number(),
  pace: z
    .object({
      atMs: Whole,
      fastPerHour: z.number(),
      slowPerHour: z.number(),
      sinceMs: Whole.optional(),
    })
    .optional(),
});

const Quality = sliceOf<"quality">({
  open: z.array(z.looseObject({ filledMs: Whole, side: z.enum(["bid", "ask"]), done: Whole })),
  cells: z.array(z.looseObject({ side: z.enum(["bid", "ask"]), kind: z.string(), fills: Whole })),
  dropped: Whole,
});

const Vol = sliceOf<"vol">({
  model: z.looseObject({ trainedMs: Whole, source: z.string(), promoted: z.string() }).nullable(),
  lastAttempt: z.looseObject({ atMs: Whole, text: z.string(), failed: z.boolean() }).nullable(),
  lastFetch: z
    .looseObject({
      atMs: Whole,
      used: TextOrNull,
      failure: TextOrNull,
      reports: z.array(z.object()),
    })
    .nullable(),
  fetchFailures: Whole,
});

/** Coarse shape of each stored slice: enough to refuse a row that is damaged or of another version. */
export const SLICE_SCHEMAS: { readonly [S in SliceName]: z.ZodType } = {
  run: Run,
  orders: Orders,
  ledger: Ledger,
  risk: Risk,
  account: Account,
  quality: Quality,
  vol: Vol,
};

export const SLICE_NAMES = Object.keys(SLICE_SCHEMAS) as readonly SliceName[];

/** Slices that came later: a folder that has no row of theirs is an older one, and starts them anew. */
export const LATER_SLICES: ReadonlySet<SliceName> = new Set(["vol"]);
