import type { OrdersSlice } from "../messages/state.ts";
import type { Silence } from "../messages/step.ts";
import type { Side } from "../units/grid.ts";
import { ordersOf } from "./ordersOf.ts";
import type { QuotePlan } from "./quotePlan.ts";

/**
 * Why each side is left without a quote: everything is blocked, the plan has none for it, or new orders cannot be sent
 * and none rests. What people ask later is "why was there nothing", and only the plan knows.
 * @param noPlacing why no order may be placed at all; null when some may
 */
export function silenceOf(
  plan: QuotePlan,
  noPlacing: string | null,
  working: OrdersSlice["working"],
): Silence {
  return {
    bid: silent("bid", plan, noPlacing, working),
    ask: silent("ask", plan, noPlacing, working),
  };
}

function silent(
  side: Side,
  plan: QuotePlan,
  noPlacing: string | null,
  working: OrdersSlice["working"],
): string | null {
  if (plan.block !== null) return `${plan.block.reason}: ${plan.block.detail}`;
  if (!plan.quotes.some((quote) => quote.side === side)) {
    const notes = plan.notes.filter((note) => note.side === side || note.side === "both");
    return notes[0]?.text ?? "no quote: the plan has none for this side";
  }
  if (noPlacing === null) return null;
  const resting = ordersOf(working).some((order) => order.side === side);
  return resting ? null : `no new orders: ${noPlacing}`;
}
