import { applyFillToLedger } from "../lib/core/ledger.ts";
import { applyFill } from "../lib/core/orderReports.ts";
import { evaluateRisk } from "../lib/core/riskMode.ts";
import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";
import { midOf, withLedger, withWorking } from "./withSlices.ts";

/** We traded: position, cash and the order's rest change, limits are looked at again, quotes lean the other way. */
export const onFill: Handler<"fill"> = (event, state, params) => {
  const { fill, atMs } = event;
  const mid = midOf(state, event.view);
  const ledger = applyFillToLedger(state.ledger, fill, mid, atMs, params.markoutHorizonMs);
  const filled = withWorking(withLedger(state, ledger), applyFill(state.orders.working, fill));
  return requote(event, evaluateRisk(filled, event, params), params);
};
