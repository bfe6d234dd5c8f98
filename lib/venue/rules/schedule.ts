import { usdText } from "./budget.ts";
import { microUsd } from "../../units/numbers.ts";
import type { MicroUsd } from "../../units/numbers.ts";

/** The venue's dead-man switch (exchange-endpoint, scheduleCancel): one pending time, ten firings a UTC day. */
export type Schedule = { timeMs: number | null; firedDay: number; firedCount: number };

const REQUIRED_VOLUME = microUsd(1_000_000_000_000);
const EARLIEST_AHEAD_MS = 5_000;
const DAILY_TRIGGERS = 10;
const DAY_MS = 86_400_000;

export function newSchedule(): Schedule {
  return { timeMs: null, firedDay: -1, firedCount: 0 };
}

/** Sets or clears the time and returns null, or returns the refusal. Clearing is always allowed. */
export function setSchedule(
  schedule: Schedule,
  timeMs: number | undefined,
  volume: MicroUsd,
  nowMs: number,
): string | null {
  if (timeMs === undefined) {
    schedule.timeMs = null;
    return null;
  }
  if (volume < REQUIRED_VOLUME) {
    return `Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: ${usdText(volume)}`;
  }
  if (timeMs < nowMs + EARLIEST_AHEAD_MS) {
    return "Scheduled cancel time too early, must be at least 5 seconds from now.";
  }
  if (firedToday(schedule, nowMs) >= DAILY_TRIGGERS) {
    return "Too many scheduled cancel triggers today";
  }
  schedule.timeMs = timeMs;
  return null;
}

/** Notes a firing and clears the pending time. */
export function fireSchedule(schedule: Schedule, nowMs: number): void {
  schedule.firedCount = firedToday(schedule, nowMs) + 1;
  schedule.firedDay = Math.floor(nowMs / DAY_MS);
  schedule.timeMs = null;
}

function firedToday(schedule: Schedule, nowMs: number): number {
  return schedule.firedDay === Math.floor(nowMs / DAY_MS) ? schedule.firedCount : 0;
}
