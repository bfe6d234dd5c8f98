import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOCK_FILE, lockDataFolder } from "../../lib/runtime/lock.ts";
import type { ProcessTable } from "../../lib/runtime/processTable.ts";
import { DataFolderError } from "../../lib/store/errors.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "amm500-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Processes by id with the mark of their start. */
function processes(own: number, living: Readonly<Record<number, string | null>>): ProcessTable {
  return {
    own,
    isAlive: (pid) => pid in living,
    startOf: (pid) => living[pid] ?? null,
  };
}

test("a folder is taken by one process at a time", () => {
  const living = { 10: "a", 11: "b" };
  const release = lockDataFolder(folder, processes(10, living));
  expect(() => lockDataFolder(folder, processes(11, living))).toThrow(DataFolderError);
  expect(() => lockDataFolder(folder, processes(11, living))).toThrow(
    `"${folder}" is in use by process 10`,
  );
  release();
  release();
  lockDataFolder(folder, processes(11, living))();
  expect(readdirSync(folder)).toEqual([]);
});

test("the same process cannot take it twice", () => {
  const release = lockDataFolder(folder);
  expect(() => lockDataFolder(folder)).toThrow(`in use by process ${process.pid}`);
  release();
});

test.each([
  ["a process that is gone", { 11: "b" }],
  ["a process whose id was given to another", { 10: "later", 11: "b" }],
])("the lock of %s is taken over", (_, living) => {
  lockDataFolder(folder, processes(10, { 10: "a" }));
  const release = lockDataFolder(folder, processes(11, living));
  expect(JSON.parse(readFileSync(join(folder, LOCK_FILE), "utf8"))).toEqual({
    pid: 11,
    started: "b",
  });
  expect(readdirSync(folder)).toEqual([LOCK_FILE]);
  release();
});

test("where starts are unknown, a living process keeps its lock", () => {
  lockDataFolder(folder, processes(10, { 10: null }));
  expect(() => lockDataFolder(folder, processes(11, { 10: null, 11: null }))).toThrow("process 10");
});

test("a lock that says nothing is taken over, and a lock that was lost is not released", () => {
  writeFileSync(join(folder, LOCK_FILE), "");
  const release = lockDataFolder(folder, processes(10, { 10: "a" }));
  lockDataFolder(folder, processes(11, { 11: "b" }));
  release();
  expect(existsSync(join(folder, LOCK_FILE))).toBe(true);
});

test("a folder that is not there is refused by name", () => {
  expect(() => lockDataFolder(join(folder, "none"))).toThrow(
    `"${join(folder, "none")}" cannot be locked`,
  );
});
