import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Random } from "../../../lib/core/random.ts";
import { onGrid } from "../../../lib/units/grid.ts";
import { EfficientPrice } from "../../../lib/venue/feeds/efficientPrice.ts";
import { SCENARIOS } from "../../../lib/venue/feeds/scenarios.ts";
import type { ScenarioName } from "../../../lib/venue/feeds/scenarios.ts";
import {
  conditionsAt,
  DEFAULT_SESSION_START_MS,
  minuteOfWeek,
  SessionClock,
  WHOLE_WEEK,
} from "../../../lib/venue/feeds/sessions.ts";
import { simulatedFeed } from "../../../lib/venue/feeds/simulated.ts";
import type { FeedInput, MarketFeed } from "../../../lib/venue/rules/types.ts";
import { measureFeed } from "./measureFeed.ts";
import { runFeed } from "./runFeed.ts";
import { TinyBook } from "./tinyBook.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const NAMES: readonly ScenarioName[] = [
  "week",
  "us-session",
  "calm",
  "weekend",
  "trend",
  "crash",
  "flat",
  "informed",
];

function us500(seed: number, scenario: ScenarioName = "week", sessionStartMs?: number): MarketFeed {
  const base = { coin: "km:US500", szDecimals: 3, seed, startPxTicks: 693_000, scenario };
  return simulatedFeed(sessionStartMs === undefined ? base : { ...base, sessionStartMs });
}

function transcript(feed: MarketFeed, untilMs: number): string[] {
  const lines: string[] = [];
  runFeed(feed, untilMs, null, (atMs, inputs) => {
    for (const input of inputs) lines.push(`${atMs} ${JSON.stringify(input)}`);
  });
  return lines;
}

describe("the simulated week", () => {
  test("starts on a Wednesday at 09:30 in New York", () => {
    expect(minuteOfWeek(DEFAULT_SESSION_START_MS)).toBe(3 * 1440 + 9 * 60 + 30);
    expect(us500(1).info.description).toBe(
      "simulated US500, scenario week, market clock from Wednesday 09:30 New York",
    );
    expect(minuteOfWeek(0)).toBe(3 * 1440 + 19 * 60);
  });

  test("is louder in regular hours than at night, and quietest at weekends", () => {
    const noon = conditionsAt(3 * 1440 + 720);
    const night = conditionsAt(3 * 1440 + 120);
    const saturday = conditionsAt(6 * 1440 + 120);
    expect(conditionsAt(3 * 1440 + 571).volBps).toBeGreaterThan(1.5 * noon.volBps);
    expect(conditionsAt(3 * 1440 + 1030).volBps).toBeLessThan(0.2 * noon.volBps);
    expect(noon.volBps).toBeGreaterThan(1.1 * night.volBps);
    expect(night.volBps).toBeGreaterThan(2 * saturday.volBps);
    expect(saturday.depth).toBeLessThan(0.6 * noon.depth);
    expect(saturday.halfBps).toBeGreaterThan(1.5 * noon.halfBps);
    expect(saturday.isWeekend && !saturday.externalOracle).toBeTrue();
    expect(noon.externalOracle && !noon.isWeekend).toBeTrue();
  });

  test("a scenario repeats its stretch for ever", () => {
    const clock = new SessionClock(DEFAULT_SESSION_START_MS, SCENARIOS["us-session"].stretch);
    const dayMs = 390 * MINUTE_MS;
    for (let minute = 0; minute < 390; minute += 13)
      expect(clock.at(minute * MINUTE_MS + 5 * dayMs)).toEqual(clock.at(minute * MINUTE_MS));
  });
});

describe("the efficient price", () => {
  test("clusters its volatility and has fat tails", () => {
    const clock = new SessionClock(DEFAULT_SESSION_START_MS, SCENARIOS["us-session"].stretch);
    const price = new EfficientPrice(new Random(5), clock, SCENARIOS["us-session"], 693_000);
    const returns: number[] = [];
    let before = Math.log(price.ticks);
    for (let minute = 1; minute <= 3000; minute++) {
      price.advanceTo(minute * MINUTE_MS);
      const volBps = clock.at(minute * MINUTE_MS).volBps;
      returns.push(((Math.log(price.ticks) - before) * 1e4) / volBps);
      before = Math.log(price.ticks);
    }
    const sizes = returns.map(Math.abs);
    expect(autocorrelation(sizes, 1)).toBeGreaterThan(0.05);
    expect(Math.abs(autocorrelation(returns, 1))).toBeLessThan(0.12);
    expect(kurtosis(returns)).toBeGreaterThan(3.5);
    const square = mean(returns.map((value) => value ** 2));
    expect(square).toBeGreaterThan(0.6);
    expect(square).toBeLessThan(2);
  });

  test("does not depend on what happens in the book", () => {
    const oracleOf = (withBook: boolean): string[] => {
      const feed = us500(8, "us-session");
      const book = new TinyBook();
      const seen: string[] = [];
      while (feed.nextMs() < 5 * MINUTE_MS) {
        const atMs = feed.nextMs();
        for (const input of feed.next(book)) {
          if (input.kind === "oracle") seen.push(`${atMs} ${input.pxTicks}`);
          if (withBook) book.apply(input, atMs);
        }
      }
      return seen;
    };
    expect(oracleOf(true)).toHaveLength(100);
    expect(oracleOf(false)).toEqual(oracleOf(true));
  });
});

