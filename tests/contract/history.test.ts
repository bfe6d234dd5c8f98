import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { CandleStore } from "../../lib/marketdata/history/candleStore.ts";
import { fetchHistory, NoHistory } from "../../lib/marketdata/history/chain.ts";
import {
  annualSigma,
  barsExpected,
  barsPerYear,
  scaleReturns,
} from "../../lib/marketdata/history/scale.ts";
import { openSources } from "../../lib/marketdata/history/sources.ts";
import { historyStub } from "../support/historyStub.ts";
import type { ChainRules } from "../../lib/marketdata/history/chain.ts";
import type { SourceFailure } from "../../lib/marketdata/history/source.ts";
import type { Behaviour } from "../support/historyStub.ts";

/** Wednesday 2026-01-14, 16:00 in New York. */
const NOW_MS = Date.UTC(2026, 0, 14, 21);
const DAY_MS = 86_400_000;
const BAR_MS = 300_000;
const request = { barMs: BAR_MS, fromMs: NOW_MS - 30 * DAY_MS, toMs: NOW_MS };
const rules: ChainRules = { useXyz100Primary: true, xyz100BarsMin: 1000, btcFallbackEnabled: true };

const stub = historyStub();
afterAll(() => stub.stop());
beforeEach(() => {
  for (const who of ["yahoo", "us500", "btc"] as const) stub.set(who, "good");
});

const waits: number[] = [];
async function ask(
  store = new CandleStore(":memory:"),
  more: Partial<ChainRules> = {},
  at = request,
) {
  waits.length = 0;
  const sources = await openSources(
    {
      symbol: "US500",
      exchangeUrl: stub.url,
      yahooUrl: stub.url,
      own: null,
      timeoutMs: 300,
      retry: {
        attempts: 3,
        firstWaitMs: 1000,
        sleep: async (ms) => void waits.push(ms),
        random: () => 0.5,
      },
      nowMs: () => NOW_MS,
    },
    store,
  );
  return fetchHistory(sources, at, { ...rules, ...more }, store, () => undefined);
}

describe("the chain", () => {
  test("the S&P 100 is used when it has enough fresh bars; its volume is not real", async () => {
    const history = await ask();
    expect(history.source).toBe("xyz100");
    expect(history.instrument).toBe("^OEX");
    expect(history.session).toBe("us-equity");
    expect(history.rows.length).toBe(history.reports[0]?.barsExpected ?? 0);
    expect(history.reports[0]).toMatchObject({
      passedOver: null,
      gaps: 0,
      barsNew: history.rows.length,
    });
    expect(history.rows.every((row) => Number.isNaN(row.volume))).toBe(true);
    expect(history.returnScale).toBe(1);
    expect(stub.requests()).toEqual({ yahoo: 1, us500: 0, btc: 0 });
  });

  const failures: readonly [Behaviour, SourceFailure, number][] = [
    ["empty", "empty", 1],
    ["partial", "tooFew", 1],
    ["stale", "stale", 1],
    ["429", "rateLimited", 3],
    ["500", "serverError", 3],
    ["malformed", "malformed", 1],
    ["slow", "timeout", 3],
    ["bad crumb", "unauthorized", 1],
  ];
  test.each(failures)(
    "Yahoo %s: the market itself stands in, and why is said (%s)",
    async (mood, failure, tries) => {
      stub.set("yahoo", mood);
      const history = await ask();
      expect(history.reports[0]).toMatchObject({ source: "xyz100", passedOver: failure });
      expect(history.reports[0]?.detail).not.toBe("");
      expect(history.source).toBe("us500");
      expect(history.session).toBe("always");
      expect(history.rows.length).toBe(5000);
      expect(stub.requests().yahoo).toBe(tries);
      expect(waits).toEqual(tries === 3 ? [1000, 2000] : []);
    },
  );

  test("a refusal that passes is asked again", async () => {
    stub.set("yahoo", "429 once");
    expect((await ask()).source).toBe("xyz100");
    expect(waits).toEqual([1000]);
  });

  test.each([
    ["empty", "empty"],
    ["partial", "tooFew"],
    ["stale", "stale"],
    ["429", "rateLimited"],
    ["500", "serverError"],
    ["malformed", "malformed"],
    ["slow", "timeout"],
  ] as const)("Hyperliquid %s too: BTC at the index's size", async (mood, failure) => {
    stub.set("yahoo", "partial");
    stub.set("us500", mood);
    const history = await ask();
    expect(history.reports.map((r) => r.passedOver)).toEqual(["tooFew", failure, null]);
    expect(history.source).toBe("btc");
    expect(history.scaleFrom).toBe("measured on ^OEX");
    const sigma = annualSigma(history.rows, BAR_MS, "always") ?? 0;
    const stored = new CandleStore(":memory:");
    expect(sigma).toBeGreaterThan(0);
    expect(history.returnScale).toBeLessThan(0.7);
    stored.close();
  });

  test("nothing has enough: every source is named with its reason", async () => {
    for (const who of ["yahoo", "us500", "btc"] as const) stub.set(who, "500");
    const failed = await ask().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(NoHistory);
    expect(String(failed)).toMatch(
      /xyz100 \(\^OEX\): serverError.*us500 \(US500\): serverError.*btc \(BTC\): serverError/,
    );
  });

  test("switches turn sources off, visibly", async () => {
    const market = await ask(undefined, { useXyz100Primary: false });
    expect(market.source).toBe("us500");
    expect(market.reports[0]).toMatchObject({
      passedOver: "disabled",
      detail: "USE_XYZ100_PRIMARY is false",
    });
    stub.set("us500", "empty");
    const nothing = await ask(undefined, {
      useXyz100Primary: false,
      btcFallbackEnabled: false,
    }).catch((error: unknown) => String(error));
    expect(nothing).toContain("BTC_FALLBACK_ENABLED is false");
    expect(stub.requests().btc).toBe(0);
  });

  test("without any index data BTC is scaled to a stated assumption", async () => {
    stub.set("yahoo", "500");
    stub.set("us500", "500");
    const history = await ask();
    expect(history.scaleFrom).toBe("assumed 16 % a year for the index");
    expect(annualSigma(history.rows, BAR_MS, "always")).toBeCloseTo(0.16, 3);
  });
});

