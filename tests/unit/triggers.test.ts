import { describe, expect, test } from "bun:test";
import { liquidationDistance, referencePx } from "../../lib/core/gauges.ts";
import { evaluateRisk, haltRisk, noteLag, resumeRisk } from "../../lib/core/riskMode.ts";
import { quoteBlock } from "../../lib/core/safety.ts";
import type { MarketView } from "../../lib/messages/market.ts";
import type { Params } from "../../lib/messages/params.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { microUsd, ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { ASK, BID, START_MS, at, params, quotingState, reading } from "../support/coreFixtures.ts";

const DWELL_MS = 10_000;

type World = {
  readonly state?: (state: BotState) => BotState;
  readonly view?: Partial<MarketView>;
};

const account =
  (changes: Parameters<typeof reading>[0], lots = 0) =>
  (state: BotState): BotState => ({
    ...state,
    ledger: { ...state.ledger, positionLots: quotingState(lots).ledger.positionLots },
    account: { ...state.account, reading: { ...reading(), ...changes } },
  });
const margin = (share: number): World => ({
  state: account({ marginUsedMicroUsd: microUsd(share * 1e9) }),
});
const equity = (usd: number, lots = 0): World => ({
  state: account({ equityMicroUsd: microUsd(usd * 1e6) }, lots),
});
const held = (lots: number): World => ({ state: account({}, lots) });
const losses = (lossStreak: number): World => ({
  state: (state) => ({ ...state, ledger: { ...state.ledger, lossStreak } }),
});
const takers = (taken: number): World => ({
  state: (state) => ({
    ...state,
    ledger: {
      ...state.ledger,
      recent: {
        roles: "m".repeat(100 - taken) + "t".repeat(taken),
        hours: [
          {
            hour: Math.floor(START_MS / 3_600_000),
            makerMicroUsd: microUsd(100 - taken),
            takerMicroUsd: microUsd(taken),
          },
        ],
      },
    },
  }),
});
const depth = (usd: number): World => ({
  view: { asks: [{ pxTicks: pxTicks(ASK), sizeLots: sizeLots(Math.ceil((usd * 1e6) / ASK)) }] },
});
const touch = (ask: number): World => ({
  view: { asks: [{ pxTicks: pxTicks(ask), sizeLots: sizeLots(5_000) }] },
});
const oracle = (ageMs: number, movedTicks: number): World => ({
  view: {
    oracleChange: { recvMs: ms(START_MS - ageMs), midX2Ticks: BID + ASK - 2 * movedTicks },
  },
});
const lag = (lagMs: number): World => ({
  state: (state) => noteLag(state, lagMs, at(), params()),
});

/** What the machine says of a world, from what it said before. */
function see(before: BotState, world: World, atMs = START_MS, settings: Partial<Params> = {}) {
  const moved = { ...at(atMs, world.view) };
  // Ages in a world count from its own moment.
  const change = world.view?.oracleChange;
  if (change !== undefined)
    moved.view = {
      ...moved.view,
      oracleChange: { ...change, recvMs: ms(change.recvMs + atMs - START_MS) },
    };
  const fresh = world.state?.({ ...before, risk: before.risk }) ?? before;
  return evaluateRisk(fresh, moved, params(settings));
}
const START = see(quotingState(), {});
const resultOf = (state: BotState) => {
  const pulled = Object.values(state.risk.triggers ?? {}).some(({ level }) => level === "pulled");
  return pulled ? "pulled" : state.risk.mode;
};

/**
 * Each row: just within the limit, beyond it, a value between exit and entry, a value below the exit, and what the
 * machine says of the second.
 */
