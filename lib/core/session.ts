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
  // A day or two off about New Year, when it is winter time in either year.
  const year = 1970 + Math.floor(nowMs / (365.2425 * DAY_MS));
  const march = daysToMarch(year);
  const from = (sundayFrom(march) + 7) * DAY_MS + 7 * HOUR * MINUTE_MS;
  const to = sundayFrom(march + NOVEMBER_AFTER_MARCH_DAYS) * DAY_MS + 6 * HOUR * MINUTE_MS;
  return (nowMs >= from && nowMs < to ? -4 : -5) * HOUR * MINUTE_MS;
}

const NOVEMBER_AFTER_MARCH_DAYS = 245;

/** Days from 1970-01-01 to the first of March, after the leap day where there is one. */
function daysToMarch(year: number): number {
  return (
    365 * year +
    Math.floor(year / 4) -
    Math.floor(year / 100) +
    Math.floor(year / 400) -
    MARCH_OF_YEAR_0_DAYS
  );
}

/** From the first of March of the year 0 to 1970-01-01 (Gregorian). */
const MARCH_OF_YEAR_0_DAYS = 719_468;

/** That day, or the first Sunday after it. 1970-01-01 was a Thursday. */
function sundayFrom(day: number): number {
  return day + ((7 - ((day + 4) % 7)) % 7);
}
