import { z } from "zod";

/** The file of faults is wrong; the sentence names the field, the value and what is allowed. */
export class FaultPlanError extends Error {
  override readonly name = "FaultPlanError";
}

const Chance = z.number().min(0).max(1);
const Span = z.number().int().min(0).max(86_400_000);
const Moment = z.number().int().min(0);

/** Kinds of requests that can be treated apart. Cancels of either sort are `cancel`; all actions beside orders are `other`. */
const REQUEST_KINDS = ["info", "place", "modify", "cancel", "other"] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];
const Kinds = z.array(z.enum(REQUEST_KINDS)).min(1);

const Distribution = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fixed"), ms: Span }),
  z
    .strictObject({ kind: z.literal("uniform"), fromMs: Span, toMs: Span })
    .refine(({ fromMs, toMs }) => fromMs <= toMs, "fromMs must not be above toMs"),
  z
    .strictObject({ kind: z.literal("lognormal"), medianMs: Span.min(1), p99Ms: Span.min(1) })
    .refine(({ medianMs, p99Ms }) => medianMs <= p99Ms, "medianMs must not be above p99Ms"),
]);
export type Distribution = z.infer<typeof Distribution>;

const Window = { fromMs: Moment, lastsMs: Span.min(1) };

/** What goes wrong, how often and when. Times are milliseconds of the exchange's own clock since its start. */
const FaultPlan = z.strictObject({
  seed: z.number().int().min(0).default(1),
  /** Extra time before a request arrives; `frame` before a frame arrives, without changing their order. */
  latency: z
    .strictObject({
      info: Distribution.optional(),
      place: Distribution.optional(),
      modify: Distribution.optional(),
      cancel: Distribution.optional(),
      other: Distribution.optional(),
      frame: Distribution.optional(),
    })
    .default({}),
  /** Executed but not answered: the connection breaks instead. */
  droppedAcks: z.strictObject({ chance: Chance, of: Kinds.optional() }).optional(),
  /** Answered 429, not executed. */
  storms: z
    .array(z.strictObject({ ...Window, everyMs: Span.min(1).optional(), of: Kinds.optional() }))
    .default([]),
  /** Answered with a 5xx; executed all the same with `executed`. */
  serverErrors: z
    .strictObject({
      chance: Chance,
      status: z.number().int().min(500).max(599).default(502),
      executed: z.boolean().default(false),
      of: Kinds.optional(),
    })
    .optional(),
  /** A question about an order that has just changed is answered as if nobody knew it (seen up to a second after a fill). */
  blindLookups: z.strictObject({ chance: Chance, forMs: Span.min(1) }).optional(),
  sockets: z
    .strictObject({
      /** Every socket is cut this often; half of them, or another part, stay open without a word instead. */
      cutEveryMs: Span.min(100),
      halfOpenChance: Chance.default(0),
    })
    .optional(),
  frames: z
    .strictObject({
      duplicateChance: Chance.default(0),
      /** A delayed frame arrives after later ones. */
      delayChance: Chance.default(0),
      delay: Distribution.default({ kind: "fixed", ms: 1_000 }),
    })
    .optional(),
  market: z
    .array(
      z.strictObject({
        what: z.enum(["frozenOracle", "halt"]),
        /** A coin, or every one when left out. */
        coin: z.string().min(1).optional(),
        ...Window,
      }),
    )
    .default([]),
  /** How far the exchange's clock runs ahead of everybody else's; negative: behind. */
  clockSkewMs: z.number().int().min(-3_600_000).max(3_600_000).default(0),
});

export type FaultPlan = z.infer<typeof FaultPlan>;

/** @throws FaultPlanError naming every wrong field */
export function parseFaultPlan(value: unknown): FaultPlan {
  const parsed = FaultPlan.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const place = path.length === 0 ? "the plan" : path.join(".");
    return `${place} (${JSON.stringify(at(value, path)) ?? "missing"}): ${message}`;
  });
  throw new FaultPlanError(problems.join("; "));
}

/** @throws FaultPlanError when the text is no JSON or no plan */
export function parseFaultText(text: string): FaultPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FaultPlanError("faults must be JSON");
  }
  return parseFaultPlan(value);
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === "object" && found !== null
        ? (found as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/** Nothing goes wrong. */
export const NO_FAULTS: FaultPlan = parseFaultPlan({});
