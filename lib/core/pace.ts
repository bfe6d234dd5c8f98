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
    ...from,
    atMs: nowMs,
    fastPerHour: from.fastPerHour * Math.exp(-passed / FAST_MS),
    slowPerHour: from.slowPerHour * Math.exp(-passed / SLOW_MS),
  };
}

/** Counts actions that are sent now. */
export function addActions(pace: ActionPace | undefined, actions: number, nowMs: Ms): ActionPace {
  const now = paceAt(pace, nowMs);
  return {
    sinceMs: pace === undefined ? nowMs : pace.sinceMs,
    atMs: now.atMs,
    fastPerHour: now.fastPerHour + (actions * HOUR_MS) / FAST_MS,
    slowPerHour: now.slowPerHour + (actions * HOUR_MS) / SLOW_MS,
  };
}

/** The first ladder is no pace: the forecast takes at least this long to have been watched. */
const LEAST_WATCHED_MS = 600_000;

/**
 * Actions per hour that the forecast counts on: the slow mean, which begins at nothing, over the share of its memory that
 * has been watched.
 */
export function spentPerHour(pace: ActionPace | undefined, nowMs: Ms): number {
  const { slowPerHour, sinceMs } = paceAt(pace, nowMs);
  if (sinceMs === undefined) return slowPerHour;
  const watchedMs = Math.max(LEAST_WATCHED_MS, nowMs - sinceMs);
  return slowPerHour / (1 - Math.exp(-watchedMs / SLOW_MS));
}
