import { noteLag } from "../lib/core/riskMode.ts";
import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";

/** Time has come: ask the venue for margin or the whole account, or look at the quotes although nothing moved. */
export const onTimer: Handler<"timer"> = (event, state, params) => {
  switch (event.timer) {
    case "marginTick":
      return { state, commands: [{ kind: "readMargin" }] };
    case "reconcile":
      return { state, commands: [{ kind: "reconcile" }] };
    case "requote":
      return requote(event, noteLag(state, event.lagMs ?? 0, event, params), params);
    case "dailyReport":
      return { state, commands: [] };
  }
};
