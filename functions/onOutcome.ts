import { noteClosingRefusal } from "../lib/core/closingState.ts";
import { applyOutcome, asksForPatience, saysGone } from "../lib/core/orderReports.ts";
import type { CommandOutcome } from "../lib/messages/events.ts";
import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";
import { holdPlaces, withWorking } from "./withSlices.ts";

/**
 * The answer to a batch, or the knowledge that there is none. A refusal for margin, limits or the like holds new
 * orders for a while: asking again at once would only burn actions. Orders that reduce have a patience of their own.
 */
export const onOutcome: Handler<"outcome"> = (event, state, params) => {
  const known = event.outcomes.filter(({ cloid }) => state.orders.working[cloid] !== undefined);
  const working = known.reduce(applyOutcome, state.orders.working);
  const next = withWorking(state, working);
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

/** The venue's word against an order that reduces; that the order to replace is gone is none. */
function closingRefusal(outcome: CommandOutcome): string | null {
  if (outcome.result !== "rejected" || outcome.op === "cancel") return null;
  return saysGone(outcome.text) ? null : outcome.text;
}
