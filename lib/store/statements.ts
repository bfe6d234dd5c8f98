import { and, eq, inArray, sql } from "drizzle-orm";
import type { Connection } from "./database.ts";
import { prepareStatement } from "./statement.ts";
import {
  activity,
  decisions,
  equity,
  fills,
  funding,
  inbox,
  meta,
  outbox,
  states,
} from "./tables.ts";

export type Statements = ReturnType<typeof prepareStatements>;

/** Every statement of the hot path, prepared once. */
export function prepareStatements(connection: Connection) {
  return {
    ...stepStatements(connection),
    ...outboxStatements(connection),
    ...pruneStatements(connection),
  };
}

const slot = sql.placeholder;

function stepStatements({ sqlite, query }: Connection) {
  const inboxNames = ["eventId", "kind", "atMs", "body"] as const;
  const decisionNames = ["causeSeq", "atMs", "kind", "reason", "detail", "count"] as const;
  return {
    insertInbox: prepareStatement(
      sqlite,
      query.insert(inbox).values(slotsOf(inboxNames)).onConflictDoNothing(),
      inboxNames,
    ),
    insertState: prepareStatement(
      sqlite,
      query
        .insert(states)
        .values({ ...slotsOf(["slice", "schemaVersion", "body"]), version: 1 })
        .onConflictDoNothing(),
      ["slice", "schemaVersion", "body"],
    ),
    updateState: prepareStatement(
      sqlite,
      query
        .update(states)
        .set({
          version: sql`${states.version} + 1`,
          schemaVersion: sql`${slot("schemaVersion")}`,
          body: sql`${slot("body")}`,
        })
        .where(and(eq(states.slice, slot("slice")), eq(states.version, slot("version")))),
      ["slice", "version", "schemaVersion", "body"],
    ),
    insertDecision: prepareStatement(
      sqlite,
      query.insert(decisions).values(slotsOf(decisionNames)),
      decisionNames,
    ),
    ...accountStatements({ sqlite, query }),
  };
}

function accountStatements({ sqlite, query }: Pick<Connection, "sqlite" | "query">) {
  const fillNames = [
    "venueMs",
    "tid",
    "oid",
    "cloid",
    "side",
    "pxTicks",
    "sizeLots",
    "taker",
    "feeMicroUsd",
    "startPositionLots",
    "causeSeq",
    "midX2Ticks",
    "placement",
    "level",
    "edgeBps",
  ] as const;
  const fundingNames = ["venueMs", "microUsd", "positionLots", "causeSeq"] as const;
  const activityNames = ["hour", "kind", "placement", "count"] as const;
  return {
    insertFill: prepareStatement(
      sqlite,
      query.insert(fills).values(slotsOf(fillNames)).onConflictDoNothing(),
      fillNames,
    ),
    insertFunding: prepareStatement(
      sqlite,
      query.insert(funding).values(slotsOf(fundingNames)).onConflictDoNothing(),
      fundingNames,
    ),
    countActivity: prepareStatement(
      sqlite,
      query
        .insert(activity)
        .values(slotsOf(activityNames))
        .onConflictDoUpdate({
          target: [activity.hour, activity.kind, activity.placement],
          set: { count: sql`${activity.count} + excluded.count` },
        }),
      activityNames,
    ),
    ...equityStatement({ sqlite, query }),
  };
}

function equityStatement({ sqlite, query }: Pick<Connection, "sqlite" | "query">) {
  const names = [
    "atMs",
    "equityMicroUsd",
    "marginUsedMicroUsd",
    "positionLots",
    "positionValueMicroUsd",
    "midX2Ticks",
    "ledgerLots",
    "cashMicroUsd",
    "feesMicroUsd",
    "fundingMicroUsd",
    "spreadHalfMicro",
    "adverseHalfMicro",
    "bidMarkoutBps",
    "askMarkoutBps",
    "mode",
    "restingBids",
    "restingAsks",
  ] as const;
  // A second reading within a millisecond is the newer word on everything.
  const set = Object.fromEntries(
    names
      .filter((name) => name !== "atMs")
      .map((name) => [name, sql.raw(`excluded.${equity[name].name}`)]),
  );
  return {
    insertEquity: prepareStatement(
      sqlite,
      query.insert(equity).values(slotsOf(names)).onConflictDoUpdate({ target: equity.atMs, set }),
      names,
    ),
  };
}

