import type { WorkingOrder } from "../messages/orders.ts";
import type { BotState, OrdersSlice, SliceName } from "../messages/state.ts";

/** Orders are never changed, only replaced, so the text of one holds as long as the object lives. */
const orderTexts = new WeakMap<WorkingOrder, string>();

/**
 * A slice as it is stored. Most of the state is the working orders, and most of those are the same as in the step
 * before: their texts are remembered.
 */
export function sliceText(slice: SliceName, state: BotState): string {
  return slice === "orders" ? ordersText(state.orders) : JSON.stringify(state[slice]);
}

function ordersText({ working, ...rest }: OrdersSlice): string {
  const entries = Object.entries(working).map(
    ([cloid, order]) => `${JSON.stringify(cloid)}:${orderText(order)}`,
  );
  return `{"working":{${entries.join(",")}},${JSON.stringify(rest).slice(1)}`;
}

function orderText(order: WorkingOrder): string {
  const known = orderTexts.get(order);
  if (known !== undefined) return known;
  const text = JSON.stringify(order);
  orderTexts.set(order, text);
  return text;
}
