import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Random } from "../../../lib/core/random.ts";
import { parseCandleCsv } from "../../../lib/marketdata/history/csvFile.ts";
import { measureBars } from "../../../lib/vol/bars.ts";
import {
  hacLags,
  dieboldMariano,
  neweyWestVarianceOfMean,
} from "../../../lib/vol/evaluation/dieboldMariano.ts";
import { qlike, qlikes, score } from "../../../lib/vol/evaluation/losses.ts";
import { baselines } from "../../../lib/vol/evaluation/tournament.ts";
import { splitSamples, walkForward } from "../../../lib/vol/evaluation/walkForward.ts";
import { fitGarch, garch } from "../../../lib/vol/forecasters/garch.ts";
import { fitHar, har, harWith } from "../../../lib/vol/forecasters/har.ts";
import { ewma, hourDeviation } from "../../../lib/vol/forecasters/simple.ts";
import { fitLinear } from "../../../lib/vol/linear.ts";
import { sequenceFeatures } from "../../../lib/vol/lstm/features.ts";
import { fitProfile, profileFactor } from "../../../lib/vol/profile.ts";
import { poseProblem } from "../../../lib/vol/problem.ts";
import { problemOf } from "../../../lib/vol/training/series.ts";
import { sharedPath, sharedSeries } from "../../support/sharedSeries.ts";
import { candlesFromReturns, garchReturns, MINUTE } from "../../support/syntheticCandles.ts";
import type { Candles } from "../../../lib/vol/candles.ts";
import type { Problem, Range } from "../../../lib/vol/problem.ts";

const BASELINES = baselines([]);
const GARCH = { omega: 2e-9, alpha: 0.1, beta: 0.88 };

function problem(candles: Candles): Problem {
  return poseProblem(measureBars(candles, "always"), 5 * MINUTE);
}

describe("losses", () => {
  test("QLIKE is zero when equal, positive else, and punishes too low more than too high", () => {
    expect(qlike(2, 2)).toBe(0);
    expect(qlike(2, 1)).toBeCloseTo(2 - Math.LN2 - 1, 12);
    expect(qlike(2, 1)).toBeGreaterThan(qlike(1, 2));
  });

  test.each([
    [5, 0.213],
    [15, 0.068],
    [30, 0.034],
  ])("a perfect forecast of %p Gaussian returns still scores the noise floor", (n, floor) => {
    const random = new Random(n, "floor");
    const realised = Float64Array.from({ length: 40_000 }, () => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += random.normal() ** 2;
      return sum / n;
    });
    const scores = score(
      realised,
      realised.map(() => 1),
    );
    expect(scores.qlike).toBeCloseTo(floor, 2);
  });

  test("Mincer and Zarnowitz see a scale error in the intercept and a compressed one in the slope", () => {
    const random = new Random(1, "mz");
    const realised = Float64Array.from({ length: 500 }, () => Math.exp(random.normal()));
    const twice = score(
      realised,
      realised.map((v) => 2 * v),
    ).mincerZarnowitz;
    expect(twice.slope).toBeCloseTo(1, 9);
    expect(twice.intercept).toBeCloseTo(-Math.LN2, 9);
    expect(score(realised, realised.map(Math.sqrt)).mincerZarnowitz.slope).toBeCloseTo(2, 9);
  });

  test("Newey and West's variance grows with overlap; Diebold and Mariano keep their size", () => {
    const random = new Random(7, "dm");
    let rejected = 0;
    for (let trial = 0; trial < 200; trial++) {
      const noise = Float64Array.from({ length: 400 }, () => random.normal());
      const overlapped = noise.map((_, i) =>
        noise.subarray(Math.max(0, i - 4), i + 1).reduce((a, b) => a + b, 0),
      );
      const zero = new Float64Array(400);
      const found = dieboldMariano(overlapped, zero, hacLags(400, 5));
      if (found.p < 0.05) rejected++;
      if (trial === 0)
        expect(neweyWestVarianceOfMean(overlapped, 10)).toBeGreaterThan(
          2 * neweyWestVarianceOfMean(overlapped, 0),
        );
    }
    expect(rejected / 200).toBeLessThan(0.15);
    const same = Float64Array.from([1, 2, 3]);
    expect(dieboldMariano(same, same, 2)).toEqual({ stat: 0, p: 1 });
  });
});

