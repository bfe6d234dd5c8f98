import { beforeAll, describe, expect, test } from "bun:test";
import { BELL_MS, runMarket } from "../../calibration/marketRun.ts";
import type { MarketRun } from "../../calibration/marketRun.ts";
import { nullTest } from "../../calibration/nullTests.ts";

const MINUTE_MS = 60_000;

/** Short editions of what `bun run calibrate` does at length; naive makers 0 (touch) to 16 bp from the mid, before fees. */
describe("nobody earns from nothing", () => {
  test("no takers, no fills", () => {
    for (const { fills, meanUsd } of nullTest("flat", 3 * MINUTE_MS)) {
      expect(fills).toBe(0);
      expect(meanUsd).toBe(0);
    }
  });

  test("against informed takers alone no distance earns a positive mean, one-sided 95 % over 20 seeds", () => {
    const results = nullTest("informed", 15 * MINUTE_MS);
    for (const { distanceBps, fills, lowerUsd, markoutBps, residual } of results) {
      console.log(
        `informed, ${distanceBps} bp: ${fills} fills, ${markoutBps.toFixed(2)} bp, bound $${lowerUsd.toFixed(2)}`,
      );
      expect(lowerUsd).toBeLessThanOrEqual(0);
      if (fills >= 20) expect(markoutBps).toBeLessThan(0);
      expect(residual).toBe(0);
    }
    expect(results.filter(({ fills }) => fills >= 20).length).toBeGreaterThanOrEqual(3);
  });

  test("a crash does not pay at any distance", () => {
    for (const seed of [101, 102, 103]) {
      const run = runMarket({
        scenario: "crash",
        seed,
        startMs: BELL_MS,
        durationMs: 15 * MINUTE_MS,
        distancesBps: [0, 0.5, 1, 2, 4, 8],
        watched: false,
      });
      expect(run.log.doubleMidAt(run.durationMs) / 2 / 693_000).toBeWithin(0.77, 0.83);
      for (const { fills, pnl } of run.quoters) {
        expect(fills.length).toBeGreaterThan(0);
        expect(pnl.account / 2e6).toBeLessThan(-10);
        expect(pnl.account - pnl.spread - pnl.inventory).toBe(0);
      }
    }
  });
});

describe("naive makers in the simulated market", () => {
  let runs: readonly MarketRun[] = [];
  beforeAll(() => {
    runs = [1, 2, 3, 4].map((seed) =>
      runMarket({
        scenario: "us-session",
        seed,
        startMs: BELL_MS,
        durationMs: 90 * MINUTE_MS,
        distancesBps: [0, 1, 2, 4],
        watched: false,
      }),
    );
  });
  const markout = (index: number, horizonMs: number): number => {
    const all = runs.flatMap(({ quoters, log }) => quoters[index]?.markouts(log, horizonMs) ?? []);
    return all.reduce((sum, { bps }) => sum + bps, 0) / all.length;
  };

  test("at the touch they lose more than their half-spread, and more later", () => {
    expect(markout(0, 1000)).toBeWithin(-0.8, -0.25);
    expect(markout(0, 60_000)).toBeWithin(-1.4, -0.4);
  });

  test("wide quotes are no free lunch", () => {
    for (const index of [1, 2]) expect(markout(index, 10_000)).toBeLessThan(-0.3);
  });

  test("a maker one basis point away is found within the first minutes", () => {
    const firsts = runs.map(({ quoters }) => quoters[1]?.fills[0]?.timeMs ?? Infinity);
    expect(firsts.filter((ms) => ms < 10 * MINUTE_MS).length).toBeGreaterThanOrEqual(3);
  });

  test("the account closes: spread and inventory make up all of it", () => {
    for (const { quoters } of runs)
      for (const { pnl } of quoters) expect(pnl.account - pnl.spread - pnl.inventory).toBe(0);
  });
});
