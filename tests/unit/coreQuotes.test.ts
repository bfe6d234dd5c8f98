import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { fairValue } from "../../lib/core/fairValue.ts";
import { inventoryShiftBps } from "../../lib/core/inventory.ts";
import { ladderOffsetsBps, largestRemainder, sizeLadder } from "../../lib/core/ladder.ts";
import { othersLotsAt, takeOutOwn } from "../../lib/core/othersBook.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { planQuotes } from "../../lib/core/quotes.ts";
import type { DesiredQuote } from "../../lib/core/quotePlan.ts";
import { adverseBps, halfSpread, hasEdge } from "../../lib/core/spread.ts";
import type { SpreadInput } from "../../lib/core/spread.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { onGrid } from "../../lib/units/grid.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import {
  ASK,
  BID,
  SPEC,
  at,
  order,
  params,
  quotingState,
  view,
  withOrders,
} from "../support/coreFixtures.ts";

const level = (px: number, lots: number) => ({ pxTicks: pxTicks(px), sizeLots: sizeLots(lots) });
const FAIR = BID + 10;

describe("others' book and fair value", () => {
  test("own orders are taken out, in every phase that may rest", () => {
    const book = view({ bids: [level(BID, 40), level(BID - 10, 100)] });
    const own = order({ pxTicks: pxTicks(BID), phase: "opening", oid: null });
    const others = takeOutOwn(book, { [own.cloid]: own });
    expect(others.bids).toEqual([level(BID - 10, 100)]);
    expect(others.asks).toEqual(book.asks);
  });

  test("size at a price is 0 between levels and unknown behind the depth", () => {
    const book = { bids: [level(100, 5), level(80, 7)], asks: [] };
    expect(othersLotsAt(book, "bid", 80)).toBe(7);
    expect(othersLotsAt(book, "bid", 90)).toBe(0);
    expect(othersLotsAt(book, "bid", 110)).toBe(0);
    expect(othersLotsAt(book, "bid", 70)).toBeNull();
    expect(othersLotsAt(book, "ask", 70)).toBeNull();
  });

  test("the microprice leans to the thinner side and stays within the touch", () => {
    const lean = (bidLots: number, askLots: number) => {
      const book = { bids: [level(BID, bidLots)], asks: [level(ASK, askLots)] };
      const touch = params({ fairTouchWeight: 1, fairDepthWeight: 0 });
      const fair = fairValue(book, 0, null, touch);
      return fair.ok ? fair.fairTicks : null;
    };
    expect(lean(100, 100)).toBe(FAIR);
    expect(lean(300, 100)).toBe(BID + 15);
    expect(lean(100, 300)).toBe(BID + 5);
    expect(lean(1, 1_000_000)).toBeGreaterThanOrEqual(BID);
  });

  test("the anchor leads towards the oracle, never beyond the touch", () => {
    const book = { bids: [level(BID, 100)], asks: [level(ASK, 100)] };
    const anchored = (oracle: number | null, fairOracleWeight: number) => {
      const fair = fairValue(book, 0, oracle, params({ fairOracleWeight }));
      return fair.ok ? fair.fairTicks : null;
    };
    expect(anchored(FAIR + 30, 0.1)).toBe(FAIR + 3);
    expect(anchored(FAIR - 30, 0.1)).toBe(FAIR - 3);
    expect(anchored(FAIR + 900, 1)).toBe(ASK);
    expect(anchored(null, 1)).toBe(FAIR);
    expect(anchored(FAIR + 30, 0)).toBe(FAIR);
  });

  test.each([
    [{ bids: [], asks: [level(ASK, 1)] }, "nobody else bids"],
    [{ bids: [level(BID, 1)], asks: [] }, "nobody else offers"],
    [{ bids: [level(ASK, 1)], asks: [level(ASK, 1)] }, "the others' touch is crossed"],
  ])("without a sound touch there is no fair value: %#", (book, reason) => {
    expect(fairValue(book, 0, null, params())).toEqual({ ok: false, reason });
  });
});

