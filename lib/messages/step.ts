import type { Command } from "./commands.ts";
import type { Event, EventKind, EventOf } from "./events.ts";
import type { Params } from "./params.ts";
import type { BotState } from "./state.ts";

/** Why a side is not quoted at all, its cause in front of a colon; null where it is quoted. */
export type Silence = { readonly bid: string | null; readonly ask: string | null };

/** What a handler returns. The same `state` reference means that nothing changed and nothing is stored. */
export type Step = {
  readonly state: BotState;
  readonly commands: readonly Command[];
  /** Absent when the handler did not look at the quotes. */
  readonly silence?: Silence;
};

/** Pure, synchronous, total: no clock, no randomness, no I/O. */
export type Handler<K extends EventKind = EventKind> = (
  event: EventOf<K>,
  state: BotState,
  params: Params,
) => Step;

export type AnyHandler = (event: Event, state: BotState, params: Params) => Step;
