import { noteClosingRefusal } from "../lib/core/closingState.ts";
import { applyOrderUpdate, statusAsksForPatience } from "../lib/core/orderReports.ts";
import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";
import { holdPlaces, withWorking } from "./withSlices.ts";

/** The venue's stream says something about one of our orders. Strays are struck off once they are gone. */
export const onOrderUpdate: Handler<"orderUpdate"> = (event, state, params) => {
  const updated = withWorking(state, applyOrderUpdate(state.orders.working, event));
  const { strays } = updated.orders;
  const struck = event.status !== "open" && strays.includes(event.oid);
  const next = struck
    ? { ...updated, orders: { ...updated.orders, strays: strays.filter((o) => o !== event.oid) } }
    : updated;
  if (next === state) return { state, commands: [] };
  const reducing = event.cloid !== null && state.orders.working[event.cloid]?.reduceOnly === true;
  if (reducing && event.status.endsWith("Rejected"))
    return requote(event, noteClosingRefusal(next, event.status, event.atMs), params);
  if (statusAsksForPatience(event.status))
    return requote(event, holdPlaces(next, event.atMs, params), params);
  return requote(event, next, params);
};