describe("fitting", () => {
  test("least squares finds the line that made the data", () => {
    const random = new Random(3, "ols");
    const rows = new Float64Array(3000);
    const y = new Float64Array(1000);
    for (let r = 0; r < 1000; r++) {
      for (let j = 0; j < 3; j++) rows[3 * r + j] = random.normal() * 10 ** j;
      y[r] =
        2 + 1.5 * (rows[3 * r] ?? 0) - 0.2 * (rows[3 * r + 1] ?? 0) + 0.01 * (rows[3 * r + 2] ?? 0);
    }
    const fit = fitLinear(rows, 3, y);
    [1.5, -0.2, 0.01, 2].forEach((value, j) => expect(fit.coefficients[j]).toBeCloseTo(value, 4));
    expect(fit.smearing).toBeCloseTo(1, 4);
  });

  test("GARCH finds the parameters that made the returns", () => {
    const squared = Float64Array.from(garchReturns(30_000, 11, GARCH), (r) => r * r);
    const found = fitGarch(squared);
    expect(found.alpha).toBeCloseTo(GARCH.alpha, 1);
    expect(found.alpha + found.beta).toBeCloseTo(0.98, 2);
    expect(found.omega / (1 - found.alpha - found.beta)).toBeCloseTo(1e-7, 7);
  });

  test("the profile finds a shape of the day and a calm weekend", () => {
    const random = new Random(5, "profile");
    const returns = Array.from({ length: 28 * 1440 }, (_, i) => {
      const weekend = Math.floor(i / 1440) % 7 >= 5 ? 0.5 : 1;
      const hour = (i % 1440) / 60;
      return 1e-4 * Math.sqrt(weekend * (hour >= 14 && hour < 21 ? 3 : 1)) * random.normal();
    });
    const candles = candlesFromReturns(returns);
    const bars = measureBars(candles, "always");
    const profile = fitProfile(bars, bars.count);
    const at = (hour: number, day = 0): number =>
      profileFactor(profile, (candles.openMs[0] ?? 0) + day * 86_400_000 + hour * 3_600_000);
    expect(at(17) / at(8)).toBeCloseTo(3, 0);
    expect(profile.weekend).toBeGreaterThan(0.4);
    expect(profile.weekend).toBeLessThan(0.62);
  });
});

describe("no forecast knows the future", () => {
  const returns = garchReturns(2500, 21, GARCH);
  const altered = returns.map((r, i) => (i >= 2000 ? 25 * r + 1e-4 : r));
  const [before, after] = [
    problem(candlesFromReturns(returns)),
    problem(candlesFromReturns(altered)),
  ];
  const train = { from: 0, to: 1500 };
  const lastSafe = before.at.findIndex((bar) => bar >= 2000);

  test.each(BASELINES.map((f) => [f.name, f] as const))(
    "%s: bars that come later change nothing said before",
    (_, forecaster) => {
      const range = { from: 1500, to: lastSafe };
      const a = forecaster.fit(before, train)(range);
      const b = forecaster.fit(after, train)(range);
      expect([...b]).toEqual([...a]);
      const later = { from: lastSafe, to: lastSafe + 50 };
      expect([...forecaster.fit(after, train)(later)]).not.toEqual([
        ...forecaster.fit(before, train)(later),
      ]);
    },
  );

  test("the network's features neither", () => {
    const profile = fitProfile(before.bars, 1500);
    const width = sequenceFeatures(before, profile).length / before.bars.count;
    const a = sequenceFeatures(before, profile).subarray(0, 2000 * width);
    const b = sequenceFeatures(after, profile).subarray(0, 2000 * width);
    expect(Buffer.from(b.slice().buffer).equals(Buffer.from(a.slice().buffer))).toBe(true);
  });

  test("splits are purged: no target of one part reaches into the next", () => {
    const split = splitSamples(before);
    expect(split.validation.from - split.train.to).toBe(before.horizonBars);
    expect(split.test.from - split.validation.to).toBe(before.horizonBars);
  });
});

describe("a HAR that learns from other series too", () => {
  const [own, other] = [41, 42].map((seed) => garchReturns(4000, seed, GARCH));
  const task = problem(candlesFromReturns(own ?? []));
  const train = { from: 0, to: 1500 };
  const slopes = (pool: readonly Problem[]): number[] => [
    ...fitHar(task, train, pool).coefficients,
  ];

  test("sees of them only what was known by then", () => {
    const later = (other ?? []).map((r, i) => (i >= 1900 ? 25 * r + 1e-4 : r));
    const before = slopes([problem(candlesFromReturns(other ?? []))]);
    expect(slopes([problem(candlesFromReturns(later))])).toEqual(before);
    expect(before).not.toEqual(slopes([]));
  });

  test("keeps its own level; a copy of itself teaches nothing, too short a series neither", () => {
    const calm = candlesFromReturns((own ?? []).map((r) => r / 10));
    const [alone, pooled] = [slopes([]), slopes([problem(calm)])];
    for (const [j, slope] of alone.entries()) expect(pooled[j]).toBeCloseTo(slope, 4);
    expect(slopes([problem(candlesFromReturns((other ?? []).slice(0, 500)))])).toEqual(alone);
  });
});

describe("on series whose truth is known", () => {
  test("GARCH beats the moving deviation on GARCH returns, HAR comes close", () => {
    const task = problem(
      candlesFromReturns(garchReturns(20_000, 31, { omega: 4e-9, alpha: 0.15, beta: 0.8 })),
    );
    const { test: range } = splitSamples(task);
    const realised = task.target.subarray(range.from, range.to);
    const loss = (f: (typeof BASELINES)[number]): number =>
      score(realised, walkForward(f, task, range, 1)).qlike;
    expect(loss(garch)).toBeLessThan(0.97 * loss(hourDeviation));
    expect(loss(garch)).toBeLessThan(loss(ewma));
    expect(loss(har)).toBeLessThan(1.05 * loss(garch));
  });
});

