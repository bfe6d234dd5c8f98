import { evaluateRisk, flattenRisk, haltRisk, resumeRisk } from "../lib/core/riskMode.ts";
import type { Command } from "../lib/messages/commands.ts";
import type { EventOf } from "../lib/messages/events.ts";
import type { BotState } from "../lib/messages/state.ts";
import type { Handler } from "../lib/messages/step.ts";
import { unreachable } from "../lib/units/assert.ts";
import { onReduceOnly } from "./onReduceOnly.ts";
import { requote } from "./requote.ts";

/** A person's order takes effect at once. */
export const onOperator: Handler<"operator"> = (event, state, params) => {
  const next = evaluateRisk(obey(event, state), event, params);
  const own = ownCommands(event, next);
  // What the order takes off must not be moved by the same step; the next book fills the gap.
  if (event.order.op === "cancel") return { state: next, commands: own };
  const step = requote(event, next, params);
  return { ...step, commands: [...own, ...step.commands] };
};

/** What the order asks for by itself, beside quotes that move because of it. */
function ownCommands({ order }: EventOf<"operator">, state: BotState): readonly Command[] {
  // The venue's list is compared with ours at once: an order that only it knows is cancelled then.
  if (order.op === "cancelAll") return [{ kind: "reconcile" }];
  if (order.op !== "cancel") return [];
  const wanted = order.order;
  const ours = Object.values(state.orders.working).find((working) =>
    "cloid" in wanted ? working.cloid === wanted.cloid : working.oid === wanted.oid,
  );
  if (ours !== undefined) return [{ kind: "cancel", cloid: ours.cloid }];
  return "oid" in wanted ? [{ kind: "cancelOid", oid: wanted.oid }] : [];
}

function obey(event: EventOf<"operator">, state: BotState): BotState {
  const { order } = event;
  switch (order.op) {
    case "reduceOnly":
      return onReduceOnly(event, order.enabled, state);
    case "halt":
      return haltRisk(state, event.reason || "no reason given");
    case "resume":
      return resumeRisk(state);
    case "flatten":
      return flattenRisk(state, event.reason || "no reason given");
    case "cancelAll":
      return haltRisk(state, `cancel all: ${event.reason || "no reason given"}`);
    case "cancel":
      return state;
    default:
      return unreachable(order);
  }
}
