import { deriveCloid } from "../lib/core/cloid.ts";
import type { DesiredQuote } from "../lib/core/quotePlan.ts";
import type { PlaceCommand } from "../lib/messages/commands.ts";
import type { Event } from "../lib/messages/events.ts";
import type { Params } from "../lib/messages/params.ts";
import type { BotState } from "../lib/messages/state.ts";
import { assert } from "../lib/units/assert.ts";
import { ms } from "../lib/units/numbers.ts";

/** A quote as an order with the run's next id, and the state in which that id is used up. */
export function makePlace(
  quote: DesiredQuote,
  event: Event,
  state: BotState,
  params: Params,
): { readonly place: PlaceCommand; readonly next: BotState } {
  const { spec, runId, orderSeq } = state.run;
  assert(spec !== null, "the market is known before an order is made");
  const { side, pxTicks, sizeLots, tif, reduceOnly, reason } = quote;
  const cloid = deriveCloid(spec.market, runId, orderSeq);
  const expiresMs = ms(event.atMs + params.orderExpiryMs);
  return {
    place: { kind: "place", cloid, side, pxTicks, sizeLots, tif, reduceOnly, expiresMs, reason },
    next: { ...state, run: { ...state.run, orderSeq: orderSeq + 1 } },
  };
}
