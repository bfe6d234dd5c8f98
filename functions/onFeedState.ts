import type { Command } from "../lib/messages/commands.ts";
import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";

/**
 * A feed was lost, went stale or came back. Without both feeds nothing is quoted. When the account's stream comes back
 * the venue is asked what happened meanwhile.
 */
export const onFeedState: Handler<"feedState"> = (event, state, params) => {
  const { feeds } = state.run;
  if (feeds[event.feed] === event.state) return { state, commands: [] };
  const next = {
    ...state,
    run: { ...state.run, feeds: { ...feeds, [event.feed]: event.state } },
  };
  const step = requote(event, next, params);
  const returned = event.feed === "account" && event.state === "live";
  const ask: readonly Command[] = returned ? [{ kind: "reconcile" }] : [];
  return { state: step.state, commands: [...step.commands, ...ask] };
};
