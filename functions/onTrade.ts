import { notePassing } from "../lib/core/quality.ts";
import { tradeQueues } from "../lib/core/queue.ts";
import type { Handler } from "../lib/messages/step.ts";
import { withQuality, withWorking } from "./withSlices.ts";

/**
 * Public trades at our prices use up the queue ahead of us, and those beyond tell which fills a taker went through. Quotes
 * follow the book, not single trades.
 */
export const onTrade: Handler<"trade"> = (event, state) => {
  const working = tradeQueues(state.orders.working, event.trades);
  const quality = notePassing(state.quality, state.orders.working, event.trades);
  return { state: withQuality(withWorking(state, working), quality), commands: [] };
};
