import { describe, expect, test } from "bun:test";
import { parseCandleCsv } from "../../../lib/marketdata/history/csvFile.ts";
import { garmanKlass, measureBars } from "../../../lib/vol/bars.ts";
import { candlesFromRows, cleanRows } from "../../../lib/vol/candles.ts";
import { poseProblem } from "../../../lib/vol/problem.ts";
import { candlesFromReturns, MINUTE, START_MS } from "../../support/syntheticCandles.ts";
import type { CandleRow } from "../../../lib/vol/candles.ts";

const row = (minute: number, px: number, more: Partial<CandleRow> = {}): CandleRow => ({
  openMs: START_MS + minute * MINUTE,
  open: px,
  high: px * 1.0005,
  low: px * 0.9995,
  close: px,
  volume: 1,
  ...more,
});

describe("cleaning", () => {
  test("order, duplicates and contradictions", () => {
    const { rows, report } = cleanRows([
      row(2, 102),
      row(0, 100),
      row(1, 101),
      row(1, 101.5),
      row(3, 103, { high: 50 }),
      row(4, 104, { low: Number.NaN }),
      row(5, 0),
    ]);
    expect(rows.map((r) => r.close)).toEqual([100, 101.5, 102]);
    expect(report).toMatchObject({ duplicates: 1, inconsistent: 3, badPrints: 0, splits: 0 });
  });

  test("a print that is gone one bar later is dropped; a real fall stays", () => {
    const quiet = Array.from({ length: 40 }, (_, i) => row(i, 100));
    const bad = quiet.map((r, i) => (i === 20 ? { ...r, low: 90 } : r));
    expect(cleanRows(bad).report.badPrints).toBe(1);
    const fall = quiet.map((r, i) =>
      i >= 20 ? row(i, 92, i === 20 ? { open: 100, high: 100 } : {}) : r,
    );
    expect(cleanRows(fall).report.badPrints).toBe(0);
  });

  test("prices before a split are put on the later scale", () => {
    const rows = Array.from({ length: 10 }, (_, i) => row(i, i < 5 ? 400 : 100));
    const { rows: clean, report } = cleanRows(rows);
    expect(report.splits).toBe(1);
    expect(clean.map((r) => Math.round(r.close))).toEqual(Array.from({ length: 10 }, () => 100));
  });
});

describe("measuring", () => {
  test("Garman and Klass's estimator is unbiased for a random walk seen finely", () => {
    expect(garmanKlass(100, 101, 100, 101)).toBeCloseTo(
      (1.5 - 2 * Math.LN2) * Math.log(1.01) ** 2,
      12,
    );
    expect(garmanKlass(100, 101, 99, 100)).toBeCloseTo(0.5 * Math.log(101 / 99) ** 2, 12);
  });

  test("no return crosses a gap, no target crosses a gap, and the gap itself is kept", () => {
    const candles = candlesFromReturns(Array.from({ length: 200 }, () => 1e-4));
    const openMs = candles.openMs.map((t, i) => (i >= 150 ? t + 10 * MINUTE : t));
    const open = candles.open.map((p, i) => (i === 150 ? p * 1.01 : p));
    const high = candles.high.map((p, i) => Math.max(p, open[i] ?? 0));
    const bars = measureBars({ ...candles, openMs, open, high }, "always");
    expect(bars.run[149]).toBe(0);
    expect(bars.run[150]).toBe(1);
    expect(bars.gapRet[150]).toBeCloseTo(Math.log(1.01), 9);
    expect(bars.ret[150]).toBeCloseTo(1e-4 - Math.log(1.01), 9);
    const problem = poseProblem(bars, 5 * MINUTE);
    expect([...problem.at].filter((i) => i >= 145 && i < 150)).toEqual([]);
    const samples = poseProblem(bars, 5 * MINUTE, { floor: problem.floor });
    expect(samples.at.at(-1)).toBe(199);
    expect(Number.isNaN(samples.target.at(-1) ?? 0)).toBe(true);
  });

  test("the target is the sum of the next bars' squared returns", () => {
    const returns = Array.from({ length: 300 }, (_, i) => (i % 7) * 1e-4);
    const problem = poseProblem(measureBars(candlesFromReturns(returns), "always"), 5 * MINUTE);
    const k = 50;
    const bar = problem.at[k] ?? 0;
    const next = returns.slice(bar + 1, bar + 6).reduce((sum, r) => sum + r * r, 0);
    expect(problem.target[k]).toBeCloseTo(next, 14);
  });
});

describe("candle files", () => {
  const lines = (times: readonly string[]): string =>
    ["ts,open,high,low,close", ...times.map((t) => `${t},100,101,99,100`)].join("\n");

  test("epoch seconds, milliseconds and zones mean the same moment", () => {
    const iso = parseCandleCsv(
      "a.csv",
      lines(["2025-01-06 00:00:00+00:00", "2025-01-06 00:01:00+00:00"]),
      "auto",
    );
    const ms = parseCandleCsv("a.csv", lines([`${START_MS}`, `${START_MS + MINUTE}`]), "auto");
    const seconds = parseCandleCsv(
      "a.csv",
      lines([`${START_MS / 1000}`, `${START_MS / 1000 + 60}`]),
      "auto",
    );
    for (const file of [iso, ms, seconds]) {
      expect(file.candles.openMs[0]).toBe(START_MS);
      expect(file.candles.barMs).toBe(MINUTE);
      expect(Number.isNaN(file.candles.volume[0] ?? 0)).toBe(true);
    }
  });

  test("a wall clock that fits US hours only in New York is read there", () => {
    const session = Array.from({ length: 390 }, (_, i) => {
      const minute = 570 + i;
      return `2025-07-01 ${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}:00`;
    });
    const file = parseCandleCsv("spy.csv", lines(session), "auto");
    expect(file.zone).toBe("new-york");
    expect(new Date(file.candles.openMs[0] ?? 0).toISOString()).toBe("2025-07-01T13:30:00.000Z");
    expect(parseCandleCsv("spy.csv", lines(session), "utc").zone).toBe("utc");
  });

  test("what is wrong is named: column, line, value, what is allowed", () => {
    expect(() => parseCandleCsv("x.csv", "ts,open,close\n1,2,3", "auto")).toThrow(
      /x\.csv: line 1 has no column for high, low; found "ts,open,close"/,
    );
    expect(() => parseCandleCsv("x.csv", lines(["yesterday"]), "auto")).toThrow(
      /x\.csv: line 2: "yesterday" is no time; allowed: seconds/,
    );
    expect(() => parseCandleCsv("x.csv", lines([`${START_MS}`]), "auto")).toThrow(
      /1 usable rows of 1; at least 2/,
    );
  });

  test("daily realised variance comes with the close alone", () => {
    const file = parseCandleCsv(
      "rv.csv",
      "DT,RV5,CLOSE\n2014-01-02,2.5e-5,182.95\n2014-01-03,1.7e-5,182.8",
      "auto",
    );
    expect(file.candles.variance?.[1]).toBe(1.7e-5);
    expect(measureBars(file.candles, "always").ret[1]).toBeCloseTo(Math.log(182.8 / 182.95), 12);
  });
});

test("candles keep their columns", () => {
  const candles = candlesFromRows([row(0, 100), row(1, 101)], MINUTE);
  expect([...candles.close]).toEqual([100, 101]);
});
