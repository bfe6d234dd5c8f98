import type { Approved, OrderCommand, Refusal } from "./commands.ts";
import type { Event } from "./events.ts";
import type { BotState } from "./state.ts";

/** One step as it happened: views, metrics and reports follow these and never ask the sequencer. */
export type Audit = {
  /** Counts steps of this process, committed or not. */
  readonly stepSeq: number;
  readonly event: Event;
  readonly before: BotState;
  readonly after: BotState;
  readonly approved: readonly Approved[];
  readonly refused: readonly Refusal[];
  /** False when nothing changed and nothing was stored. */
  readonly committed: boolean;
};

export type Lane = "urgent" | "quotes";

/**
 * One signed action: commands of one kind, with the nonce and expiry that are stored before it is sent.
 * "urgent" carries cancels and reducing orders.
 */
export type PlannedBatch = {
  readonly nonce: number;
  readonly lane: Lane;
  readonly kind: OrderCommand["kind"];
  readonly commands: readonly Approved<OrderCommand>[];
  /** Null for cancels: they are delivered whenever it is. */
  readonly expiresMs: number | null;
};
