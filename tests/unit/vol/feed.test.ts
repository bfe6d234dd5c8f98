import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initialState } from "../../../lib/core/initialState.ts";
import { Random } from "../../../lib/core/random.ts";
import { virtualClock } from "../../../lib/runtime/clock.ts";
import { volStatusLines } from "../../../lib/cli/volText.ts";
import { volStatusOf } from "../../../lib/runtime/volStatus.ts";
import { statusOf } from "../../../lib/runtime/status.ts";
import { fitInThread } from "../../../lib/runtime/volFit.ts";
import { VolFeed } from "../../../lib/runtime/volFeed.ts";
import type { VolFeedDeps } from "../../../lib/runtime/volFeed.ts";
import { VolScore } from "../../../lib/runtime/volScore.ts";
import type { CandleRow } from "../../../lib/vol/candles.ts";
import { rowAt } from "../../../lib/vol/candles.ts";
import { fitLocalHar } from "../../../lib/vol/localHar.ts";
import { STATED_PRIOR_BPS } from "../../../lib/vol/prior.ts";
import { ModelRegistry } from "../../../lib/vol/registry.ts";
import { runTraining } from "../../../lib/vol/training/run.ts";
import type { MarketView } from "../../../lib/messages/market.ts";
import { ms, pxTicks, sizeLots } from "../../../lib/units/numbers.ts";
import { dispatch, params, quotingState, SPEC, at } from "../../support/coreFixtures.ts";
import { candlesFromReturns, garchReturns, MINUTE } from "../../support/syntheticCandles.ts";

setDefaultTimeout(60_000);

const horizonMs = 5 * MINUTE;
const seat = { symbol: "US500", horizonMs };
const GARCH = { omega: 4e-9, alpha: 0.1, beta: 0.85 };
const CANDLES = candlesFromReturns(garchReturns(2400, 5, GARCH));
/** Around 693 dollars, without volume: what the bot makes of mids. */
const ROWS: readonly CandleRow[] = Array.from(CANDLES.openMs, (_, i) => {
  const row = rowAt(CANDLES, i);
  const px = (value: number): number => (value * 693) / 100;
  return {
    openMs: row.openMs,
    open: px(row.open),
    high: px(row.high),
    low: px(row.low),
    close: px(row.close),
    volume: Number.NaN,
  };
});
/** The newest hours move fifty times as much as what a model is trained on. */
function wildRows(): readonly CandleRow[] {
  const from = ROWS.length - 300;
  const base = ROWS[from]?.open ?? 1;
  return ROWS.map((row, i) => {
    const blow = (px: number): number => (i < from ? px : base * (px / base) ** 400);
    const { open, high, low, close } = row;
    return { ...row, open: blow(open), high: blow(high), low: blow(low), close: blow(close) };
  });
}
const END_MS = (ROWS.at(-1)?.openMs ?? 0) + MINUTE;

const opened: VolFeed[] = [];
afterEach(async () => {
  for (const feed of opened.splice(0)) await feed.close();
});

function feedOf(changes: Partial<VolFeedDeps> = {}) {
  const clock = virtualClock(END_MS);
  const warnings: string[] = [];
  const feed = new VolFeed({
    horizonMs,
    models: null,
    clock,
    spec: SPEC,
    candles: () => Promise.resolve(ROWS),
    onWarning: (text) => void warnings.push(text),
    ...changes,
  });
  opened.push(feed);
  return { feed, clock, warnings };
}

function bookOf(midTicks: number, nowMs: number): MarketView {
  const level = (px: number) => ({ pxTicks: pxTicks(px), sizeLots: sizeLots(5000) });
  return {
    bookVenueMs: ms(nowMs),
    bookRecvMs: ms(nowMs),
    bids: [level(midTicks - 20), level(midTicks - 40), level(midTicks - 60)],
    asks: [level(midTicks + 20), level(midTicks + 40), level(midTicks + 60)],
    sigmaBpsPerSqrtSec: 0.31,
    flowImbalance: 0,
    oraclePxTicks: pxTicks(midTicks),
    markPxTicks: pxTicks(midTicks),
  };
}

