import type { Event, EventKind, EventOf } from "../messages/events.ts";

type Stamped = "atMs" | "view";

/**
 * An event as its source knows it. The sequencer adds the time of entry and the newest view of the market where the
 * source gives none.
 */
export type EventInput = {
  [K in EventKind]: Omit<EventOf<K>, Stamped> & Partial<Pick<EventOf<K>, Stamped>>;
}[EventKind];

/** Completes an input. */
export function stamp(input: EventInput, atMs: Event["atMs"], view: Event["view"]): Event {
  return { atMs, view, ...input };
}
