import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { Database } from "bun:sqlite";
import { desc, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";
import { migrate } from "drizzle-orm/bun-sqlite/migrator";
import { z } from "zod";
import { ModelRefused } from "./modelMetadata.ts";
import { challengers, champions } from "./modelTables.ts";

const Scores = z.array(z.strictObject({ name: z.string(), n: z.int(), qlike: z.number() }));

/** A model in the book: which file, what it promises, until when. */
const ModelRecord = z.strictObject({
  /** File name inside the models folder. */
  file: z.string().regex(/^[\w.-]+$/),
  sha256: z.string(),
  kind: z.enum(["har", "lstm"]),
  dataHash: z.string(),
  publishedMs: z.number(),
  expiresMs: z.number(),
  scores: Scores,
  why: z.string(),
});
export type ModelRecord = z.infer<typeof ModelRecord>;

const Attempt = z.strictObject({
  atMs: z.number(),
  promoted: z.enum(["lstm", "champion", "har"]),
  why: z.string(),
  dataHash: z.string(),
  scores: Scores,
});
/** One training, promoted or not. */
export type Attempt = z.infer<typeof Attempt>;

/** What a training changes of a seat, given the model that is in use at that moment. */
export type SeatChange = {
  readonly champion: ModelRecord | null;
  readonly attempt: Attempt;
};

const MIGRATIONS_FOLDER = join(import.meta.dir, "modelMigrations");
/** A writer holds the file for a few milliseconds. */
const BUSY_TIMEOUT_MS = 2000;
const ATTEMPTS_SHOWN = 50;

/** Before the book was a database. */
const FormerBook = z.strictObject({
  version: z.literal(1),
  seats: z.record(
    z.string(),
    z.strictObject({ champion: ModelRecord.nullable(), attempts: z.array(Attempt) }),
  ),
});

/**
 * Champion and challengers of every seat in one SQLite file. Each change is one transaction: a reader sees all of it or
 * nothing, and a writer that is killed changes nothing. Readers never wait for a writer (write-ahead log).
 * Opened for each call and closed again: it is asked every few minutes.
 */
export class ModelBook {
  readonly #path: string;
  readonly #former: string;

  /** @param path the file, made by the first training */
  constructor(path: string) {
    this.#path = path;
    this.#former = join(dirname(path), "registry.json");
  }

  /** @throws ModelRefused when the book is damaged: nothing is guessed about which model is in use. */
  champion(seat: string): ModelRecord | null {
    return this.#read((query) => championOf(query, seat)) ?? null;
  }

  /** The newest trainings, oldest first. @throws ModelRefused when the book is damaged */
  attempts(seat: string): readonly Attempt[] {
    const rows = this.#read((query) =>
      query
        .select()
        .from(challengers)
        .where(eq(challengers.seat, seat))
        .orderBy(desc(challengers.id))
        .limit(ATTEMPTS_SHOWN)
        .all(),
    );
    return (rows ?? []).toReversed().map(attemptOf);
  }

  /**
   * One transaction. A throw of `decide` leaves the book as it was.
   * @returns the champion before and after
   * @throws ModelRefused when the book is damaged
   */
  change(
    seat: string,
    decide: (champion: ModelRecord | null) => SeatChange,
  ): { readonly before: ModelRecord | null; readonly after: ModelRecord | null } {
    mkdirSync(dirname(this.#path), { recursive: true });
    return this.#open({ create: true }, (sqlite) => {
      const query = this.#prepared(sqlite);
      return immediately(sqlite, () => {
        const before = championOf(query, seat);
        const { champion: after, attempt } = decide(before);
        if (after !== null) seatChampion(query, seat, after);
        query.insert(challengers).values(rowOfAttempt(seat, attempt)).run();
        return { before, after };
      });
    });
  }

  #read<T>(ask: (query: BunSQLiteDatabase) => T): T | null {
    if (existsSync(this.#former)) this.#open({ create: true }, (sqlite) => this.#prepared(sqlite));
    if (!existsSync(this.#path)) return null;
    return this.#open({ readwrite: true }, (sqlite) => {
      sqlite.run("PRAGMA query_only = ON");
      const tables = sqlite.query("SELECT 1 FROM sqlite_master WHERE name = 'challengers'").get();
      return tables === null ? null : ask(drizzle(sqlite));
    });
  }

  #open<T>(how: { create: true } | { readwrite: true }, work: (sqlite: Database) => T): T {
    let sqlite: TidyDatabase | null = null;
    try {
      sqlite = new TidyDatabase(this.#path, { ...how, strict: true });
      sqlite.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      return work(sqlite);
    } catch (cause) {
      if (!isDamage(cause)) throw cause;
      throw new ModelRefused(`${this.#path} is damaged; remove it to start anew`, { cause });
    } finally {
      sqlite?.closeTidily();
    }
  }

  #prepared(sqlite: Database): BunSQLiteDatabase {
    sqlite.run("PRAGMA journal_mode = WAL");
    const query = drizzle(sqlite);
    migrate(query, { migrationsFolder: MIGRATIONS_FOLDER });
    this.#takeOver(sqlite, query);
    return query;
  }

  /** Takes over the book of former versions, a JSON file, and puts that file aside. */
  #takeOver(sqlite: Database, query: BunSQLiteDatabase): void {
    if (!existsSync(this.#former)) return;
    immediately(sqlite, () => {
      const seats = existsSync(this.#former) ? formerBook(this.#former).seats : {};
      for (const [seat, { champion, attempts }] of Object.entries(seats)) {
        if (query.select().from(challengers).where(eq(challengers.seat, seat)).all().length > 0)
          continue;
        if (champion !== null) seatChampion(query, seat, champion);
        for (const attempt of attempts)
          query.insert(challengers).values(rowOfAttempt(seat, attempt)).run();
      }
    });
    if (existsSync(this.#former)) renameSync(this.#former, `${this.#former}.taken-over`);
  }
}

/** Closes at once: statements that are still open, as drizzle leaves them, would keep the file and its log open. */
class TidyDatabase extends Database {
  readonly #statements: { finalize: () => void }[] = [];

  override prepare: Database["prepare"] = (sql, params) => {
    const statement = super.prepare(sql, params);
    this.#statements.push(statement);
    return statement as never;
  };

  closeTidily(): void {
    for (const statement of this.#statements) statement.finalize();
    this.close();
  }
}

/** Takes the write lock at once, so that what is read inside stays true until the commit. */
function immediately<T>(sqlite: Database, work: () => T): T {
  return sqlite.transaction(work).immediate();
}

function championOf(query: BunSQLiteDatabase, seat: string): ModelRecord | null {
  const row = query.select().from(champions).where(eq(champions.seat, seat)).get();
  if (row === undefined) return null;
  const { seat: _, scores, ...record } = row;
  return ModelRecord.parse({ ...record, scores: JSON.parse(scores) });
}

function seatChampion(query: BunSQLiteDatabase, seat: string, record: ModelRecord): void {
  const row = { ...record, scores: JSON.stringify(record.scores) };
  query
    .insert(champions)
    .values({ seat, ...row })
    .onConflictDoUpdate({ target: champions.seat, set: row })
    .run();
}

function attemptOf(row: typeof challengers.$inferSelect): Attempt {
  const { id: _id, seat: _seat, scores, ...attempt } = row;
  return Attempt.parse({ ...attempt, scores: JSON.parse(scores) });
}

function rowOfAttempt(seat: string, attempt: Attempt): typeof challengers.$inferInsert {
  return { seat, ...attempt, scores: JSON.stringify(attempt.scores) };
}

function formerBook(path: string): z.infer<typeof FormerBook> {
  try {
    return FormerBook.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new ModelRefused(`${path} is damaged; remove it to start anew`, { cause });
  }
}

/** No database, a torn one, or rows that are not what was written. */
function isDamage(cause: unknown): boolean {
  if (cause instanceof z.ZodError || cause instanceof SyntaxError) return true;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT");
}