const TABLE: readonly (readonly [
  name: string,
  within: World,
  beyond: World,
  between: World,
  below: World,
  level: string,
  after: string,
  reason: string,
])[] = [
  [
    "margin, reduce-only",
    margin(0.8),
    margin(0.81),
    margin(0.65),
    margin(0.4),
    "reduceOnly",
    "normal",
    "margin: 81.00 % of equity is in use, limit 80.00 %",
  ],
  [
    "margin, cap",
    margin(0.9),
    margin(0.91),
    margin(0.85),
    margin(0.4),
    "flatten",
    "normal",
    "margin: 91.00 % of equity is in use, cap 90.00 %",
  ],
  [
    "skew",
    held(194),
    held(-200),
    held(-160),
    held(-80),
    "reduceOnly",
    "normal",
    "skew: 1.54 % of equity x leverage, limit 1.50 %",
  ],
  [
    "losses",
    losses(10),
    losses(11),
    losses(8),
    losses(0),
    "reduceOnly",
    "normal",
    "losses: 11 losing round trips in a row, limit 10",
  ],
  [
    "day's drawdown",
    equity(980),
    equity(979),
    equity(984),
    equity(999),
    "reduceOnly",
    "normal",
    "drawdown: 2.10 % below the day's peak, limit 2.00 %",
  ],
  [
    "taker ratio",
    takers(10),
    takers(11),
    takers(9),
    takers(5),
    "widened",
    "normal",
    "takers: 11.00 % of volume was taking, limit 10.00 %",
  ],
  [
    "thin book",
    depth(1_001),
    depth(900),
    depth(1_100),
    depth(2_000),
    "pulled",
    "normal",
    "thin book: others show 900 on a side, least 1000",
  ],
  [
    "crossed book",
    touch(ASK),
    touch(BID),
    touch(BID),
    touch(ASK),
    "pulled",
    "normal",
    "crossed book: bid 770000, ask 770000 ticks",
  ],
  [
    "stale oracle",
    oracle(30_000, 800),
    oracle(30_001, 800),
    oracle(31_000, 800),
    oracle(60_000, 100),
    "pulled",
    "normal",
    "stale oracle: unchanged for 30001 ms while the mid moved 10.4 bp, allowed 30000 ms",
  ],
  [
    "event loop",
    lag(1_000),
    lag(1_001),
    lag(2_000),
    {},
    "pulled",
    "normal",
    "lag: the program was 1001 ms late, allowed 1000 ms",
  ],
];

