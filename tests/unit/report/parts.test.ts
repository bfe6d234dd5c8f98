import { describe, expect, test } from "bun:test";
import { coverageOf, stretchesOf } from "../../../lib/runtime/report/coverage.ts";
import { markoutsOf } from "../../../lib/runtime/report/markouts.ts";
import { modeTimes } from "../../../lib/runtime/report/modes.ts";
import { actionsOf, placementsOf } from "../../../lib/runtime/report/placements.ts";
import { splitPnl } from "../../../lib/runtime/report/pnlSplit.ts";
import { reportOf } from "../../../lib/runtime/report/report.ts";
import type { ReportData } from "../../../lib/runtime/report/reportData.ts";
import { fillRow, modeRow, readingRow } from "../../support/reportRows.ts";

const every = (count: number, stepMs: number, fromMs = 0) =>
  Array.from({ length: count }, (_, i) => readingRow(fromMs + i * stepMs));

describe("coverage", () => {
  test("a pause longer than readings leave is time away", () => {
    const readings = [...every(11, 5000), ...every(11, 5000, 150_000)];
    const coverage = coverageOf(readings);
    expect(coverage).toMatchObject({
      windowMs: 200_000,
      coveredMs: 100_000,
      longestGapMs: 100_000,
    });
    expect(coverage.uptime).toBe(0.5);
    expect(coverage.bothSides).toBe(0.5);
  });

  test("one side alone is not both", () => {
    const readings = every(11, 5000).map((row, i) => (i < 5 ? row : { ...row, restingAsks: 0 }));
    expect(coverageOf(readings)).toMatchObject({ bothSides: 0.5, anySide: 1, longestGapMs: 0 });
  });
});

describe("profit", () => {
  test("is split between readings at which both sides hold the same, and closes", () => {
    const split = splitPnl([
      readingRow(0, { ledgerLots: 5 }),
      readingRow(1),
      readingRow(2, {
        equityMicroUsd: 1_000_000_900,
        positionLots: 10,
        ledgerLots: 10,
        positionValueMicroUsd: 7000,
        cashMicroUsd: -6000,
        spreadHalfMicro: 1600,
        adverseHalfMicro: -401,
        fundingMicroUsd: -20,
        feesMicroUsd: 80,
      }),
      readingRow(3, { ledgerLots: null }),
    ]);
    expect(split).toMatchObject({ fromMs: 1, toMs: 2, gross: 1000, spread: 800, adverse: -200.5 });
    expect(split).toMatchObject({ inventory: 400.5, net: 900, accountChange: 900, residual: 0 });
  });

  test("what nobody explains is shown, not hidden", () => {
    const paidIn = readingRow(2, { equityMicroUsd: 1_050_000_000 });
    expect(splitPnl([readingRow(1), paidIn])).toMatchObject({ net: 0, residual: 50_000_000 });
    expect(splitPnl([readingRow(1)])).toBeNull();
  });
});

describe("time in each mode", () => {
  test("changes are exact, time away belongs to none", () => {
    const readings = [
      ...every(3, 10_000),
      readingRow(100_000, { mode: "halted" }),
      readingRow(110_000),
    ];
    const changes = [
      modeRow(4_000, "widened"),
      modeRow(12_000, "reduceOnly"),
      modeRow(15_000, "normal"),
    ];
    const withModes = readings.map((row) =>
      row.atMs === 10_000 ? { ...row, mode: "widened" as const } : row,
    );
    expect(modeTimes(stretchesOf(withModes), changes)).toEqual({
      normal: 4_000 + 5_000,
      widened: 6_000 + 2_000,
      reduceOnly: 3_000,
      flatten: 0,
      halted: 10_000,
    });
  });
});

describe("markouts", () => {
  test("by side and placement, our way positive, at the last mid known then", () => {
    const readings = every(100, 5000).map((row) => ({
      ...row,
      midX2Ticks: 1_380_000 + row.atMs / 10,
    }));
    const fills = [
      fillRow(100_000),
      fillRow(100_000, { side: "ask", placement: "gap", pxTicks: 690_020 }),
    ];
    const [ask, bid] = markoutsOf(fills, readings);
    expect(ask).toMatchObject({ side: "ask", placement: "gap", fills: 1 });
    expect(bid?.atFillBps?.mean).toBeCloseTo((1e4 * 20) / 1_380_000, 6);
    // Ten seconds on, the mid stands at 1,391,000 half ticks.
    expect(bid?.afterBps[0]?.mean).toBeCloseTo((1e4 * 11_000) / 1_380_000, 6);
    expect(ask?.afterBps[0]?.mean).toBeCloseTo((-1e4 * 11_000) / 1_380_000, 6);
    // Beyond what is stored there is no mid.
    expect(bid?.afterBps[3]).toBeNull();
  });
});