describe("the feed of forecasts", () => {
  test("gives every view the forecast with its source, age, confidence and band", async () => {
    const { feed, clock } = feedOf();
    await feed.start();
    clock.runUntil(END_MS + 12_000);
    const priced = feed.priced(bookOf(693_000, clock.nowMs()));
    expect(priced.vol).toMatchObject({
      source: "localHar",
      ageMs: 12_000,
      model: null,
      realisedBpsPerSqrtSec: 0.31,
    });
    expect(priced.vol?.confidence ?? 0).toBeCloseTo(0.9 * (1 - 12_000 / (2 * horizonMs)), 6);
    expect(priced.sigmaBpsPerSqrtSec ?? 0).toBeGreaterThan(priced.vol?.band?.low ?? 99);
    expect(priced.sigmaBpsPerSqrtSec ?? 99).toBeLessThan(priced.vol?.band?.high ?? 0);
    expect(feed.view()).toMatchObject({
      why: "models are switched off",
      backfill: { bars: ROWS.length, failure: null },
      minutes: { localHar: 1, ewma: 0 },
    });
  });

  test("leaves the running average alone where nothing better is known", async () => {
    const { feed, warnings } = feedOf({
      candles: () => Promise.reject(new Error("candleSnapshot answered 500")),
    });
    await feed.start();
    let view = bookOf(693_000, END_MS);
    expect(feed.priced(view)).toMatchObject({
      sigmaBpsPerSqrtSec: STATED_PRIOR_BPS,
      vol: { source: "prior", ageMs: null, confidence: 0, realisedBpsPerSqrtSec: 0.31 },
    });
    for (let i = 1; i <= 90; i++) {
      view = bookOf(693_000 + 10 * (i % 3), END_MS + 1000 * i);
      feed.priced(view);
    }
    const priced = feed.priced(view);
    expect(priced.sigmaBpsPerSqrtSec).toBe(0.31);
    expect(priced.vol).toMatchObject({ source: "ewma", band: null });
    expect(feed.view().backfill).toEqual({ bars: 0, failure: "candleSnapshot answered 500" });
    expect(warnings).toEqual([]);
  });

  test("compares each forecast with what came, one horizon later", async () => {
    const { feed, clock } = feedOf();
    await feed.start();
    const random = new Random(3, "mids");
    let mid = 693_000;
    for (let i = 1; i <= 10 * 60; i++) {
      clock.runUntil(END_MS + i * 1000);
      mid *= Math.exp(1e-5 * random.normal());
      feed.priced(bookOf(Math.round(mid), clock.nowMs()));
      if (i % 60 === 0) await Bun.sleep(0);
    }
    await Bun.sleep(5);
    const { score, minutes } = feed.view();
    expect(minutes.localHar).toBeGreaterThanOrEqual(9);
    expect(score.windows).toBeGreaterThanOrEqual(4);
    expect(score.last?.realised ?? 0).toBeGreaterThan(0.02);
    expect(score.last?.realised ?? 9).toBeLessThan(0.5);
    expect(score.qlike).not.toBeNull();
  });

  test("a thread fits the same HAR as this one", async () => {
    const here = fitLocalHar(CANDLES, horizonMs, 1);
    const there = await fitInThread(CANDLES, horizonMs, 1);
    expect(there).toEqual(here);
    expect(here).not.toBeNull();
  });
});

/** Published under the promoted kind; `networks` of pure noise when their targets are dealt out at random. */
async function published(networks: number, expiresMs = END_MS + 1e9) {
  const trainer = {
    hidden: 4,
    epochs: 2,
    batch: 32,
    rate: 1e-2,
    weightDecay: 0,
    sequencesMax: 512,
  };
  const correction = networks === 0 ? null : { trainer, seeds: [1], shuffleTargets: true as const };
  const { model, report } = await runTraining(
    [
      {
        name: "s",
        candles: { ...CANDLES, volume: CANDLES.volume.map(() => Number.NaN) },
        session: "always",
      },
    ],
    { horizonMs, folds: 1, correction },
    null,
    { report: () => undefined, stop: () => false },
  );
  const folder = await mkdtemp(join(tmpdir(), "amm500-noise-"));
  const registry = new ModelRegistry(folder);
  const { promoted, why } = report.verdict;
  const attempt = { atMs: END_MS, promoted, why, dataHash: "x", scores: [] };
  const bytes = model ?? new Uint8Array();
  const record = await registry.publish(seat, bytes, attempt, expiresMs);
  return { registry, record, folder, promoted, model: bytes };
}

/** Until that many minutes have been forecast: a forecast is made outside the events. */
async function forecasts(feed: VolFeed, count: number): Promise<void> {
  const made = (): number => Object.values(feed.view().minutes).reduce((a, b) => a + b, 0);
  for (let look = 0; made() < count && look < 5000; look++) await Bun.sleep(1);
  expect(made()).toBe(count);
}

