import { midX2Ticks, takeOutOwn } from "../lib/core/othersBook.ts";
import type { MarketView } from "../lib/messages/market.ts";
import type { Params } from "../lib/messages/params.ts";
import type { BotState, LedgerSlice, OrdersSlice } from "../lib/messages/state.ts";
import { ms } from "../lib/units/numbers.ts";
import type { Ms } from "../lib/units/numbers.ts";

/** Replaces the working orders; the same reference leaves the state as it is. */
export function withWorking(state: BotState, working: OrdersSlice["working"]): BotState {
  if (working === state.orders.working) return state;
  return { ...state, orders: { ...state.orders, working } };
}

/** Replaces the ledger; the same reference leaves the state as it is. */
export function withLedger(state: BotState, ledger: LedgerSlice): BotState {
  return ledger === state.ledger ? state : { ...state, ledger };
}

/** Replaces what is known of our fills' outcome; the same reference leaves the state as it is. */
export function withQuality(state: BotState, quality: BotState["quality"]): BotState {
  return quality === state.quality ? state : { ...state, quality };
}

/** No new orders for a while: the venue refused one for a reason that asking again will not cure. */
export function holdPlaces(state: BotState, nowMs: Ms, params: Params): BotState {
  const holdPlacesUntilMs = ms(nowMs + params.rejectHoldMs);
  return { ...state, orders: { ...state.orders, holdPlacesUntilMs } };
}

/** Twice the mid of the others' touch, in ticks; null when it is unknown. */
export function midOf(state: BotState, view: MarketView | null): number | null {
  return view === null ? null : midX2Ticks(takeOutOwn(view, state.orders.working));
}
