import { ms } from "../../units/numbers.ts";
import type { Ms } from "../../units/numbers.ts";
import type { Clock, StopTimer } from "../../units/time.ts";
import type { VenueClock } from "./localDesk.ts";

/** The longest wait that a timer takes in one piece. */
const WAIT_MS_MAX = 10_000;

/**
 * Venue time on the wall: the epoch plus `speed` times the time since then. The bot's clock follows the same formula,
 * so both agree. It never goes back, whatever happens to the system's clock.
 */
export function venueClock({ epochMs, speed }: VenueClock): Clock {
  let latestMs = epochMs;
  const nowMs = (): Ms => {
    latestMs = Math.max(latestMs, Math.floor(epochMs + (Date.now() - epochMs) * speed));
    return ms(latestMs);
  };
  const at = (dueMs: Ms, run: () => void): StopTimer => {
    let timer: ReturnType<typeof setTimeout>;
    const arm = () => {
      const waitMs = Math.min(WAIT_MS_MAX, Math.max(0, Math.ceil((dueMs - nowMs()) / speed)));
      timer = setTimeout(() => (nowMs() >= dueMs ? run() : arm()), waitMs);
    };
    arm();
    return () => clearTimeout(timer);
  };
  return { nowMs, monotonicMs: () => performance.now(), at };
}