describe("what was fetched stays", () => {
  test("a second fetch asks only for what is new, a failed one deletes nothing and still serves", async () => {
    const store = new CandleStore(":memory:");
    const first = await ask(store);
    const later = { ...request, toMs: NOW_MS + DAY_MS, fromMs: request.fromMs };
    const second = await ask(store, {}, later);
    expect(second.reports[0]?.barsNew).toBe(78);
    expect(second.rows.length).toBe(first.rows.length + 78);
    stub.set("yahoo", "500");
    const third = await ask(store, {}, later);
    expect(third.source).toBe("xyz100");
    expect(third.rows).toEqual(second.rows);
    expect(third.reports[0]?.detail).toContain("Yahoo: ");
    expect(store.count({ instrument: "^OEX", barMs: BAR_MS })).toBe(second.rows.length);
    store.close();
  });
});

describe("scaling", () => {
  test("bars of a year are those of each source's own hours", () => {
    expect(barsPerYear(BAR_MS, "us-equity")).toBe(19_656);
    expect(barsPerYear(BAR_MS, "always")).toBe(105_192);
    const week = Date.UTC(2026, 0, 11, 12);
    expect(barsExpected(BAR_MS, "us-equity", week, week + 7 * DAY_MS)).toBe(390);
    expect(barsExpected(BAR_MS, "always", week, week + DAY_MS)).toBe(288);
    const thanksgiving = Date.UTC(2026, 10, 25, 5);
    expect(barsExpected(BAR_MS, "us-equity", thanksgiving, thanksgiving + 3 * DAY_MS)).toBe(
      78 + 42,
    );
  });

  test("returns are multiplied, prices keep their last level", () => {
    const row = (openMs: number, px: number) => ({
      openMs,
      open: px,
      high: px,
      low: px,
      close: px,
      volume: 1,
    });
    const rows = [row(0, 81_000), row(1, 90_000), row(2, 90_000)];
    const scaled = scaleReturns(rows, 0.5);
    expect(scaled[2]?.close).toBe(90_000);
    expect(Math.log((scaled[1]?.close ?? 0) / (scaled[0]?.close ?? 1))).toBeCloseTo(
      0.5 * Math.log(90 / 81),
      12,
    );
  });
});
