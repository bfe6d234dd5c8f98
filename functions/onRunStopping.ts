import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";

/** The end was asked for: everything that rests is cancelled, and answers that come later cancel the rest. */
export const onRunStopping: Handler<"runStopping"> = (event, state, params) =>
  requote(event, { ...state, run: { ...state.run, phase: "stopping" } }, params);