function outboxStatements({ sqlite, query }: Connection) {
  const names = ["nonce", "causeSeq", "lane", "kind", "body", "expiresMs"] as const;
  return {
    insertOutbox: prepareStatement(
      sqlite,
      query.insert(outbox).values({ ...slotsOf(names), status: "pending" }),
      names,
    ),
    markSent: prepareStatement(
      sqlite,
      query
        .update(outbox)
        .set({ status: "sent", sentMs: sql`${slot("atMs")}` })
        .where(eq(outbox.nonce, slot("nonce"))),
      ["nonce", "atMs"],
    ),
    markAnswered: prepareStatement(
      sqlite,
      query
        .update(outbox)
        .set({ status: sql`${slot("status")}`, answeredMs: sql`${slot("atMs")}` })
        .where(eq(outbox.nonce, slot("nonce"))),
      ["nonce", "status", "atMs"],
    ),
    causeOf: prepareStatement(
      sqlite,
      query
        .select({ causeSeq: outbox.causeSeq })
        .from(outbox)
        .where(eq(outbox.nonce, slot("nonce"))),
      ["nonce"],
    ),
    unanswered: prepareStatement(
      sqlite,
      query
        .select()
        .from(outbox)
        .where(inArray(outbox.status, ["pending", "sent", "unresolved"]))
        .orderBy(outbox.nonce),
      [],
    ),
    highestNonce: prepareStatement(
      sqlite,
      query.select({ nonce: sql<number | null>`max(${outbox.nonce})`.as("nonce") }).from(outbox),
      [],
    ),
    rowsWritten: prepareStatement(
      sqlite,
      query.select({ rows: sql<number>`total_changes()`.as("rows") }).from(sql`(select 1)`),
      [],
    ),
    putMeta: prepareStatement(
      sqlite,
      query
        .insert(meta)
        .values(slotsOf(["key", "value"]))
        .onConflictDoUpdate({ target: meta.key, set: { value: sql`excluded.value` } }),
      ["key", "value"],
    ),
  };
}

/** Rows go oldest first and in bounded portions, so that a deletion never holds up a step for long. */
function pruneStatements({ sqlite, query }: Connection) {
  const portion = sql`${slot("portion")}`;
  const keep = sql`${slot("keep")}`;
  return {
    pruneInbox: prepareStatement(
      sqlite,
      query
        .delete(inbox)
        .where(
          sql`${inbox.seq} <= (select min(min(seq) + ${portion}, max(seq) - ${keep}) from inbox)`,
        ),
      ["portion", "keep"],
    ),
    pruneDecisions: prepareStatement(
      sqlite,
      query
        .delete(decisions)
        .where(
          sql`${decisions.kind} <> 'mode' and ${decisions.id} <= (select min(min(id) + ${portion}, (select max(id) from decisions) - ${keep}) from decisions where kind <> 'mode')`,
        ),
      ["portion", "keep"],
    ),
    pruneOutbox: prepareStatement(
      sqlite,
      query
        .delete(outbox)
        .where(
          and(
            inArray(outbox.status, ["confirmed", "rejected", "expired"]),
            sql`${outbox.nonce} in (select nonce from outbox order by nonce desc limit ${portion} offset ${keep})`,
          ),
        ),
      ["portion", "keep"],
    ),
    pruneEquity: prepareStatement(
      sqlite,
      query
        .delete(equity)
        .where(
          sql`${equity.atMs} in (select at_ms from equity order by at_ms desc limit ${portion} offset ${keep})`,
        ),
      ["portion", "keep"],
    ),
  };
}

type Slots<Names extends string> = { readonly [N in Names]: ReturnType<typeof slot<N>> };

function slotsOf<const Names extends string>(names: readonly Names[]): Slots<Names> {
  return Object.fromEntries(names.map((name) => [name, slot(name)])) as Slots<Names>;
}
