import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Database } from "bun:sqlite";
import type { CandleRow } from "../../vol/candles.ts";

/** Stored bars of one instrument. Append and replace only: nothing here deletes. */
export type StoredKey = { readonly instrument: string; readonly barMs: number };

type Row = {
  openMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | null;
};

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS candles (
    instrument TEXT NOT NULL, bar_ms INTEGER NOT NULL, open_ms INTEGER NOT NULL,
    open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume REAL,
    PRIMARY KEY (instrument, bar_ms, open_ms)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS fetches (
    at_ms INTEGER PRIMARY KEY, body TEXT NOT NULL
  ) STRICT;`;

/**
 * The history file: candles by instrument and bar, and a log of what each fetch found. A file of its own, so that fetching
 * and the bot never wait for each other's writes.
 */
export class CandleStore {
  readonly #db: Database;

  /** @param path the file, made when absent; ":memory:" for tests. */
  constructor(path: string) {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    this.#db = new Database(path, { create: true, strict: true });
    this.#db.run("PRAGMA journal_mode = WAL");
    this.#db.run("PRAGMA busy_timeout = 5000");
    this.#db.run(SCHEMA);
  }

  /** Adds bars; one that is there already is replaced by its newer reading. Returns how many were new. */
  add(key: StoredKey, rows: readonly CandleRow[]): number {
    const before = this.count(key);
    const insert = this.#db.prepare(
      "INSERT OR REPLACE INTO candles VALUES ($instrument, $barMs, $openMs, $open, $high, $low, $close, $volume)",
    );
    this.#db.transaction(() => {
      for (const row of rows) {
        const volume = Number.isFinite(row.volume) ? row.volume : null;
        const { openMs, open, high, low, close } = row;
        insert.run({ ...key, openMs, open, high, low, close, volume });
      }
    })();
    return this.count(key) - before;
  }

  /** Bars that begin in [fromMs, toMs), oldest first. */
  load(key: StoredKey, fromMs: number, toMs: number): CandleRow[] {
    const rows = this.#db
      .query<Row, { instrument: string; barMs: number; fromMs: number; toMs: number }>(
        `SELECT open_ms AS openMs, open, high, low, close, volume FROM candles
         WHERE instrument = $instrument AND bar_ms = $barMs AND open_ms >= $fromMs AND open_ms < $toMs
         ORDER BY open_ms`,
      )
      .all({ ...key, fromMs, toMs });
    return rows.map((row) => ({ ...row, volume: row.volume ?? Number.NaN }));
  }

  count(key: StoredKey): number {
    const row = this.#db
      .query<{ n: number }, { instrument: string; barMs: number }>(
        "SELECT count(*) AS n FROM candles WHERE instrument = $instrument AND bar_ms = $barMs",
      )
      .get({ ...key });
    return row?.n ?? 0;
  }

  /** Begin of the newest stored bar, or null. */
  newestMs(key: StoredKey): number | null {
    const row = this.#db
      .query<{ newest: number | null }, { instrument: string; barMs: number }>(
        "SELECT max(open_ms) AS newest FROM candles WHERE instrument = $instrument AND bar_ms = $barMs",
      )
      .get({ ...key });
    return row?.newest ?? null;
  }

  /** Names under which bars are stored, the most recently traded first. */
  instruments(): readonly string[] {
    return this.#db
      .query<{ instrument: string }, []>(
        "SELECT instrument FROM candles GROUP BY instrument ORDER BY max(open_ms) DESC",
      )
      .all()
      .map((row) => row.instrument);
  }

  /** Keeps what a fetch found, as JSON. */
  logFetch(atMs: number, body: object): void {
    this.#db.run("INSERT OR REPLACE INTO fetches VALUES (?, ?)", [atMs, JSON.stringify(body)]);
  }

  close(): void {
    this.#db.close();
  }
}
