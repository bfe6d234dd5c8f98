import { and, asc, count, desc, eq, gt, gte, inArray, lte, sql } from "drizzle-orm";
import { openForReading } from "./database.ts";
import type { Connection } from "./database.ts";
import { loadSlices } from "./loadState.ts";
import type { LoadedState } from "./loadState.ts";
import { activity, decisions, equity, fills, funding, inbox, meta, outbox } from "./tables.ts";
import type { OwnFill } from "../messages/orders.ts";

export type FillRow = typeof fills.$inferSelect;
export type DecisionRow = typeof decisions.$inferSelect;
export type EquityRow = typeof equity.$inferSelect;
export type InboxRow = typeof inbox.$inferSelect;
export type OutboxRow = typeof outbox.$inferSelect;
export type FundingRow = typeof funding.$inferSelect;
export type ActivityRow = typeof activity.$inferSelect;

const HOUR_MS = 3_600_000;

/** Questions to the database; none of them writes. */
export type ReadModel = {
  /** The stored state; null when nothing was stored yet. @throws DatabaseError. */
  readonly state: () => LoadedState | null;
  readonly hasFill: (fill: Pick<OwnFill, "venueMs" | "tid" | "oid">) => boolean;
  /** Oldest first, from `sinceMs` of venue time on, at most `limit` of the newest. */
  readonly fills: (sinceMs: number, limit: number) => readonly FillRow[];
  /** Newest first. */
  readonly decisions: (limit: number) => readonly DecisionRow[];
  /** Oldest first, from `sinceMs` on. */
  readonly equity: (sinceMs: number) => readonly EquityRow[];
  /** Newest first. */
  readonly outbox: (limit: number) => readonly OutboxRow[];
  /** The event that caused an action or a decision; null once it was pruned. */
  readonly event: (seq: number) => InboxRow | null;
  readonly meta: (key: string) => string | null;
  /** Changes of the risk mode, oldest first; all of them. */
  readonly modeChanges: () => readonly DecisionRow[];
  /** Oldest first, from `sinceMs` of venue time on. */
  readonly fundings: (sinceMs: number) => readonly FundingRow[];
  /** Counts of the hours from `sinceMs` on. */
  readonly activity: (sinceMs: number) => readonly ActivityRow[];
  /** Actions whose commands contain a text, oldest first: an order's id finds what was done with the order. */
  readonly outboxWith: (text: string) => readonly OutboxRow[];
  /** Events of some kinds whose body contains a text, oldest first. */
  readonly eventsWith: (text: string, kinds: readonly string[]) => readonly InboxRow[];
  /** Events of some kinds after one, oldest first. */
  readonly eventsAfter: (seq: number, kinds: readonly string[]) => readonly InboxRow[];
  /** Actions after one, oldest first, and one of them. */
  readonly outboxAfter: (nonce: number) => readonly OutboxRow[];
  readonly outboxRow: (nonce: number) => OutboxRow | null;
  /** The newest event at or before a time, and the oldest of all; null when there is none. */
  readonly eventBefore: (atMs: number) => InboxRow | null;
  readonly oldestEvent: () => InboxRow | null;
  readonly newestEvent: () => InboxRow | null;
  /** Decisions of a kind up to a time, newest first. */
  readonly decisionsUntil: (
    atMs: number,
    kind: DecisionRow["kind"],
    limit: number,
  ) => readonly DecisionRow[];
  /** The first decision of a kind and reason after a time. */
  readonly decisionAfter: (
    atMs: number,
    kind: DecisionRow["kind"],
    reason: string,
  ) => DecisionRow | null;
  /** Executions up to a time, newest first. */
  readonly fillsUntil: (atMs: number, limit: number) => readonly FillRow[];
  /** The newest reading of the account at or before a time. */
  readonly equityBefore: (atMs: number) => EquityRow | null;
  readonly counts: () => { readonly [table: string]: number };
};

/** A read-only view of a data folder, for commands beside a running bot. Close it. */
export type Reader = ReadModel & { readonly close: () => void };

/** @throws DatabaseError when the folder holds no database, or one that is not ours. */
export function openReader(dataDir: string): Reader {
  const connection = openForReading(dataDir);
  return { ...readModelOf(connection), close: () => connection.sqlite.close() };
}

