import { describe, expect, test } from "bun:test";
import { evaluateRisk } from "../../lib/core/riskMode.ts";
import { planQuotes } from "../../lib/core/quotes.ts";
import { SESSION_FACTOR } from "../../lib/core/session.ts";
import type { Params } from "../../lib/messages/params.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { ms, pxTicks } from "../../lib/units/numbers.ts";
import { ASK, BID, START_MS, at, dispatch, params, quotingState } from "../support/coreFixtures.ts";

type Moment = ReturnType<typeof at>;

/** The nearest quote's reason. */
function nearest(
  state: BotState,
  moment: Moment,
  settings: Partial<Params> = {},
  side: "bid" | "ask" = "bid",
) {
  const { quotes } = planQuotes(state, moment, params(settings));
  const reason = quotes.find((quote) => quote.side === side)?.reason;
  if (reason === undefined) throw new Error(`there is a ${side}`);
  return reason;
}
const width = (...of: Parameters<typeof nearest>): number => nearest(...of).halfSpreadBps;
const STATE = quotingState();
const USUAL = width(STATE, at());

describe("quotes are wider", () => {
  test.each([
    ["the open", "2026-01-14T14:35:00Z", "open"],
    ["regular hours", "2026-01-14T16:00:00Z", "regular"],
    ["the close", "2026-01-14T20:50:00Z", "close"],
    ["extended hours", "2026-01-14T12:00:00Z", "extended"],
    ["the night", "2026-01-15T03:00:00Z", "overnight"],
    ["the weekend", "2026-01-17T12:00:00Z", "weekend"],
  ] as const)("in %s, by the session's factor, where that is switched on", (_, time, session) => {
    const moment = at(Date.parse(time));
    const state = { ...STATE, account: { ...STATE.account, readMs: moment.atMs } };
    const reason = nearest(state, moment, { sessionAware: true });
    expect(reason.sessionFactor).toBe(SESSION_FACTOR[session]);
    expect(reason.halfSpreadBps).toBeCloseTo(SESSION_FACTOR[session] * USUAL, 9);
    expect(width(state, moment)).toBeCloseTo(USUAL, 9);
  });

  test("the longer the oracle stands still and the further the mid has gone, up to its factor", () => {
    const lagging = (ageMs: number, movedBps: number): Moment =>
      at(START_MS, {
        oraclePxTicks: pxTicks(BID),
        oracleChange: {
          recvMs: ms(START_MS - ageMs),
          midX2Ticks: Math.round((BID + ASK) * (1 - movedBps / 1e4)),
        },
      });
    expect(width(STATE, lagging(30_000, 0))).toBeCloseTo(USUAL, 6);
    expect(width(STATE, lagging(0, 5))).toBeCloseTo(USUAL, 6);
    expect(width(STATE, lagging(15_000, 5))).toBeCloseTo(1.25 * USUAL, 2);
    expect(width(STATE, lagging(30_000, 5))).toBeCloseTo(1.5 * USUAL, 2);
    expect(width(STATE, lagging(900_000, 5))).toBeCloseTo(1.5 * USUAL, 2);
    expect(nearest(STATE, lagging(15_000, 5)).oracleFactor).toBeCloseTo(1.25, 2);
    expect(width(STATE, lagging(30_000, 5), { oracleWidening: 1 })).toBeCloseTo(USUAL, 6);
  });

  test("after fills that went wrong, on their side", () => {
    const bad = { atMs: ms(START_MS), weight: 30, bps: -6, fadeBps: 0 };
    const { bid } = STATE.ledger.toxicity;
    const state = { ...STATE, ledger: { ...STATE.ledger, toxicity: { bid, ask: bad } } };
    expect(width(state, at(), {}, "ask")).toBeGreaterThan(2 * USUAL);
    expect(width(state, at())).toBeCloseTo(USUAL, 9);
  });

  test("by toxic flow against a side", () => {
    const sold = at(START_MS, { flowImbalance: -1 });
    expect(nearest(STATE, sold).adverseBps).toBeGreaterThan(nearest(STATE, at()).adverseBps);
    expect(nearest(STATE, sold, {}, "ask").adverseBps).toBeCloseTo(
      nearest(STATE, at(), {}, "ask").adverseBps,
      9,
    );
  });

  test("in mode widened, on the side that adds", () => {
    const state = evaluateRisk(
      { ...STATE, ledger: { ...STATE.ledger, lossStreak: 9 } },
      at(),
      params(),
    );
    expect(state.risk.mode).toBe("widened");
    expect(width(state, at())).toBeCloseTo(2 * USUAL, 9);
    expect(nearest(state, at()).modeFactor).toBe(2);
  });
});

test("between two replacements the least time passes, whatever asks for them", () => {
  const settings = params({ requoteMinMs: ms(60_000) });
  const start = dispatch({ kind: "book", ...at() }, STATE, settings);
  expect(start.commands.length).toBeGreaterThan(0);
  const later = at(START_MS + 5_000);
  for (const event of [
    { kind: "book" as const, ...later },
    { kind: "timer" as const, timer: "requote" as const, ...later },
  ])
    expect(dispatch(event, start.state, settings).commands).toEqual([]);
  const due = at(START_MS + 60_000);
  const { commands } = dispatch({ kind: "timer", timer: "requote", ...due }, start.state, settings);
  expect(commands.length).toBeGreaterThan(0);
});
