import { describe, expect, test } from "bun:test";
import { deriveCloid } from "../../lib/core/cloid.ts";
import { closableLots, closingObstacle, planClosing } from "../../lib/core/closing.ts";
import { noteClosingRefusal, trackClosing } from "../../lib/core/closingState.ts";
import { haltRisk } from "../../lib/core/riskMode.ts";
import type { Event } from "../../lib/messages/events.ts";
import type { MarketView } from "../../lib/messages/market.ts";
import type { Params } from "../../lib/messages/params.ts";
import type { BotState, ClosingState } from "../../lib/messages/state.ts";
import { microUsd, ms, positionLots, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import {
  ASK,
  BID,
  START_MS,
  at,
  dispatch,
  order,
  params,
  quotingState,
  reading,
  withOrders,
} from "../support/coreFixtures.ts";

/** A position that has to go, with the record of the way so far. */
function closing(
  mode: "reduceOnly" | "flatten",
  lots: number,
  changes: Partial<ClosingState> = {},
): BotState {
  const state = quotingState(lots);
  const operator = mode === "flatten" ? { operatorFlatten: "out" } : { operatorReduceOnly: "out" };
  const begun = trackClosing(
    { ...state, risk: { ...state.risk, ...operator, mode } },
    at(),
    params(),
  );
  const record = begun.risk.closing;
  if (record === null || record === undefined) throw new Error("closing has begun");
  return { ...begun, risk: { ...begun.risk, closing: { ...record, ...changes } } };
}

function planned(
  state: BotState,
  atMs = START_MS,
  changes: Partial<MarketView> = {},
  settings: Partial<Params> = {},
) {
  const plan = planClosing(state, at(atMs, changes), params(settings));
  const quote = plan?.quotes[0];
  return {
    order:
      quote === undefined
        ? null
        : [quote.side, quote.tif, Number(quote.pxTicks), Number(quote.sizeLots)],
    obstacle: plan?.obstacle ?? null,
  };
}
const later = START_MS + 2_000;

describe("the order that closes", () => {
  test.each([
    ["reduce-only joins the touch", closing("reduceOnly", 100), START_MS, ["ask", "Alo", ASK, 100]],
    [
      "reduce-only, patience gone, goes in front of it",
      closing("reduceOnly", -100),
      START_MS + 60_000,
      ["bid", "Alo", BID + 10, 100],
    ],
    [
      "reduce-only, much later, takes a quarter",
      closing("reduceOnly", 100),
      START_MS + 300_000,
      ["ask", "Ioc", 769_620, 25],
    ],
    [
      "flatten rests in front of the touch",
      closing("flatten", 100),
      START_MS,
      ["ask", "Alo", ASK - 10, 100],
    ],
    [
      "flatten takes on the first rung",
      closing("flatten", 100),
      later,
      ["ask", "Ioc", 769_620, 100],
    ],
    [
      "flatten takes on the last rung",
      closing("flatten", -100, { takes: 9 }),
      later,
      ["bid", "Ioc", 771_560, 100],
    ],
  ] as const)("%s", (_name, state, atMs, expected) => {
    expect(planned(state, atMs).order).toEqual([...expected]);
  });

  test("no price beyond the bound from the mark: then it rests and says why", () => {
    const far = {
      bids: [{ pxTicks: pxTicks(760_000), sizeLots: sizeLots(9) }],
      markPxTicks: pxTicks(BID),
    };
    const { order: quote, obstacle } = planned(closing("flatten", 100), later, far);
    expect(quote?.slice(0, 2)).toEqual(["ask", "Alo"]);
    expect(obstacle).toBe("nothing is offered within 100 bp of the mark");
    const near = {
      bids: [{ pxTicks: pxTicks(762_500), sizeLots: sizeLots(9) }],
      markPxTicks: pxTicks(BID),
    };
    expect(planned(closing("flatten", 100), later, near).order?.[2]).toBeGreaterThanOrEqual(
      762_300,
    );
  });

  test("post-only hours: it rests until they may be over", () => {
    const text = "Only post-only orders allowed immediately after network upgrade";
    const refused = noteClosingRefusal(closing("flatten", 100), text, ms(later));
    expect(planned(refused, later + 9_999).order?.[1]).toBe("Alo");
    expect(planned(refused, later + 10_000).order?.[1]).toBe("Ioc");
  });

  test("sizes are fresh: the smaller of two beliefs, none when they disagree about the side", () => {
    const read = (lots: number, venueMs: number): BotState => {
      const state = closing("flatten", 100);
      const fresh = reading({ positionLots: positionLots(lots), venueMs: ms(venueMs) });
      return {
        ...state,
        ledger: { ...state.ledger, fillWatermarkMs: ms(START_MS) },
        account: { ...state.account, reading: fresh },
      };
    };
    expect(closableLots(read(60, START_MS + 1))).toBe(60);
    expect(closableLots(read(160, START_MS + 1))).toBe(100);
    expect(closableLots(read(-60, START_MS + 1))).toBe(0);
    expect(closableLots(read(60, START_MS))).toBe(100);
  });

  test("a slice below $10 becomes the whole, unless ordinary orders may still fill", () => {
    const state = closing("reduceOnly", 30, { startLots: 30 });
    expect(planned(state, START_MS + 300_000).order?.[3]).toBe(30);
    const plain = order({
      side: "ask",
      pxTicks: pxTicks(ASK + 100),
      leavesLots: sizeLots(25),
      phase: "cancelling",
    });
    expect(planned(withOrders(state, [plain]), START_MS + 300_000)).toEqual({
      order: null,
      obstacle: "ordinary orders are still being cancelled",
    });
  });

  test("pulled quotes leave a resting order on the reducing side", () => {
    const state = quotingState(100);
    const thin = {
      ...at(START_MS + 600, { asks: [{ pxTicks: pxTicks(ASK), sizeLots: sizeLots(1) }] }),
      kind: "book",
    } as const;
    const { commands } = dispatch(thin, state, params());
    expect(commands).toMatchObject([{ kind: "place", side: "ask", tif: "Alo", reduceOnly: true }]);
  });
});

describe("the way to flat", () => {
  const resting = order({
    cloid: "0xr",
    side: "ask",
    pxTicks: pxTicks(ASK),
    leavesLots: sizeLots(100),
    origLots: sizeLots(100),
    reduceOnly: true,
  });
  const book = (atMs: number, changes: Partial<MarketView> = {}): Event => ({
    ...at(atMs, changes),
    kind: "book",
  });
  const kinds = (state: BotState, event: Event) =>
    dispatch(event, state, params()).commands.map(({ kind }) => kind);

  test("an order that fits is kept, one that does not is moved in one action", () => {
    const state = withOrders(closing("reduceOnly", 100), [resting]);
    expect(kinds(state, book(START_MS + 600))).toEqual([]);
    const up = {
      asks: [{ pxTicks: pxTicks(ASK + 50), sizeLots: sizeLots(5_000) }],
      bids: [{ pxTicks: pxTicks(BID + 50), sizeLots: sizeLots(5_000) }],
    };
    expect(kinds(state, book(START_MS + 600, up))).toEqual(["modify"]);
    expect(kinds(state, book(START_MS + 400, up)).length).toBe(1);
  });

  test("of two reducing orders one goes, and nothing is sent while one is under way", () => {
    const second = { ...resting, cloid: "0xs", pxTicks: pxTicks(ASK + 200) };
    const state = withOrders(closing("reduceOnly", 100), [resting, second]);
    expect(dispatch(book(START_MS + 600), state, params()).commands).toEqual([
      { kind: "cancel", cloid: "0xs" },
    ]);
    const opening = withOrders(closing("flatten", 100), [
      { ...resting, phase: "opening", oid: null },
    ]);
    expect(kinds(opening, book(later + 600))).toEqual([]);
  });

  test("taking cancels what rests in the same step", () => {
    const state = withOrders(closing("flatten", 100), [resting]);
    expect(kinds(state, book(later))).toEqual(["cancel", "place", "readMargin"]);
  });

  test("a refusal waits longer each time, asks the venue once, and progress forgets it", () => {
    const state = closing("flatten", 100);
    const once = noteClosingRefusal(state, "no", ms(later));
    const twice = noteClosingRefusal(once, "no", ms(later));
    expect([once, twice].map(({ risk }) => Number(risk.closing?.retryMs) - later)).toEqual([
      500, 1_000,
    ]);
    const shrunk = { ...twice, ledger: { ...twice.ledger, positionLots: positionLots(50) } };
    expect(trackClosing(shrunk, at(later), params()).risk.closing).toMatchObject({
      refusals: 0,
      refusal: null,
      leastLots: 50,
      progressMs: later,
    });
  });

  test("after the stated number of orders: an alarm with its reason, and one order per ten seconds", () => {
    const spent = closing("flatten", 100, { actions: 60, refusal: "Insufficient margin" });
    const { state } = dispatch(book(later), spent, params());
    expect(state.risk.alarm).toBe(
      "flatten: 100 lots are still open after 60 orders: Insufficient margin",
    );
    const sent = { ...spent, orders: { ...spent.orders, lastQuoteMs: ms(later) } };
    expect(kinds(sent, book(later + 9_999))).toEqual([]);
    expect(kinds(sent, book(later + 10_000))).toContain("place");
  });

  test("without progress: an alarm, over once the position is flat", () => {
    const stuck = closing("flatten", 100);
    const raised = trackClosing(stuck, at(START_MS + 120_000), params());
    expect(raised.risk.alarm).toContain("without progress for 120 s: nobody trades with us");
    const flat = { ...raised, ledger: { ...raised.ledger, positionLots: positionLots(0) } };
    expect(trackClosing(flat, at(START_MS + 121_000), params()).risk).toMatchObject({
      alarm: null,
      closing: null,
    });
  });
});

test("orders on the way are counted, and those that take", () => {
  const counted = (mode: "reduceOnly" | "flatten", atMs: number) => {
    const event: Event = { ...at(atMs), kind: "book" };
    const { risk } = dispatch(event, closing(mode, 100), params()).state;
    return [risk.closing?.actions, risk.closing?.takes];
  };
  expect(counted("reduceOnly", START_MS + 600)).toEqual([1, 0]);
  expect(counted("flatten", later + 600)).toEqual([1, 1]);
});

test("what is expected of it: against the middle of the book, after fee and adverse selection", () => {
  const reasonOf = (mode: "reduceOnly" | "flatten", atMs: number, changes = {}) =>
    planClosing(closing(mode, 100), at(atMs, changes), params({ adverseBpsFloor: 0.4 }))?.quotes[0]
      ?.reason;
  const half = (1e4 * 10) / (BID + 10);
  const rests = reasonOf("reduceOnly", START_MS);
  expect(rests).toMatchObject({ fairTicks: BID + 10, feeBps: 0.3, adverseBps: 0.4 });
  expect(rests?.halfSpreadBps).toBeCloseTo(half, 9);
  expect(rests?.edgeBps).toBeCloseTo(half - 0.7, 9);
  const takes = reasonOf("flatten", later);
  expect(takes).toMatchObject({ feeBps: 0.9, adverseBps: 0, placement: "flatten" });
  expect(takes?.halfSpreadBps).toBeLessThanOrEqual(-half + 1e-9);
  // With one side alone the mark is the middle.
  const oneSided = { bids: [], markPxTicks: pxTicks(BID + 4) };
  expect(reasonOf("reduceOnly", START_MS, oneSided)?.fairTicks).toBe(BID + 4);
});

test("a slice is a share of what was held at first, and the whole where it is worth too little", () => {
  const margins = { margin: { level: "flatten" as const, text: "", sinceMs: ms(0), calmMs: null } };
  const state = closing("flatten", 20);
  const pressed = {
    ...state,
    risk: { ...state.risk, operatorFlatten: null, triggers: margins },
  };
  const slice = (flattenSliceFraction: number) =>
    planned(pressed, later, {}, { flattenSliceFraction }).order?.at(-1);
  expect(slice(0.9)).toBe(18);
  for (const name of ["margin", "liquidation"]) {
    const trigger = { level: "flatten" as const, text: "", sinceMs: ms(0), calmMs: null };
    const alone = { ...pressed, risk: { ...pressed.risk, triggers: { [name]: trigger } } };
    const sized = (of: BotState) =>
      planned(of, later, {}, { flattenSliceFraction: 0.9 }).order?.at(-1);
    expect(sized(alone)).toBe(18);
    const ordered = { ...alone, risk: { ...alone.risk, operatorFlatten: "out" } };
    expect(sized(ordered)).toBe(20);
  }
  // Less than the venue's minimum is made the whole.
  expect(slice(0.01)).toBe(20);
});

test("cancels that are refused raise no alarm before their time", () => {
  const state = quotingState();
  const cancelRefusals = {
    count: 9,
    text: "busy",
    sinceMs: ms(START_MS),
    retryMs: ms(START_MS + 500_000),
  };
  const refused = { ...state, orders: { ...state.orders, cancelRefusals } };
  const settings = params({ closingAlarmMs: ms(30_000) });
  const alarm = (afterMs: number) =>
    trackClosing(refused, at(START_MS + afterMs), settings).risk.alarm ?? null;
  expect(alarm(29_999)).toBeNull();
  expect(alarm(30_000)).toBe("orders of ours cannot be cancelled: busy");
});

test("while only post-only orders are taken, that is what is in the way", () => {
  const text = "Only post-only orders allowed immediately after network upgrade.";
  const held = noteClosingRefusal(closing("flatten", 100), text, ms(later));
  expect(closingObstacle(held, at(later + 9_999), params())).toBe(text);
  expect(closingObstacle(held, at(later + 10_000), params())).toBeNull();
});

test("what may only shrink is given its patience with takers before the alarm", () => {
  const settings = params({ closingAlarmMs: ms(30_000), reduceTakeAfterMs: ms(60_000) });
  const alarm = (mode: "reduceOnly" | "flatten", afterMs: number) =>
    trackClosing(closing(mode, 100), at(START_MS + afterMs), settings).risk.alarm ?? null;
  expect(alarm("flatten", 29_999)).toBeNull();
  expect(alarm("flatten", 30_000)).toContain("without progress for 30 s");
  expect(alarm("reduceOnly", 89_999)).toBeNull();
  expect(alarm("reduceOnly", 90_000)).toContain("without progress for 90 s");
});

test("after a halt, orders of ours that only the venue knows are cancelled when it lists them", () => {
  const halted = haltRisk(quotingState(), "stop");
  const stray = { ...order(), oid: 99, cloid: deriveCloid("km:US500", 5, 5) };
  const event: Event = {
    ...at(),
    kind: "reconciled",
    failure: null,
    snapshot: {
      askedMs: ms(START_MS),
      openOrders: [stray],
      reading: reading({ equityMicroUsd: microUsd(1e9) }),
    },
  };
  expect(dispatch(event, halted, params()).commands).toContainEqual({ kind: "cancelOid", oid: 99 });
});
