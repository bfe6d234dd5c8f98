import { afterAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backupCommand } from "../../lib/cli/backup.ts";
import { restoreCommand } from "../../lib/cli/restore.ts";
import { openReader } from "../../lib/store/readModel.ts";
import { openStore } from "../../lib/store/store.ts";
import { cliRun } from "../support/cliRun.ts";

const home = mkdtempSync(join(tmpdir(), "backup-"));
afterAll(() => rmSync(home, { recursive: true }));

const KEY = "5".repeat(64);

/** A data folder whose database is open for writing, with secrets and a model beside it. */
function folderOf(name: string) {
  const dir = join(home, name);
  const store = openStore(dir);
  store.putMeta("feed", "written before");
  writeFileSync(join(dir, "paper-key"), KEY);
  writeFileSync(join(dir, "api-token"), KEY);
  mkdirSync(join(dir, "models"));
  writeFileSync(join(dir, "models", "a.onnx"), "weights");
  return { dir, store, out: join(home, `${name}-backups`) };
}

function onlyFolderIn(dir: string): string {
  const [name, ...more] = readdirSync(dir);
  expect(more).toEqual([]);
  return join(dir, name ?? "");
}

describe("a backup", () => {
  test("of a database in use has all that was committed, the models, and no secret", async () => {
    const { dir, store, out } = folderOf("used");
    const made = await cliRun(backupCommand, ["--data", dir, "--out", out, "--json"]);
    expect(made.code).toBe(0);
    store.putMeta("feed", "written after");
    store.close();
    const backup = onlyFolderIn(out);
    const names = readdirSync(backup, { recursive: true, encoding: "utf8" }).toSorted();
    expect(names).toEqual(["backup.json", "bot.sqlite", "models", "models/a.onnx"]);
    for (const name of names.filter((path) => path.includes(".")))
      expect(readFileSync(join(backup, name)).includes(KEY)).toBe(false);
    const target = join(home, "restored");
    const back = await cliRun(restoreCommand, [backup, "--data", target]);
    expect([back.code, back.failure]).toEqual([0, null]);
    const reader = openReader(target);
    expect(reader.meta("feed")).toBe("written before");
    reader.close();
    expect(readFileSync(join(target, "models", "a.onnx"), "utf8")).toBe("weights");
  });

  test("is refused where there is nothing, and leaves nothing half done", async () => {
    const empty = join(home, "empty");
    const out = join(home, "empty-backups");
    const failed = await cliRun(backupCommand, ["--data", empty, "--out", out]);
    expect([failed.code, failed.failure]).toEqual([
      1,
      `the data folder "${empty}" holds no bot.sqlite`,
    ]);
    expect(existsSync(out)).toBe(false);
  });
});

describe("a restore", () => {
  test("refuses a changed file, a missing one, and a folder with a database", async () => {
    const { dir, store, out } = folderOf("source");
    store.close();
    await cliRun(backupCommand, ["--data", dir, "--out", out]);
    const backup = onlyFolderIn(out);
    const inTheWay = await cliRun(restoreCommand, [backup, "--data", dir]);
    expect(inTheWay.failure).toContain(`"${join(dir, "bot.sqlite")}" is in the way`);
    writeFileSync(join(backup, "models", "a.onnx"), "Weights");
    const target = join(home, "never");
    const changed = await cliRun(restoreCommand, [backup, "--data", target]);
    expect(changed.failure).toContain('a.onnx" is not what was backed up');
    rmSync(join(backup, "models", "a.onnx"));
    const missing = await cliRun(restoreCommand, [backup, "--data", target]);
    expect(missing.failure).toContain("is missing from the backup");
    expect(readdirSync(target)).toEqual([]);
  });

  test("takes nothing from outside a backup", async () => {
    const forged = join(home, "forged");
    mkdirSync(forged);
    const files = [{ path: "models/../../x.sqlite", bytes: 1, sha256: "0".repeat(64) }];
    writeFileSync(join(forged, "backup.json"), JSON.stringify({ version: 1, createdMs: 1, files }));
    const target = join(home, "forged-target");
    const refused = await cliRun(restoreCommand, [forged, "--data", target]);
    expect(refused.failure).toContain("which no backup holds");
    const nothing = await cliRun(restoreCommand, [join(home, "nope"), "--data", target]);
    expect([nothing.code, nothing.failure]).toEqual([2, `"${join(home, "nope")}" does not exist`]);
    const notOne = await cliRun(restoreCommand, [home, "--data", target]);
    expect(notOne.failure).toBe(`"${home}" is no backup: no backup.json`);
  });
});
