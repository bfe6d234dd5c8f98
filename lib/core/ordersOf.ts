import type { WorkingOrder } from "../messages/orders.ts";
import type { OrdersSlice } from "../messages/state.ts";

type Working = OrdersSlice["working"];

const lists = new WeakMap<Working, readonly WorkingOrder[]>();

/**
 * The working orders as a list, oldest first. A step asks for it a dozen times, and most steps change no order: the list
 * is remembered as long as the record lives, which nobody changes in place.
 */
export function ordersOf(working: Working): readonly WorkingOrder[] {
  const known = lists.get(working);
  if (known !== undefined) return known;
  const orders = Object.values(working);
  lists.set(working, orders);
  return orders;
}