describe("each trigger", () => {
  test.each(TABLE)("%s: fires beyond its limit, not at it, and says value and limit", (...row) => {
    const [, within, beyond, , , level, , reason] = row;
    expect(resultOf(see(START, within))).not.toBe(level);
    const fired = see(START, beyond);
    expect(resultOf(fired)).toBe(level);
    const texts = Object.values(fired.risk.triggers ?? {}).map(({ text }) => text);
    expect([fired.risk.reason, ...texts]).toContain(reason);
  });

  // A late program is told of once, not seen again with each look.
  const lasting = TABLE.filter(([name]) => name !== "event loop");
  test.each(lasting)(
    "%s: holds while the value is between exit and entry, however long",
    (...row) => {
      const [, , beyond, between, , level] = row;
      let state = see(START, beyond);
      for (const afterMs of [1, DWELL_MS + 1, 1_000_000]) {
        state = see(state, between, START_MS + afterMs);
        expect(resultOf(state)).toBe(level);
      }
    },
  );

  test.each(TABLE)("%s: releases below the exit, after the dwell time and not before", (...row) => {
    const [, , beyond, , below, level, after] = row;
    const dwellMs = level === "pulled" ? 2_000 : DWELL_MS;
    let state = see(see(START, beyond), below, START_MS + 1);
    expect(resultOf(state)).toBe(level);
    state = see(state, below, START_MS + dwellMs);
    expect(resultOf(state)).toBe(level);
    state = see(state, below, START_MS + dwellMs + 1);
    expect(resultOf(state)).toBe(after);
  });

  test.each(lasting)("%s: a relapse begins the dwell time anew", (...row) => {
    const [, , beyond, , below, level] = row;
    let state = see(see(START, beyond), below, START_MS + 1);
    state = see(state, beyond, START_MS + 1_500);
    state = see(state, below, START_MS + 1_600);
    const dwellMs = level === "pulled" ? 2_000 : DWELL_MS;
    expect(resultOf(see(state, below, START_MS + dwellMs + 100))).toBe(level);
  });

  test("a book of which only the touch is known is not called thin", () => {
    const touchOnly = { view: { ...depth(900).view, depthKnown: false } };
    expect(resultOf(see(START, touchOnly))).toBe("normal");
    const thin = see(START, depth(900));
    expect(resultOf(see(thin, touchOnly, START_MS + DWELL_MS))).toBe("pulled");
  });

  test("one that is no longer so bad falls to the level that it still holds, after its time", () => {
    const worst = see(START, margin(0.91));
    const better = see(worst, margin(0.78), START_MS + 1);
    expect(better.risk.mode).toBe("flatten");
    const milder = see(better, margin(0.78), START_MS + 1 + DWELL_MS);
    expect(milder.risk.mode).toBe("reduceOnly");
    expect(milder.risk.reason).toBe("margin: 78.00 % of equity is in use, limit 80.00 %");
  });

  test("what remains becomes the reason of a mode that goes on", () => {
    const both = see(see(START, held(-200)), losses(11), START_MS + 1_000);
    const calm = see(both, held(0), START_MS + 2_000);
    const left = see(calm, held(0), START_MS + 2_000 + DWELL_MS);
    expect(left.risk).toMatchObject({ mode: "reduceOnly", sinceMs: START_MS });
    expect(left.risk.reason).toStartWith("losses: ");
  });

  test("a gauge without a reading keeps its level", () => {
    const fired = see(START, margin(0.85));
    const unread = { ...fired, account: { ...fired.account, reading: null } };
    expect(see(unread, {}, START_MS + 60_000).risk.mode).toBe("reduceOnly");
  });

  test("of two that are as severe, the one that came first is the reason", () => {
    const skewed = see(START, held(-200));
    const both = see(skewed, losses(11), START_MS + 1_000);
    expect(both.risk.reason).toStartWith("skew: ");
    const streak = see(START, losses(11));
    expect(see(streak, held(-200), START_MS + 1_000).risk.reason).toStartWith("losses: ");
    const wider = see(START, equity(983));
    expect(wider.risk).toMatchObject({ mode: "widened" });
    const worse = see(wider, losses(11), START_MS + 1_000);
    expect(worse.risk).toMatchObject({ mode: "reduceOnly" });
    expect(worse.risk.reason).toStartWith("losses: ");
  });

  test("a quiet state stays as it is once its peaks are known", () => {
    expect(see(START, {})).toBe(START);
    expect(see(START, {}, START_MS + 500)).toBe(START);
  });

  test("on the way to a limit quotes become wider", () => {
    expect(see(START, margin(0.65)).risk.mode).toBe("widened");
    expect(see(START, losses(9)).risk.mode).toBe("widened");
  });

  test("a still oracle is not stale while the mid stands still as well", () => {
    expect(resultOf(see(START, oracle(3_600_000, 100)))).toBe("normal");
  });

  test("with the automatic off, what would reduce only widens; the cap still closes", () => {
    const off = { autoReduceOnly: false };
    expect(see(START, margin(0.85), START_MS, off).risk.mode).toBe("widened");
    expect(see(START, margin(0.95), START_MS, off).risk.mode).toBe("flatten");
  });

  test("liquidation: by the venue's formula, earlier at higher leverage", () => {
    const state = account({ equityMicroUsd: microUsd(100_000_000) }, 1_000)(START);
    // 100 of equity on 770 of position, maintenance 2 %: (100 - 15.4) / 770 / 0.98.
    expect(liquidationDistance(state, 770_000)).toBeCloseTo(0.1121, 4);
    const near = account({ equityMicroUsd: microUsd(50_000_000) }, 1_000)(START);
    const settings = {
      capitalMicroUsd: microUsd(1e12),
      reduceOnlySkew: 1,
      positionLimitFraction: 9,
      longBandFraction: 9,
      maxDrawdown: 1,
      reduceOnlyDrawdown: 1,
    };
    const fired = evaluateRisk(
      near,
      at(START_MS, { markPxTicks: pxTicks(770_000) }),
      params(settings),
    );
    expect(fired.risk.triggers?.["liquidation"]?.level).toBe("reduceOnly");
    expect(fired.risk.triggers?.["liquidation"]?.text).toBe(
      "liquidation: 4.59 % away from the mark, least 5.00 %",
    );
    expect(liquidationDistance(quotingState(), 770_000)).toBeNull();
  });

  test("what a position is worth: by the mark, else by our mid, else by the venue's reading", () => {
    const state = quotingState(20);
    const unseen = { ...state, ledger: { ...state.ledger, markX2Ticks: null } };
    const moment = { atMs: at().atMs, view: null };
    expect(referencePx(state, at(START_MS, { markPxTicks: pxTicks(123) }))).toBe(123);
    expect(referencePx(state, moment)).toBe((BID + ASK) / 2);
    expect(referencePx(unseen, moment)).toBe(BID);
    const flat = { ...unseen, account: quotingState(0).account };
    expect(referencePx(flat, moment)).toBe(0);
  });

  test("a position beyond its side's band only shrinks", () => {
    const settings = { longBandFraction: 0.01, reduceOnlySkew: 0.5 };
    expect(see(START, held(140), START_MS, settings).risk.reason).toBe(
      "band: 1.08 % of equity x leverage long, limit 1.00 %",
    );
    expect(see(START, held(-140), START_MS, settings).risk.mode).toBe("normal");
  });

  test("a losing streak is forgiven after the pause, once flat", () => {
    const reduced = see(START, losses(11));
    expect(see(reduced, {}, START_MS + 1_799_999).risk.mode).toBe("reduceOnly");
    const later = see(reduced, {}, START_MS + 1_800_000);
    expect(later.risk.mode).toBe("normal");
    expect(later.ledger.lossStreak).toBe(0);
  });

  test("a new day has a new peak, the total drawdown has not", () => {
    const reduced = see(START, equity(970));
    const nextDay = see(reduced, {}, START_MS + 86_400_000);
    expect(see(nextDay, {}, START_MS + 86_400_000 + DWELL_MS).risk.mode).toBe("normal");
    expect(see(nextDay, equity(949), START_MS + 86_400_001).risk.mode).toBe("halted");
  });
});