describe("the simulated feed", () => {
  test("same options, same book: same inputs; another seed, other inputs", () => {
    const first = transcript(us500(1), 2 * MINUTE_MS);
    expect(transcript(us500(1), 2 * MINUTE_MS)).toEqual(first);
    expect(transcript(us500(2), 2 * MINUTE_MS)).not.toEqual(first);
  });

  test("orders are legal, never cross knowingly, and ids are used once", () => {
    const coins = fc.constantFrom(
      { coin: "km:US500", szDecimals: 3, startPxTicks: 693_000 },
      { coin: "BTC", szDecimals: 5, startPxTicks: 961_230 },
      { coin: "ETH", szDecimals: 4, startPxTicks: 333_080 },
      { coin: "xyz:PENNY", szDecimals: 0, startPxTicks: 99_998 },
    );
    fc.assert(
      fc.property(coins, fc.integer(), fc.constantFrom(...NAMES), (market, seed, scenario) => {
        const ids = new Set<number>();
        let lastMs = -1;
        runFeed(
          simulatedFeed({ ...market, seed, scenario }),
          MINUTE_MS,
          null,
          (atMs, inputs, book) => {
            expect(Number.isSafeInteger(atMs)).toBeTrue();
            expect(atMs).toBeGreaterThan(lastMs);
            lastMs = atMs;
            for (const input of inputs) checkLegal(input, book, ids, market.szDecimals);
          },
        );
        expect(ids.size).toBeGreaterThan(20);
      }),
      { numRuns: 40 },
    );
  });

  test("a quiet weekend turns into a loud open", () => {
    const sundayEveningMs = DEFAULT_SESSION_START_MS + (4 * 24 + 8) * HOUR_MS;
    const inputs = transcript(us500(3, "week", sundayEveningMs), HOUR_MS);
    expect(inputs.length).toBeGreaterThan(1000);
  });

  test("looks like US500 in regular hours", () => {
    for (const seed of [1, 2]) {
      const seen = measureFeed(
        us500(seed, "us-session", DEFAULT_SESSION_START_MS + 2 * HOUR_MS),
        HOUR_MS,
      );
      console.log(`regular hours, seed ${seed}: ${JSON.stringify(seen)}`);
      expect(seen.spreadBps).toBeWithin(0.15, 0.5);
      expect(seen.oneTickShare).toBeWithin(0.5, 0.9);
      // An hour is three tides of depth long: its mean is not yet the market's.
      expect(seen.touchContracts).toBeWithin(70, 190);
      expect(seen.topTenUsd).toBeWithin(90_000, 240_000);
      expect(seen.volBpsPerSqrtMin).toBeWithin(0.3, 4);
      expect(seen.takersPerMin).toBeWithin(2, 25);
      expect(seen.inputsPerSec).toBeWithin(2, 8);
      expect(seen.crossedOrEmpty).toBe(0);
      expect(seen.rejectedShare).toBeLessThan(0.01);
    }
  });

  test("is wider, thinner and calmer at the weekend", () => {
    const us = measureFeed(us500(4, "us-session"), HOUR_MS / 2);
    const weekend = measureFeed(us500(4, "weekend"), HOUR_MS);
    expect(weekend.spreadBps).toBeGreaterThan(1.2 * us.spreadBps);
    expect(weekend.touchContracts).toBeLessThan(0.7 * us.touchContracts);
    expect(weekend.volBpsPerSqrtMin).toBeLessThan(0.3 * us.volBpsPerSqrtMin);
    expect(weekend.inputsPerSec).toBeLessThan(0.4 * us.inputsPerSec);
  });
});

function checkLegal(
  input: FeedInput,
  book: Parameters<MarketFeed["next"]>[0],
  ids: Set<number>,
  szDecimals: number,
): void {
  if (input.kind === "agentCancel") expect(ids.has(input.agentOrderId)).toBeTrue();
  if (input.kind !== "agentPlace") return;
  expect(ids.has(input.agentOrderId)).toBeFalse();
  ids.add(input.agentOrderId);
  expect(onGrid(input.pxTicks, szDecimals)).toBeTrue();
  expect(input.sizeLots).toBeGreaterThan(0);
  if (input.tif === "Ioc") return;
  const facing = input.side === "bid" ? book.bestAsk() : book.bestBid();
  if (facing === null) return;
  const distance =
    input.side === "bid" ? facing.pxTicks - input.pxTicks : input.pxTicks - facing.pxTicks;
  expect(distance).toBeGreaterThan(0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function autocorrelation(values: readonly number[], lag: number): number {
  const centre = mean(values);
  const products = values
    .slice(lag)
    .map((value, i) => (value - centre) * ((values[i] ?? 0) - centre));
  return mean(products) / mean(values.map((value) => (value - centre) ** 2));
}

function kurtosis(values: readonly number[]): number {
  const centre = mean(values);
  const square = mean(values.map((value) => (value - centre) ** 2));
  return mean(values.map((value) => (value - centre) ** 4)) / square ** 2;
}

test("the whole week is the default stretch", () => {
  expect(SCENARIOS.week.stretch).toEqual(WHOLE_WEEK);
});
