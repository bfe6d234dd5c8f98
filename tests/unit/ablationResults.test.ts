import { afterAll, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openResults } from "../support/ablationResults.ts";
import type { RunFigures, Setting } from "../support/runFigures.ts";
import { VARIANTS } from "../support/variants.ts";
import type { Variant } from "../support/variants.ts";

const folder = mkdtempSync(join(tmpdir(), "amm500-ablation-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FIGURES = { pnlUsd: 1.5, fills: 3 } as RunFigures;
const SETTING: Setting = { kind: "simulated", scenario: "week", seed: 1, days: 2 };
const PLAIN: Variant = { about: "", params: {} };
const FADE: Variant = { about: "", params: { fadeShare: 0.2 } };

test("a result is known again to the same variant and market, and to no other", () => {
  const path = join(folder, "results.jsonl");
  openResults(path).add("plain", PLAIN, SETTING, FIGURES);
  // What was killed while it wrote.
  appendFileSync(path, '{"key":"0');
  const later = openResults(path);
  expect(later.find(PLAIN, SETTING)).toEqual(FIGURES);
  expect(later.find({ ...PLAIN, about: "the same in other words" }, SETTING)).toEqual(FIGURES);
  expect(later.find(FADE, SETTING)).toBeNull();
  expect(later.find({ ...PLAIN, cancelAndReplace: true }, SETTING)).toBeNull();
  for (const other of [{ seed: 2 }, { days: 1 }, { scenario: "informed" as const }])
    expect(later.find(PLAIN, { ...SETTING, ...other })).toBeNull();
});

test("a recording is the same wherever it lies", () => {
  const path = join(folder, "tapes.jsonl");
  const tape = (at: string, sha256: string): Setting => ({
    kind: "tape",
    path: at,
    sha256,
    coin: "ETH",
    fromMs: 1,
    durationMs: 2,
  });
  openResults(path).add("plain", PLAIN, tape("a/x.tape", "11"), FIGURES);
  const later = openResults(path);
  expect(later.find(PLAIN, tape("b/y.tape", "11"))).toEqual(FIGURES);
  expect(later.find(PLAIN, tape("a/x.tape", "22"))).toBeNull();
});

test("without a file a result is known while the process lives", () => {
  const results = openResults(null);
  results.add("plain", PLAIN, SETTING, FIGURES);
  expect(results.find(PLAIN, SETTING)).toEqual(FIGURES);
  expect(openResults(null).find(PLAIN, SETTING)).toBeNull();
});

test("the parts that the documentation compares are there, each with what it is", () => {
  for (const name of [
    "as set",
    "plain ladder",
    "mid",
    "no shift",
    "no volatility",
    "fade",
    "tolerance",
    "session",
    "touch quoter",
    "linear ladder",
    "pure market making",
    "cancel and replace",
  ])
    expect(VARIANTS[name]?.about.length).toBeGreaterThan(5);
});
