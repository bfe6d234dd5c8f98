import { describe, expect, test } from "bun:test";
import { evidenceOf, judgePhase, phaseOf, phaseRefusal } from "../../lib/runtime/live/phases.ts";
import type { Evidence, PhaseQuestion, PhaseRecord } from "../../lib/runtime/live/phases.ts";
import type { Report } from "../../lib/runtime/report/report.ts";
import { reportOf } from "../../lib/runtime/report/report.ts";
import { modeRow, readingRow } from "../support/reportRows.ts";

const USD = 1_000_000;
const DAY_MS = 86_400_000;
const FROM_MS = 1_790_000_000_000;

const clean = (days: number): Evidence["days"] =>
  Array.from({ length: days }, (_, n) => ({
    fromMs: FROM_MS + n * DAY_MS,
    clean: true,
    faults: [],
  }));

const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  mode: "paper",
  market: "km:US500",
  feed: "mirror of mainnet",
  speed: 1,
  days: clean(7),
  gates: [],
  ...changes,
});

const opened = (step: number, dollars: number): PhaseRecord => ({
  atMs: FROM_MS,
  step,
  capitalMicroUsd: dollars * USD,
  basis: "evidence",
  reason: null,
  evidence: null,
});

const ask = (dollars: number, changes: Partial<PhaseQuestion> = {}) =>
  judgePhase({
    capitalMicroUsd: dollars * USD,
    market: "mkts:US500",
    paper: evidence(),
    live: null,
    history: [],
    ...changes,
  });

describe("the capital steps", () => {
  test("by capital: up to 500, 1,000, 5,000, and no further", () => {
    const steps = [1, 500, 500.000001, 1000, 1001, 5000, 5001].map(
      (dollars) => phaseOf(Math.round(dollars * USD))?.step ?? null,
    );
    expect(steps).toEqual([1, 1, 2, 2, 3, 3, null]);
  });

  test("seven clean paper days open the first", () => {
    expect(ask(500)).toMatchObject({ phase: { step: 1 }, missing: [], openedBefore: false });
  });

  test.each([
    ["no paper run", { paper: null }, "there is no paper run to look at"],
    ["six days", { paper: evidence({ days: clean(6) }) }, "7 clean paper days; there are 6"],
    ["another market", { paper: evidence({ market: "km:USTECH" }) }, "this is of km:USTECH"],
    ["a faster clock", { paper: evidence({ speed: 20 }) }, "this ran at 20×"],
    ["a simulation", { paper: evidence({ mode: "simulate" }) }, 'this one was "simulate"'],
  ])("%s does not", (_, changes, text) => {
    expect(ask(500, changes).missing.join()).toContain(text);
  });

  test("a day that is not clean is named with its faults", () => {
    const fault = { fromMs: FROM_MS, clean: false, faults: ["3 micro-USD are unexplained"] };
    const { missing } = ask(500, { paper: evidence({ days: [fault, ...clean(6)] }) });
    expect(missing.join()).toContain("such as 2026-09-21: 3 micro-USD are unexplained");
  });

  test("the second asks for the first and for seven live days; paper does not count", () => {
    const live = evidence({ mode: "live", market: "mkts:US500" });
    expect(ask(1000, { live, history: [opened(1, 500)] }).missing).toEqual([]);
    expect(ask(1000, { live }).missing).toEqual(["step 1 was never opened in this folder"]);
    expect(ask(1000, { history: [opened(1, 500)] }).missing.join()).toContain("7 clean live days");
    expect(ask(5000, { live, history: [opened(1, 500)] }).missing).toEqual([
      "step 2 was never opened in this folder",
    ]);
  });

  test("what was opened stays open for as much or less, and beyond the last step nothing is", () => {
    expect(ask(400, { paper: null, history: [opened(1, 500)] })).toMatchObject({
      missing: [],
      openedBefore: true,
    });
    expect(ask(501, { paper: null, history: [opened(1, 500)] }).openedBefore).toBe(false);
    const answer = ask(20_000);
    expect(answer.missing).toEqual(["no step goes beyond $5000"]);
    expect(phaseRefusal(20_000 * USD, answer).message).toBe(
      'capital $20000 is not open yet. Missing: no step goes beyond $5000. Less capital, more days, or, recorded for ever: --override "<why>"',
    );
  });
});

describe("what a database shows", () => {
  /** A reading every twenty seconds for a number of days. */
  const report = (days: number): Report => {
    const readings = Array.from({ length: days * 4320 + 1 }, (_, n) =>
      readingRow(FROM_MS + n * 20_000),
    );
    return {
      ...reportOf({
        run: null,
        fromMs: FROM_MS,
        toMs: FROM_MS + days * DAY_MS,
        readings,
        fills: [],
        fundings: [],
        activity: [],
        modeChanges: [modeRow(FROM_MS, "normal")],
        vol: null,
        markouts: [],
        forecast: null,
      }),
      stamp: { mode: "paper", market: "km:US500", feed: "a market", speed: 1 } as NonNullable<
        Report["stamp"]
      >,
    };
  };

  test("covered days without a stop are clean, one with a halt is not, nor a started one", () => {
    const all = evidenceOf(report(7), []);
    expect(all?.days.map((day) => day.clean)).toEqual(Array(7).fill(true));
    expect(all?.gates).toHaveLength(7);
    const halted = evidenceOf(report(2), [FROM_MS + DAY_MS + 5]);
    expect(halted?.days.map(({ faults }) => faults)).toEqual([[], ["1 halts or alarms"]]);
    expect(evidenceOf(report(0.5), [])?.days[0]?.clean).toBe(false);
  });
});
