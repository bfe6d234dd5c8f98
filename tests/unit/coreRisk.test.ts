import { describe, expect, test } from "bun:test";
import { planBatches } from "../../lib/core/batches.ts";
import { actionsForPlacing } from "../../lib/core/budget.ts";
import { deriveCloid, fnv1a32, isOurCloid, parseCloid } from "../../lib/core/cloid.ts";
import { worstPositionLots } from "../../lib/core/exposure.ts";
import { takerRatio } from "../../lib/core/gauges.ts";
import { checkRisk } from "../../lib/core/risk.ts";
import { evaluateRisk, haltRisk, resumeRisk } from "../../lib/core/riskMode.ts";
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
    ["halted", { ...long, risk: { ...long.risk, haltReason: "x" } }, "halted"],
    ["stopping", run({ phase: "stopping" }), "halted"],
    ["not reconciled", run({ phase: "starting" }), "notReconciled"],
    ["market feed lost", run({ feeds: { market: "lost", account: "live" } }), "feedUnsafe"],
    ["account feed stale", run({ feeds: { market: "live", account: "stale" } }), "feedUnsafe"],
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

  test("an order of ours on the other side that may rest stops one that would meet it", () => {
    const own = order({ side: "ask", pxTicks: pxTicks(BID - 100), phase: "unresolved" });
    expect(refusal(withOrders(long, [own]), place())).toBe("crossesOwn");
    const both = checkRisk(
      long,
      [place({ pxTicks: pxTicks(BID + 10) }), place({ side: "ask", pxTicks: pxTicks(BID + 10) })],
      at(),
      params(),
    );
    expect(both.refused.map((entry) => entry.reason)).toEqual(["crossesOwn"]);
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
    const settings = { positionLimitFraction: 100 };
    expect(refusal(poor, place(), settings)).toBe("margin");
    expect(refusal(long, place(), settings)).toBe("approved");
  });

  test("places stop at the reserve, reducing orders may use it, cancels always pass", () => {
    const spent: BotState = {
      ...long,
      account: { ...long.account, budget: { used: 9_500, cap: 10_000 } },
    };
    expect(refusal(spent, place())).toBe("budget");
    expect(refusal(spent, reduce)).toBe("approved");
    const empty: BotState = { ...spent, account: { ...spent.account, usedSinceRead: 500 } };
    // The venue then lets one action through in ten seconds: reducing orders take turns, others wait.
    const spentAt = (beforeMs: number): BotState => {
      const pace = { atMs: ms(START_MS - beforeMs), fastPerHour: 60, slowPerHour: 60 };
      return { ...empty, account: { ...empty.account, pace } };
    };
    expect(refusal(spentAt(9_999), reduce)).toBe("budget");
    expect(refusal(spentAt(10_000), reduce)).toBe("approved");
    expect(refusal(spentAt(10_000), place())).toBe("budget");
    expect(refusal(empty, { kind: "cancel", cloid: "0xa" })).toBe("approved");
  });

  test("without a count of the venue, only the trusted allowance may be spent", () => {
    const unread = { ...long.account, budget: null, usedSinceRead: 1_000 };
    expect(actionsForPlacing(unread, params())).toBe(0);
  });
});

