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
});

const Account = sliceOf<"account">({
  reading: z.looseObject({ venueMs: Whole, equityMicroUsd: Whole }).nullable(),
  readMs: Whole,
  failure: TextOrNull,
  budget: z.object({ used: z.number(), cap: z.number() }).nullable(),
  usedSinceRead: z.number(),
});

/** Coarse shape of each stored slice: enough to refuse a row that is damaged or of another version. */
export const SLICE_SCHEMAS: { readonly [S in SliceName]: z.ZodType } = {
  run: Run,
  orders: Orders,
  ledger: Ledger,
  risk: Risk,
  account: Account,
};

export const SLICE_NAMES = Object.keys(SLICE_SCHEMAS) as readonly SliceName[];