describe("the end of trading", () => {
  test("total drawdown: the position is closed first, then the halt latches", () => {
    const closing = see(START, equity(949, 40));
    expect(closing.risk).toMatchObject({ mode: "flatten", haltReason: null });
    expect(closing.risk.reason).toBe("total drawdown: 5.10 % below the peak, limit 5.00 %");
    const recovered = see(closing, equity(1_000, 20));
    expect(recovered.risk.mode).toBe("flatten");
    const halted = see(recovered, equity(1_000));
    expect(halted.risk).toMatchObject({ mode: "halted", haltReason: closing.risk.reason });
    expect(see(halted, {}, START_MS + 86_400_000).risk.mode).toBe("halted");
    expect(haltRisk(halted, "stop").risk.haltReason).toBe("operator: stop");
    // What a late fill brings after the halt is the operator's.
    expect(see(halted, equity(1_000, 5)).risk.mode).toBe("halted");
    const resumed = see(resumeRisk(halted), {}, START_MS + 86_400_000 + 2 * DWELL_MS);
    expect(resumed.risk).toMatchObject({ mode: "normal", haltReason: null, drawdownReason: null });
  });

  test("an operator's halt is the last word, also over a flatten under way", () => {
    const closing = see(START, equity(949, 40));
    const halted = see(haltRisk(closing, "stop"), {});
    expect(halted.risk).toMatchObject({ mode: "halted", haltReason: "operator: stop" });
    expect(quoteBlock(halted, at(), params())).toMatchObject({ reason: "halted", reducing: false });
  });

  test("what is measured while halted closes nothing, and the first word of a drawdown stays", () => {
    const halted = see(haltRisk(START, "stop"), {});
    const fallen = see(halted, equity(940, 40));
    expect(fallen.risk).toMatchObject({ mode: "halted", drawdownReason: null });
    const closing = see(START, equity(949, 40));
    expect(see(closing, equity(930, 40)).risk.reason).toBe(closing.risk.reason);
  });

  test("a position that has to go goes whatever an operator or the settings still allow", () => {
    const risk = { ...START.risk, operatorReduceOnly: "lunch" };
    expect(see({ ...START, risk }, margin(0.91)).risk.mode).toBe("flatten");
    const forced = see(START, margin(0.91), START_MS, { forcedReduceOnly: true });
    expect(forced.risk.mode).toBe("flatten");
    expect(see({ ...START, risk }, losses(11)).risk.reason).toBe("operator: lunch");
  });

  test("an operator's word and the settings", () => {
    const risk = { ...START.risk, operatorReduceOnly: "lunch" };
    expect(see({ ...START, risk }, {}).risk.reason).toBe("operator: lunch");
    expect(see(START, {}, START_MS, { forcedReduceOnly: true }).risk.mode).toBe("reduceOnly");
  });
});

test("pulled quotes leave the way out open, and what cannot be seen at all does not", () => {
  const block = (state: BotState, changes: Partial<MarketView> = {}) =>
    quoteBlock(state, at(START_MS, changes), params())?.reducing;
  expect(block(START)).toBeUndefined();
  expect(block(see(START, depth(900)))).toBe(true);
  expect(block({ ...START, account: { ...START.account, reading: null } })).toBe(true);
  expect(block(START, { bookRecvMs: ms(START_MS - 5_001) })).toBe(false);
  const failed = { ...START, run: { ...START.run, reconcileFailure: "x" } };
  expect(block(failed)).toBe(false);
});
