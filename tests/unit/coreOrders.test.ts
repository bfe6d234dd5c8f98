import { describe, expect, test } from "bun:test";
import { diffOrders, mostUrgent } from "../../lib/core/orderDiff.ts";
import type { DiffOptions, OrderDiff } from "../../lib/core/orderDiff.ts";
import { nextPhase, recordInFlight } from "../../lib/core/orderPhase.ts";
import type { OrderSignal } from "../../lib/core/orderPhase.ts";
import {
  applyFill,
  applyOrderUpdate,
  applyOutcome,
  asksForPatience,
} from "../../lib/core/orderReports.ts";
import { capQueues, tradeQueues } from "../../lib/core/queue.ts";
import { settleOrders } from "../../lib/core/reconcile.ts";
import type { DesiredQuote } from "../../lib/core/quotePlan.ts";
import type { Approved, Command } from "../../lib/messages/commands.ts";
import type { CommandOutcome, EventOf } from "../../lib/messages/events.ts";
import type { OrderPhase, WorkingOrder } from "../../lib/messages/orders.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import {
  ASK,
  BID,
  REASON,
  START_MS,
  at,
  order,
  ownFill,
  quotingState,
  reading,
  view,
} from "../support/coreFixtures.ts";

const OPTIONS: DiffOptions = {
  sizeToleranceFraction: 0.3,
  noPlacing: null,
  worth: null,
  economy: null,
};

function quote(changes: Partial<DesiredQuote> = {}): DesiredQuote {
  return {
    side: "bid",
    pxTicks: pxTicks(BID - 100),
    sizeLots: sizeLots(40),
    reduceOnly: false,
    tif: "Alo",
    toleranceTicks: 30,
    reason: REASON,
    ...changes,
  };
}

const working = (...orders: readonly WorkingOrder[]) =>
  Object.fromEntries(orders.map((entry) => [entry.cloid, entry]));
const counts = (diff: OrderDiff) => ({
  keep: diff.keep.length,
  cancel: diff.cancel.length,
  modify: diff.modify.length,
  place: diff.place.length,
  held: diff.held.length,
});
const NOTHING = { keep: 0, cancel: 0, modify: 0, place: 0, held: 0 };

