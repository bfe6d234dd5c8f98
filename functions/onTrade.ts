import { tradeQueues } from "../lib/core/queue.ts";
import type { Handler } from "../lib/messages/step.ts";
import { withWorking } from "./withSlices.ts";

/** Public trades at our prices use up the queue ahead of us. Quotes follow the book, not single trades. */
export const onTrade: Handler<"trade"> = (event, state) => {
  const working = tradeQueues(state.orders.working, event.trades);
  return { state: withWorking(state, working), commands: [] };
};
