import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  drawdownOf,
  meanInterval,
  sharpeOf,
  sortinoOf,
} from "../../../lib/runtime/report/statistics.ts";

describe("a mean and its interval", () => {
  test("is Student's for few values", () => {
    // t with 4 degrees of freedom, 2.776; deviation sqrt(2.5); 5 values.
    const interval = meanInterval([1, 2, 3, 4, 5]);
    expect(interval?.mean).toBe(3);
    expect(interval?.high).toBeCloseTo(3 + (2.776 * Math.sqrt(2.5)) / Math.sqrt(5), 10);
  });

  test("one value has no interval, none has no mean", () => {
    expect(meanInterval([7])).toEqual({ mean: 7, low: null, high: null, count: 1 });
    expect(meanInterval([])).toBeNull();
  });

  test("holds its mean, and more of the same makes it narrower", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 40 }),
        (values) => {
          const one = meanInterval(values);
          const twice = meanInterval([...values, ...values]);
          const width = (interval: typeof one): number =>
            (interval?.high ?? 0) - (interval?.low ?? 0);
          expect(width(one)).toBeGreaterThanOrEqual(0);
          expect(width(twice)).toBeLessThanOrEqual(width(one) + 1e-9);
          expect(one?.mean ?? 0).toBeGreaterThanOrEqual((one?.low ?? 0) - 1e-9);
        },
      ),
    );
  });
});

describe("Sharpe and Sortino", () => {
  const returns = [0.01, -0.005, 0.02, 0.0, 0.01, -0.01, 0.015];

  test("annualised over 365 days, with Lo's standard error", () => {
    const mean = returns.reduce((sum, value) => sum + value, 0) / 7;
    const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 6);
    const daily = mean / deviation;
    const sharpe = sharpeOf(returns);
    expect(sharpe?.mean).toBeCloseTo(daily * Math.sqrt(365), 10);
    const half = 2.447 * Math.sqrt((1 + daily ** 2 / 2) / 7) * Math.sqrt(365);
    expect(sharpe?.high).toBeCloseTo(daily * Math.sqrt(365) + half, 10);
    expect(sharpe?.count).toBe(7);
  });

  test("too few or equal days say nothing", () => {
    expect([sharpeOf([]), sharpeOf([0.1]), sharpeOf([0.1, 0.1])]).toEqual([null, null, null]);
    expect([sortinoOf([0.1]), sortinoOf([0.1, 0.2])]).toEqual([null, null]);
  });

  test("Sortino counts losing days alone", () => {
    const downside = Math.sqrt((0.005 ** 2 + 0.01 ** 2) / 7);
    const mean = 0.04 / 7;
    expect(sortinoOf(returns)).toBeCloseTo((mean / downside) * Math.sqrt(365), 8);
  });
});

describe("drawdown", () => {
  const series = (...values: number[]) =>
    values.map((equityMicroUsd, atMs) => ({ atMs, equityMicroUsd }));

  test("is the largest fall below an earlier peak, as a share of it", () => {
    expect(drawdownOf(series(100, 120, 90, 130, 110))).toEqual({
      fraction: 0.25,
      microUsd: 30,
      peakMs: 1,
      troughMs: 2,
    });
    expect(drawdownOf(series(100, 110))?.fraction).toBe(0);
    expect(drawdownOf([])).toBeNull();
  });

  test("a series that only rises has none, any other's lies between zero and one", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e9), { minLength: 1 }), (values) => {
        expect(drawdownOf(series(...values.toSorted((a, b) => a - b)))?.fraction).toBe(0);
        const { fraction } = drawdownOf(series(...values)) ?? { fraction: -1 };
        expect(fraction).toBeGreaterThanOrEqual(0);
        expect(fraction).toBeLessThanOrEqual(1);
      }),
    );
  });
});
