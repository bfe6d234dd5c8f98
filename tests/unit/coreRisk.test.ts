import { describe, expect, test } from "bun:test";
import { planBatches } from "../../lib/core/batches.ts";
import { actionsForPlacing, cancelsLeft } from "../../lib/core/budget.ts";
import { deriveCloid, fnv1a32, isOurCloid, parseCloid } from "../../lib/core/cloid.ts";
import { worstPositionLots } from "../../lib/core/exposure.ts";
import { marginAllowed } from "../../lib/core/marginClaims.ts";
import { checkRisk } from "../../lib/core/risk.ts";
import { capacityMicroUsd } from "../../lib/core/sizing.ts";
import type { Approved, Command, PlaceCommand } from "../../lib/messages/commands.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { microUsd, ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import {
  ASK,
  BID,
  REASON,
  START_MS,
  at,
  order,
  params,
  quotingState,
  reading,
  withOrders,
} from "../support/coreFixtures.ts";

function place(changes: Partial<PlaceCommand> = {}): PlaceCommand {
  return {
    kind: "place",
    cloid: "0xnew",
    side: "bid",
    pxTicks: pxTicks(BID - 100),
    sizeLots: sizeLots(40),
    tif: "Alo",
    reduceOnly: false,
    expiresMs: ms(START_MS + 5_000),
    reason: REASON,
    ...changes,
  };
}

const long = quotingState(20);
const reduce = place({
  side: "ask",
  pxTicks: pxTicks(ASK),
  sizeLots: sizeLots(20),
  reduceOnly: true,
  reason: null,
});

