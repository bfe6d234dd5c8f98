import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../../../lib/core/random.ts";
import { MidBars } from "../../../lib/vol/midBars.ts";
import { VolatilityPort } from "../../../lib/vol/port.ts";
import { STATED_PRIOR_BPS } from "../../../lib/vol/prior.ts";
import { ModelRegistry } from "../../../lib/vol/registry.ts";
import { runTraining } from "../../../lib/vol/training/run.ts";
import { rowAt } from "../../../lib/vol/candles.ts";
import {
  candlesFromReturns,
  garchReturns,
  MINUTE,
  squareWaveReturns,
  START_MS,
} from "../../support/syntheticCandles.ts";
import type { CandleRow, Candles } from "../../../lib/vol/candles.ts";

setDefaultTimeout(60_000);

const horizonMs = 5 * MINUTE;
const seat = { symbol: "US500", horizonMs };
const silent = { report: () => undefined, stop: () => false };
const opened: VolatilityPort[] = [];
afterEach(async () => {
  for (const port of opened.splice(0)) await port.close();
});

function portOf(): VolatilityPort {
  const port = new VolatilityPort(horizonMs);
  opened.push(port);
  return port;
}

const rowsOf = (candles: Candles): CandleRow[] =>
  Array.from(candles.openMs, (_, i) => rowAt(candles, i));
const endOf = (candles: Candles): number => (candles.openMs.at(-1) ?? 0) + MINUTE;

async function published(candles: Candles, network: boolean, expiresMs: number) {
  const correction = network
    ? {
        trainer: {
          hidden: 8,
          epochs: 6,
          batch: 32,
          rate: 1e-2,
          weightDecay: 0.01,
          sequencesMax: 2048,
        },
        seeds: [1],
        shuffleTargets: false,
      }
    : null;
  const { model, report } = await runTraining(
    [{ name: "synthetic", candles, session: "always" }],
    { horizonMs, folds: 1, correction },
    null,
    silent,
  );
  const folder = await mkdtemp(join(tmpdir(), "amm500-port-"));
  const registry = new ModelRegistry(folder);
  const attempt = {
    atMs: 1,
    promoted: report.verdict.promoted,
    why: report.verdict.why,
    dataHash: "x",
    scores: [],
  };
  const record = await registry.publish(seat, model ?? new Uint8Array(), attempt, expiresMs);
  return { registry, record, folder };
}

describe("bars from mids", () => {
  test("a minute's first, highest, lowest and last mid; short silence is flat, long silence a gap", () => {
    const bars = new MidBars(MINUTE, 100);
    const at = (minute: number, mid: number): boolean =>
      bars.addMid(mid, START_MS + minute * MINUTE);
    expect(at(0, 100)).toBe(false);
    at(0.3, 103);
    at(0.6, 99);
    at(0.9, 101);
    expect(at(1.2, 102)).toBe(true);
    expect(at(4.1, 104)).toBe(true);
    expect(at(14.1, 105)).toBe(true);
    expect(at(3, 90)).toBe(false);
    expect(at(15, Number.NaN)).toBe(false);
    at(15, 106);
    const { openMs, open, high, low, close } = bars.candles(MINUTE, 100);
    expect([...openMs].map((t) => (t - START_MS) / MINUTE)).toEqual([0, 1, 2, 3, 4, 14]);
    expect([open[0], high[0], low[0], close[0]]).toEqual([100, 103, 99, 101]);
    expect(open[1]).toBe(101);
    expect([...close].slice(1, 4)).toEqual([102, 102, 102]);
    expect(bars.endMs).toBe(START_MS + 15 * MINUTE);
  });

  test("a bar whose beginning was missed is left out, at the start and after a gap", () => {
    const bars = new MidBars(MINUTE, 100);
    for (const minute of [0.5, 1, 2.4, 20.5, 21.5, 22])
      bars.addMid(100, START_MS + minute * MINUTE);
    const { openMs } = bars.candles(MINUTE, 100);
    expect([...openMs].map((t) => (t - START_MS) / MINUTE)).toEqual([1, 2, 21]);
  });

  test("joined bars are whole ones only", () => {
    const bars = new MidBars(MINUTE, 100);
    for (let i = 0; i <= 13; i++) bars.addMid(100 + i, START_MS + i * MINUTE);
    const five = bars.candles(5 * MINUTE, 100);
    expect([...five.openMs].map((t) => (t - START_MS) / MINUTE)).toEqual([0, 5]);
    expect([...five.close]).toEqual([104, 109]);
    expect(five.high[1]).toBe(109);
  });
});

