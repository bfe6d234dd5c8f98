import { noteCancelRefusal } from "../lib/core/arbiter.ts";
import { noteClosingRefusal } from "../lib/core/closingState.ts";
import { applyOutcome, asksForPatience, saysGone } from "../lib/core/orderReports.ts";
import type { CommandOutcome } from "../lib/messages/events.ts";
import type { BotState } from "../lib/messages/state.ts";
import type { Handler } from "../lib/messages/step.ts";
import type { Ms } from "../lib/units/numbers.ts";
import { requote } from "./requote.ts";
import { holdPlaces, withWorking } from "./withSlices.ts";

/**
 * The answer to a batch, or the knowledge that there is none. A refusal for margin, limits or the like holds new
 * orders for a while: asking again at once would only burn actions. Orders that reduce have a patience of their own, and
 * so have cancels.
 */
export const onOutcome: Handler<"outcome"> = (event, state, params) => {
  const known = event.outcomes.filter(({ cloid }) => state.orders.working[cloid] !== undefined);
  const working = known.reduce(applyOutcome, state.orders.working);
  const next = withCancels(withWorking(state, working), event.outcomes, event.atMs);
  if (next === state) return { state, commands: [] };
  const reducing = ({ cloid }: CommandOutcome) => state.orders.working[cloid]?.reduceOnly === true;
  const held = known.some((outcome) => asksForPatience(outcome) && !reducing(outcome))
    ? holdPlaces(next, event.atMs, params)
    : next;
  const refusal = known
    .filter(reducing)
    .map(closingRefusal)
    .find((text) => text !== null);
  const noted = refusal === undefined ? held : noteClosingRefusal(held, refusal, event.atMs);
  return requote(event, noted, params);
};

/** Remembers that cancels are refused, until one is taken. */
function withCancels(state: BotState, outcomes: readonly CommandOutcome[], nowMs: Ms): BotState {
  const before = state.orders.cancelRefusals ?? null;
  const cancels = outcomes.filter(({ op }) => op === "cancel");
  const refused = cancels.map(refusalOf).find((text) => text !== null);
  const taken = cancels.some((cancel) => isTaken(cancel));
  if (refused === undefined && !(taken && before !== null)) return state;
  const cancelRefusals = refused === undefined ? null : noteCancelRefusal(before, refused, nowMs);
  return { ...state, orders: { ...state.orders, cancelRefusals } };
}

/** That the order is gone is as good as a cancel. */
function isTaken(outcome: CommandOutcome): boolean {
  return (
    outcome.result === "cancelled" || (outcome.result === "rejected" && saysGone(outcome.text))
  );
}

function refusalOf(outcome: CommandOutcome): string | null {
  return outcome.result === "rejected" && !saysGone(outcome.text) ? outcome.text : null;
}

/** The venue's word against an order that reduces; that the order to replace is gone is none. */
function closingRefusal(outcome: CommandOutcome): string | null {
  return outcome.op === "cancel" ? null : refusalOf(outcome);
}