describe("spread", () => {
  const SETTINGS = params({ adverseBpsFloor: 0.5 });
  const input: SpreadInput = {
    side: "bid",
    makerFeeBps: 0.3,
    measuredBps: 0.5,
    profile: [0, 0, 0, 0, 0],
    inventoryRiskBps: 0,
    cushionBps: 0,
    fadeBps: 0,
    sigmaBpsPerSqrtSec: 0,
    flowImbalance: 0,
    widening: 1,
  };

  test("each argument matters, and in the right direction", () => {
    const wide = { ...SETTINGS, spreadBpsMin: 0.1 };
    const base = halfSpread(input, wide).halfSpreadBps;
    expect(base).toBeCloseTo(0.3 + 0.5 + 0.2, 9);
    expect(halfSpread({ ...input, makerFeeBps: 3 }, wide).halfSpreadBps).toBeCloseTo(base + 2.7, 9);
    expect(halfSpread({ ...input, measuredBps: 2 }, wide).halfSpreadBps).toBeCloseTo(2.5, 9);
    expect(halfSpread({ ...input, measuredBps: -2 }, wide).halfSpreadBps).toBeCloseTo(base, 9);
    expect(halfSpread({ ...input, widening: 2 }, wide).halfSpreadBps).toBeCloseTo(2 * base, 9);
    const sigma = { ...input, sigmaBpsPerSqrtSec: 1 };
    expect(halfSpread(sigma, { ...wide, volatilityMultiple: 1 }).halfSpreadBps).toBeCloseTo(
      Math.sqrt(30),
      9,
    );
  });

  test("the least edge is reached whatever the rounding of what it is made of", () => {
    for (let i = 0; i < 500; i++) {
      const adverse = { ...input, measuredBps: 1.5 + i / 77, makerFeeBps: 0.3 + i / 1_300 };
      expect(hasEdge(halfSpread(adverse, SETTINGS).edgeBps, SETTINGS)).toBe(true);
    }
  });

  test("taker flow is expected to hurt the side that it runs against", () => {
    const selling = { ...input, flowImbalance: -1 };
    expect(adverseBps(selling, SETTINGS)).toBe(1);
    expect(adverseBps({ ...selling, side: "ask" }, SETTINGS)).toBe(0.5);
  });

  test("the half-spread is clamped to half of the allowed width", () => {
    expect(halfSpread(input, SETTINGS).halfSpreadBps).toBe(1.5);
    const stormy = { ...input, sigmaBpsPerSqrtSec: 100 };
    expect(halfSpread(stormy, SETTINGS).halfSpreadBps).toBe(25);
  });

  test("the inventory shift goes against the position and is bounded", () => {
    expect(inventoryShiftBps(0.5, 2, 0.5)).toBe(-0.5);
    expect(inventoryShiftBps(-0.5, 2, 0.5)).toBe(0.5);
    expect(inventoryShiftBps(9, 2, 0.5)).toBe(-1);
    expect(inventoryShiftBps(0, 2, 0.5)).toBe(0);
  });
});

test("while volatility is not known nothing is quoted, and it is said", () => {
  const moment = at(undefined, { sigmaBpsPerSqrtSec: null });
  expect(planQuotes(quotingState(), moment, params())).toMatchObject({
    quotes: [],
    notes: [{ side: "both", text: "volatility is not known" }],
  });
});

