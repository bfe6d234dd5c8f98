import { describe, expect, test } from "bun:test";
import { silenceOf } from "../../lib/core/silence.ts";
import type { Event } from "../../lib/messages/events.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { BID, REASON, at, dispatch, order, params, quotingState } from "../support/coreFixtures.ts";

const quote = {
  side: "bid",
  pxTicks: pxTicks(BID),
  sizeLots: sizeLots(1),
  reduceOnly: false,
  tif: "Alo",
  toleranceTicks: 1,
  reason: REASON,
} as const;
const book = (): Event => ({ ...at(), kind: "book" });

describe("why a side is silent", () => {
  test("a side that is quoted is not, one without a quote says its note", () => {
    const note = { side: "ask", text: "noEdge: 0.1 bp left" } as const;
    const plan = { quotes: [quote], notes: [note], block: null };
    expect(silenceOf(plan, null, {})).toEqual({ bid: null, ask: "noEdge: 0.1 bp left" });
  });

  test("a block silences both", () => {
    const plan = {
      quotes: [],
      notes: [],
      block: { reason: "halted", detail: "lunch", reducing: false } as const,
    };
    expect(silenceOf(plan, null, {})).toEqual({ bid: "halted: lunch", ask: "halted: lunch" });
  });

  test("when nothing may be placed, a side is silent once nothing of it rests", () => {
    const plan = { quotes: [quote], notes: [], block: null };
    const why = "the action budget is used up";
    expect(silenceOf(plan, why, {}).bid).toBe(`no new orders: ${why}`);
    const resting = order({ side: "bid" });
    expect(silenceOf(plan, why, { [resting.cloid]: resting }).bid).toBeNull();
  });

  test("a step that looks at the quotes says it", () => {
    const handled = (state: BotState) => dispatch(book(), state, params());
    expect(handled(quotingState()).silence).toEqual({ bid: null, ask: null });
    const reduceOnly = quotingState(40);
    const restricted = {
      ...reduceOnly,
      risk: { ...reduceOnly.risk, mode: "reduceOnly" as const, operatorReduceOnly: "test" },
    };
    expect(handled(restricted).silence).toMatchObject({
      bid: "reduceOnly: it would add to the position",
      ask: null,
    });
  });
});
