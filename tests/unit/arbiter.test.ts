import { describe, expect, test } from "bun:test";
import { arbitrate, lasts, noteCancelRefusal } from "../../lib/core/arbiter.ts";
import type { Command } from "../../lib/messages/commands.ts";
import type { BotState, CancelRefusals } from "../../lib/messages/state.ts";
import { ms } from "../../lib/units/numbers.ts";
import { START_MS, quotingState } from "../support/coreFixtures.ts";

const NOW = ms(START_MS);
const CANCELS: readonly Command[] = [
  { kind: "cancel", cloid: "0x1" },
  { kind: "readMargin" },
  { kind: "cancelOid", oid: 2 },
  { kind: "reconcile" },
];

function refusedTimes(count: number): CancelRefusals {
  let refusals: CancelRefusals | null = null;
  for (let n = 0; n < count; n++) refusals = noteCancelRefusal(refusals, "busy", NOW);
  if (refusals === null) throw new Error("refused at least once");
  return refusals;
}

function refusedState(count: number): BotState {
  const state = quotingState();
  return { ...state, orders: { ...state.orders, cancelRefusals: refusedTimes(count) } };
}

/** Cancels have run out, too; the last action was some time ago. */
function throttled(agoMs: number): BotState {
  const state = quotingState();
  const pace = { atMs: ms(START_MS - agoMs), fastPerHour: 0, slowPerHour: 0 };
  return { ...state, account: { ...state.account, budget: { used: 20_000, cap: 10_000 }, pace } };
}

describe("cancels", () => {
  const passed = (state: BotState, kind: "book" | "operator" = "book", atMs: number = NOW) =>
    arbitrate(CANCELS, { kind, atMs: ms(atMs) }, state).map((command) => command.kind);

  test("all pass, by our id and by the venue's, while nothing is in their way", () => {
    expect(arbitrate(CANCELS, { kind: "book", atMs: NOW }, quotingState())).toEqual(CANCELS);
  });

  test("wait after a refusal, both kinds of them and nothing else; a person's go at once", () => {
    const state = refusedState(1);
    expect(passed(state)).toEqual(["readMargin", "reconcile"]);
    expect(passed(state, "book", START_MS + 499)).toEqual(["readMargin", "reconcile"]);
    expect(passed(state, "book", START_MS + 500)).toHaveLength(CANCELS.length);
    expect(passed(state, "operator")).toHaveLength(CANCELS.length);
  });

  test("are let through one in ten seconds once they are throttled, and the first one goes", () => {
    expect(passed(throttled(9_999))).toEqual(["readMargin", "reconcile"]);
    expect(passed(throttled(10_000))).toEqual(["cancel", "readMargin", "reconcile"]);
  });
});

describe("refusals", () => {
  test("double the pause up to half a minute", () => {
    const pauses = [1, 2, 3, 7, 20].map((count) => refusedTimes(count).retryMs - START_MS);
    expect(pauses).toEqual([500, 1_000, 2_000, 30_000, 30_000]);
  });

  test("keep their beginning, and are forgotten a minute after the pause", () => {
    const first = noteCancelRefusal(null, "busy", NOW);
    const overMs = START_MS + 500 + 60_000;
    expect([lasts(first, ms(overMs - 1)), lasts(first, ms(overMs))]).toEqual([true, false]);
    expect(noteCancelRefusal(first, "again", ms(overMs - 1))).toMatchObject({
      count: 2,
      text: "again",
      sinceMs: START_MS,
    });
    expect(noteCancelRefusal(first, "again", ms(overMs))).toMatchObject({
      count: 1,
      sinceMs: overMs,
    });
  });
});
