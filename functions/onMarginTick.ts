import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";

/** The venue's word on margin, or the lack of it: limits are looked at again. */
export const onMarginTick: Handler<"margin"> = (event, state, params) => {
  const { account } = state;
  const read =
    event.reading === null
      ? { ...account, failure: event.failure ?? "the margin could not be read" }
      : { ...account, reading: event.reading, readMs: event.atMs, failure: null };
  const counted =
    event.budget === null ? read : { ...read, budget: event.budget, usedSinceRead: 0 };
  return requote(event, { ...state, account: counted }, params);
};