describe("diff of desired and working orders", () => {
  test.each([
    ["nothing there", [], { place: 1 }],
    ["within tolerance", [order({ pxTicks: pxTicks(BID - 130) })], { keep: 1 }],
    ["price too far off", [order({ pxTicks: pxTicks(BID - 140) })], { modify: 1 }],
    ["size too far off", [order({ leavesLots: sizeLots(20) })], { modify: 1 }],
    ["other side", [order({ side: "ask", pxTicks: pxTicks(ASK + 100) })], { place: 1, cancel: 1 }],
    ["reduce-only where it is not wanted", [order({ reduceOnly: true })], { modify: 1 }],
    [
      "opening elsewhere",
      [order({ phase: "opening", oid: null, pxTicks: pxTicks(BID - 900) })],
      {},
    ],
    ["sent, unanswered", [order({ phase: "unresolved", oid: null })], {}],
    ["on its way out", [order({ phase: "cancelling" })], { place: 1 }],
    [
      "two for one",
      [order(), order({ cloid: "0xb", pxTicks: pxTicks(BID - 110) })],
      { keep: 1, cancel: 1 },
    ],
  ] as const)("%s", (_name, orders, expected) => {
    expect(counts(diffOrders([quote()], working(...orders), OPTIONS))).toEqual({
      ...NOTHING,
      ...expected,
    });
  });

  test.each([
    ["the same size", true, 40, { keep: 1 }],
    ["a little smaller", true, 30, { keep: 1 }],
    ["a little larger", true, 41, { modify: 1 }],
    ["an ordinary one", false, 40, { modify: 1 }],
  ] as const)("for a quote that only reduces: %s", (_, reduceOnly, lots, expected) => {
    const own = order({ reduceOnly, leavesLots: sizeLots(lots) });
    const diff = diffOrders([quote({ reduceOnly: true })], working(own), OPTIONS);
    expect(counts(diff)).toEqual({ ...NOTHING, ...expected });
  });

  test("of what is to be moved, the furthest from its place goes first, on whichever side of it", () => {
    const away = (cloid: string, ticks: number) =>
      order({ cloid, pxTicks: pxTicks(BID - 100 + ticks) });
    const orders = [away("0xa", 40), away("0xb", -90), away("0xc", 60)];
    const modify = orders.map(({ cloid }) => ({ replaces: cloid, quote: quote(), mustGo: false }));
    const diff: OrderDiff = { keep: [], cancel: ["0xd"], modify, place: [], held: [] };
    const two = mostUrgent(diff, working(...orders), 2);
    expect(two.modify.map(({ replaces }) => replaces)).toEqual(["0xb", "0xc"]);
    expect(two.cancel).toEqual(["0xd"]);
    // What may not stay where it is goes before all, by a cancel where nothing else is left for it.
    const near = { ...diff, modify: modify.map((each, i) => ({ ...each, mustGo: i !== 1 })) };
    const one = mostUrgent(near, working(...orders), 1);
    expect(one.modify.map(({ replaces }) => replaces)).toEqual(["0xc"]);
    expect(one.cancel).toEqual(["0xd", "0xa"]);
  });

  test("each order serves one quote, the nearest", () => {
    const quotes = [quote({ pxTicks: pxTicks(BID - 100) }), quote({ pxTicks: pxTicks(BID - 120) })];
    const diff = diffOrders(quotes, working(order({ pxTicks: pxTicks(BID - 100) })), OPTIONS);
    expect(diff.keep.length).toBe(1);
    expect(diff.place.map((entry) => Number(entry.pxTicks))).toEqual([BID - 120]);
  });

  test.each(["opening", "resting", "cancelling", "unresolved"] as const)(
    "nothing is placed through an own %s order of the other side",
    (phase) => {
      const own = order({ side: "ask", pxTicks: pxTicks(BID - 100), phase });
      expect(diffOrders([quote()], working(own), OPTIONS).held.length).toBe(1);
    },
  );

  test("without placing, an order too close to the market is cancelled and others stay", () => {
    const stopped = { ...OPTIONS, noPlacing: "no actions left" };
    const near = order({ pxTicks: pxTicks(BID - 10) });
    const far = order({ pxTicks: pxTicks(BID - 500) });
    expect(counts(diffOrders([quote()], working(near), stopped))).toEqual({
      ...NOTHING,
      cancel: 1,
      held: 1,
    });
    expect(counts(diffOrders([quote()], working(far), stopped))).toEqual({
      ...NOTHING,
      keep: 1,
      held: 1,
    });
  });

  test("one order that takes at a time", () => {
    const taking = quote({ tif: "Ioc", reduceOnly: true });
    expect(diffOrders([taking], {}, OPTIONS).place.length).toBe(1);
    const busy = order({ tif: "Ioc", phase: "opening", oid: null });
    expect(counts(diffOrders([taking], working(busy), OPTIONS))).toEqual({ ...NOTHING, held: 1 });
  });
});

