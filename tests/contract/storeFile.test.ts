import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "bun:sqlite";
import { getTableConfig } from "drizzle-orm/sqlite-core";
import { blankState, bookEvent, countUp, placeBatch } from "../support/botFixtures.ts";
import { DATABASE_FILE, openInMemory } from "../../lib/store/database.ts";
import { DataFolderError, DatabaseError } from "../../lib/store/errors.ts";
import { openReader } from "../../lib/store/readModel.ts";
import { openStore } from "../../lib/store/store.ts";
import * as tables from "../../lib/store/tables.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "amm500-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function edit(sql: string): void {
  const database = new Database(join(folder, DATABASE_FILE), { create: true });
  database.run(sql);
  database.close();
}

function seeded(): void {
  const store = openStore(folder);
  store.loadState(blankState());
  store.close();
}

describe("a data folder", () => {
  test("that cannot be made is refused by name", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(() => openStore(join(file, "data"))).toThrow(DataFolderError);
    expect(() => openStore(join(file, "data"))).toThrow(`"${join(file, "data")}"`);
  });

  test("with something else than a database is refused", () => {
    writeFileSync(join(folder, DATABASE_FILE), "not a database at all".repeat(100));
    expect(() => openStore(folder)).toThrow(DatabaseError);
    expect(() => openStore(folder)).toThrow(/bot\.sqlite" cannot be used: .*move it away/);
  });

  test("with the database of another program is refused and left alone", () => {
    edit("CREATE TABLE theirs (a)");
    expect(() => openStore(folder)).toThrow("database of another program");
    expect(() => openReader(folder)).toThrow("database of another program");
    const database = new Database(join(folder, DATABASE_FILE));
    expect(database.query("SELECT name FROM sqlite_master").all()).toEqual([{ name: "theirs" }]);
    database.close();
  });

  test("written by a newer version is refused", () => {
    seeded();
    edit("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 9999999999999)");
    expect(() => openStore(folder)).toThrow("written by a newer version");
  });

  test.each([
    ["UPDATE states SET body = '{' WHERE slice = 'run'", /"run".*it is no JSON/],
    ["UPDATE states SET body = '{}' WHERE slice = 'risk'", /"risk".*mode: /],
    ["UPDATE states SET schema_version = 99", /has schema version 99, this program reads 2/],
    ["DELETE FROM states WHERE slice = 'ledger'", /"ledger".*it is missing/],
  ])("with a damaged state is refused: %s", (sql, message) => {
    seeded();
    edit(sql);
    const store = openStore(folder);
    expect(() => store.loadState(blankState())).toThrow(message);
    store.close();
  });

  test("without a database has nothing to read", () => {
    expect(() => openReader(folder)).toThrow("there is no database");
  });
});

describe("beside a writing store", () => {
  test("a reader sees what was committed, and cannot write", () => {
    const store = openStore(folder);
    const { state, versions } = store.loadState(blankState());
    const reader = openReader(folder);
    store.commitStep({
      event: bookEvent("b1"),
      before: state,
      after: countUp(state),
      versions,
      batches: [placeBatch(1)],
      refused: [],
    });
    expect(reader.state()?.state.run.orderSeq).toBe(1);
    expect(reader.outbox(5)).toMatchObject([{ nonce: 1, status: "pending" }]);
    reader.close();
    store.close();
  });
});

test("a checkpoint empties the log, and an idle one writes nothing", () => {
  const store = openStore(folder);
  const log = () => statSync(join(folder, `${DATABASE_FILE}-wal`)).size;
  store.loadState(blankState());
  for (let n = 0; n < 200; n++) store.putMeta(`key ${n}`, "x".repeat(1000));
  store.checkpoint();
  const before = log();
  const main = readFileSync(join(folder, DATABASE_FILE));
  for (let n = 0; n < 200; n++) store.putMeta(`key ${n}`, "y".repeat(1000));
  expect(log()).toBe(before);
  store.checkpoint();
  expect(readFileSync(join(folder, DATABASE_FILE)).equals(main)).toBe(false);
  const idle = store.read.meta("checkpointedRows");
  store.checkpoint();
  expect(store.read.meta("checkpointedRows")).toBe(idle);
  store.close();
});

describe("after a crash", () => {
  test("between commit and send, the batch is still pending", () => {
    const store = openStore(folder);
    const { state, versions } = store.loadState(blankState());
    store.commitStep({
      event: bookEvent("b1"),
      before: state,
      after: countUp(state),
      versions,
      batches: [placeBatch(1), placeBatch(2)],
      refused: [],
    });
    store.markSent(1, 5);
    // No close: the next life opens the files as they are.
    const next = openStore(folder);
    expect(next.unanswered().map(({ nonce, status }) => [nonce, status])).toEqual([
      [1, "sent"],
      [2, "pending"],
    ]);
    expect(next.loadState(blankState()).state.run.orderSeq).toBe(1);
    expect(next.highestNonce()).toBe(2);
    next.close();
    store.close();
  });

  test("by kill -9 while committing, nothing acknowledged is lost", async () => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "storeChild.ts"), folder], {
      stdout: "pipe",
      stderr: "inherit",
    });
    let acknowledged = 0;
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      const whole = decoder.decode(chunk).split("\n").slice(0, -1);
      acknowledged = Math.max(acknowledged, ...whole.map(Number));
      if (acknowledged >= 300) child.kill("SIGKILL");
    }
    await child.exited;
    const store = openStore(folder);
    const { state, versions } = store.loadState(blankState());
    expect(acknowledged).toBeGreaterThanOrEqual(300);
    expect(state.run.orderSeq).toBeGreaterThanOrEqual(acknowledged);
    expect(versions.run).toBe(state.run.orderSeq + 1);
    expect(store.read.counts()).toMatchObject({
      inbox: state.run.orderSeq,
      outbox: state.run.orderSeq,
    });
    store.close();
  });
});

test("the migrations make the tables that the code describes", () => {
  const connection = openInMemory();
  for (const table of Object.values(tables)) {
    const { name, columns } = getTableConfig(table);
    const made = connection.sqlite.query(`PRAGMA table_info("${name}")`).all() as {
      readonly name: string;
      readonly type: string;
      readonly notnull: number;
    }[];
    expect(made.map((column) => [column.name, column.type.toLowerCase(), column.notnull])).toEqual(
      columns.map((column) => [column.name, column.getSQLType(), column.notNull ? 1 : 0]),
    );
  }
  connection.sqlite.close();
});