export function readModelOf(connection: Connection): ReadModel {
  const { query } = connection;
  const slot = sql.placeholder;
  const fillByKey = query
    .select({ tid: fills.tid })
    .from(fills)
    .where(
      and(
        eq(fills.venueMs, slot("venueMs")),
        eq(fills.tid, slot("tid")),
        eq(fills.oid, slot("oid")),
      ),
    )
    .prepare();
  return {
    state: () => loadSlices(connection),
    hasFill: ({ venueMs, tid, oid }) => fillByKey.get({ venueMs, tid, oid }) !== undefined,
    fills: (sinceMs, limit) =>
      query
        .select()
        .from(fills)
        .where(gte(fills.venueMs, sinceMs))
        .orderBy(desc(fills.venueMs), desc(fills.tid))
        .limit(limit)
        .all()
        .toReversed(),
    decisions: (limit) =>
      query.select().from(decisions).orderBy(desc(decisions.id)).limit(limit).all(),
    equity: (sinceMs) =>
      query.select().from(equity).where(gte(equity.atMs, sinceMs)).orderBy(asc(equity.atMs)).all(),
    outbox: (limit) => query.select().from(outbox).orderBy(desc(outbox.nonce)).limit(limit).all(),
    event: (seq) => query.select().from(inbox).where(eq(inbox.seq, seq)).get() ?? null,
    meta: (key) => query.select().from(meta).where(eq(meta.key, key)).get()?.value ?? null,
    ...reportQueries(connection),
    ...storyQueries(connection),
    ...pastQueries(connection),
    counts: () =>
      Object.fromEntries(
        Object.entries({ inbox, outbox, fills, decisions, equity }).map(([name, table]) => [
          name,
          query.select({ rows: count() }).from(table).get()?.rows ?? 0,
        ]),
      ),
  };
}

function reportQueries({
  query,
}: Connection): Pick<ReadModel, "modeChanges" | "fundings" | "activity"> {
  return {
    modeChanges: () =>
      query
        .select()
        .from(decisions)
        .where(eq(decisions.kind, "mode"))
        .orderBy(asc(decisions.id))
        .all(),
    fundings: (sinceMs) =>
      query
        .select()
        .from(funding)
        .where(gte(funding.venueMs, sinceMs))
        .orderBy(asc(funding.venueMs))
        .all(),
    activity: (sinceMs) =>
      query
        .select()
        .from(activity)
        .where(gte(activity.hour, Math.floor(sinceMs / HOUR_MS)))
        .orderBy(asc(activity.hour))
        .all(),
  };
}

type StoryQueries = Pick<
  ReadModel,
  | "outboxWith"
  | "eventsWith"
  | "eventBefore"
  | "oldestEvent"
  | "newestEvent"
  | "decisionsUntil"
  | "decisionAfter"
>;

function storyQueries({ query }: Connection): StoryQueries {
  return {
    outboxWith: (text) =>
      query
        .select()
        .from(outbox)
        .where(sql`instr(${outbox.body}, ${text}) > 0`)
        .orderBy(asc(outbox.nonce))
        .all(),
    eventsWith: (text, kinds) =>
      query
        .select()
        .from(inbox)
        .where(and(inArray(inbox.kind, [...kinds]), sql`instr(${inbox.body}, ${text}) > 0`))
        .orderBy(asc(inbox.seq))
        .all(),
    eventBefore: (atMs) =>
      query
        .select()
        .from(inbox)
        .where(lte(inbox.atMs, atMs))
        .orderBy(desc(inbox.seq))
        .limit(1)
        .get() ?? null,
    oldestEvent: () => query.select().from(inbox).orderBy(asc(inbox.seq)).limit(1).get() ?? null,
    newestEvent: () => query.select().from(inbox).orderBy(desc(inbox.seq)).limit(1).get() ?? null,
    decisionsUntil: (atMs, kind, limit) =>
      query
        .select()
        .from(decisions)
        .where(and(eq(decisions.kind, kind), lte(decisions.atMs, atMs)))
        .orderBy(desc(decisions.id))
        .limit(limit)
        .all(),
    decisionAfter: (atMs, kind, reason) =>
      query
        .select()
        .from(decisions)
        .where(
          and(eq(decisions.kind, kind), eq(decisions.reason, reason), gt(decisions.atMs, atMs)),
        )
        .orderBy(asc(decisions.id))
        .limit(1)
        .get() ?? null,
  };
}

type PastQueries = Pick<
  ReadModel,
  "eventsAfter" | "outboxAfter" | "outboxRow" | "fillsUntil" | "equityBefore"
>;

function pastQueries({ query }: Connection): PastQueries {
  return {
    eventsAfter: (seq, kinds) =>
      query
        .select()
        .from(inbox)
        .where(and(inArray(inbox.kind, [...kinds]), gt(inbox.seq, seq)))
        .orderBy(asc(inbox.seq))
        .all(),
    outboxAfter: (nonce) =>
      query.select().from(outbox).where(gt(outbox.nonce, nonce)).orderBy(asc(outbox.nonce)).all(),
    outboxRow: (nonce) => query.select().from(outbox).where(eq(outbox.nonce, nonce)).get() ?? null,
    fillsUntil: (atMs, limit) =>
      query
        .select()
        .from(fills)
        .where(lte(fills.venueMs, atMs))
        .orderBy(desc(fills.venueMs), desc(fills.tid))
        .limit(limit)
        .all(),
    equityBefore: (atMs) =>
      query
        .select()
        .from(equity)
        .where(lte(equity.atMs, atMs))
        .orderBy(desc(equity.atMs))
        .limit(1)
        .get() ?? null,
  };
}
