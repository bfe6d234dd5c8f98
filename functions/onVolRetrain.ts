import type { EventOf } from "../lib/messages/events.ts";
import type { Handler } from "../lib/messages/step.ts";

/** A training ended: its result is kept, and a failure leaves the model in use as it was. Quoting goes on. */
export const onVolRetrain: Handler<"volRetrain"> = (event, state) => {
  const { atMs, durationMs, result } = event;
  const failed = result === null;
  const lastAttempt = { atMs, durationMs, failed, text: textOf(event) };
  const model = failed
    ? state.vol.model
    : { ...result, trainedMs: atMs, source: event.source ?? "unknown" };
  return { state: { ...state, vol: { ...state.vol, model, lastAttempt } }, commands: [] };
};

function textOf({ result, failure, source }: EventOf<"volRetrain">): string {
  const on = `on ${source ?? "unknown data"}`;
  if (result === null) return `${on}: ${failure ?? "it failed without a reason"}`;
  return `${on}: ${result.promoted} serves. ${result.why}`;
}
