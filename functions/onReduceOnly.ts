import type { EventOf } from "../lib/messages/events.ts";
import type { BotState } from "../lib/messages/state.ts";

/** An operator switches reduce-only on, with a reason, or off. Automatic limits keep their own mind. */
export function onReduceOnly(
  event: EventOf<"operator">,
  enabled: boolean,
  state: BotState,
): BotState {
  const operatorReduceOnly = enabled ? event.reason || "no reason given" : null;
  if (operatorReduceOnly === state.risk.operatorReduceOnly) return state;
  return { ...state, risk: { ...state.risk, operatorReduceOnly } };
}
