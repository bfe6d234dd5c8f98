import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { fairValue } from "../../lib/core/fairValue.ts";
import type { OthersBook } from "../../lib/core/othersBook.ts";
import { placeLevel } from "../../lib/core/placement.ts";
import type { PlacementRules } from "../../lib/core/placement.ts";
import {
  edgeAtBps,
  fillRatePerSec,
  orderValueMicroUsd,
  valueModel,
} from "../../lib/core/quoteValue.ts";
import { SESSION_FACTOR } from "../../lib/core/session.ts";
import { planQuotes } from "../../lib/core/quotes.ts";
import { onGrid } from "../../lib/units/grid.ts";
import { pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { ASK, BID, at, params, quotingState } from "../support/coreFixtures.ts";

const level = (px: number, lots: number) => ({ pxTicks: pxTicks(px), sizeLots: sizeLots(lots) });
const FAIR = BID + 10;
const RULES: PlacementRules = { szDecimals: 3, minQueueLots: 500, reachSteps: 3, edgeBpsMin: 0.2 };
/** Levels one step apart down to five steps from the touch, then every fifth. */
const BOOK: OthersBook = {
  bids: [...[0, 1, 2, 3, 4, 5].map((i) => i * 10), 100, 150, 200].map((d) => level(BID - d, 5_000)),
  asks: [...[0, 1, 2, 3, 4, 5].map((i) => i * 10), 100, 150, 200].map((d) => level(ASK + d, 5_000)),
};
/** Adverse selection that does not grow with distance, and takers who are rarer by e each 3.6 bp. */
const FLAT = [0, 0, 0, 0, 0];
const ARRIVALS = { perSec: 0.004, decayPerBp: 1 / 3.6 };
const modelOf = (side: "bid" | "ask", book = BOOK, costBps = 0.8) =>
  valueModel(side, book, FAIR, 0, { costBps, profile: FLAT }, ARRIVALS, params());

describe("the place of a level", () => {
  test("in front of a level behind a gap, almost as far out and first in the queue", () => {
    const bid = placeLevel(BOOK, "bid", pxTicks(BID - 150), null, modelOf("bid"), RULES);
    expect([Number(bid.pxTicks), bid.kind, bid.queueLots]).toEqual([BID - 140, "gap", 0]);
    const ask = placeLevel(BOOK, "ask", pxTicks(ASK + 150), null, modelOf("ask"), RULES);
    expect([Number(ask.pxTicks), ask.kind]).toEqual([ASK + 140, "gap"]);
  });

  test("at a level where few others stand, when that is worth more than its own", () => {
    const bids = BOOK.bids.map((l) => (l.pxTicks === BID - 200 ? level(BID - 200, 100) : l));
    const book = {
      ...BOOK,
      bids: [...bids.slice(0, 7), level(BID - 190, 5_000), ...bids.slice(8)],
    };
    const place = placeLevel(book, "bid", pxTicks(BID - 190), null, modelOf("bid", book), RULES);
    expect([Number(place.pxTicks), place.kind, place.queueLots]).toEqual([BID - 200, "queue", 100]);
  });

  test("nothing better near: its own price", () => {
    const full = {
      ...BOOK,
      bids: Array.from({ length: 30 }, (_, i) => level(BID - 10 * i, 5_000)),
    };
    const place = placeLevel(full, "bid", pxTicks(BID - 150), null, modelOf("bid", full), RULES);
    expect([Number(place.pxTicks), place.kind]).toEqual([BID - 150, "ladder"]);
  });

  test("never in front of the level before, beyond the reach, or with too little edge", () => {
    const own = pxTicks(BID - 150);
    const place = (limit: number | null, rules: Partial<PlacementRules>, costBps = 0.8) =>
      placeLevel(BOOK, "bid", own, limit, modelOf("bid", BOOK, costBps), { ...RULES, ...rules });
    expect(place(BID - 140, {}).kind).toBe("ladder");
    expect(place(null, { reachSteps: 0 }).kind).toBe("ladder");
    expect(place(null, {}, 2.0).kind).toBe("ladder");
  });

  test("whatever the book: on the grid, behind the market, distinct, with the least edge", () => {
    const lots = fc.integer({ min: 1, max: 20_000 });
    const side = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), lots), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(side, side, fc.integer({ min: -100, max: 100 }), (down, up, position) => {
        let [low, high] = [BID, ASK];
        const bids = down.map(([gap, size]) => level((low -= 10 * gap), size));
        const asks = up.map(([gap, size]) => level((high += 10 * gap), size));
        const { quotes } = planQuotes(
          quotingState(position),
          at(undefined, { bids, asks }),
          params(),
        );
        for (const quote of quotes) {
          expect(onGrid(quote.pxTicks, 3)).toBe(true);
          expect(quote.reason.edgeBps).toBeGreaterThanOrEqual(0.2 - 1e-9);
          if (quote.side === "bid") expect(quote.pxTicks).toBeLessThan(asks[0]?.pxTicks ?? 0);
          else expect(quote.pxTicks).toBeGreaterThan(bids[0]?.pxTicks ?? 0);
        }
        for (const of of ["bid", "ask"] as const) {
          const prices = quotes.filter((q) => q.side === of).map((q) => Number(q.pxTicks));
          const sorted = prices.toSorted((a, b) => (of === "bid" ? b - a : a - b));
          expect(prices).toEqual(sorted);
          expect(new Set(prices).size).toBe(prices.length);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("the value of an order", () => {
  test("falls with the queue and the distance, and is a loss once the market has come", () => {
    const model = modelOf("bid");
    expect(fillRatePerSec(model, BID - 200, 0)).toBeGreaterThan(
      fillRatePerSec(model, BID - 200, 5_000),
    );
    expect(fillRatePerSec(model, BID - 100, 0)).toBeGreaterThan(
      fillRatePerSec(model, BID - 200, 0),
    );
    expect(orderValueMicroUsd(model, BID - 200, 20, 0)).toBeGreaterThan(0);
    expect(orderValueMicroUsd(model, BID, 20, 0)).toBeLessThan(0);
    expect(edgeAtBps(model, FAIR)).toBeCloseTo(-0.8, 9);
  });
});

describe("fair value", () => {
  test("mirroring the book, the flow and the oracle mirrors the value", () => {
    const lots = fc.integer({ min: 1, max: 50_000 });
    const rows = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), lots), {
      minLength: 1,
      maxLength: 8,
    });
    const weight = fc.double({ min: 0, max: 1, noNaN: true });
    const weights = fc.record({
      fairTouchWeight: weight,
      fairDepthWeight: weight,
      fairFlowBps: weight,
      fairOracleWeight: weight,
    });
    const oracles = fc.option(fc.integer({ min: -300, max: 300 }));
    const build = (start: number, sign: 1 | -1, of: readonly (readonly [number, number])[]) => {
      let px = start;
      return of.map(([gap, size]) => level((px += sign * 10 * gap), size));
    };
    const flows = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(rows, rows, flows, oracles, weights, (down, up, flow, away, w) => {
        const oracle = (sign: 1 | -1) => (away === null ? null : FAIR + sign * away);
        const straight = fairValue(
          { bids: build(FAIR, -1, down), asks: build(FAIR, 1, up) },
          flow,
          oracle(1),
          w,
        );
        const mirrored = fairValue(
          { bids: build(FAIR, -1, up), asks: build(FAIR, 1, down) },
          -flow,
          oracle(-1),
          w,
        );
        if (!straight.ok || !mirrored.ok) throw new Error("both books are sound");
        expect(straight.fairTicks + mirrored.fairTicks).toBeCloseTo(2 * FAIR, 0);
      }),
    );
  });
});

describe("time of the week", () => {
  test("quotes widen by it only when that is switched on", () => {
    const widest = (sessionAware: boolean): number => {
      const weekend = at(Date.parse("2026-01-17T15:00:00Z"));
      const state = quotingState();
      const read = { ...state, account: { ...state.account, readMs: weekend.atMs } };
      const { quotes } = planQuotes(read, weekend, params({ sessionAware }));
      return quotes[0]?.reason.halfSpreadBps ?? 0;
    };
    expect(widest(true)).toBeCloseTo(SESSION_FACTOR.weekend * widest(false), 9);
  });
});
