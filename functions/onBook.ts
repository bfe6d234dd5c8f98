import { capQueues } from "../lib/core/queue.ts";
import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";
import { withWorking } from "./withSlices.ts";

/** The book moved: less may be queued ahead of us than thought, and quotes may have to follow. */
export const onBook: Handler<"book"> = (event, state, params) => {
  if (event.view === null) return { state, commands: [] };
  const working = capQueues(state.orders.working, event.view, event.atMs);
  return requote(event, withWorking(state, working), params);
};
