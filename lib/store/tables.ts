import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Events that changed something, in the order they were handled. Bodies are the events as JSON. */
export const inbox = sqliteTable("inbox", {
  seq: integer("seq").primaryKey(),
  eventId: text("event_id").notNull().unique(),
  kind: text("kind").notNull(),
  atMs: integer("at_ms").notNull(),
  body: text("body").notNull(),
});

/** One row per slice of the bot's state. `version` counts writes: it guards against a second writer. */
export const states = sqliteTable("states", {
  slice: text("slice").primaryKey(),
  version: integer("version").notNull(),
  schemaVersion: integer("schema_version").notNull(),
  body: text("body").notNull(),
});

/**
 * Where a signed action is on its way. "pending" was stored and not yet handed to the network, "unresolved" was sent
 * and is not answered, "expired" never acted and never will.
 */
export type OutboxStatus = "pending" | "sent" | "confirmed" | "rejected" | "unresolved" | "expired";

/** Signed actions, stored before they are sent. `cause_seq` is the inbox row that caused them. */
export const outbox = sqliteTable(
  "outbox",
  {
    nonce: integer("nonce").primaryKey(),
    causeSeq: integer("cause_seq").notNull(),
    lane: text("lane").$type<"urgent" | "quotes">().notNull(),
    kind: text("kind").notNull(),
    body: text("body").notNull(),
    expiresMs: integer("expires_ms"),
    status: text("status").$type<OutboxStatus>().notNull(),
    sentMs: integer("sent_ms"),
    answeredMs: integer("answered_ms"),
  },
  (table) => [index("outbox_status").on(table.status)],
);

/** Every execution of ours, for ever. The key is the venue's. */
export const fills = sqliteTable(
  "fills",
  {
    venueMs: integer("venue_ms").notNull(),
    tid: integer("tid").notNull(),
    oid: integer("oid").notNull(),
    cloid: text("cloid"),
    side: text("side").$type<"bid" | "ask">().notNull(),
    pxTicks: integer("px_ticks").notNull(),
    sizeLots: integer("size_lots").notNull(),
    taker: integer("taker", { mode: "boolean" }).notNull(),
    feeMicroUsd: integer("fee_micro_usd").notNull(),
    startPositionLots: integer("start_position_lots").notNull(),
    causeSeq: integer("cause_seq").notNull(),
    /** Twice the mid, in ticks, when the fill became known; null without a book. */
    midX2Ticks: integer("mid_x2_ticks"),
  },
  (table) => [primaryKey({ columns: [table.venueMs, table.tid, table.oid] })],
);

/** What was not sent and why, and every change of the risk mode. Refusals of one step and reason share a row. */
export const decisions = sqliteTable("decisions", {
  id: integer("id").primaryKey(),
  causeSeq: integer("cause_seq").notNull(),
  atMs: integer("at_ms").notNull(),
  kind: text("kind").$type<"refusal" | "mode">().notNull(),
  reason: text("reason").notNull(),
  detail: text("detail").notNull(),
  count: integer("count").notNull(),
});

/** The account as the venue reported it, one row per reading that changed the state. */
export const equity = sqliteTable("equity", {
  atMs: integer("at_ms").primaryKey(),
  equityMicroUsd: integer("equity_micro_usd").notNull(),
  marginUsedMicroUsd: integer("margin_used_micro_usd").notNull(),
  positionLots: integer("position_lots").notNull(),
  positionValueMicroUsd: integer("position_value_micro_usd").notNull(),
});

/** Facts about this data folder: market, feed, seed and the like. */
export const meta = sqliteTable("meta", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
});
