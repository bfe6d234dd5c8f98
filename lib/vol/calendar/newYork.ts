import { nthWeekday, yearOfDay } from "./civil.ts";

export const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** First and last day of summer time (Energy Policy Act of 2005; before 2007 the Uniform Time Act as amended in 1986). */
function summerDays(year: number): { readonly start: number; readonly end: number } {
  if (year >= 2007) return { start: nthWeekday(year, 3, 0, 2), end: nthWeekday(year, 11, 0, 1) };
  return { start: nthWeekday(year, 4, 0, 1), end: nthWeekday(year, 10, 0, -1) };
}

/** New York's offset from UTC in hours, -4 or -5, at a UTC time. Valid from 1987. */
function newYorkOffsetHours(utcMs: number): number {
  const { start, end } = summerDays(yearOfDay(Math.floor(utcMs / DAY_MS)));
  const summer = utcMs >= start * DAY_MS + 7 * HOUR_MS && utcMs < end * DAY_MS + 6 * HOUR_MS;
  return summer ? -4 : -5;
}

/** A UTC time as New York's wall clock. */
export type NewYorkTime = {
  /** Civil day since 1970-01-01 in New York. */
  readonly day: number;
  /** Minutes since New York's midnight, with a fraction. */
  readonly minute: number;
};

export function newYorkTime(utcMs: number): NewYorkTime {
  const local = utcMs + newYorkOffsetHours(utcMs) * HOUR_MS;
  const day = Math.floor(local / DAY_MS);
  return { day, minute: (local - day * DAY_MS) / MINUTE_MS };
}

/** Wall clock of New York, read as if it were UTC, to UTC. In the repeated hour of autumn the first one is meant. */
export function newYorkToUtcMs(wallMs: number): number {
  const guess = wallMs + 4 * HOUR_MS;
  return newYorkOffsetHours(guess) === -4 ? guess : wallMs + 5 * HOUR_MS;
}
