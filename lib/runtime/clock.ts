import { drainMicrotasks } from "bun:jsc";
import { TimerQueue } from "./timerQueue.ts";
import { assert } from "../units/assert.ts";
import { ms } from "../units/numbers.ts";
import type { Ms } from "../units/numbers.ts";
import type { Clock, StopTimer } from "../units/time.ts";

/** What a wall clock stands on; tests pass their own. */
export type WallSource = {
  /** Milliseconds since the epoch; may go back when the system's clock is set. */
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly wait: (delayMs: number, run: () => void) => StopTimer;
};

const SYSTEM: WallSource = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  wait: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Waits are cut into pieces, so that a clock that is set or a machine that slept is noticed. */
const WAIT_MS_MAX = 10_000;

/** The system's time. It stands still while the system's clock is set back. */
export function realClock(source: WallSource = SYSTEM): Clock {
  return wallClock((wallMs) => wallMs, 1, source);
}

/**
 * Time that runs `speed` times as fast as the wall clock since `epochMs`: for a replay, where exchange and bot share it.
 * Latencies (`monotonicMs`) stay those of the wall: they measure this machine.
 */
export function scaledClock(epochMs: number, speed: number, source: WallSource = SYSTEM): Clock {
  assert(speed > 0, `a clock's speed is positive, got ${speed}`);
  return wallClock((wallMs) => epochMs + (wallMs - epochMs) * speed, speed, source);
}

function wallClock(toMs: (wallMs: number) => number, speed: number, source: WallSource): Clock {
  let latestMs = Number.NEGATIVE_INFINITY;
  const nowMs = (): Ms => {
    latestMs = Math.max(latestMs, Math.floor(toMs(source.nowMs())));
    return ms(latestMs);
  };
  return {
    nowMs,
    monotonicMs: source.monotonicMs,
    at(dueMs, run) {
      let stop: StopTimer = () => {};
      const arm = (): void => {
        const leftMs = Math.ceil((dueMs - nowMs()) / speed);
        stop = source.wait(Math.min(Math.max(leftMs, 0), WAIT_MS_MAX), () => {
          if (nowMs() >= dueMs) run();
          else arm();
        });
      };
      arm();
      return () => stop();
    },
  };
}

/** Time that moves only when it is told to. */
export type VirtualClock = Clock & {
  /** Runs every timer due until `untilMs`, in order of due time and then of creation, and ends there. */
  readonly runUntil: (untilMs: number) => void;
  /** Due time of the next timer; Infinity when there is none. */
  readonly nextMs: () => number;
  /** Timers waiting. */
  readonly size: () => number;
};

/**
 * Deterministic: after each timer, everything that waits on promises runs before time moves on. That holds for work in
 * this process alone; whoever waits for threads or sockets needs a real clock.
 */
export function virtualClock(startMs: number, settle: () => void = drainMicrotasks): VirtualClock {
  const timers = new TimerQueue();
  let now = ms(startMs);
  return {
    nowMs: () => now,
    monotonicMs: () => now,
    at: (dueMs, run) => timers.add(Math.max(dueMs, now), run),
    nextMs: () => timers.nextMs(),
    size: () => timers.size,
    runUntil(untilMs) {
      assert(untilMs >= now, `virtual time goes forward: it is ${now}, asked for ${untilMs}`);
      settle();
      while (timers.nextMs() <= untilMs) {
        const timer = timers.pop();
        assert(timer !== null, "a timer that is due can be taken");
        now = ms(timer.dueMs);
        timer.run();
        settle();
      }
      now = ms(untilMs);
    },
  };
}
