import { describe, expect, test } from "bun:test";
import { initialState } from "../../lib/core/initialState.ts";
import { recordInFlight } from "../../lib/core/orderPhase.ts";
import { checkRisk } from "../../lib/core/risk.ts";
import type { Command } from "../../lib/messages/commands.ts";
import type { Event, EventOf } from "../../lib/messages/events.ts";
import type { BotState } from "../../lib/messages/state.ts";
import type { Step } from "../../lib/messages/step.ts";
import { microUsd, ms, positionLots, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import {
  ASK,
  BID,
  SPEC,
  START_MS,
  at,
  dispatch,
  order,
  ownFill,
  params,
  quotingState,
  reading,
  view,
  withOrders,
} from "../support/coreFixtures.ts";

const PARAMS = params();
const book = (atMs = START_MS): Event => ({ ...at(atMs), kind: "book" });
const handle = (event: Event, state: BotState): Step => dispatch(event, state, PARAMS);
const kinds = (commands: readonly Command[]) =>
  [...new Set(commands.map(({ kind }) => kind))].toSorted();
const operator = (op: EventOf<"operator">["order"]): Event => ({
  ...at(),
  kind: "operator",
  order: op,
  reason: "test",
});

/** Handler, risk and record, as the sequencer runs them. */
function step(event: Event, state: BotState): BotState {
  const handled = handle(event, state);
  const { approved } = checkRisk(handled.state, handled.commands, event, PARAMS);
  return recordInFlight(handled.state, approved, event);
}

/** A state whose ladder rests. */
function resting(): BotState {
  const opened = step(book(), quotingState());
  const orders = Object.values(opened.orders.working).map((entry, i) => ({
    ...entry,
    phase: "resting" as const,
    oid: i + 1,
  }));
  return withOrders(opened, orders);
}

describe("book", () => {
  test("quotes both sides with ids of this run, and asks for nothing more while they fit", () => {
    const { state, commands } = handle(book(), quotingState());
    const places = commands.filter((command) => command.kind === "place");
    expect(kinds(commands)).toEqual(["place"]);
    expect(new Set(places.map(({ side }) => side))).toEqual(new Set(["bid", "ask"]));
    expect(new Set(places.map(({ cloid }) => cloid)).size).toBe(places.length);
    expect(state.run.orderSeq).toBe(places.length);
    const quiet = handle(book(START_MS + 600), resting());
    expect(quiet.commands).toEqual([]);
    const again = handle(book(START_MS + 700), quiet.state);
    expect(again.state).toBe(quiet.state);
  });

  test("nothing is refused of a fresh ladder", () => {
    const { state, commands } = handle(book(), quotingState());
    expect(checkRisk(state, commands, book(), PARAMS).refused).toEqual([]);
  });

  test("between replacements a moment passes", () => {
    const moved = (atMs: number): Event => ({
      ...at(atMs, {
        bids: [{ pxTicks: pxTicks(BID + 300), sizeLots: sizeLots(5_000) }],
        asks: [{ pxTicks: pxTicks(ASK + 300), sizeLots: sizeLots(5_000) }],
      }),
      kind: "book",
    });
    expect(handle(moved(START_MS + 499), resting()).commands).toEqual([]);
    const { commands } = handle(moved(START_MS + 500), resting());
    expect(kinds(commands)).toEqual(["modify"]);
  });

  test("a book that came late pulls every quote", () => {
    const late: Event = { ...at(), atMs: ms(START_MS + 5_001), kind: "book" };
    const { commands } = handle(late, resting());
    expect(kinds(commands)).toEqual(["cancel"]);
    expect(commands.length).toBe(Object.keys(resting().orders.working).length);
  });

  test("without actions left, one order follows in ten seconds; without cancels to spare, none", () => {
    const whole = resting();
    const bidsOf = Object.values(whole.orders.working).filter(({ side }) => side === "bid");
    const spent = withOrders(whole, bidsOf);
    const { pace } = spent.account;
    const of = (used: number, idleMs: number): BotState => {
      const atMs = ms(START_MS + 20_000 - idleMs);
      const budget = { used, cap: 10_000 };
      return {
        ...spent,
        account: { ...spent.account, budget, usedSinceRead: 0, pace: { ...pace!, atMs } },
        orders: { ...spent.orders, lastQuoteMs: atMs },
      };
    };
    // The market has left every bid behind, and there is no ask.
    const moved: Event = {
      ...at(START_MS + 20_000, {
        bookVenueMs: ms(START_MS + 20_000),
        bookRecvMs: ms(START_MS + 20_000),
        bids: [{ pxTicks: pxTicks(BID + 3_000), sizeLots: sizeLots(5_000) }],
        asks: [{ pxTicks: pxTicks(ASK + 3_000), sizeLots: sizeLots(5_000) }],
      }),
      kind: "book",
    };
    const orders = (state: BotState) =>
      handle(moved, state).commands.filter(({ kind }) => kind === "place" || kind === "modify");
    expect(orders(of(9_600, 10_999))).toEqual([]);
    for (const used of [9_600, 10_000, 19_400]) expect(orders(of(used, 11_000))).toHaveLength(1);
    expect(orders(of(19_500, 11_000))).toEqual([]);
  });
});

describe("trade, fill, order update, outcome", () => {
  test("trades use up queues and move no quotes", () => {
    const state = withOrders(quotingState(), [
      order({ pxTicks: pxTicks(BID), queueAheadLots: sizeLots(50) }),
    ]);
    const trades = [
      {
        tid: 1,
        venueMs: ms(START_MS),
        aggressor: "ask" as const,
        pxTicks: pxTicks(BID),
        sizeLots: sizeLots(20),
      },
    ];
    const next = handle({ ...at(), kind: "trade", trades }, state);
    expect(Object.values(next.state.orders.working)[0]?.queueAheadLots).toBe(sizeLots(30));
    expect(next.commands).toEqual([]);
  });

  test("a fill moves position, order and, with actions to spare, quotes at once", () => {
    const { account, ...others } = resting();
    const state = { ...others, account: { ...account, budget: { used: 0, cap: 1_000_000 } } };
    const bid = Object.values(state.orders.working).find((entry) => entry.side === "bid");
    const fill = ownFill({
      cloid: bid?.cloid ?? null,
      pxTicks: bid?.pxTicks ?? pxTicks(1),
      sizeLots: bid?.leavesLots ?? sizeLots(1),
    });
    const { state: after, commands } = handle({ ...at(), kind: "fill", fill }, state);
    expect(Number(after.ledger.positionLots)).toBe(Number(fill.sizeLots));
    expect(after.orders.working[bid?.cloid ?? ""]).toBeUndefined();
    expect(commands.length).toBeGreaterThan(0);
  });

  test("a fill earns against the mid before its trade; the move it came with is adverse", () => {
    const midChanges = [
      { venueMs: ms(START_MS - 500), midX2Ticks: BID + ASK + 400 },
      { venueMs: ms(START_MS), midX2Ticks: BID + ASK },
    ];
    const fill = ownFill({ pxTicks: pxTicks(BID + 110), sizeLots: sizeLots(10) });
    const filled = handle({ ...at(START_MS, { midChanges }), kind: "fill", fill }, quotingState());
    expect(filled.state.ledger.pnl).toEqual({ spread: 2_000, adverse: 0, inventory: -4_000 });
    const later = handle(book(START_MS + 10_000), filled.state);
    expect(later.state.ledger.pnl).toEqual({ spread: 2_000, adverse: -4_000, inventory: 0 });
  });

  test("a fill beyond the skew limit leaves only the reducing side, once ordinary orders are gone", () => {
    const fill = ownFill({ sizeLots: sizeLots(300) });
    const { state, commands } = handle({ ...at(), kind: "fill", fill }, resting());
    expect(state.risk.mode).toBe("reduceOnly");
    expect(kinds(commands)).toEqual(["cancel"]);
    const cleared = handle(book(START_MS + 500), withOrders(state, [])).commands;
    const orders = cleared.filter((command) => command.kind === "place");
    expect(orders.map((command) => [command.side, command.reduceOnly])).toEqual([["ask", true]]);
  });

  test("a refusal for margin holds new orders for a while, a crossing price does not", () => {
    const state = withOrders(quotingState(), [order({ phase: "opening", oid: null })]);
    const refused = (text: string): Event => ({
      ...at(START_MS + 600),
      kind: "outcome",
      nonce: 1,
      outcomes: [{ cloid: order().cloid, op: "place", result: "rejected", text }],
      roundTripMs: 5,
    });
    expect(handle(refused("Insufficient margin to place order."), state).commands).toEqual([]);
    const crossed = handle(
      refused("Post only order would have immediately matched, bbo was 1@2"),
      state,
    );
    expect(kinds(crossed.commands)).toEqual(["place"]);
  });

  test("reports about unknown orders change nothing", () => {
    const state = quotingState();
    const outcome: Event = {
      ...at(),
      kind: "outcome",
      nonce: 1,
      outcomes: [{ cloid: "0xother", op: "place", result: "resting", oid: 5 }],
      roundTripMs: null,
    };
    expect(handle(outcome, state).state).toBe(state);
  });
});

describe("margin, operator, feeds, timers", () => {
  test("a failed reading is remembered; the old one ages until quotes are pulled", () => {
    const failed = (atMs: number): Event => ({
      ...at(atMs),
      kind: "margin",
      reading: null,
      failure: "timeout",
      budget: null,
    });
    const soon = handle(failed(START_MS + 1_000), resting());
    expect(soon.state.account).toMatchObject({ failure: "timeout", readMs: START_MS });
    expect(kinds(soon.commands)).not.toContain("cancel");
    // A count that was not told is not forgotten, and what was sent since it goes on counting.
    const { budget, usedSinceRead, reading: held } = resting().account;
    expect(soon.state.account).toMatchObject({ budget, usedSinceRead, reading: held });
    expect(usedSinceRead).toBeGreaterThan(0);
    expect(kinds(handle(failed(START_MS + 60_001), resting()).commands)).toEqual(["cancel"]);
  });

  test("a reading brings budget and peaks", () => {
    const budget = { used: 5, cap: 10_000 };
    const event: Event = { ...at(), kind: "margin", reading: reading(), failure: null, budget };
    const { state } = handle(event, {
      ...quotingState(),
      account: { ...quotingState().account, usedSinceRead: 9 },
    });
    expect(state.account).toMatchObject({ budget, usedSinceRead: 0, readMs: START_MS });
    expect(Number(state.risk.equityPeakDayMicroUsd)).toBe(1_000_000_000);
  });

  test("halt pulls everything and stays; resume quotes again", () => {
    const halted = handle(operator({ op: "halt" }), resting());
    expect(kinds(halted.commands)).toEqual(["cancel", "reconcile"]);
    expect(halted.state.risk.mode).toBe("halted");
    const empty = withOrders(halted.state, []);
    expect(handle(book(START_MS + 5_000), empty).commands).toEqual([]);
    expect(kinds(handle(operator({ op: "resume" }), empty).commands)).toEqual(["place"]);
  });

  test("reduce-only on while flat pulls quotes, off brings them back", () => {
    const on = handle(operator({ op: "reduceOnly", enabled: true }), resting());
    expect(kinds(on.commands)).toEqual(["cancel"]);
    expect(on.state.risk).toMatchObject({ mode: "reduceOnly", reason: "operator: test" });
    const off = handle(operator({ op: "reduceOnly", enabled: false }), withOrders(on.state, []));
    expect(kinds(off.commands)).toEqual(["place"]);
  });

  test("a lost feed pulls quotes; the account's return asks the venue", () => {
    const feed = (name: "market" | "account", state: "live" | "lost" | "stale"): Event => ({
      ...at(),
      kind: "feedState",
      feed: name,
      state,
      detail: "",
    });
    const lost = handle(feed("market", "stale"), resting());
    expect(kinds(lost.commands)).toEqual(["cancel"]);
    expect(kinds(handle(feed("market", "live"), withOrders(lost.state, [])).commands)).toEqual([
      "place",
    ]);
    const gone = handle(feed("account", "lost"), quotingState());
    expect(kinds(handle(feed("account", "live"), gone.state).commands)).toContain("reconcile");
    expect(handle(feed("account", "live"), quotingState()).commands).toEqual([]);
  });

  test.each([
    ["marginTick", ["readMargin"]],
    ["reconcile", ["reconcile"]],
    ["dailyReport", []],
    ["requote", ["place"]],
  ] as const)("timer %s", (timer, expected) => {
    expect(kinds(handle({ ...at(), kind: "timer", timer }, quotingState()).commands)).toEqual([
      ...expected,
    ]);
  });

  test("funding is booked", () => {
    const event: Event = {
      ...at(),
      kind: "funding",
      venueMs: ms(START_MS),
      microUsd: microUsd(-7),
      positionLots: positionLots(3),
    };
    expect(Number(handle(event, quotingState(3)).state.ledger.fundingMicroUsd)).toBe(-7);
  });
});

describe("start, reconciliation, end", () => {
  const started: Event = { ...at(), view: null, kind: "runStarted", runId: 5, spec: SPEC };
  const live = (state: BotState): BotState => ({
    ...state,
    run: { ...state.run, feeds: { market: "live", account: "live" } },
  });
  const reconciled = (
    changes: Partial<ReturnType<typeof reading>> = {},
    openOids: readonly [number, string][] = [],
  ): Event => ({
    ...at(),
    kind: "reconciled",
    failure: null,
    snapshot: {
      askedMs: ms(START_MS),
      reading: reading(changes),
      openOrders: openOids.map(([oid, cloid]) => ({ ...order(), oid, cloid })),
    },
  });

  test("a start trusts nothing and asks the venue; the answer lets quoting begin", () => {
    const first = handle(started, { ...initialState });
    expect(first.commands).toEqual([{ kind: "reconcile" }]);
    expect(handle(book(), live(first.state)).commands).toEqual([]);
    const agreed = handle(
      reconciled({ positionLots: positionLots(20), positionValueMicroUsd: microUsd(20 * BID) }),
      live(first.state),
    );
    expect(agreed.state.run).toMatchObject({
      phase: "quoting",
      reconcileFailure: null,
      reconciledMs: START_MS,
    });
    expect(Number(agreed.state.ledger.positionLots)).toBe(20);
    expect(agreed.state.ledger.baseline).not.toBeNull();
    expect(kinds(agreed.commands)).toEqual(["place"]);
  });

  test("orders of the last run are unresolved, a halt stays, another market is refused", () => {
    const before = { ...resting(), risk: { ...resting().risk, haltReason: "x" } };
    const { state } = handle({ ...started, runId: 6 }, before);
    expect(new Set(Object.values(state.orders.working).map(({ phase }) => phase))).toEqual(
      new Set(["unresolved"]),
    );
    expect(state.risk.haltReason).toBe("x");
    expect(state.run).toMatchObject({ runId: 6, orderSeq: 0, phase: "starting" });
    const other = { ...started, spec: { ...SPEC, market: "mkts:US500" } } as Event;
    expect(() => handle(other, before)).toThrow("one data folder serves one market");
  });

  test("strays of ours are cancelled by oid before quoting begins", () => {
    const first = live(handle(started, { ...initialState }).state);
    const stray = "0xa5005fa5e73c0199c82cc00000000002";
    const { state, commands } = handle(reconciled({}, [[8, stray]]), first);
    expect(commands).toEqual([{ kind: "cancelOid", oid: 8 }, { kind: "reconcile" }]);
    expect(state.run.phase).toBe("starting");
    expect(state.orders.strays).toEqual([8]);
    expect(handle(reconciled(), state).state.run.phase).toBe("quoting");
  });

  test("another position than ours pulls quotes and asks again once", () => {
    const different = reconciled({ positionLots: positionLots(4) });
    const first = handle(different, resting());
    expect(first.state.run.phase).toBe("starting");
    expect(first.state.run.reconcileFailure).toBe("the venue's position is 4 lots, ours is 0");
    expect(kinds(first.commands)).toEqual(["cancel", "reconcile"]);
    expect(kinds(handle(different, withOrders(first.state, [])).commands)).toEqual([]);
  });

  test("a fill that the reading cannot contain is no disagreement", () => {
    const fill = ownFill({ sizeLots: sizeLots(20), venueMs: ms(START_MS) });
    const filled = handle({ ...at(), kind: "fill", fill }, resting()).state;
    const { state } = handle(reconciled({ venueMs: ms(START_MS - 1) }), filled);
    expect(state.run).toMatchObject({ phase: "quoting", reconcileFailure: null });
    const starting = { ...filled, run: { ...filled.run, phase: "starting" as const } };
    const asked = handle(reconciled({ venueMs: ms(START_MS - 1) }), starting);
    expect(asked.state.run).toMatchObject({
      phase: "starting",
      reconcileFailure: "a fill came while the venue was asked",
    });
    expect(kinds(asked.commands)).toContain("reconcile");
  });

  test("a reconciliation that failed pulls quotes", () => {
    const failed: Event = { ...at(), kind: "reconciled", snapshot: null, failure: "timeout" };
    const { state, commands } = handle(failed, resting());
    expect(state.run.reconcileFailure).toBe("reconciliation failed: timeout");
    expect(kinds(commands)).toEqual(["cancel"]);
  });

  test("the end cancels what rests now and what comes to rest later, and places nothing", () => {
    const state = resting();
    const [first] = Object.values(state.orders.working);
    const late = { ...first, phase: "opening" as const, oid: null } as ReturnType<typeof order>;
    const ending = withOrders(state, [...Object.values(state.orders.working).slice(1), late]);
    const stopped = handle({ ...at(), kind: "runStopping", reason: "test" }, ending);
    expect(kinds(stopped.commands)).toEqual(["cancel"]);
    expect(stopped.commands.length).toBe(Object.keys(ending.orders.working).length - 1);
    const outcome: Event = {
      ...at(),
      kind: "outcome",
      nonce: 1,
      roundTripMs: 1,
      outcomes: [{ cloid: late.cloid, op: "place", result: "resting", oid: 99 }],
    };
    const { commands } = handle(outcome, withOrders(stopped.state, [late]));
    expect(commands).toEqual([{ kind: "cancel", cloid: late.cloid }]);
  });
});

test("the position is valued at the others' mid before each event", () => {
  const { state } = handle(
    {
      ...at(START_MS, view({ bids: [{ pxTicks: pxTicks(BID + 10), sizeLots: sizeLots(9) }] })),
      kind: "trade",
      trades: [],
    },
    quotingState(10),
  );
  expect(state.ledger.markX2Ticks).toBe(BID + 10 + ASK);
  expect(state.ledger.pnl.inventory).toBe(100);
});
