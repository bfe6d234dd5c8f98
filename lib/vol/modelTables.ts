import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Attempt, ModelRecord } from "./modelBook.ts";

/** The model in use of each seat. `scores` are those of the training that made it, as JSON. */
export const champions = sqliteTable("champions", {
  seat: text("seat").primaryKey(),
  /** File name inside the models folder. */
  file: text("file").notNull(),
  sha256: text("sha256").notNull(),
  kind: text("kind").$type<ModelRecord["kind"]>().notNull(),
  dataHash: text("data_hash").notNull(),
  publishedMs: integer("published_ms").notNull(),
  expiresMs: integer("expires_ms").notNull(),
  why: text("why").notNull(),
  scores: text("scores").notNull(),
});

/** Every training brought one challenger, promoted or not. `promoted` is who was found best, `scores` everyone's as JSON. */
export const challengers = sqliteTable(
  "challengers",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    seat: text("seat").notNull(),
    atMs: integer("at_ms").notNull(),
    promoted: text("promoted").$type<Attempt["promoted"]>().notNull(),
    why: text("why").notNull(),
    dataHash: text("data_hash").notNull(),
    scores: text("scores").notNull(),
  },
  (table) => [index("challengers_seat").on(table.seat, table.id)],
);
