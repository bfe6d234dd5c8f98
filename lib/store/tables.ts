import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { RiskMode } from "../messages/state.ts";

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

/**
 * "sent": an order left, as a place or by a modify. "rested": the venue took it. "rejected": the venue refused it.
 * "cancel": a cancel left.
 */
export type ActivityKind = "sent" | "rested" | "rejected" | "cancel";

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
    /** Why the order stood where it stood; null for an order that we have no record of. */
    placement: text("placement"),
    level: integer("level"),
    /** What the fill was expected to leave after fee and adverse selection, bps. */
    edgeBps: real("edge_bps"),
  },
  (table) => [primaryKey({ columns: [table.venueMs, table.tid, table.oid] })],
);

/**
 * What was not sent and why, every change of the risk mode, and sides that fell silent (detail says why; empty: quoted
 * again). Refusals of one step and reason share a row.
 */
export const decisions = sqliteTable("decisions", {
  id: integer("id").primaryKey(),
  causeSeq: integer("cause_seq").notNull(),
  atMs: integer("at_ms").notNull(),
  kind: text("kind").$type<"refusal" | "mode" | "silence" | "alarm">().notNull(),
  reason: text("reason").notNull(),
  detail: text("detail").notNull(),
  count: integer("count").notNull(),
});

/**
 * The account as the venue reported it, one row per reading that changed the state, and beside it our own books at that
 * moment: what a report closes against one another. The columns of our books are null in rows of older versions.
 */
export const equity = sqliteTable("equity", {
  atMs: integer("at_ms").primaryKey(),
  equityMicroUsd: integer("equity_micro_usd").notNull(),
  marginUsedMicroUsd: integer("margin_used_micro_usd").notNull(),
  positionLots: integer("position_lots").notNull(),
  positionValueMicroUsd: integer("position_value_micro_usd").notNull(),
  /** Twice the mid, in ticks, as the venue showed the book; null without one. */
  midX2Ticks: integer("mid_x2_ticks"),
  /** Position of our books: another than the venue's while a fill is on its way. */
  ledgerLots: integer("ledger_lots"),
  cashMicroUsd: integer("cash_micro_usd"),
  feesMicroUsd: integer("fees_micro_usd"),
  fundingMicroUsd: integer("funding_micro_usd"),
  spreadHalfMicro: integer("spread_half_micro"),
  adverseHalfMicro: integer("adverse_half_micro"),
  /** Own markouts as the quotes knew them, bps. */
  bidMarkoutBps: real("bid_markout_bps"),
  askMarkoutBps: real("ask_markout_bps"),
  mode: text("mode").$type<RiskMode>(),
  /** Our resting orders by side. */
  restingBids: integer("resting_bids"),
  restingAsks: integer("resting_asks"),
});

/** Every funding payment, for ever. Positive is received. */
export const funding = sqliteTable("funding", {
  venueMs: integer("venue_ms").primaryKey(),
  microUsd: integer("micro_usd").notNull(),
  positionLots: integer("position_lots").notNull(),
  causeSeq: integer("cause_seq").notNull(),
});

/** What was done, counted by UTC hour for ever: the actions themselves are pruned. `placement` is "" where none applies. */
export const activity = sqliteTable(
  "activity",
  {
    hour: integer("hour").notNull(),
    kind: text("kind").$type<ActivityKind>().notNull(),
    placement: text("placement").notNull(),
    count: integer("count").notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.kind, table.placement] })],
);

/** Facts about this data folder: market, feed, seed and the like. */
export const meta = sqliteTable("meta", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
});
