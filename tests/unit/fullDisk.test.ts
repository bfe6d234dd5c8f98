import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailure } from "../../lib/cli/command.ts";
import { explained } from "../../lib/cli/explained.ts";
import { keepApiToken } from "../../lib/runtime/apiToken.ts";
import { keepKeyFile } from "../../lib/runtime/keyFile.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "amm500-full-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
};

test.each([
  ["watchdog-key", () => keepKeyFile(join(folder, "watchdog-key"))],
  ["api-token", () => keepApiToken(folder)],
] as const)("no half %s is left behind, which the next start would stumble over", (name, keep) => {
  // What is written there finds no room.
  symlinkSync("/dev/full", join(folder, `${name}.${process.pid}.new`));
  expect(thrownBy(keep)).toMatchObject({ code: "ENOSPC" });
  expect(readdirSync(folder)).toEqual([]);
  const made = keep();
  expect(readdirSync(folder)).toEqual([name]);
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(keep()).toEqual(made);
});

test("a run that ends by it says so in a sentence, and what to do", () => {
  const database = new Database(":memory:");
  database.run("PRAGMA max_page_count = 2");
  const full = thrownBy(() =>
    database.run("CREATE TABLE t AS SELECT hex(randomblob(100000)) AS word"),
  );
  const broke = new Error('handling "book" failed: database or disk is full', { cause: full });
  const told = explained(broke);
  expect(told).toBeInstanceOf(CommandFailure);
  expect(told).toMatchObject({
    message: expect.stringContaining("Make room, then start it again"),
  });
  expect(explained(new Error("something else"))).not.toBeInstanceOf(CommandFailure);
});