describe("risk check", () => {
  const refusal = (state: BotState, command: Command, settings = {}) =>
    checkRisk(state, [command], at(), params(settings)).refused[0]?.reason ?? "approved";
  const run = (changes: Partial<BotState["run"]>): BotState => ({
    ...long,
    run: { ...long.run, ...changes },
  });
  const mode = (value: BotState["risk"]["mode"]): BotState => ({
    ...long,
    risk: { ...long.risk, mode: value },
  });

  test.each([
    ["a good order", place(), "approved"],
    ["past expiry", place({ expiresMs: ms(START_MS) }), "expired"],
    ["off the grid", place({ pxTicks: pxTicks(BID - 101) }), "offGrid"],
    ["under $10", place({ sizeLots: sizeLots(12) }), "belowMinimum"],
    ["through the touch", place({ pxTicks: pxTicks(ASK) }), "wouldCross"],
    ["less edge than allowed", place({ reason: { ...REASON, edgeBps: 0.1 } }), "noEdge"],
    ["more than the position limit", place({ sizeLots: sizeLots(900) }), "positionLimit"],
    ["reduce-only on the wrong side", place({ reduceOnly: true }), "wouldIncrease"],
    ["reducing", reduce, "approved"],
    ["reducing more than there is", { ...reduce, sizeLots: sizeLots(21) }, "wouldIncrease"],
    ["a partial close under $10", { ...reduce, sizeLots: sizeLots(12) }, "belowMinimum"],
  ] as const)("%s: %#", (_name, command, expected) => {
    expect(refusal(long, command)).toBe(expected);
  });

  test("the whole of a small position may be closed", () => {
    expect(refusal(quotingState(5), { ...reduce, sizeLots: sizeLots(5) })).toBe("approved");
  });

  test.each([
    ["margin unread", { ...long, account: { ...long.account, reading: null } }, "margin"],
    ["reduce-only", mode("reduceOnly"), "wouldIncrease"],
    ["flatten", mode("flatten"), "wouldIncrease"],
  ] as const)("%s: only cancels and reducing orders pass", (_name, state, reason) => {
    const commands: Command[] = [
      place(),
      { kind: "cancel", cloid: "0xa" },
      reduce,
      { kind: "reconcile" },
    ];
    const { approved, refused } = checkRisk(state, commands, at(), params());
    expect(refused.map((entry) => entry.reason)).toEqual([reason]);
    expect(approved.map(({ kind }) => kind)).toEqual(["cancel", "place", "reconcile"]);
  });

  test.each([
    ["halted", { ...long, risk: { ...long.risk, haltReason: "x" } }, "halted"],
    ["stopping", run({ phase: "stopping" }), "halted"],
    ["not reconciled", run({ phase: "starting" }), "notReconciled"],
    ["market feed lost", run({ feeds: { market: "lost", account: "live" } }), "feedUnsafe"],
    ["account feed stale", run({ feeds: { market: "live", account: "stale" } }), "feedUnsafe"],
  ] as const)("%s: only cancels pass", (_name, state, reason) => {
    const commands: Command[] = [place(), { kind: "cancel", cloid: "0xa" }, reduce];
    const { approved, refused } = checkRisk(state, commands, at(), params());
    expect(refused.map((entry) => entry.reason)).toEqual([reason, reason]);
    expect(approved.map(({ kind }) => kind)).toEqual(["cancel"]);
  });

  test("after a halt nothing is placed but what a flatten asks for", () => {
    const halted = { ...long.risk, haltReason: "x", operatorFlatten: "out" };
    const flattening: BotState = { ...long, risk: { ...halted, mode: "flatten" } };
    expect(refusal(flattening, reduce)).toBe("approved");
    expect(refusal(flattening, place())).toBe("wouldIncrease");
    expect(refusal({ ...long, risk: { ...halted, mode: "halted" } }, reduce)).toBe("halted");
  });

  test("takers only close, and beyond their share of the volume only a flatten takes", () => {
    const taking: PlaceCommand = { ...reduce, tif: "Ioc", pxTicks: pxTicks(BID) };
    const text = "takers: 11.00 % of volume was taking, limit 10.00 %";
    const takers = { level: "widened", text, sinceMs: ms(START_MS), calmMs: null } as const;
    const tripped = (state: BotState): BotState => ({
      ...state,
      risk: { ...state.risk, triggers: { takers } },
    });
    expect(refusal(long, taking)).toBe("takers");
    expect(refusal(long, place({ tif: "Ioc" }))).toBe("takers");
    expect(refusal(mode("reduceOnly"), taking)).toBe("approved");
    expect(refusal(tripped(mode("reduceOnly")), taking)).toBe("takers");
    expect(refusal(tripped(mode("flatten")), taking)).toBe("approved");
  });

  test("an order that reduces leaves room for ordinary orders of its side that may still fill", () => {
    const resting = order({ side: "ask", leavesLots: sizeLots(5), phase: "cancelling" });
    expect(refusal(withOrders(long, [resting]), reduce)).toBe("wouldIncrease");
    const small = { ...reduce, sizeLots: sizeLots(15) };
    expect(refusal(withOrders(long, [resting]), small)).toBe("approved");
  });

  test("each side has its band", () => {
    const ask = place({ side: "ask", pxTicks: pxTicks(ASK), sizeLots: sizeLots(300) });
    const bid = place({ sizeLots: sizeLots(300) });
    const narrow = { shortBandFraction: 0.02 };
    expect(refusal(quotingState(), ask, narrow)).toBe("positionLimit");
    const [told] = checkRisk(quotingState(), [ask], at(), params(narrow)).refused;
    expect(told?.detail).toStartWith("300 lots short if every ask filled, allowed ");
    expect(refusal(quotingState(), bid, narrow)).toBe("approved");
    expect(refusal(quotingState(), bid, { longBandFraction: 0.02 })).toBe("positionLimit");
  });

  test("while only reducing is allowed, an order that is not marked so does not pass, however small", () => {
    const sides = [place({ sizeLots: sizeLots(20) }), { ...reduce, reduceOnly: false }];
    for (const command of sides) expect(refusal(mode("reduceOnly"), command)).toBe("wouldIncrease");
    const wrongSide = place({ sizeLots: sizeLots(20), reduceOnly: true });
    expect(refusal(mode("reduceOnly"), wrongSide)).toBe("wouldIncrease");
  });

  test("limits are measured by the smaller of equity and the capital given", () => {
    const capital = (dollars: number) =>
      capacityMicroUsd(
        reading(),
        params({ leverage: 10, capitalMicroUsd: microUsd(dollars * 1e6) }),
      );
    expect([capital(400), capital(1_000), capital(5_000)]).toEqual([4e9, 10e9, 10e9]);
    const broke = reading({ equityMicroUsd: microUsd(-1) });
    expect(capacityMicroUsd(broke, params())).toBe(0);
  });

  test("margin may be claimed up to the cap, of what an isolated position has not taken already", () => {
    const held = reading({ marginUsedMicroUsd: microUsd(100_000_000) });
    const allowed = (onlyIsolated: boolean) =>
      marginAllowed(held, { onlyIsolated }, params({ marginCap: 0.5 }));
    expect([allowed(false), allowed(true)]).toEqual([500_000_000, 450_000_000]);
  });

  test("an order of ours on the other side that may rest stops one that would meet it", () => {
    for (const [mine, meeting] of [
      ["ask", "bid"],
      ["bid", "ask"],
    ] as const) {
      const near = BID + 10;
      const away = mine === "ask" ? 200 : -200;
      const owns = [near, near + away].map((px, i) =>
        order({ cloid: `0x${i}`, side: mine, pxTicks: pxTicks(px) }),
      );
      const meets = place({ side: meeting, pxTicks: pxTicks(near) });
      for (const working of [owns, owns.toReversed()])
        expect(refusal(withOrders(long, working), meets)).toBe("crossesOwn");
      const approvedFirst = [place({ side: mine, pxTicks: pxTicks(near) }), meets];
      const { refused } = checkRisk(long, approvedFirst, at(), params());
      expect(refused.map(({ reason }) => reason)).toEqual(["crossesOwn"]);
    }
    const own = order({ side: "ask", pxTicks: pxTicks(BID - 100), phase: "unresolved" });
    expect(refusal(withOrders(long, [own]), place())).toBe("crossesOwn");
    const both = checkRisk(
      long,
      [place({ pxTicks: pxTicks(BID + 10) }), place({ side: "ask", pxTicks: pxTicks(BID + 10) })],
      at(),
      params(),
    );
    expect(both.refused.map((entry) => entry.reason)).toEqual(["crossesOwn"]);
    // One further back, approved later, does not hide the one in front.
    const [front, back, meets] = [
      place({ pxTicks: pxTicks(BID + 10) }),
      place({ pxTicks: pxTicks(BID - 100) }),
      place({ side: "ask", pxTicks: pxTicks(BID + 10) }),
    ];
    const three = checkRisk(long, [front, back, meets], at(), params());
    expect(three.refused.map((entry) => entry.reason)).toEqual(["crossesOwn"]);
  });

  test("all possibly resting orders of a side count, each approval too", () => {
    const resting = order({ leavesLots: sizeLots(800), phase: "cancelling" });
    expect(refusal(withOrders(long, [resting]), place({ sizeLots: sizeLots(100) }))).toBe(
      "positionLimit",
    );
    const many = Array.from({ length: 10 }, () => place({ sizeLots: sizeLots(200) }));
    expect(checkRisk(quotingState(), many, at(), params()).approved.length).toBe(4);
  });

  test("reduce-only orders never take the worst case through zero", () => {
    const exposure = { plain: { bid: 10, ask: 0 }, reducing: { bid: 30, ask: 0 } };
    expect(worstPositionLots(-5, exposure, "bid")).toBe(10);
    expect(worstPositionLots(-50, exposure, "bid")).toBe(-10);
    expect(worstPositionLots(5, exposure, "bid")).toBe(15);
  });

  test("initial margin of resting orders stays under the cap", () => {
    const poor = {
      ...long,
      account: { ...long.account, reading: reading({ equityMicroUsd: microUsd(1_000_000) }) },
    };
    const settings = { positionLimitFraction: 100, longBandFraction: 100 };
    expect(refusal(poor, place(), settings)).toBe("margin");
    expect(refusal(long, place(), settings)).toBe("approved");
  });

  test("no order claims more than the capital of a live step, however rich the account", () => {
    const wide = { positionLimitFraction: 100, longBandFraction: 100 };
    const cap = (dollars: number) => ({ ...wide, capitalCapMicroUsd: microUsd(dollars * 1e6) });
    // 20 lots are held, 40 would be added: about 41 dollars, a tenth of it as margin.
    expect(refusal(long, place(), cap(5))).toBe("approved");
    expect(refusal(long, place(), cap(4))).toBe("capital");
    expect(refusal(long, place({ sizeLots: sizeLots(4000) }), cap(100))).toBe("capital");
    expect(refusal(long, reduce, cap(0))).toBe("approved");
    expect(refusal(long, { kind: "cancel", cloid: "0x1" }, cap(0))).toBe("approved");
  });

  test("places slow down at the reserve, reducing orders may use it, cancels always pass", () => {
    const spent: BotState = {
      ...long,
      account: { ...long.account, budget: { used: 9_500, cap: 10_000 } },
    };
    const lately = { atMs: ms(START_MS - 9_999), fastPerHour: 60, slowPerHour: 60 };
    const busy = { ...spent, account: { ...spent.account, pace: lately } };
    expect(refusal(busy, place())).toBe("budget");
    expect(refusal(busy, reduce)).toBe("approved");
    const empty: BotState = { ...spent, account: { ...spent.account, usedSinceRead: 500 } };
    // The venue then lets one action through in ten seconds.
    const spentAt = (beforeMs: number): BotState => {
      const pace = { atMs: ms(START_MS - beforeMs), fastPerHour: 60, slowPerHour: 60 };
      return { ...empty, account: { ...empty.account, pace } };
    };
    expect(refusal(spentAt(9_999), reduce)).toBe("budget");
    expect(refusal(spentAt(10_000), reduce)).toBe("approved");
    expect(refusal(spentAt(10_999), place())).toBe("budget");
    expect(refusal(spentAt(11_000), place())).toBe("approved");
    expect(refusal(empty, { kind: "cancel", cloid: "0xa" })).toBe("approved");
  });

  test("the venue takes cancels up to twice its cap, and no more than so many beyond it", () => {
    const left = (used: number, cap: number) =>
      cancelsLeft({ ...long.account, budget: { used, cap }, usedSinceRead: 7 });
    expect(left(15_000, 10_000)).toBe(20_000 - 15_000 - 7);
    expect(left(1_000_000, 1_000_000)).toBe(100_000 - 7);
    expect(cancelsLeft({ ...long.account, budget: null })).toBe(Infinity);
  });

  test("without a count of the venue, only the trusted allowance may be spent", () => {
    const unread = { ...long.account, budget: null, usedSinceRead: 1_000 };
    expect(actionsForPlacing(unread, params())).toBe(0);
  });
});