describe("the port", () => {
  test("running average first, then a HAR of its own, each saying why; then silence makes it old", async () => {
    const port = portOf();
    expect(port.read(START_MS)).toMatchObject({
      sigmaBpsPerSqrtSec: STATED_PRIOR_BPS,
      source: "prior",
      ageMs: null,
      confidence: 0,
    });
    const random = new Random(1, "mids");
    let mid = 100;
    let nowMs = START_MS;
    const walk = async (minutes: number): Promise<void> => {
      for (let i = 0; i < minutes * 6; i++) {
        nowMs += 10_000;
        mid *= Math.exp(1e-4 * Math.sqrt(10) * random.normal());
        if (port.addMid(mid, nowMs)) await port.refresh(nowMs);
      }
    };
    await walk(30);
    const early = port.read(nowMs);
    expect(early.source).toBe("ewma");
    expect(early.why).toMatch(/no model is published; \d+ bars are too few/);
    expect(early.sigmaBpsPerSqrtSec ?? 0).toBeGreaterThan(0.5);
    await walk(1700);
    const settled = port.read(nowMs);
    expect(settled.source).toBe("localHar");
    expect(settled.why).toBe("no model is published");
    expect(settled.sigmaBpsPerSqrtSec ?? 0).toBeCloseTo(1, 0);
    expect(settled.band?.low ?? 9).toBeLessThan(settled.sigmaBpsPerSqrtSec ?? 0);
    expect(settled.band?.high ?? 0).toBeGreaterThan(settled.sigmaBpsPerSqrtSec ?? 9);
    expect(settled.confidence).toBeGreaterThan(early.confidence);
    const later = port.read(nowMs + 20 * MINUTE);
    expect(later.source).toBe("ewma");
    expect(later.why).toMatch(/the newest bar is \d+ s old/);
    expect(later.confidence).toBe(0);
  });

  test("in the first minute the prior speaks, or what is seen if that is more; a minute later the average", () => {
    for (const [stepBps, expected] of [
      [0.1, STATED_PRIOR_BPS],
      [4, 4],
    ] as const) {
      const port = portOf();
      let mid = 100;
      for (let second = 0; second < 62; second++) {
        mid *= Math.exp((second % 2 === 0 ? 1e-4 : -1e-4) * stepBps);
        port.addMid(mid, START_MS + 1000 * second);
        const { source, sigmaBpsPerSqrtSec: sigma } = port.read(START_MS + 1000 * second);
        expect(source).toBe(second < 60 ? "prior" : "ewma");
        const asExpected = second >= 60 ? stepBps : second < 10 ? STATED_PRIOR_BPS : expected;
        expect(sigma).toBeGreaterThan(0.9 * asExpected);
        expect(sigma).toBeLessThanOrEqual(asExpected);
      }
    }
  });

  test("before that the forecast of the last run speaks, while it is fresh", () => {
    const lastRun = { bps: 0.3, venueMs: START_MS };
    const port = new VolatilityPort(horizonMs, undefined, { statedBps: 2, lastRun });
    opened.push(port);
    const early = port.read(START_MS + horizonMs);
    expect(early).toMatchObject({ sigmaBpsPerSqrtSec: 0.3, source: "lastRun", ageMs: horizonMs });
    expect(early.confidence).toBeCloseTo(0.25, 9);
    expect(early.why).toContain("the running average needs a minute");
    for (const nowMs of [START_MS + 2 * horizonMs + 1, START_MS - 1])
      expect(port.read(nowMs)).toMatchObject({ sigmaBpsPerSqrtSec: 2, source: "prior" });
  });

  test("a promoted network speaks; expired, damaged or unlike its training it does not, and says so", async () => {
    const candles = candlesFromReturns(squareWaveReturns(3600, 1));
    const nowMs = endOf(candles) + 1000;
    const { registry, record, folder } = await published(candles, true, nowMs + 1e6);
    expect(record.kind).toBe("lstm");
    const port = portOf();
    port.addCandles(rowsOf(candles));
    await port.syncModel(registry, seat, nowMs);
    await port.refresh(nowMs);
    const reading = port.read(nowMs);
    expect(reading).toMatchObject({ source: "lstm", why: "", model: record.file, ageMs: 1000 });
    // The wave's place 3600 mod 26 = 12: one wild bar of nine-fold variance is left of the next five, the rest is calm.
    const expected = 1e4 * Math.sqrt((9e-8 * (9 + 4)) / 300);
    expect(Math.abs(Math.log((reading.sigmaBpsPerSqrtSec ?? 0) / expected))).toBeLessThan(0.25);

    const silentBars = portOf();
    silentBars.addCandles(rowsOf(candles).map((row) => ({ ...row, volume: Number.NaN })));
    await silentBars.syncModel(registry, seat, nowMs);
    await silentBars.refresh(nowMs);
    expect(silentBars.read(nowMs)).toMatchObject({
      source: "localHar",
      why: "the model needs volume, and the bars have none",
    });

    await port.refresh(nowMs + 2e6);
    expect(port.read(nowMs).source).toBe("localHar");
    expect(port.read(nowMs).why).toContain("has expired");

    const wild = rowsOf(candles).map((row, i, all) => {
      const base = all[0]?.close ?? 1;
      const blow = (px: number): number => (i < 3000 ? px : base * (px / base) ** 400);
      return {
        ...row,
        open: blow(row.open),
        close: blow(row.close),
        high: blow(row.high),
        low: blow(row.low),
      };
    });
    const strange = portOf();
    strange.addCandles(wild);
    await strange.syncModel(registry, seat, nowMs);
    await strange.refresh(nowMs);
    expect(strange.read(nowMs).why).toMatch(/unlike the training data: log/);

    const path = join(folder, record.file);
    const bytes = await readFile(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await port.syncModel(registry, seat, nowMs);
    await port.refresh(nowMs);
    expect(port.read(nowMs).why).toMatch(/is damaged: its SHA-256/);
    expect(port.read(nowMs).source).toBe("localHar");
  });

  test("a retraining is taken up between two forecasts; a dropped model falls back", async () => {
    const candles = candlesFromReturns(
      garchReturns(3000, 5, { omega: 4e-9, alpha: 0.1, beta: 0.85 }),
    );
    const nowMs = endOf(candles);
    const first = await published(candles, false, nowMs + 1e9);
    const port = portOf();
    port.addCandles(rowsOf(candles));
    await port.syncModel(first.registry, seat, nowMs);
    const work = [
      port.refresh(nowMs),
      port.syncModel(first.registry, seat, nowMs),
      port.refresh(nowMs),
    ];
    await Promise.all(work);
    expect(port.read(nowMs)).toMatchObject({ source: "har", model: first.record.file });
    const byModel = port.read(nowMs).sigmaBpsPerSqrtSec ?? 0;
    await port.dropModel("ML_VOLATILITY_PREDICT is false");
    await port.refresh(nowMs);
    const byHand = port.read(nowMs);
    expect(byHand.why).toBe("ML_VOLATILITY_PREDICT is false");
    expect(byHand.source).toBe("localHar");
    expect((byHand.sigmaBpsPerSqrtSec ?? 0) / byModel).toBeCloseTo(1, 1);
  });
});
