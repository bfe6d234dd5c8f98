import type { ActionPace } from "../messages/state.ts";
import { ms } from "../units/numbers.ts";
import type { Ms } from "../units/numbers.ts";

const HOUR_MS = 3_600_000;
const FAST_MS = 600_000;
const SLOW_MS = 2 * HOUR_MS;

const emptyPace: ActionPace = { atMs: ms(0), fastPerHour: 0, slowPerHour: 0 };

/** The means as time has left them: e-fold in ten minutes and in two hours. */
export function paceAt(pace: ActionPace | undefined, nowMs: Ms): ActionPace {
  const from = pace ?? emptyPace;
  if (nowMs <= from.atMs) return from;
  const passed = nowMs - from.atMs;
  return {
    atMs: nowMs,
    fastPerHour: from.fastPerHour * Math.exp(-passed / FAST_MS),
    slowPerHour: from.slowPerHour * Math.exp(-passed / SLOW_MS),
  };
}

/** Counts actions that are sent now. */
export function addActions(pace: ActionPace | undefined, actions: number, nowMs: Ms): ActionPace {
  const now = paceAt(pace, nowMs);
  return {
    atMs: now.atMs,
    fastPerHour: now.fastPerHour + (actions * HOUR_MS) / FAST_MS,
    slowPerHour: now.slowPerHour + (actions * HOUR_MS) / SLOW_MS,
  };
}