describe("life of an order", () => {
  const phases: readonly OrderPhase[] = ["opening", "resting", "cancelling", "unresolved"];
  const after = (signal: OrderSignal) => phases.map((phase) => nextPhase(phase, signal));

  test("the whole table", () => {
    expect(after("acknowledged")).toEqual(["resting", "resting", "cancelling", "resting"]);
    expect(after("listed")).toEqual(["resting", "resting", "cancelling", "resting"]);
    expect(after("placeFailed")).toEqual(["closed", "resting", "cancelling", "closed"]);
    expect(after("placeUnanswered")).toEqual(["unresolved", "resting", "cancelling", "unresolved"]);
    expect(after("cancelSent")).toEqual(["cancelling", "cancelling", "cancelling", "cancelling"]);
    expect(after("cancelFailed")).toEqual(["opening", "resting", "resting", "resting"]);
    expect(after("cancelUnanswered")).toEqual(["opening", "resting", "unresolved", "unresolved"]);
    expect(after("gone")).toEqual(["unresolved", "unresolved", "unresolved", "unresolved"]);
    expect(after("ended")).toEqual(["closed", "closed", "closed", "closed"]);
  });

  const NEW = "0xnew";
  const OLD = order().cloid;
  const opening = order({ cloid: NEW, phase: "opening", oid: null });
  const replacing = working(order({ phase: "cancelling" }), { ...opening, replaces: OLD });
  const outcome = (result: string, extra = {}, cloid = NEW, op = "modify") =>
    ({ cloid, op, result, ...extra }) as CommandOutcome;
  const update = (
    status: string,
    leaves: number,
    cloid = OLD,
    oid = 7,
  ): EventOf<"orderUpdate"> => ({
    ...at(),
    kind: "orderUpdate",
    oid,
    cloid,
    side: "bid",
    pxTicks: pxTicks(BID - 100),
    leavesLots: sizeLots(leaves),
    origLots: sizeLots(40),
    status,
    statusMs: ms(START_MS),
  });

  test("approved commands are in flight; a modify opens the new and cancels the old order", () => {
    const base = quotingState();
    const state = { ...base, orders: { ...base.orders, working: working(order()) } };
    const modify: Command = {
      kind: "modify",
      cloid: NEW,
      replaces: OLD,
      side: "bid",
      pxTicks: pxTicks(BID - 50),
      sizeLots: sizeLots(40),
      tif: "Alo",
      reduceOnly: false,
      expiresMs: ms(START_MS + 5_000),
      reason: REASON,
    };
    const next = recordInFlight(state, [modify as Approved], at());
    expect(next.orders.working[NEW]).toMatchObject({
      phase: "opening",
      replaces: OLD,
      placedMs: START_MS,
    });
    expect(next.orders.working[OLD]?.phase).toBe("cancelling");
    expect(next.account.usedSinceRead).toBe(1);
    expect(recordInFlight(state, [{ kind: "reconcile" } as Approved], at())).toBe(state);
  });

  test("a modify that succeeds: the new order rests, the old is gone once its story is told", () => {
    const acked = applyOutcome(replacing, outcome("resting", { oid: 8 }));
    expect(acked[NEW]).toMatchObject({ phase: "resting", oid: 8, replaces: null });
    expect(acked[OLD]?.phase).toBe("unresolved");
    expect(applyOrderUpdate(acked, update("canceled", 40))[OLD]).toBeUndefined();
    expect(applyOutcome(acked, outcome("resting", { oid: 8 }))).toBe(acked);
  });

  test("a modify that is refused leaves the old order resting, unless the text says that it is gone", () => {
    const crossing = outcome("rejected", {
      text: "Post only order would have immediately matched",
    });
    expect(applyOutcome(replacing, crossing)).toEqual(working(order()));
    const gone = outcome("rejected", { text: "Cannot modify canceled or filled order" });
    expect(applyOutcome(replacing, gone)).toEqual(working(order({ phase: "unresolved" })));
    expect(applyOutcome(replacing, outcome("neverActed"))).toEqual(working(order()));
    const unknown = applyOutcome(replacing, outcome("unresolved", { text: "timeout" }));
    expect(Object.values(unknown).map(({ phase }) => phase)).toEqual(["unresolved", "unresolved"]);
    expect(applyOutcome(unknown, outcome("neverActed"))).toEqual(working(order()));
  });

  test("the same by the order stream: refused, the old order rests as it did", () => {
    const refused = applyOrderUpdate(replacing, update("badAloPxRejected", 40, NEW, 8));
    expect(refused).toEqual(working(order()));
  });

  test("a fill before the acknowledgement closes the order, and the late answer changes nothing", () => {
    const filled = applyFill(working(opening), ownFill({ cloid: NEW, sizeLots: sizeLots(40) }));
    expect(filled).toEqual({});
    expect(applyOutcome(filled, outcome("filled", { oid: 9 }, NEW, "place"))).toBe(filled);
    expect(applyOrderUpdate(filled, update("filled", 0, NEW, 9))).toBe(filled);
  });

  test("a cancel that is acknowledged before a last execution is known keeps counting until it is", () => {
    const cancelled = applyOutcome(
      working(order({ phase: "cancelling" })),
      outcome("cancelled", {}, OLD, "cancel"),
    );
    expect(cancelled[OLD]?.leavesLots).toBe(sizeLots(40));
    const told = applyOrderUpdate(cancelled, update("canceled", 30));
    expect(told[OLD]).toMatchObject({ phase: "unresolved", leavesLots: 10 });
    expect(applyOrderUpdate(told, update("canceled", 30))).toBe(told);
    expect(applyFill(told, ownFill({ cloid: OLD, sizeLots: sizeLots(10) }))).toEqual({});
    const oneLot = applyOrderUpdate(cancelled, update("canceled", 39));
    expect(oneLot[OLD]).toMatchObject({ phase: "unresolved", leavesLots: 1 });
  });

  test("a late word of opening does not revive an order that is gone", () => {
    const gone = working(order({ phase: "unresolved" }));
    expect(applyOrderUpdate(gone, update("open", 40))).toBe(gone);
    const unanswered = working({ ...opening, phase: "unresolved" });
    expect(applyOrderUpdate(unanswered, update("open", 40, NEW, 8))[NEW]?.phase).toBe("resting");
  });

  test("patience is asked for by every refusal but a crossing price and an order that is gone", () => {
    const refused = (text: string) => asksForPatience(outcome("rejected", { text }));
    expect(refused("Insufficient margin to place order.")).toBe(true);
    expect(refused("Post only order would have immediately matched, bbo was 1@2.")).toBe(false);
    expect(refused("Cannot modify canceled or filled order")).toBe(false);
  });
});