describe("placements", () => {
  const activity = [
    { hour: 0, kind: "sent", placement: "ladder", count: 10 },
    { hour: 0, kind: "rested", placement: "ladder", count: 8 },
    { hour: 1, kind: "rejected", placement: "ladder", count: 2 },
    { hour: 1, kind: "cancel", placement: "", count: 5 },
  ] as const;

  test("an order that fills twice is one filled order", () => {
    const fills = [fillRow(1, { oid: 7 }), fillRow(2, { oid: 7 }), fillRow(3, { placement: null })];
    expect(placementsOf(fills, activity)).toMatchObject([
      {
        placement: "ladder",
        sent: 10,
        rested: 8,
        rejected: 2,
        fills: 2,
        filledOrders: 1,
        fillRate: 1 / 8,
      },
      { placement: "unknown", fills: 1, fillRate: null },
    ]);
    expect(actionsOf(activity)).toBe(15);
  });
});

const DAY_MS = 86_400_000;
const STEP_MS = 30_000;

/** `days` whole days with a reading every half minute; equity by day. */
function data(days: number, equity: (day: number) => number, perDay: number): ReportData {
  const toMs = days * DAY_MS;
  const readings = Array.from({ length: toMs / STEP_MS + 1 }, (_, i) =>
    readingRow(i * STEP_MS, {
      equityMicroUsd: equity((i * STEP_MS) / DAY_MS),
      cashMicroUsd: equity((i * STEP_MS) / DAY_MS) - 1e9,
      spreadHalfMicro: 2 * (equity((i * STEP_MS) / DAY_MS) - 1e9),
    }),
  );
  const fills = Array.from({ length: days * perDay }, (_, i) =>
    fillRow(Math.floor((i * DAY_MS) / perDay), {
      tid: i,
      placement: i % 3 === 0 ? "gap" : "ladder",
    }),
  );
  const activity = [{ hour: 0, kind: "sent", placement: "gap", count: fills.length }] as const;
  const none = { fundings: [], modeChanges: [], vol: null, markouts: [], forecast: null };
  return { run: null, fromMs: 0, toMs, readings, fills, activity, ...none };
}

describe("the gates", () => {
  const verdicts = (report: ReturnType<typeof reportOf>) =>
    Object.fromEntries(report.gates.map(({ name, verdict }) => [name, verdict]));
  const rising = (day: number): number =>
    Math.round(1e9 * (1 + 0.01 * day + 0.0004 * Math.sin(7 * day)));

  test("seven good days pass what they can show", () => {
    const report = reportOf(data(7, rising, 2500));
    expect(report.independentDays).toBe(7);
    expect(report.pnl?.residual).toBe(0);
    expect(verdicts(report)).toEqual({
      Sharpe: "pass",
      "7-day return": "pass",
      "maximum drawdown": "pass",
      "trades per day": "pass",
      "maker ratio": "pass",
      "reduce-only share": "fail",
      "smart-placement fill share": "pass",
    });
  });

  test("three days are not enough to pass, and the report says what is missing", () => {
    const report = reportOf(data(3, rising, 2500));
    expect(Object.values(verdicts(report)).filter((verdict) => verdict === "pass")).toEqual([]);
    const trades = report.gates.find(({ name }) => name === "trades per day");
    expect(trades?.detail).toContain("3 of 7 complete days, 4 are missing");
  });

  test("a drawdown beyond the limit fails at once", () => {
    const fall = (day: number): number => Math.round(1e9 * (day < 0.5 ? 1 : 0.99));
    const report = reportOf(data(1, fall, 10));
    expect(verdicts(report)["maximum drawdown"]).toBe("fail");
    expect(report.sharpe).toBeNull();
  });

  test("an interval that holds the target is not enough to say", () => {
    const noisy = (day: number): number =>
      Math.round(1e9 * (1 + 0.001 * day + 0.02 * Math.sin(3 * Math.floor(day))));
    const sharpe = reportOf(data(7, noisy, 10)).gates.find(({ name }) => name === "Sharpe");
    expect(sharpe).toMatchObject({ verdict: "not enough data" });
    expect(sharpe?.detail).toContain("the target lies inside it");
  });
});
