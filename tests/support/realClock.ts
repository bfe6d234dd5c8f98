import { ms } from "../../lib/units/numbers.ts";
import type { Clock } from "../../lib/units/time.ts";

/** The machine's own time. */
export const realClock: Clock = {
  nowMs: () => ms(Date.now()),
  monotonicMs: () => performance.now(),
  at: (dueMs, run) => {
    const timer = setTimeout(run, Math.max(0, dueMs - Date.now()));
    return () => clearTimeout(timer);
  },
};
