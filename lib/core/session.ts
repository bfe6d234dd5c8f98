/** What trades elsewhere at this time of the New York week; index perpetuals themselves never stop. */
export type Session = "open" | "regular" | "close" | "extended" | "overnight" | "break" | "weekend";

/**
 * Factors on the half-spread. Measured on a US500 perpetual in January 2026: at weekends the market's own spread is 1.6
 * times as wide and its depth 2.8 times smaller; the first minutes of the day move three times as much as the rest.
 */
export const SESSION_FACTOR: { readonly [S in Session]: number } = {
  open: 1.5,
  regular: 1,
  close: 1.2,
  extended: 1,
  overnight: 1.1,
  break: 1.3,
  weekend: 1.6,
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const HOUR = 60;

/** @returns the session of a Unix time. Exchange holidays count as ordinary days. */
export function sessionAt(nowMs: number): Session {
  const local = nowMs + newYorkOffsetMs(nowMs);
  const day = Math.floor(local / DAY_MS + 4) % 7;
  const minute = Math.floor((local % DAY_MS) / MINUTE_MS);
  if (day === 6 || (day === 0 && minute < 18 * HOUR) || (day === 5 && minute >= 17 * HOUR))
    return "weekend";
  if (minute >= 17 * HOUR && minute < 18 * HOUR) return "break";
  if (minute < 4 * HOUR || minute >= 20 * HOUR) return "overnight";
  if (minute >= 9.5 * HOUR && minute < 9.75 * HOUR) return "open";
  if (minute >= 9.75 * HOUR && minute < 15.75 * HOUR) return "regular";
  if (minute >= 15.75 * HOUR && minute < 16 * HOUR) return "close";
  return "extended";
}

/** New York is four hours behind from the second Sunday of March to the first of November, else five. */
function newYorkOffsetMs(nowMs: number): number {
  const year = yearOf(nowMs);
  const from = nthSundayMs(year, 2, 2) + 7 * HOUR * MINUTE_MS;
  const to = nthSundayMs(year, 10, 1) + 6 * HOUR * MINUTE_MS;
  return (nowMs >= from && nowMs < to ? -4 : -5) * HOUR * MINUTE_MS;
}

/** Days from 1970-01-01 to the first of a month (0 is January): Hinnant, "chrono-compatible date algorithms". */
function daysToMonth(year: number, month: number): number {
  const y = month < 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5);
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + dayOfEra + dayOfYear - 719_468;
}

function yearOf(nowMs: number): number {
  const guess = 1970 + Math.floor(nowMs / (365.2425 * DAY_MS));
  if (nowMs < daysToMonth(guess, 0) * DAY_MS) return guess - 1;
  return nowMs >= daysToMonth(guess + 1, 0) * DAY_MS ? guess + 1 : guess;
}

function nthSundayMs(year: number, month: number, nth: number): number {
  const first = daysToMonth(year, month);
  const weekday = (((first + 4) % 7) + 7) % 7;
  return (first + ((7 - weekday) % 7) + 7 * (nth - 1)) * DAY_MS;
}
