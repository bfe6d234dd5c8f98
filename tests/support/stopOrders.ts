import fc from "fast-check";
import type { WireOrder } from "../../lib/venue/rules/types.ts";

/** Stops and targets, mostly reduce-only, made of limit orders and of prices that trigger them. */
export function stopOrders(
  limit: fc.Arbitrary<WireOrder>,
  price: fc.Arbitrary<number>,
): fc.Arbitrary<WireOrder> {
  return fc
    .tuple(limit, price, fc.boolean(), fc.constantFrom("tp", "sl"))
    .map(([order, px, isMarket, tpsl]) => ({
      ...order,
      r: order.r || px % 4 !== 0,
      t: { trigger: { isMarket, triggerPx: String(px), tpsl } },
    }));
}
