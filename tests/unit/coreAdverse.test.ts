import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  addToProfile,
  adverseProfile,
  distanceLeaving,
  extraAdverseBps,
} from "../../lib/core/adverseProfile.ts";
import { matureMarkouts } from "../../lib/core/markout.ts";
import { planQuotes } from "../../lib/core/quotes.ts";
import type { LedgerSlice } from "../../lib/messages/state.ts";
import { applyFillToLedger } from "../../lib/core/ledger.ts";
import { ms, pxTicks } from "../../lib/units/numbers.ts";
import { ASK, BID, START_MS, at, ownFill, params, quotingState } from "../support/coreFixtures.ts";

const PARAMS = params({ adverseDistanceShare: 0.5, adversePriorFills: 5 });
const NOW = ms(START_MS);
type Cells = NonNullable<LedgerSlice["adverse"]>;
const after = (fills: readonly (readonly [distance: number, markout: number])[]): Cells =>
  fills.reduce<Cells | undefined>(
    (cells, [distance, bps]) => addToProfile(cells, distance, bps, NOW, PARAMS),
    undefined,
  ) ?? { atMs: NOW, cells: [] };
const repeat = (count: number, distance: number, markout: number) =>
  Array.from({ length: count }, () => [distance, markout] as const);

describe("adverse selection by distance", () => {
  test("before any fill it grows by the share of the distance", () => {
    const profile = adverseProfile(undefined, NOW, PARAMS);
    expect(extraAdverseBps(profile, 1)).toBe(0);
    expect(extraAdverseBps(profile, 1.5)).toBe(0);
    expect(extraAdverseBps(profile, 5)).toBeCloseTo(1.75, 9);
    expect(extraAdverseBps(profile, 24)).toBeCloseTo(11.25, 9);
  });

  test("own markouts bend it: a few little, many much", () => {
    const flat = (count: number): number => {
      const fills = [...repeat(count, 1, -2), ...repeat(count, 6, -2)];
      return extraAdverseBps(adverseProfile(after(fills), NOW, PARAMS), 6);
    };
    expect(flat(1)).toBeGreaterThan(flat(20));
    expect(flat(500)).toBeLessThan(0.1);
  });

  test("what all fills share is not shape: the sides' own experience has it", () => {
    const prior = (distance: number) => 0.5 * Math.max(0, distance - 1.5);
    const worse = [1.5, 3, 6, 12].flatMap((d) => repeat(30, d, -(prior(d) + 4)));
    const profile = adverseProfile(after(worse), NOW, PARAMS);
    expect(extraAdverseBps(profile, 12)).toBeCloseTo(prior(12), 9);
  });

  test("it is forgotten with time", () => {
    const cells = after([...repeat(50, 1, 0), ...repeat(50, 6, -9)]);
    const at6 = (nowMs: number) => extraAdverseBps(adverseProfile(cells, nowMs, PARAMS), 6);
    expect(at6(NOW + 100 * PARAMS.adverseHalfLifeMs)).toBeCloseTo(2.25, 6);
    expect(at6(NOW)).toBeGreaterThan(2.3);
  });

  test("whatever was seen, the edge grows with the distance, and the distance that leaves an edge is found", () => {
    const fill = fc.tuple(
      fc.double({ min: -2, max: 40, noNaN: true }),
      fc.double({ min: -60, max: 60, noNaN: true }),
    );
    const left = fc.double({ min: 0.01, max: 40, noNaN: true });
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 60 }), left, (fills, wanted) => {
        const profile = adverseProfile(after(fills), NOW, PARAMS);
        let before = -Infinity;
        for (let d = 0; d < 30; d += 0.25) {
          const edge = d - extraAdverseBps(profile, d);
          expect(edge).toBeGreaterThan(before);
          before = edge;
        }
        const distance = distanceLeaving(profile, wanted);
        expect(distance - extraAdverseBps(profile, distance)).toBeCloseTo(wanted, 6);
      }),
      { numRuns: 200 },
    );
  });
});

describe("in the ledger and in the quotes", () => {
  test("a maker's fill is measured by its distance from the mid before, a taker's is not", () => {
    const { ledger } = quotingState();
    const mid = BID + ASK;
    const px = pxTicks(Math.round((mid / 2) * (1 - 5e-4)));
    const settled = (taker: boolean): LedgerSlice => {
      const filled = applyFillToLedger(ledger, ownFill({ pxTicks: px, taker }), mid, NOW, PARAMS);
      const moved = { ...filled, markX2Ticks: mid - 1_000 };
      return matureMarkouts(moved, ms(NOW + PARAMS.markoutHorizonMs), PARAMS);
    };
    expect(settled(false).adverse?.cells.map(({ weight }) => weight)).toEqual([0, 0, 1, 0, 0]);
    expect(settled(true).adverse).toBeUndefined();
    // The side learns what it would have met at the nearest distance: less than what the far fill met.
    expect(settled(false).toxicity.bid.bps).toBeGreaterThan(settled(true).toxicity.bid.bps + 1);
  });

  test("each level asks for its own, and none is below the least edge", () => {
    const { quotes } = planQuotes(quotingState(), at(), PARAMS);
    const bids = quotes.filter(({ side }) => side === "bid");
    const adverse = bids.map(({ reason }) => reason.adverseBps);
    expect(adverse.at(-1)).toBeGreaterThan((adverse[0] ?? 0) + 5);
    for (const { reason } of bids)
      expect(reason.edgeBps).toBeGreaterThanOrEqual(PARAMS.edgeBpsMin - 1e-9);
  });
});
