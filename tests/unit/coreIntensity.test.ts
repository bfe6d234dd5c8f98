import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  SWEEP_FROM_BPS,
  addSweep,
  emptyIntensity,
  intensity,
  inventoryRisk,
  passTime,
  sweepStats,
} from "../../lib/core/intensity.ts";
import type { IntensityState } from "../../lib/core/intensity.ts";
import { emptyMarketView, reduceMarketView } from "../../lib/core/marketView.ts";
import { planQuotes } from "../../lib/core/quotes.ts";
import { Random } from "../../lib/core/random.ts";
import type { PublicTrade } from "../../lib/messages/market.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { ASK, BID, START_MS, at, params, quotingState } from "../support/coreFixtures.ts";

const MID_X2 = 2_000_000;
const PARAMS = params();

const trade = (atMs: number, bps: number, side: "bid" | "ask" = "bid"): PublicTrade => ({
  tid: 1,
  venueMs: ms(START_MS + atMs),
  aggressor: side,
  pxTicks: pxTicks(Math.round((MID_X2 / 2) * (1 + ((side === "bid" ? 1 : -1) * bps) / 1e4))),
  sizeLots: sizeLots(10),
});
const told = (trades: readonly PublicTrade[], from = emptyIntensity): IntensityState =>
  trades.reduce((state, one) => addSweep(state, one, MID_X2), from);

describe("how often and how far takers come", () => {
  test("the prior rules until enough is seen", () => {
    const prior = { perSec: PARAMS.fillsPerSec, decayPerBp: 1 / (PARAMS.fillReachVolatility * 2) };
    expect(intensity(undefined, 2, PARAMS)).toEqual(prior);
    const off = params({ intensityOnline: false });
    expect(intensity({ exposureSec: 1e5, sweeps: 900, excessBps: 1 }, 2, off)).toEqual(prior);
    const fresh = intensity({ exposureSec: 0, sweeps: 0, excessBps: 0 }, 2, PARAMS);
    expect(fresh.perSec).toBeCloseTo(prior.perSec, 12);
    expect(fresh.decayPerBp).toBeCloseTo(prior.decayPerBp, 12);
  });

  test("recovers A and k of a market that has them", () => {
    const [perSec, reach] = [0.02, 1.5];
    const random = new Random(5, "sweeps");
    let state = emptyIntensity;
    let atMs = 0;
    // Sweeps of both sides together, nearest distance 0.
    for (let i = 0; i < 8_000; i++) {
      atMs += 1 + Math.round(random.exponential(1000 / (2 * perSec)));
      for (let t = (state.atMs || START_MS) + 5_000; t < START_MS + atMs; t += 5_000)
        state = passTime(state, t);
      state = told([trade(atMs, random.exponential(reach), i % 2 === 0 ? "bid" : "ask")], state);
    }
    const seen = intensity(sweepStats(state), 0.5, PARAMS);
    expect(seen.perSec / perSec).toBeGreaterThan(0.6);
    expect(seen.perSec / perSec).toBeLessThan(1.6);
    expect(1 / seen.decayPerBp / reach).toBeGreaterThan(0.7);
    expect(1 / seen.decayPerBp / reach).toBeLessThan(1.4);
  });

  test("trades of one block and side are one sweep, as deep as its furthest", () => {
    const parts = told([trade(5, 0.2), trade(5, 1.5), trade(5, 1.2), trade(5, 3)]);
    expect(parts.sweeps).toBe(1);
    expect(parts.excessBps).toBeCloseTo(3 - SWEEP_FROM_BPS, 9);
    const two = told([trade(5, 3), trade(5, 3, "ask"), trade(6, 3)]);
    expect(two.sweeps).toBeCloseTo(3, 4);
  });

  test("what happens at the touch does not count, nor does a trade without a mid before it", () => {
    expect(told([trade(5, 0.1), trade(9, 0.9)]).sweeps).toBe(0);
    expect(addSweep(emptyIntensity, trade(5, 9), null).sweeps).toBe(0);
  });

  test("forgets by the clock, and a hole in the data counts as ten seconds", () => {
    const seen = told([trade(0, 3)]);
    const quiet = passTime(seen, START_MS + 8 * 3_600_000);
    expect(quiet.exposureSec).toBe(10);
    let hours = seen;
    for (let t = 1; t <= 4 * 360; t++) hours = passTime(hours, START_MS + t * 10_000);
    expect(hours.sweeps).toBeCloseTo(Math.exp(-2), 6);
    expect(hours.exposureSec).toBeLessThan(7_210);
  });

  test("stays within its bounds whatever is told", () => {
    const any = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(any, any, any, any, (exposureSec, sweeps, excessBps, volatility) => {
        const { perSec, decayPerBp } = intensity(
          { exposureSec, sweeps, excessBps },
          volatility,
          PARAMS,
        );
        expect(perSec).toBeGreaterThanOrEqual(0);
        expect(perSec).toBeLessThanOrEqual(5);
        expect(decayPerBp).toBeGreaterThanOrEqual(0.1 - 1e-9);
        expect(decayPerBp).toBeLessThanOrEqual(5 + 1e-9);
      }),
    );
  });

  test("the view counts from the mid before the block, and each order's reason says A and k", () => {
    const level = (px: number) => ({ pxTicks: pxTicks(px), sizeLots: sizeLots(500) });
    const book = (atMs: number, shift: number) =>
      ({
        kind: "l2",
        venueMs: ms(START_MS + atMs),
        recvMs: ms(START_MS + atMs),
        bids: [level(BID + shift)],
        asks: [level(ASK + shift)],
      }) as const;
    // The book after the trade comes first: it shows the block that the trade was in.
    let state = reduceMarketView(emptyMarketView, book(0, 0));
    state = reduceMarketView(state, book(100, 200));
    const swept = { ...trade(100, 0), pxTicks: pxTicks(BID + 10 + 154) };
    state = reduceMarketView(state, {
      kind: "trades",
      recvMs: ms(START_MS + 100),
      trades: [swept],
    });
    expect(state.view?.sweeps?.sweeps).toBe(1);
    expect(state.view?.sweeps?.excessBps).toBeCloseTo(2 - SWEEP_FROM_BPS, 2);
    const { quotes } = planQuotes(
      quotingState(),
      at(undefined, { sweeps: { exposureSec: 3_000, sweeps: 40, excessBps: 80 } }),
      PARAMS,
    );
    const reason = quotes[0]?.reason;
    expect(reason?.fillDecayPerBp).toBeGreaterThan(0.5);
    expect(reason?.fillsPerSec).toBeGreaterThan(0);
  });
});

