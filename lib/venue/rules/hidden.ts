import { opposite } from "../../units/grid.ts";
import type { Side } from "../../units/grid.ts";
import { crosses } from "./book.ts";
import type { Market } from "./model.ts";

/** Best recorded but hidden price that an order on `side` at `px` would cross; null when there is none. */
export function hiddenCross(market: Market, side: Side, px: number): number | null {
  let best: number | null = null;
  for (const hidden of market.tape?.hidden[opposite(side)] ?? []) {
    if (!crosses(side, px, hidden)) continue;
    if (best === null || crosses(side, best, hidden)) best = hidden;
  }
  return best;
}