describe("batches", () => {
  test("kinds and classes apart, ways out first, at most a batch's size, a nonce each", () => {
    let nonce = 100;
    const quotes = Array.from({ length: 12 }, () => place());
    const commands: Command[] = [
      ...quotes,
      { ...place(), kind: "modify", replaces: "0xa" },
      { kind: "reconcile" },
      { ...reduce, tif: "Ioc" },
      reduce,
      { kind: "cancelOid", oid: 5 },
      { kind: "cancel", cloid: "0xa" },
    ];
    const batches = planBatches(commands as Approved[], () => nonce++, params());
    expect(
      batches.map((batch) => [
        batch.lane,
        batch.kind,
        batch.commands.length,
        batch.expiresMs,
        batch.nonce,
      ]),
    ).toEqual([
      ["urgent", "cancel", 1, null, 100],
      ["urgent", "cancelOid", 1, null, 101],
      ["urgent", "place", 1, START_MS + 5_000, 102],
      ["urgent", "place", 1, START_MS + 5_000, 103],
      ["quotes", "modify", 1, START_MS + 5_000, 104],
      ["quotes", "place", 10, START_MS + 5_000, 105],
      ["quotes", "place", 2, START_MS + 5_000, 106],
    ]);
  });
});

describe("order ids", () => {
  test("FNV-1a by its published values", () => {
    expect(fnv1a32("")).toBe(0x811c9dc5);
    expect(fnv1a32("a")).toBe(0xe40c292c);
    expect(fnv1a32("foobar")).toBe(0xbf9cf968);
  });

  test("derive and parse are inverse; other markets and other programs are not ours", () => {
    const cloid = deriveCloid("km:US500", START_MS, 42);
    expect(cloid).toMatch(/^0x[0-9a-f]{32}$/);
    expect(parseCloid(cloid)).toEqual({
      marketHash: fnv1a32("km:US500"),
      runId: START_MS,
      orderSeq: 42,
    });
    expect(isOurCloid(cloid, "km:US500")).toBe(true);
    expect(isOurCloid(cloid, "mkts:US500")).toBe(false);
    expect(isOurCloid("0x00000000000000000000000000000001", "km:US500")).toBe(false);
    expect(isOurCloid(null, "km:US500")).toBe(false);
    expect(() => deriveCloid("km:US500", 2 ** 50, 0)).toThrow("run id fits 12 hex digits");
  });
});