describe("the closed form of Gueant, Lehalle and Fernandez-Tapia", () => {
  const ARRIVALS = { perSec: 0.9, decayPerBp: 0.3 };

  test("its figures", () => {
    // sigma 0.3, A 0.9, k 0.3, gamma 0.01, computed apart from this code with 50 digits.
    const { halfSpreadBps, slopeBps } = inventoryRisk(0.3, ARRIVALS, 0.01);
    expect(halfSpreadBps).toBeCloseTo(3.312915199, 8);
    expect(slopeBps).toBeCloseTo(0.067865833, 8);
  });

  test("without aversion the markup is 1/k, and risk widens", () => {
    expect(inventoryRisk(0, ARRIVALS, 1e-9).halfSpreadBps).toBeCloseTo(1 / 0.3, 6);
    const half = (sigma: number, perSec: number): number =>
      inventoryRisk(sigma, { ...ARRIVALS, perSec }, 0.01).halfSpreadBps;
    expect(half(0.6, 0.9)).toBeGreaterThan(half(0.3, 0.9));
    expect(half(0.3, 0.09)).toBeGreaterThan(half(0.3, 0.9));
  });

  test("its share in the settings widens the quotes, and 0 leaves them", () => {
    const nearest = (inventoryEdgeShare: number): number =>
      planQuotes(quotingState(), at(), params({ inventoryEdgeShare, spreadBpsMin: 0.2 })).quotes[0]
        ?.reason.halfSpreadBps ?? 0;
    expect(nearest(1)).toBeGreaterThan(nearest(0) + 0.3);
  });
});