describe("a model", () => {
  test("of pure noise is not promoted: the bot quotes exactly as with the baseline", async () => {
    const noise = await published(1);
    const baseline = await published(0);
    expect(noise.promoted).toBe("har");
    const quotesBy = async (registry: ModelRegistry) => {
      const { feed, clock } = feedOf({ models: { registry, seats: [seat] } });
      await feed.start();
      const random = new Random(4, "mids");
      let mid = 693_000;
      let state = quotingState();
      const out = [];
      for (let i = 1; i <= 200; i++) {
        clock.runUntil(END_MS + i * 1000);
        mid += 30 * random.normal();
        const view = feed.priced(bookOf(2 * Math.round(mid / 2), clock.nowMs()));
        const event = { ...at(clock.nowMs()), id: `b${i}`, view, kind: "book" } as const;
        const step = dispatch(event, state, params());
        ({ state } = step);
        out.push({ sigma: view.sigmaBpsPerSqrtSec, source: view.vol?.source, did: step.commands });
        if (i % 60 === 0) await forecasts(feed, 1 + i / 60);
      }
      return out;
    };
    const withNoise = await quotesBy(noise.registry);
    expect(withNoise[0]?.source).toBe("har");
    expect(withNoise.some(({ did }) => did.length > 0)).toBe(true);
    expect(withNoise).toEqual(await quotesBy(baseline.registry));
  });

  test("whose file was damaged is refused with the reason, visible in status", async () => {
    const { registry, record, folder } = await published(0);
    const { feed } = feedOf({ models: { registry, seats: [seat] } });
    await feed.start();
    expect(feed.view()).toMatchObject({ source: "har", model: record.file, why: "" });
    const path = join(folder, record.file);
    const bytes = await readFile(path);
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const { feed: after } = feedOf({ models: { registry, seats: [seat] } });
    await after.start();
    const vol = { ...after.view(), jobs: [] };
    const percentiles = { p50: null, p99: null };
    const status = statusOf(initialState, null, null, {
      latencyMs: { eventToWire: percentiles, roundTrip: percentiles },
      workers: { total: 1, busy: 0, queued: 0 },
      actions: { used: 0, left: null },
      vol,
    });
    expect(status.volatility.forecast).toMatchObject({ source: "localHar", model: null });
    expect(status.volatility.forecast?.why).toContain(`${record.file} is damaged: its SHA-256`);
  });

  test.each([
    ["expired", "localHar", /has expired/, ROWS, END_MS + 30_000],
    [
      "without inputs",
      "ewma",
      /the model needs \d+ bars of 60 s, 100 are known; 100 bars are too few/,
      ROWS.slice(-99),
      END_MS + 1e9,
    ],
    ["unlike its training", "localHar", /unlike the training data: log/, wildRows(), END_MS + 1e9],
  ] as const)(
    "%s falls back to %s, and status says why",
    async (_, source, why, rows, expiresMs) => {
      const { registry } = await published(0, expiresMs);
      const { feed, clock } = feedOf({
        models: { registry, seats: [seat] },
        candles: () => Promise.resolve(rows),
      });
      await feed.start();
      for (let i = 1; i <= 61; i++) {
        clock.runUntil(END_MS + i * 1000);
        feed.priced(bookOf(693_000 + 10 * (i % 3), clock.nowMs()));
      }
      const isSaid = (): boolean => why.test(feed.view().why);
      for (let look = 0; !isSaid() && look < 1000; look++) await Bun.sleep(1);
      const vol = { ...feed.view(), jobs: [] };
      const status = volStatusOf(initialState.vol, vol);
      expect(status.forecast).toMatchObject({ source, model: null });
      expect(status.forecast?.why).toMatch(why);
      const text = volStatusLines(status).map((line) => line.join(" "));
      expect(text.join("\n")).toMatch(why);
      const priced = feed.priced(bookOf(693_000, clock.nowMs()));
      expect(priced.vol?.source).toBe(source);
    },
  );

  test("of a seat of its own goes before the symbol's; an expired one does not", async () => {
    const { registry, record, model } = await published(0);
    const own = { ...seat, symbol: "US500 simulated" };
    const attempt = {
      atMs: END_MS + 5,
      promoted: "har",
      why: "",
      dataHash: "x",
      scores: [],
    } as const;
    const ownRecord = await registry.publish(
      own,
      model,
      { ...attempt, scores: [] },
      END_MS + 90_000,
    );
    const { feed, clock } = feedOf({ models: { registry, seats: [own, seat] } });
    await feed.start();
    expect(feed.view().model).toBe(ownRecord.file);
    expect(await feed.trainedMs()).toBe(END_MS + 5);
    clock.runUntil(END_MS + 100_000);
    await feed.sync();
    feed.priced(bookOf(693_000, END_MS + 1000));
    feed.priced(bookOf(693_000, END_MS + 61_000));
    await Bun.sleep(20);
    expect(feed.view()).toMatchObject({ source: "har", model: record.file });
  });
});

test("a window with a hole is not scored", () => {
  const score = new VolScore(2 * MINUTE);
  const minute = (k: number, close: number) => ({ openMs: k * MINUTE, close });
  const forecast = {
    source: "ewma",
    forecast: 1,
    band: { low: 0.5, high: 2 },
    average: 2,
  } as const;
  score.add({ ...forecast, fromMs: 2 * MINUTE });
  score.add({ ...forecast, fromMs: 5 * MINUTE });
  expect(score.neededFromMs).toBe(MINUTE);
  const r = Math.sqrt(60) * 1e-4;
  score.settle([
    minute(1, 100),
    minute(2, 100 * Math.exp(r)),
    minute(3, 100),
    minute(4, 100),
    minute(6, 100),
  ]);
  expect(score.view()).toMatchObject({ windows: 1, covered: 1 });
  expect(score.view().last?.realised).toBeCloseTo(1, 9);
  expect(score.view().qlike).toBeCloseTo(0, 9);
  expect(score.view().qlikeOfAverage ?? 0).toBeCloseTo(0.25 + Math.log(4) - 1, 9);
});