describe("queues", () => {
  const trade = (px: number, lots: number, aggressor: "bid" | "ask" = "ask") => ({
    tid: 1,
    venueMs: ms(START_MS),
    aggressor,
    pxTicks: pxTicks(px),
    sizeLots: sizeLots(lots),
  });
  const queued = working(order({ pxTicks: pxTicks(BID), queueAheadLots: sizeLots(100) }));
  const ahead = (orders: ReturnType<typeof working>) => Object.values(orders)[0]?.queueAheadLots;

  test.each([
    ["at our price", [trade(BID, 30)], 70],
    ["more than is ahead", [trade(BID, 300)], 0],
    ["through our price", [trade(BID - 10, 1)], 0],
    ["at a better price", [trade(BID + 10, 30)], 100],
    ["on the other side", [trade(BID, 30, "bid")], 100],
  ] as const)("trades %s", (_name, trades, left) => {
    expect(ahead(tradeQueues(queued, trades))).toBe(sizeLots(left));
  });

  test("the book caps what is ahead by what others display, and gives a first estimate", () => {
    const book = view({ bids: [{ pxTicks: pxTicks(BID), sizeLots: sizeLots(90) }] });
    expect(ahead(capQueues(queued, book, ms(START_MS)))).toBe(sizeLots(50));
    const unknown = working(order({ pxTicks: pxTicks(BID) }));
    expect(ahead(capQueues(unknown, book, ms(START_MS)))).toBe(sizeLots(50));
    const young = working(order({ pxTicks: pxTicks(BID), placedMs: ms(START_MS - 10) }));
    expect(ahead(capQueues(young, book, ms(START_MS)))).toBe(sizeLots(90));
    const deep = working(order({ pxTicks: pxTicks(BID - 500) }));
    expect(ahead(capQueues(deep, book, ms(START_MS)))).toBeNull();
  });
});

describe("reconciliation of orders", () => {
  const snapshot = (openOrders: readonly (readonly [number, string | null])[]) => ({
    askedMs: ms(START_MS),
    reading: reading(),
    openOrders: openOrders.map(([oid, cloid]) => ({ ...order(), oid, cloid })),
  });
  const settle = (
    orders: readonly WorkingOrder[],
    open: readonly (readonly [number, string | null])[] = [],
  ) => settleOrders(working(...orders), snapshot(open), "km:US500");

  test("listed orders rest, strays of ours are found, others' are left alone", () => {
    const ours = "0xa5005fa5e73c0199c82cc00000000002";
    const theirs = "0xa5001111111100000000000100000001";
    const { working: next, strays } = settle(
      [order({ phase: "unresolved" })],
      [
        [7, order().cloid],
        [8, ours],
        [9, theirs],
        [10, null],
      ],
    );
    expect(Object.values(next).map(({ phase }) => phase)).toEqual(["resting"]);
    expect(strays).toEqual([8]);
  });

  test("an order is found by our id before we know the venue's, and by the venue's where ours is not told", () => {
    const unanswered = order({ phase: "unresolved", oid: null });
    const found = settle([unanswered], [[7, unanswered.cloid]]).working;
    expect(Object.values(found)).toMatchObject([{ phase: "resting", oid: 7 }]);
    const nameless = settle([order({ phase: "unresolved" })], [[7, null]]).working;
    expect(Object.values(nameless)).toMatchObject([{ phase: "resting", oid: 7 }]);
  });

  test.each([
    ["resting and old", order(), 0],
    ["resting and young", order({ placedMs: ms(START_MS - 1_000) }), 1],
    ["in flight", order({ phase: "cancelling" }), 1],
    ["unanswered and expired", order({ phase: "unresolved", oid: null }), 0],
    [
      "unanswered and still able to act",
      order({ phase: "unresolved", oid: null, expiresMs: ms(START_MS + 1) }),
      1,
    ],
  ] as const)("not listed: %s", (_name, entry, left) => {
    expect(Object.keys(settle([entry]).working).length).toBe(left);
  });
});
