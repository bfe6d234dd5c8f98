import { describe, expect, test } from "bun:test";
import { addTrade, decayFlow, emptyFlow, flowImbalance } from "../../lib/core/flow.ts";
import { emptyMarketView, midX2Before, reduceMarketView } from "../../lib/core/marketView.ts";
import type { MarketInput, MarketViewState } from "../../lib/core/marketView.ts";
import { addMid, emptyVolatility, sigmaBpsPerSqrtSec } from "../../lib/core/volatility.ts";
import { Random } from "../../lib/core/random.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";

const level = (px: number, lots = 10) => ({ pxTicks: pxTicks(px), sizeLots: sizeLots(lots) });
const l2 = (
  at: number,
  bids: readonly number[],
  asks: readonly number[],
  lots = 10,
): MarketInput => ({
  kind: "l2",
  venueMs: ms(at),
  recvMs: ms(at + 100),
  bids: bids.map((px) => level(px, lots)),
  asks: asks.map((px) => level(px, lots)),
});
const bbo = (at: number, bid: number | null, ask: number | null, lots = 7): MarketInput => ({
  kind: "bbo",
  venueMs: ms(at),
  recvMs: ms(at + 100),
  bid: bid === null ? null : level(bid, lots),
  ask: ask === null ? null : level(ask, lots),
});
const fold = (...inputs: readonly MarketInput[]): MarketViewState =>
  inputs.reduce(reduceMarketView, emptyMarketView);
const prices = (state: MarketViewState) => [
  state.view?.bids.map((entry) => Number(entry.pxTicks)),
  state.view?.asks.map((entry) => Number(entry.pxTicks)),
];

describe("market view", () => {
  test("there is none before the first book", () => {
    const context = {
      kind: "context",
      recvMs: ms(1),
      oraclePxTicks: pxTicks(100),
      markPxTicks: null,
    } as const;
    expect(fold(context).view).toBeNull();
    expect(fold(context, bbo(1, 99, 101)).view?.oraclePxTicks).toBe(pxTicks(100));
  });

  test.each([
    [
      "a newer touch goes in front of the depth",
      [l2(1, [99, 98, 97], [101, 102]), bbo(2, 98, 101)],
      [
        [98, 97],
        [101, 102],
      ],
    ],
    [
      "a newer touch may lead",
      [l2(1, [99, 98], [101, 102]), bbo(2, 100, 101)],
      [
        [100, 99, 98],
        [101, 102],
      ],
    ],
    [
      "an old depth only adds levels behind a newer touch",
      [bbo(5, 97, 99), l2(4, [98, 97, 96], [99, 100])],
      [
        [97, 96],
        [99, 100],
      ],
    ],
    [
      "a newer depth is the whole book",
      [bbo(5, 97, 99), l2(6, [98, 97], [99, 100])],
      [
        [98, 97],
        [99, 100],
      ],
    ],
    ["an old touch is dropped", [l2(5, [98], [99]), bbo(4, 97, 101)], [[98], [99]]],
    ["an old depth is dropped", [l2(5, [98], [99]), l2(4, [90], [110])], [[98], [99]]],
    ["an empty side is empty", [l2(1, [99, 98], [101]), bbo(2, null, 101)], [[], [101]]],
  ] as const)("%s", (_name, inputs, expected) => {
    expect(prices(fold(...inputs))).toEqual(expected as never);
  });

  test("the size of the touch is the newer one, times are those of the newest message", () => {
    const state = fold(l2(1, [99], [101]), bbo(2, 99, 101));
    expect(state.view?.bids[0]).toEqual(level(99, 7));
    expect(state.view?.bookVenueMs).toBe(ms(2));
    expect(state.view?.bookRecvMs).toBe(ms(102));
  });
});

describe("mid before a trade", () => {
  test("is that of the block before, whatever the book shows by now", () => {
    const { view } = fold(bbo(1, 99, 101), bbo(5, 97, 99), bbo(5, 96, 98), bbo(9, 96, 100));
    expect(midX2Before(view, ms(5))).toBe(200);
    expect(midX2Before(view, ms(6))).toBe(194);
    expect(midX2Before(view, ms(20))).toBe(196);
    expect(midX2Before(view, ms(1))).toBeNull();
    expect(midX2Before(null, ms(1))).toBeNull();
  });

  test("only changes are kept, and only the last few", () => {
    const same = fold(bbo(1, 99, 101), bbo(2, 99, 101), l2(3, [99], [101]));
    expect(same.midChanges).toEqual([{ venueMs: ms(1), midX2Ticks: 200 }]);
    const many = fold(...Array.from({ length: 20 }, (_, i) => bbo(i, 99 + i, 101 + i)));
    expect(many.midChanges.length).toBe(8);
  });
});

describe("volatility", () => {
  /** A random walk of `sigma` bps per root second with steps every `stepMs`. */
  function walk(sigma: number, stepMs: number, seconds: number, flickerTicks = 0): number | null {
    const random = new Random(42);
    let state = emptyVolatility;
    let log = Math.log(770_000);
    for (let at = 0; at < seconds * 1000; at += stepMs) {
      log += (sigma / 1e4) * Math.sqrt(stepMs / 1000) * random.normal();
      const flicker = flickerTicks * ((at / stepMs) % 2 === 0 ? 1 : -1);
      state = addMid(state, Math.exp(log) + flicker, at);
    }
    return sigmaBpsPerSqrtSec(state);
  }

  test.each([100, 250, 1_000, 3_000])("is the same whatever the spacing of %d ms", (stepMs) => {
    expect(walk(0.2, stepMs, 3_600)).toBeGreaterThan(0.15);
    expect(walk(0.2, stepMs, 3_600)).toBeLessThan(0.25);
  });

  test("a flickering mid adds little", () => {
    expect(walk(0.2, 100, 3_600, 5)).toBeLessThan(0.27);
  });

  test("unknown in the first minute, and zero for a mid that never moves", () => {
    expect(walk(0.2, 500, 50)).toBeNull();
    expect(walk(0, 500, 120)).toBe(0);
  });

  test("times that go back are ignored", () => {
    const state = addMid(emptyVolatility, 100, 1_000);
    expect(addMid(state, 200, 500)).toBe(state);
    expect(addMid(state, 0, 2_000)).toBe(state);
  });
});

describe("taker flow", () => {
  const trade = (at: number, aggressor: "bid" | "ask", lots = 10) => ({
    tid: at,
    venueMs: ms(at),
    aggressor,
    pxTicks: pxTicks(100),
    sizeLots: sizeLots(lots),
  });

  test("signed, bounded, and fading", () => {
    const bought = addTrade(emptyFlow, trade(1_000, "bid"));
    expect(flowImbalance(emptyFlow)).toBe(0);
    expect(flowImbalance(bought)).toBe(1);
    expect(flowImbalance(addTrade(emptyFlow, trade(1_000, "ask")))).toBe(-1);
    expect(flowImbalance(addTrade(bought, trade(1_000, "ask")))).toBe(0);
    expect(flowImbalance(decayFlow(bought, 60_000))).toBeLessThan(0.01);
  });

  test("an older trade counts with the weight its age has left it", () => {
    const newest = addTrade(emptyFlow, trade(10_000, "bid"));
    const both = addTrade(newest, trade(5_000, "ask"));
    expect(both.atMs).toBe(10_000);
    expect(both.signedLots).toBeCloseTo(10 - 10 * Math.exp(-1), 9);
  });
});
