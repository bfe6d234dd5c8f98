import { describe, expect, test } from "bun:test";
import { initialState } from "../../lib/core/initialState.ts";
import { openMarkout, settleMarkouts } from "../../lib/core/quality.ts";
import { planQuotes } from "../../lib/core/quotes.ts";
import { addMarkout, fadeBps, measuredAdverseBps } from "../../lib/core/toxicity.ts";
import { MARKOUT_SECONDS } from "../../lib/messages/state.ts";
import type { BotState, SideToxicity } from "../../lib/messages/state.ts";
import { ms } from "../../lib/units/numbers.ts";
import {
  BID,
  REASON,
  START_MS,
  at,
  ownFill,
  params,
  quotingState,
} from "../support/coreFixtures.ts";

const MID = 2 * BID + 20;
const HOUR = 3_600_000;
const SETTINGS = params({ adverseBpsFloor: 0.5, markoutPriorFills: 3 });
const NONE = initialState.ledger.toxicity.bid;

function after(markouts: readonly number[], settings = SETTINGS): SideToxicity {
  return markouts.reduce((side, bps) => addMarkout(side, bps, ms(START_MS), settings), NONE);
}

function withAsks(asks: SideToxicity): BotState {
  const state = quotingState();
  return {
    ...state,
    ledger: { ...state.ledger, toxicity: { bid: NONE, ask: asks } },
    account: { ...state.account, readMs: ms(START_MS + 24 * HOUR) },
  };
}

describe("what fills were followed by", () => {
  test("a side with bad fills is quoted wider, never off, and comes back with time", () => {
    const state = withAsks(after(Array.from({ length: 40 }, () => -30)));
    const nearestAsk = (afterMs: number): number => {
      const { quotes } = planQuotes(state, at(START_MS + afterMs), params());
      const asks = quotes
        .filter(({ side }) => side === "ask")
        .map(({ pxTicks }) => Number(pxTicks));
      expect(asks.length).toBeGreaterThan(0);
      return Math.min(...asks);
    };
    const usual = planQuotes(quotingState(), at(), params()).quotes.filter(
      ({ side }) => side === "ask",
    );
    const first = nearestAsk(0);
    const halfLife = params().markoutHalfLifeMs;
    expect(first).toBeGreaterThan(nearestAsk(4 * halfLife));
    expect(nearestAsk(4 * halfLife)).toBeGreaterThan(nearestAsk(7 * halfLife));
    expect(nearestAsk(24 * halfLife)).toBe(
      Math.min(...usual.map(({ pxTicks }) => Number(pxTicks))),
    );
  });

  test("few fills weigh little against the prior, many weigh more, all at most the cap", () => {
    const expected = (count: number): number =>
      measuredAdverseBps(after(Array(count).fill(-6)), 0.5, ms(START_MS), SETTINGS);
    expect(measuredAdverseBps(NONE, 0.5, ms(START_MS), SETTINGS)).toBe(0.5);
    expect(expected(1)).toBeCloseTo((3 * 0.5 + 6) / 4, 9);
    expect(expected(3)).toBeCloseTo((3 * 0.5 + 18) / 6, 9);
    const capped = { ...SETTINGS, adverseBpsCap: 2 };
    const many = after(Array(50).fill(-9), capped);
    expect(measuredAdverseBps(many, 0.5, ms(START_MS), capped)).toBe(2);
  });

  test("old fills lose weight by the clock, not by the number of later ones", () => {
    const { markoutHalfLifeMs } = SETTINGS;
    const side = after([-6, -6, -6]);
    const later = ms(START_MS + markoutHalfLifeMs);
    expect(measuredAdverseBps(side, 0.5, later, SETTINGS)).toBeCloseTo((1.5 + 9) / 4.5, 9);
    expect(measuredAdverseBps(side, 0.5, ms(START_MS + 100 * HOUR), SETTINGS)).toBeCloseTo(0.5, 6);
  });

  test("a toxic fill widens its side for a while, a good one does not", () => {
    const settings = { ...SETTINGS, fadeShare: 0.2, fadeBpsMax: 3 };
    const toxic = after([-5], settings);
    expect(fadeBps(toxic, ms(START_MS), settings)).toBeCloseTo(0.2 * 4.5, 9);
    const halved = ms(START_MS + settings.fadeHalfLifeMs);
    expect(fadeBps(toxic, halved, settings)).toBeCloseTo(0.1 * 4.5, 9);
    expect(fadeBps(after([2, 0, -0.4], settings), ms(START_MS), settings)).toBe(0);
    const whole = { ...SETTINGS, fadeShare: 1, fadeBpsMax: 3 };
    expect(fadeBps(after([-9], whole), ms(START_MS), whole)).toBe(3);
  });
});

describe("markouts at every horizon", () => {
  const fill = ownFill({ venueMs: ms(START_MS) });

  test("each horizon is taken once, at the mid of its time, by side and placement", () => {
    let quality = openMarkout(initialState.quality, fill, { ...REASON, placement: "gap" }, MID);
    for (const seconds of MARKOUT_SECONDS)
      quality = settleMarkouts(quality, MID + 2 * seconds, ms(START_MS + 1_000 * seconds));
    expect(quality.open).toEqual([]);
    expect(quality.cells.map(({ seconds }) => seconds)).toEqual([...MARKOUT_SECONDS]);
    for (const cell of quality.cells) {
      expect(cell).toMatchObject({ side: "bid", kind: "gap", fills: 1, lots: 40 });
      expect(cell.bps).toBeCloseTo((2e4 * cell.seconds) / MID, 9);
      expect(cell.lotsBps).toBeCloseTo(40 * cell.bps, 9);
    }
  });

  test("a fall is a loss for a bid and a gain for an ask", () => {
    const sides = (["bid", "ask"] as const).map((side) => {
      const open = openMarkout(initialState.quality, { ...fill, side }, REASON, MID);
      return settleMarkouts(open, MID - 100, ms(START_MS + 1_000)).cells[0]?.bps ?? 0;
    });
    expect(sides[0]).toBeLessThan(0);
    expect(sides[1]).toBe(-(sides[0] ?? 0));
  });

  test("nothing due leaves the slice as it is; a hole in the feed settles all that is due at once", () => {
    const open = openMarkout(initialState.quality, fill, REASON, MID);
    expect(settleMarkouts(open, MID, ms(START_MS + 999))).toBe(open);
    expect(settleMarkouts(open, null, ms(START_MS + HOUR))).toBe(open);
    expect(settleMarkouts(open, MID, ms(START_MS + 61_000)).cells.length).toBe(4);
  });

  test("what waits is bounded, and what is left out is counted", () => {
    let quality = initialState.quality;
    for (let i = 0; i < 300; i++) quality = openMarkout(quality, fill, REASON, MID);
    expect(quality.open.length).toBe(256);
    expect(quality.dropped).toBe(44);
    const unmeasured = openMarkout(initialState.quality, fill, REASON, null);
    expect([unmeasured.open.length, unmeasured.dropped]).toEqual([0, 1]);
  });
});
