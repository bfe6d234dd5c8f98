import { evaluateRisk, haltRisk, resumeRisk } from "../lib/core/riskMode.ts";
import type { EventOf } from "../lib/messages/events.ts";
import type { BotState } from "../lib/messages/state.ts";
import type { Handler } from "../lib/messages/step.ts";
import { unreachable } from "../lib/units/assert.ts";
import { onReduceOnly } from "./onReduceOnly.ts";
import { requote } from "./requote.ts";

/** A person's order takes effect at once. */
export const onOperator: Handler<"operator"> = (event, state, params) => {
  const next = evaluateRisk(obey(event, state), event, params);
  return requote(event, next, params);
};

function obey(event: EventOf<"operator">, state: BotState): BotState {
  const { order } = event;
  switch (order.op) {
    case "reduceOnly":
      return onReduceOnly(event, order.enabled, state);
    case "halt":
      return haltRisk(state, event.reason || "no reason given");
    case "resume":
      return resumeRisk(state);
    default:
      return unreachable(order);
  }
}
