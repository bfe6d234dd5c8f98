import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Database } from "bun:sqlite";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";
import { migrate } from "drizzle-orm/bun-sqlite/migrator";
import { DataFolderError, DatabaseError } from "./errors.ts";
import journal from "./migrations/meta/_journal.json";
import { messageOf } from "../units/messageOf.ts";

/** Marks the file as ours: "AMM5" in ASCII. */
const APPLICATION_ID = 0x414d4d35;
const BUSY_TIMEOUT_MS = 5000;
/** The write-ahead log file is cut back to this after a checkpoint has emptied it. */
const WAL_BYTES_MAX = 64 * 2 ** 20;
const MIGRATIONS_FOLDER = join(import.meta.dir, "migrations");

/** Time stamp of the newest migration that this version knows. */
const OUR_MIGRATION = Math.max(...journal.entries.map((entry) => entry.when));

const MEMORY = ":memory:";

export const DATABASE_FILE = "bot.sqlite";

/** Refuses an async callback at compile time: it would commit at its first await. */
export type Sync<T> = T extends PromiseLike<unknown> ? never : T;

export type Connection = {
  readonly sqlite: Database;
  readonly query: BunSQLiteDatabase;
  /** What errors call it: the file's path. */
  readonly label: string;
  /** False for a database without a file. */
  readonly onDisk: boolean;
  /** Runs `work` in one BEGIN IMMEDIATE transaction; a throw rolls back. Never nested. */
  readonly transaction: <T>(work: () => Sync<T>) => T;
};

/**
 * Opens the database of a data folder for writing, creating folder and tables as needed.
 * @throws DataFolderError when the folder cannot be made or written; DatabaseError when the file is not ours.
 */
export function openForWriting(dataDir: string): Connection {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new DataFolderError(
      `the data folder "${dataDir}" cannot be written (${messageOf(cause)}); choose a folder that can be written`,
      { cause },
    );
  }
  return openFile(join(dataDir, DATABASE_FILE), { create: true, strict: true }, prepareFile);
}

/**
 * Opens the database of a data folder for reading only, while a bot may be writing to it.
 * @throws DatabaseError when there is none, or it is not ours.
 */
export function openForReading(dataDir: string): Connection {
  const path = join(dataDir, DATABASE_FILE);
  if (!existsSync(path))
    throw new DatabaseError(
      `there is no database in the data folder "${dataDir}"; it appears when the bot first runs there`,
    );
  return openFile(path, { readonly: true, strict: true }, (connection) => {
    connection.sqlite.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    if (applicationId(connection.sqlite) !== APPLICATION_ID) throw foreign(connection.label);
    refuseNewer(connection);
    if (!connection.sqlite.query("SELECT 1 FROM sqlite_master WHERE name = 'states'").get())
      throw new DatabaseError(`"${connection.label}" has no tables yet: the bot is just starting`);
    if ((newestMigration(connection.sqlite) ?? 0) < OUR_MIGRATION)
      throw new DatabaseError(
        `"${connection.label}" was written by an older version of this program; start the bot there once, which brings it up to date`,
      );
  });
}

/** A database that lives and dies with the process: for simulations and tests. */
export function openInMemory(): Connection {
  return openFile(MEMORY, { create: true, strict: true }, prepareFile);
}

function openFile(
  path: string,
  options: { readonly create?: true; readonly readonly?: true; readonly strict: true },
  prepare: (connection: Connection) => void,
): Connection {
  let sqlite: Database | null = null;
  try {
    sqlite = new Database(path, options);
    const connection = connect(sqlite, path);
    prepare(connection);
    return connection;
  } catch (cause) {
    sqlite?.close();
    if (cause instanceof DatabaseError) throw cause;
    throw new DatabaseError(
      `the database "${path}" cannot be used: ${messageOf(cause)}; see that the disk has room, else move it away, or choose another data folder`,
      { cause },
    );
  }
}

function connect(sqlite: Database, label: string): Connection {
  const begin = sqlite.prepare("BEGIN IMMEDIATE");
  const commit = sqlite.prepare("COMMIT");
  return {
    sqlite,
    label,
    onDisk: label !== MEMORY,
    query: drizzle(sqlite),
    transaction<T>(work: () => Sync<T>): T {
      begin.run();
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        if (sqlite.inTransaction) sqlite.run("ROLLBACK");
        throw error;
      }
    },
  };
}

/**
 * Automatic checkpoints are off because they put milliseconds into a step; `Store.checkpoint` runs when idle.
 * NORMAL loses at most the last commits on a power cut, none on a crash: every start reconciles with the venue.
 */
function prepareFile(connection: Connection): void {
  const { sqlite } = connection;
  sqlite.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  claim(connection);
  sqlite.run("PRAGMA journal_mode = WAL");
  sqlite.run("PRAGMA synchronous = NORMAL");
  sqlite.run("PRAGMA wal_autocheckpoint = 0");
  sqlite.run(`PRAGMA journal_size_limit = ${WAL_BYTES_MAX}`);
  refuseNewer(connection);
  migrate(connection.query, { migrationsFolder: MIGRATIONS_FOLDER });
}

function claim(connection: Connection): void {
  const { sqlite, label } = connection;
  if (applicationId(sqlite) === APPLICATION_ID) return;
  const tables = sqlite.query("SELECT count(*) AS n FROM sqlite_master").get() as { n: number };
  if (tables.n > 0 || applicationId(sqlite) !== 0) throw foreign(label);
  sqlite.run(`PRAGMA application_id = ${APPLICATION_ID}`);
}

function applicationId(sqlite: Database): number {
  return (sqlite.query("PRAGMA application_id").get() as { application_id: number }).application_id;
}

function foreign(label: string): DatabaseError {
  return new DatabaseError(
    `"${label}" is a database of another program; move it away, or choose another data folder`,
  );
}

function refuseNewer(connection: Connection): void {
  const { sqlite, label } = connection;
  const newest = newestMigration(sqlite);
  if (newest !== null && newest > OUR_MIGRATION)
    throw new DatabaseError(
      `"${label}" was written by a newer version of this program; use that version or another data folder`,
    );
}

/** Null before the first migration. */
function newestMigration(sqlite: Database): number | null {
  const known = sqlite
    .query("SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'")
    .get();
  if (known === null) return null;
  const row = sqlite.query("SELECT max(created_at) AS newest FROM __drizzle_migrations").get();
  return (row as { newest: number | null }).newest;
}
