import type { Ms } from "./numbers.ts";

/** Stops a timer. Safe to call twice. */
export type StopTimer = () => void;

/** Where time comes from. Real, scaled (a replay that runs faster), or virtual. */
export interface Clock {
  /** Milliseconds since the epoch, never going back. */
  nowMs(): Ms;
  /** Monotonic milliseconds with a fraction, for latency measurements. */
  monotonicMs(): number;
  /** Calls once when `nowMs()` has reached `dueMs`. */
  at(dueMs: Ms, run: () => void): StopTimer;
}
