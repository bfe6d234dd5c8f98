import { Hono } from "hono";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { authorised } from "./door/authorised.ts";
import { SignedBodies } from "./door/signedBody.ts";
import { TokenBucket } from "./door/tokenBucket.ts";
import type { EventInput } from "./eventInput.ts";
import { renderMetrics } from "./metrics.ts";
import type { Metric } from "./metrics.ts";
import type { Audit } from "../messages/audit.ts";
import type { OperatorEvent } from "../messages/events.ts";
import { messageOf } from "../units/messageOf.ts";

type Health = { readonly ok: boolean; readonly detail: string };

export type RouterOptions = {
  /** Bearer token for everything that changes something. */
  readonly token: string;
  /** With it, a signed request needs no token; null where none is set. */
  readonly webhookSecret: string | null;
  /** Wall time, for signatures and limits. */
  readonly nowMs: () => number;
  readonly health: () => Health;
  /** What `/status` answers, as plain data. */
  readonly status: () => object;
  readonly metrics: () => readonly Metric[];
  /** Hands an operator's order to the sequencer; resolves when its step is stored. */
  readonly operator: (input: EventInput) => Promise<Audit>;
  /** A new id for each order of the operator. */
  readonly newId: () => string;
  /** A request that failed through our own fault. */
  readonly onError: (error: Error) => void;
  /** Starts a training, or joins the one that runs; absent where nothing can be trained. */
  readonly retrain?: () => { readonly joined: boolean };
  /** Further read-only routes: the dashboard's. */
  readonly pages?: Hono;
};

/** What an operator hears when the order was stored. */
type OperatorAnswer = {
  readonly stepSeq: number;
  readonly mode: string;
  readonly reason: string;
  readonly haltReason: string | null;
  readonly operatorReduceOnly: string | null;
  /** Orders and cancels that the step sent at once. */
  readonly commandsSent: number;
};

const BODY_BYTES_MAX = 16 * 1024;

/** Reading shares its thread with quoting: so many at once, and then so many a second. */
const READS_AT_ONCE = 200;
const READS_PER_SECOND = 100;

/** Applied where a route sets none of its own. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Names of this machine: a page of another site that points its own name here is turned away. */
const HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

const Reason = z.string().trim().min(1).max(200);
const ReduceOnlyBody = z.strictObject({ enabled: z.boolean(), reason: Reason });
const CancelBody = z.union(
  [
    z.strictObject({ cloid: z.string().regex(/^0x[0-9a-f]{32}$/), reason: Reason }),
    z.strictObject({ oid: z.int().positive(), reason: Reason }),
  ],
  "allowed is a reason with either oid, a whole number above 0, or cloid, 0x and 32 hex digits",
);
const ReasonBody = z.strictObject({ reason: Reason });

/** The control plane: what is, for programs, and the operator's orders. It belongs on loopback only. */
export function createRouter(options: RouterOptions): Hono {
  const app = new Hono();
  app.use("*", async (context, next) => {
    const { hostname } = new URL(context.req.url);
    if (HOSTS.has(hostname)) await next();
    else context.res = context.json({ error: `the host "${hostname}" is not this machine` }, 403);
    for (const [name, value] of Object.entries(HEADERS))
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
  });
  app.onError((error, context) => {
    options.onError(error);
    return context.json({ error: "internal error" }, 500);
  });
  app.notFound((context) => context.json({ error: "not found" }, 404));
  readRoutes(app, options);
  operatorRoutes(app, options);
  if (options.pages !== undefined) app.route("/", options.pages);
  return app;
}

function readRoutes(app: Hono, { health, status, metrics, nowMs }: RouterOptions): void {
  const reads = new TokenBucket(READS_AT_ONCE, READS_PER_SECOND, nowMs);
  app.get("*", async (context, next) => {
    if (reads.take()) return next();
    context.header("retry-after", "1");
    return context.json({ error: `more than ${READS_PER_SECOND} reads a second` }, 429);
  });
  app.get("/health", (context) => {
    const answer = health();
    return context.json(answer, answer.ok ? 200 : 503);
  });
  app.get("/status", (context) => context.json(status()));
  app.get("/metrics", (context) => {
    context.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return context.body(renderMetrics(metrics()));
  });
}

function operatorRoutes(app: Hono, options: RouterOptions): void {
  const { webhookSecret, nowMs } = options;
  const signed = webhookSecret === null ? null : new SignedBodies(webhookSecret, nowMs);
  const allowed = authorised(options.token, signed);
  const order = <B>(path: string, schema: z.ZodType<B>, toOrder: (body: B) => Order): void => {
    app.post(path, boundedBody, allowed, async (context) => {
      const body = await readBody(context, schema);
      if (body instanceof Response) return body;
      return carryOut(context, options, toOrder(body));
    });
  };
  order("/reduce-only", ReduceOnlyBody, ({ enabled, reason }) => ({
    order: { op: "reduceOnly", enabled },
    reason,
  }));
  order("/cancel", CancelBody, ({ reason, ...wanted }) => ({
    order: { op: "cancel", order: wanted },
    reason,
  }));
  order("/cancel-all", ReasonBody, ({ reason }) => ({ order: { op: "cancelAll" }, reason }));
  order("/flatten", ReasonBody, ({ reason }) => ({ order: { op: "flatten" }, reason }));
  order("/halt", ReasonBody, ({ reason }) => ({ order: { op: "halt" }, reason }));
  const { retrain } = options;
  if (retrain !== undefined)
    app.post("/retrain", boundedBody, allowed, (context) =>
      context.json({ job: "retrain", ...retrain() }, 202),
    );
  order("/resume", ReasonBody, ({ reason }) => ({ order: { op: "resume" }, reason }));
}

type Order = Pick<OperatorEvent, "order" | "reason">;

async function carryOut(context: Context, options: RouterOptions, order: Order): Promise<Response> {
  const id = `operator:${options.newId()}`;
  let audit: Audit;
  try {
    audit = await options.operator({ kind: "operator", id, ...order });
  } catch (error) {
    return context.json({ error: messageOf(error) }, 503);
  }
  return context.json(answerOf(audit));
}

function answerOf({ stepSeq, after, approved }: Audit): OperatorAnswer {
  const { mode, reason, haltReason, operatorReduceOnly } = after.risk;
  const commandsSent = approved.length;
  return { stepSeq, mode, reason, haltReason, operatorReduceOnly, commandsSent };
}

const boundedBody = bodyLimit({
  maxSize: BODY_BYTES_MAX,
  onError: (context) =>
    context.json({ error: `the body is larger than ${BODY_BYTES_MAX} bytes` }, 413),
});

/** A form of another site cannot send this content type, so it cannot give orders. */
async function readBody<B>(context: Context, schema: z.ZodType<B>): Promise<B | Response> {
  const type = context.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json")
    return context.json({ error: "content-type: allowed is application/json" }, 415);
  let value: unknown;
  try {
    value = JSON.parse(await context.req.text());
  } catch {
    return context.json({ error: "body: it is no JSON" }, 400);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.length === 0 ? "body" : path.join(".")}: ${message}`,
  );
  return context.json({ error: problems.join("; ") }, 400);
}
