import { applyFunding } from "../lib/core/ledger.ts";
import type { Handler } from "../lib/messages/step.ts";
import { withLedger } from "./withSlices.ts";

/** Funding was paid or received for the hour. */
export const onFunding: Handler<"funding"> = (event, state) => ({
  state: withLedger(state, applyFunding(state.ledger, event)),
  commands: [],
});