describe("ladder", () => {
  test("offsets are geometric from first to last", () => {
    const offsets = ladderOffsetsBps(1, 16, 5);
    for (const [i, expected] of [1, 2, 4, 8, 16].entries())
      expect(offsets[i]).toBeCloseTo(expected, 9);
    expect(ladderOffsetsBps(1.5, 25, 1)).toEqual([1.5]);
    expect(ladderOffsetsBps(25, 25, 3)).toEqual([25, 25, 25]);
  });

  test("largest remainder keeps the sum and favours better levels among equals", () => {
    expect(largestRemainder(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(largestRemainder(0, [1, 1])).toEqual([0, 0]);
  });

  test("default sizing: five levels carry at least 70 % and every level meets the minimum", () => {
    const prices = Array.from({ length: 15 }, (_, i) => pxTicks(BID - 100 * (i + 1)));
    const ladder = sizeLadder(prices, 324, 0.7);
    const total = ladder.levels.reduce((sum, entry) => sum + entry.lots, 0);
    const top = ladder.levels.slice(0, 5).reduce((sum, entry) => sum + entry.lots, 0);
    expect(total).toBe(324);
    expect(top / total).toBeGreaterThanOrEqual(0.69);
    expect(ladder.levels.length).toBeGreaterThanOrEqual(8);
    for (const entry of ladder.levels)
      expect(entry.lots * entry.pxTicks).toBeGreaterThanOrEqual(10e6);
    expect(ladder.levels.length + ladder.dropped.length).toBe(15);
  });

  test("a side too small for its levels ends up on the best ones, or nowhere", () => {
    const prices = [pxTicks(770_000), pxTicks(769_000), pxTicks(768_000)];
    expect(sizeLadder(prices, 20, 0.7).levels.map(({ level: l, lots }) => [l, lots])).toEqual([
      [0, 20],
    ]);
    const nothing = sizeLadder(prices, 12, 0.7);
    expect(nothing.levels).toEqual([]);
    expect(nothing.dropped.length).toBe(3);
  });

  test("a best level that is too small takes the next one's lots, and their level is empty", () => {
    const prices = [pxTicks(770_000), pxTicks(769_000), pxTicks(768_000)];
    const sized = (totalLots: number, growth: number) => {
      const { levels, dropped } = sizeLadder(prices, totalLots, 0.7, growth);
      return [levels.map(({ level: l, lots }) => [l, lots]), dropped.map(({ level: l }) => l)];
    };
    // Thirteen lots are worth 10. 1 : 1.5 : 2 of 45 are 10, 15 and 20.
    expect(sized(45, 3)).toEqual([
      [
        [0, 25],
        [2, 20],
      ],
      [1],
    ]);
    // 1 : 3 : 5 of 27 are 3, 9 and 15: the second goes to the first, which still needs the third.
    expect(sized(27, 9)).toEqual([[[0, 27]], [1, 2]]);
    expect(sized(12, 9)).toEqual([[], [0, 1, 2]]);
    expect(sizeLadder([pxTicks(770_000)], 12, 0.7).dropped).toEqual([
      { level: 0, reason: expect.stringContaining("12 lots are below the venue's minimum") },
    ]);
    expect(sizeLadder([], 100, 0.7)).toEqual({ levels: [], dropped: [] });
  });

  test("whatever the side: no lot is lost while an order remains, and every order is big enough", () => {
    const cases = fc.record({
      top: fc.integer({ min: 700_000, max: 770_000 }),
      step: fc.integer({ min: 1, max: 2_000 }),
      count: fc.integer({ min: 0, max: 20 }),
      totalLots: fc.integer({ min: 0, max: 400 }),
      topShare: fc.double({ min: 0.1, max: 1, noNaN: true }),
      growth: fc.double({ min: 1, max: 20, noNaN: true }),
      side: fc.constantFrom(-1, 1),
    });
    fc.assert(
      fc.property(cases, ({ top, step, count, totalLots, topShare, growth, side }) => {
        const prices = Array.from({ length: count }, (_, i) => pxTicks(top + side * step * i));
        const { levels, dropped } = sizeLadder(prices, totalLots, topShare, growth);
        for (const { pxTicks: px, lots } of levels)
          expect(lots * px).toBeGreaterThanOrEqual(10_000_000);
        const total = levels.reduce((sum, { lots }) => sum + lots, 0);
        if (levels.length > 0) expect(total).toBe(totalLots);
        const named = [...levels, ...dropped].map(({ level: l }) => l).toSorted((a, b) => a - b);
        expect(named).toEqual(prices.map((_, i) => i));
      }),
    );
  });
});

describe("plan", () => {
  const best = (quotes: readonly DesiredQuote[], side: "bid" | "ask") =>
    quotes.find((quote) => quote.side === side);
  const plan = (state: BotState, changes = {}, settings = {}) =>
    planQuotes(state, at(undefined, changes), params(settings));

  test("both sides, on the grid, outside the touch, best quote at the half-spread", () => {
    const { quotes, block } = plan(quotingState(), {}, { edgeCushionBps: 0 });
    expect(block).toBeNull();
    const bid = best(quotes, "bid");
    const ask = best(quotes, "ask");
    expect(bid?.pxTicks).toBe(pxTicks(769_890));
    expect(ask?.pxTicks).toBe(pxTicks(770_130));
    for (const quote of quotes) {
      expect(onGrid(quote.pxTicks, SPEC.szDecimals)).toBe(true);
      expect(quote.pxTicks * quote.sizeLots).toBeGreaterThanOrEqual(10e6);
      expect(quote.reason.edgeBps).toBeGreaterThanOrEqual(defaultParams.edgeBpsMin - 1e-9);
    }
    const widest = Math.max(...quotes.map((quote) => Math.abs(quote.pxTicks / FAIR - 1) * 1e4));
    expect(widest).toBeGreaterThan(20);
    expect(widest).toBeLessThan(25.2);
  });

  test("a long position lowers both quotes and shrinks the bid", () => {
    const flat = plan(quotingState()).quotes;
    const long = plan(quotingState(150)).quotes;
    expect(best(long, "bid")?.pxTicks ?? 0).toBeLessThan(best(flat, "bid")?.pxTicks ?? 0);
    expect(best(long, "ask")?.pxTicks ?? 0).toBeLessThan(best(flat, "ask")?.pxTicks ?? 0);
    const bidLots = (quotes: readonly DesiredQuote[]): number =>
      quotes.reduce((sum, { side, sizeLots: lots }) => sum + (side === "bid" ? lots : 0), 0);
    expect(bidLots(long)).toBeLessThan(bidLots(flat));
    expect(best(long, "bid")?.reason.inventoryShiftBps).toBeGreaterThan(0);
    expect(best(long, "ask")?.reason.inventoryShiftBps).toBeLessThan(0);
  });

  test("no quote without edge: a fee beyond the widest quote is a stated reason", () => {
    const state = quotingState();
    const costly = { ...state, run: { ...state.run, spec: { ...SPEC, makerFeeBps: 24.9 } } };
    const { quotes, notes } = plan(costly);
    expect(quotes).toEqual([]);
    expect(notes.map((note) => note.text.split(":")[0])).toEqual(["noEdge", "noEdge"]);
  });

  test("a wide gap in the book is quoted inside, but never through the others' touch", () => {
    const gap = { asks: [level(BID + 20, 1)], bids: [level(BID - 20_000, 1_000_000)] };
    const { quotes } = plan(quotingState(), gap);
    expect(new Set(quotes.map(({ side }) => side)).size).toBe(2);
    for (const quote of quotes.filter((entry) => entry.side === "bid"))
      expect(quote.pxTicks).toBeLessThan(BID + 20);
    for (const quote of quotes.filter((entry) => entry.side === "ask"))
      expect(quote.pxTicks).toBeGreaterThan(BID - 20_000);
  });

  test("widened mode leaves the reducing side where it was", () => {
    const state = quotingState(100);
    const widened: BotState = { ...state, risk: { ...state.risk, mode: "widened" } };
    const wide = plan(widened).quotes;
    const normal = plan(state).quotes;
    expect(best(wide, "ask")?.pxTicks).toBe(best(normal, "ask")?.pxTicks);
    expect(best(wide, "bid")?.pxTicks ?? 0).toBeLessThan(best(normal, "bid")?.pxTicks ?? 0);
  });

  test.each([
    ["reduceOnly", 100, "ask", 100],
    ["reduceOnly", -5, "bid", 5],
    ["flatten", 100, "ask", 100],
  ] as const)("%s with %d lots: one post-only %s of %d at the touch", (mode, lots, side, size) => {
    const state = quotingState(lots);
    const { quotes } = plan({ ...state, risk: { ...state.risk, mode } });
    expect(
      quotes.map((quote) => [quote.side, quote.tif, Number(quote.sizeLots), quote.reduceOnly]),
    ).toEqual([[side, "Alo", size, true]]);
    expect(quotes[0]?.pxTicks).toBe(pxTicks(side === "ask" ? ASK : BID));
  });

  test("a large position is reduced in slices, a slice under $10 becomes the whole", () => {
    const state = quotingState(1_000);
    const reduceOnly: BotState = { ...state, risk: { ...state.risk, mode: "reduceOnly" } };
    expect(Number(plan(reduceOnly).quotes[0]?.sizeLots)).toBe(207);
    const tiny = plan(reduceOnly, {}, { sideNotionalFraction: 0.0005 });
    expect(Number(tiny.quotes[0]?.sizeLots)).toBe(1_000);
  });

  test("anything unknown blocks", () => {
    const state = quotingState();
    const blocked = (changed: BotState, atMs?: number) =>
      planQuotes(changed, { ...at(), ...(atMs === undefined ? {} : { atMs: ms(atMs) }) }, params())
        .block?.reason;
    expect(blocked({ ...state, run: { ...state.run, phase: "starting" } })).toBe("notReconciled");
    expect(blocked({ ...state, run: { ...state.run, phase: "stopping" } })).toBe("halted");
    const lost = { market: "lost", account: "live" } as const;
    expect(blocked({ ...state, run: { ...state.run, feeds: lost } })).toBe("feedUnsafe");
    expect(blocked({ ...state, account: { ...state.account, reading: null } })).toBe("margin");
    expect(blocked({ ...state, risk: { ...state.risk, haltReason: "x" } })).toBe("halted");
    expect(blocked(state, at().atMs + 6_000)).toBe("feedUnsafe");
    expect(planQuotes(state, { ...at(), view: null }, params()).block?.reason).toBe("feedUnsafe");
    expect(blocked(withOrders(state, []))).toBeUndefined();
  });
});