describe("on real series, against published and measured figures", () => {
  /** Each of four: the walk forward's QLIKE is the known one to a tenth. */
  function expectKnown(task: Problem, range: Range, known: Readonly<Record<string, number>>): void {
    const realised = task.target.subarray(range.from, range.to);
    for (const forecaster of BASELINES) {
      const loss = known[forecaster.name];
      if (loss === undefined) continue;
      const found = score(realised, walkForward(forecaster, task, range, 40)).qlike;
      expect(found).toBeWithin(0.9 * loss, 1.1 * loss);
    }
  }

  test("daily S&P 500, one day ahead from day 1,000 on", async () => {
    const path = sharedPath("d_index_ohlcv_rv/OxfordMan_SPX_2000_2019.csv.gz");
    if (path === null) return;
    const task = problemOf(await sharedSeries(path), 86_400_000);
    const range = { from: 970, to: task.at.length };
    expectKnown(task, range, { lastRv: 0.29, ewma: 0.299, garch: 0.267, har: 0.198 });
  });

  test("daily SPY by medRV5, one day ahead, 884 days", async () => {
    const path = sharedPath("d_index_ohlcv_rv/SPYRM_2014_2019.csv.gz");
    if (path === null) return;
    const text = gunzipSync(readFileSync(path)).toString("utf8");
    const byMedian = text.replace(",RV5,", ",other,").replace("medRV5", "rv5");
    const { candles } = parseCandleCsv(path, byMedian, "auto");
    const task = problemOf({ name: "SPY", candles, session: "always" }, 86_400_000);
    const range = { from: 250, to: 250 + 884 };
    expectKnown(task, range, { lastRv: 0.273, garch: 0.302, har: 0.21 });
  });

  test.each([
    ["e_crypto_candles/BTCUSDT_binanceperp_1m_2025-05.csv.gz", 5, 0.4972, 0.494],
    ["e_crypto_candles/BTCUSDT_binanceperp_1m_2025-05.csv.gz", 15, 0.2714, 0.276],
    ["d_index_ohlcv_rv/SPY_1m_2025-09_2026-03.csv.gz", 5, 0.2994, 0.304],
    ["d_index_ohlcv_rv/SPY_1m_2025-09_2026-03.csv.gz", 15, 0.1441, 0.149],
  ])(
    "%s, %p min: HAR and GARCH as measured, HAR 8 %% below the hour's deviation",
    async (name, minutes, harQlike, garchQlike) => {
      const path = sharedPath(name);
      if (path === null) return;
      const task = problemOf(await sharedSeries(path), minutes * MINUTE);
      const { test: range } = splitSamples(task);
      const realised = task.target.subarray(range.from, range.to);
      const forecasts = new Map(BASELINES.map((f) => [f.name, walkForward(f, task, range, 1)]));
      const loss = (f: string): number =>
        score(realised, forecasts.get(f) ?? new Float64Array()).qlike;
      expect(loss("har")).toBeLessThan(1.02 * harQlike);
      expect(loss("garch")).toBeLessThan(1.02 * garchQlike);
      expect(loss("har")).toBeLessThan(0.92 * loss("std60"));
      const dm = dieboldMariano(
        qlikes(realised, forecasts.get("har") ?? new Float64Array()),
        qlikes(realised, forecasts.get("std60") ?? new Float64Array()),
        hacLags(realised.length, task.horizonBars),
      );
      expect(dm.stat).toBeLessThan(-3);
    },
  );

  const coins = (bar: string): string[] =>
    ["BTC", "ETH", "SOL"].map((coin) => `e_crypto_candles/HL_${coin}_${bar}.csv.gz`);
  const etfs = ["SPY", "QQQ"].map((name) => `d_index_ohlcv_rv/${name}_1m_2025-09_2026-03.csv.gz`);
  test.each([
    [etfs, 5],
    [etfs.toReversed(), 15],
    [coins("1m"), 5],
    [coins("5m"), 5],
    [["us500_live_2026-01/oex_5m_unscaled.csv"], 5],
  ])(
    "%p, %p min: a HAR with common slopes is 8 %% below the hour's deviation",
    async (names, minutes) => {
      const tasks: Problem[] = [];
      for (const name of names) {
        const path = sharedPath(name);
        if (path === null) return;
        tasks.push(problemOf(await sharedSeries(path), minutes * MINUTE));
      }
      const [task, ...pool] = tasks;
      if (task === undefined) throw new Error("no series");
      const { test: range } = splitSamples(task);
      const realised = task.target.subarray(range.from, range.to);
      const loss = (f: (typeof BASELINES)[number]): number =>
        score(realised, walkForward(f, task, range, 4)).qlike;
      expect(loss(harWith(pool))).toBeLessThan(0.92 * loss(hourDeviation));
    },
    20_000,
  );
});
