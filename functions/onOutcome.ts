import { applyOutcome, asksForPatience } from "../lib/core/orderReports.ts";
import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";
import { holdPlaces, withWorking } from "./withSlices.ts";

/**
 * The answer to a batch, or the knowledge that there is none. A refusal for margin, limits or the like holds new
 * orders for a while: asking again at once would only burn actions.
 */
export const onOutcome: Handler<"outcome"> = (event, state, params) => {
  const known = event.outcomes.filter(({ cloid }) => state.orders.working[cloid] !== undefined);
  const working = known.reduce(applyOutcome, state.orders.working);
  let next = withWorking(state, working);
  if (next !== state && known.some(asksForPatience)) next = holdPlaces(next, event.atMs, params);
  if (next === state) return { state, commands: [] };
  return requote(event, next, params);
};
