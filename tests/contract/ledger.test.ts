import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PastView } from "../../lib/dashboard/stories.ts";
import { LedgerReader } from "../../lib/runtime/why/ledger.ts";
import { openStore } from "../../lib/store/store.ts";
import { blankState } from "../support/botFixtures.ts";

let folder = "";
let ledger: LedgerReader;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "amm500-ledger-"));
  ledger = new LedgerReader(folder);
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const past = { kind: "past", atMs: 1_795_000_000_000 } as const;

describe("the thread that reads the ledger", () => {
  test("answers from the folder while somebody writes to it", async () => {
    const store = openStore(folder);
    store.loadState(blankState());
    const { found, body } = await ledger.ask(past);
    const view = JSON.parse(body) as PastView;
    expect(found).toBe(true);
    expect(view.orders).toEqual([]);
    expect(view.missing).toEqual(["Nothing is stored yet."]);
    const unknown = await ledger.ask({ kind: "order", id: 17 });
    expect(unknown.found).toBe(false);
    expect(unknown.body).toContain("nothing is stored of the order 17");
    store.close();
  });

  test("says what is wrong with the folder, and tries again at the next question", async () => {
    expect(await failureOf(ledger.ask(past))).toContain("there is no database");
    openStore(folder).close();
    const store = openStore(folder);
    store.loadState(blankState());
    expect((await ledger.ask(past)).found).toBe(true);
    store.close();
  });

  test("answers no flood: so many in a second, and again in the next", async () => {
    let nowMs = 0;
    const paced = new LedgerReader(folder, () => nowMs);
    const store = openStore(folder);
    store.loadState(blankState());
    for (let i = 0; i < 25; i++) expect((await paced.ask(past)).found).toBe(true);
    expect(await failureOf(paced.ask(past))).toContain("ask again in a moment");
    nowMs = 1000;
    expect((await paced.ask(past)).found).toBe(true);
    paced.close();
    store.close();
  });

  test("turns away more than it can answer, and leaves nobody waiting when it ends", async () => {
    const all = Array.from({ length: 20 }, () => failureOf(ledger.ask(past)));
    ledger.close();
    const failures = await Promise.all(all);
    expect(failures.filter((text) => text.includes("too many"))).toHaveLength(4);
    expect(failures.filter((text) => text.includes("has ended"))).toHaveLength(16);
  });
});

async function failureOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