describe("risk mode", () => {
  const equity = (usd: number, state = quotingState()): BotState => ({
    ...state,
    account: { ...state.account, reading: reading({ equityMicroUsd: microUsd(usd * 1e6) }) },
  });
  const evaluate = (state: BotState, settings = {}, atMs = START_MS) =>
    evaluateRisk(state, at(atMs), params(settings));
  const modeOf = (state: BotState, settings = {}) => evaluate(state, settings).risk.mode;
  const margin = (share: number, state = quotingState()): BotState => ({
    ...state,
    account: { ...state.account, reading: reading({ marginUsedMicroUsd: microUsd(share * 1e9) }) },
  });

  test("a quiet state stays as it is once its peaks are known", () => {
    const once = evaluate(quotingState());
    expect(once.risk.mode).toBe("normal");
    expect(evaluate(once)).toBe(once);
  });

  test.each([
    [0.5, "normal"],
    [0.65, "widened"],
    [0.8, "reduceOnly"],
    [0.9, "flatten"],
  ] as const)("margin at %d is %s", (share, mode) => {
    expect(modeOf(margin(share))).toBe(mode);
  });

  test("a mode is left lower than it was entered", () => {
    const reduced = evaluate(margin(0.81));
    expect(modeOf(margin(0.65, reduced))).toBe("reduceOnly");
    expect(modeOf(margin(0.59, reduced))).toBe("widened");
    expect(modeOf(margin(0.4, reduced))).toBe("normal");
    const flattening = evaluate(margin(0.91));
    expect(modeOf(margin(0.85, flattening))).toBe("flatten");
    expect(modeOf(margin(0.79, flattening))).toBe("reduceOnly");
  });

  test("skew: notional over equity x leverage, with value and limit in the reason", () => {
    expect(modeOf(quotingState(150))).toBe("normal");
    const { risk } = evaluate(quotingState(-200));
    expect(risk.mode).toBe("reduceOnly");
    expect(risk.reason).toBe("skew: 1.54 % of equity x leverage, limit 1.50 %");
    expect(modeOf(quotingState(-200), { autoReduceOnly: false })).toBe("normal");
  });

  test("the day's drawdown reduces, the total drawdown halts and latches", () => {
    const peak = evaluate(quotingState());
    expect(modeOf(equity(979, peak))).toBe("reduceOnly");
    const halted = evaluate(equity(949, peak));
    expect(halted.risk.mode).toBe("halted");
    expect(halted.risk.haltReason).toBe("total drawdown: 5.10 % below the peak, limit 5.00 %");
    expect(modeOf(equity(1_000, halted))).toBe("halted");
    const resumed = evaluate(resumeRisk(equity(949, halted)));
    expect(resumed.risk).toMatchObject({ mode: "normal", haltReason: null });
  });

  test("a new day has a new peak, the total drawdown has not", () => {
    const peak = evaluate(quotingState());
    const nextDay = evaluate(equity(970, peak), {}, START_MS + 86_400_000);
    expect(nextDay.risk.mode).toBe("normal");
    expect(evaluate(equity(949, nextDay), {}, START_MS + 86_400_000).risk.mode).toBe("halted");
  });

  test("a losing streak reduces; flat, it is forgiven after the pause", () => {
    const state = quotingState();
    const losing: BotState = { ...state, ledger: { ...state.ledger, lossStreak: 10 } };
    const reduced = evaluate(losing);
    expect(reduced.risk.mode).toBe("reduceOnly");
    expect(evaluate(reduced, {}, START_MS + 60_000).risk.mode).toBe("reduceOnly");
    const later = evaluate(reduced, {}, START_MS + 1_800_000);
    expect(later.risk.mode).toBe("normal");
    expect(later.ledger.lossStreak).toBe(0);
  });

  test("an operator's word and the settings", () => {
    const state = quotingState();
    expect(modeOf({ ...state, risk: { ...state.risk, operatorReduceOnly: "lunch" } })).toBe(
      "reduceOnly",
    );
    expect(modeOf(state, { forcedReduceOnly: true })).toBe("reduceOnly");
    const halted = evaluate(haltRisk(state, "test"));
    expect(halted.risk).toMatchObject({ mode: "halted", haltReason: "operator: test" });
  });

  test("taker ratio: too few fills say nothing, a day later they are forgotten", () => {
    const { ledger } = quotingState();
    const hour = Math.floor(START_MS / 3_600_000);
    const hours = [{ hour, makerMicroUsd: microUsd(90), takerMicroUsd: microUsd(10) }];
    const recent = { roles: "m".repeat(19), hours };
    expect(takerRatio({ ...ledger, recent }, START_MS)).toBeNull();
    const enough = { roles: `${"m".repeat(18)}tttt`, hours };
    expect(takerRatio({ ...ledger, recent: enough }, START_MS)).toBeCloseTo(4 / 22, 9);
    expect(takerRatio({ ...ledger, recent: enough }, START_MS + 86_400_000)).toBe(0);
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
