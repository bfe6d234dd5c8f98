import type { Context, Hono } from "hono";
import { z } from "zod";
import type { Ledger, LedgerQuestion } from "./stories.ts";
import { messageOf } from "../units/messageOf.ts";

const Moment = z
  .string()
  .regex(/^\d{12,14}$/)
  .transform(Number);
const Order = z.union([
  z.string().regex(/^0x[0-9a-f]{32}$/),
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number),
]);
const WhyQuery = z.union([
  z.strictObject({ order: Order }),
  z.strictObject({ at: Moment, side: z.enum(["bid", "ask"]) }),
]);
const PastQuery = z.strictObject({ at: Moment });

const WHY_ALLOWED = "order=<oid or cloid>, or at=<milliseconds since 1970>&side=<bid or ask>";
const PAST_ALLOWED = "at=<milliseconds since 1970>";

/** `/api/why`, the answers of `bun run why`, and `/api/past`, all that is stored of one moment. Read-only. */
export function ledgerRoutes(app: Hono, ledger: Ledger): void {
  const route = <Q>(
    path: string,
    allowed: string,
    schema: z.ZodType<Q>,
    toQuestion: (query: Q) => LedgerQuestion,
  ): void => {
    app.get(path, async (context) => {
      context.header("cache-control", "no-store");
      const query = schema.safeParse(context.req.query());
      if (query.success) return answer(context, ledger, toQuestion(query.data));
      return context.json({ error: `allowed: ${allowed}` }, 400);
    });
  };
  route("/api/why", WHY_ALLOWED, WhyQuery, (query) =>
    "order" in query
      ? { kind: "order", id: query.order }
      : { kind: "moment", atMs: query.at, side: query.side },
  );
  route("/api/past", PAST_ALLOWED, PastQuery, ({ at }) => ({ kind: "past", atMs: at }));
}

async function answer(
  context: Context,
  ledger: Ledger,
  question: LedgerQuestion,
): Promise<Response> {
  try {
    const { found, body } = await ledger.ask(question);
    return context.body(body, found ? 200 : 404, { "content-type": "application/json" });
  } catch (error) {
    return context.json({ error: messageOf(error) }, 503);
  }
}
