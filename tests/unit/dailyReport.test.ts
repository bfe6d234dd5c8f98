import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dailyReports } from "../../lib/runtime/dailyReport.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { initialState } from "../../lib/core/initialState.ts";
import type { Audit } from "../../lib/messages/audit.ts";
import { openMemoryStore, openStore } from "../../lib/store/store.ts";
import { ms } from "../../lib/units/numbers.ts";

function due(atMs: number): Audit {
  return {
    stepSeq: 1,
    event: { kind: "timer", timer: "dailyReport", id: "due", atMs: ms(atMs), view: null },
    before: initialState,
    after: initialState,
    approved: [],
    refused: [],
    committed: false,
  };
}

test("the day that has ended becomes a page of its own", async () => {
  const dir = mkdtempSync(join(tmpdir(), "daily-"));
  try {
    const store = openStore(dir);
    await simulate({
      symbol: "US500",
      seed: 3,
      durationMs: 60_000,
      params: defaultParams,
      store,
      onProgress: () => {},
      onWarning: () => {},
    });
    const told: string[] = [];
    dailyReports(dir, store.read, (text) => told.push(text))(due(Date.UTC(2026, 0, 15)));
    const path = join(dir, "reports", "2026-01-14.html");
    expect(told).toEqual([`daily report: ${path}`]);
    expect(readFileSync(path, "utf8")).toContain("<svg");
    store.close();
  } finally {
    rmSync(dir, { recursive: true });
  }
}, 60_000);

test("without a reading there is nothing to report, and that is said", () => {
  const store = openMemoryStore();
  const told: string[] = [];
  dailyReports("unused", store.read, (text) => told.push(text))(due(Date.UTC(2026, 0, 15)));
  expect(told).toEqual(["no daily report: the account was not read yet"]);
  expect(existsSync("unused")).toBe(false);
});
