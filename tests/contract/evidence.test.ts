import { afterAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultParams } from "../../lib/core/params.ts";
import { evidenceOfFolder, phaseHistory, recordPhase } from "../../lib/runtime/live/evidence.ts";
import { judgePhase } from "../../lib/runtime/live/phases.ts";
import type { PhaseRecord } from "../../lib/runtime/live/phases.ts";
import { keepRunInfo, runInfoOf } from "../../lib/runtime/runInfo.ts";
import { DATABASE_FILE } from "../../lib/store/database.ts";
import { openStore } from "../../lib/store/store.ts";
import { readingRow } from "../support/reportRows.ts";
import { SPEC } from "../support/coreFixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "amm500-evidence-"));
afterAll(() => rmSync(folder, { recursive: true }));

const DAY_MS = 86_400_000;
const FROM_MS = 1_790_000_000_000;
/** As far apart as still counts as covered. */
const EVERY_MS = 30_000;

/** A data folder as a paper run of some days leaves it. */
function paperFolder(name: string, days: number): string {
  const dir = join(folder, name);
  const store = openStore(dir);
  const parts = { spec: SPEC, startedMs: FROM_MS, speed: 1, params: defaultParams };
  keepRunInfo(store, runInfoOf({ mode: "paper", feed: undefined, ...parts }), defaultParams);
  store.close();
  const sqlite = new Database(join(dir, DATABASE_FILE));
  const { atMs: _, ...row } = readingRow(0);
  const names = Object.keys(row).map((key) => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));
  const columns = ["at_ms", ...names];
  const insert = sqlite.prepare(
    `INSERT INTO equity (${columns.join()}) VALUES (${columns.map(() => "?").join()})`,
  );
  sqlite.transaction(() => {
    for (let ms = 0; ms <= days * DAY_MS; ms += EVERY_MS)
      insert.run(FROM_MS + ms, ...Object.values(row));
  })();
  sqlite.close();
  return dir;
}

describe("evidence in a database", () => {
  test("seven covered days open the first step, six do not, an empty folder has none", () => {
    const question = { capitalMicroUsd: 500e6, market: SPEC.market, live: null, history: [] };
    const week = evidenceOfFolder(paperFolder("week", 7));
    expect(week).toMatchObject({ mode: "paper", speed: 1, market: SPEC.market });
    expect(judgePhase({ ...question, paper: week }).missing).toEqual([]);
    const six = evidenceOfFolder(paperFolder("six", 6));
    expect(judgePhase({ ...question, paper: six }).missing.join()).toContain("there are 6");
    expect(evidenceOfFolder(join(folder, "nothing"))).toBeNull();
  });

  test("openings are kept, one after the other", () => {
    const store = openStore(join(folder, "live"));
    const record = (step: number): PhaseRecord => ({
      atMs: FROM_MS + step,
      step,
      capitalMicroUsd: 500e6,
      basis: "override",
      reason: "because of this test",
      evidence: null,
    });
    recordPhase(store, record(1));
    recordPhase(store, record(2));
    expect(phaseHistory(store.read)).toEqual([record(1), record(2)]);
    store.putMeta("livePhases", "[{}]");
    expect(() => phaseHistory(store.read)).toThrow("the record of live steps is damaged");
    store.close();
  });
});
