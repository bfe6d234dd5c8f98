import { daysFromCivil, easterSunday, nthWeekday, weekdayOfDay, yearOfDay } from "./civil.ts";

/** Minutes after New York's midnight. */
export const OPEN_MINUTE = 570;
const CLOSE_MINUTE = 960;
const EARLY_CLOSE_MINUTE = 780;

/**
 * Days the New York Stock Exchange did not open outside its yearly holidays
 * (nyse.com, "Special closings since 1885"; 9 January 2025: NYSE notice of 30 December 2024).
 */
const SPECIAL_CLOSINGS: readonly number[] = [
  daysFromCivil(2001, 9, 11),
  daysFromCivil(2001, 9, 12),
  daysFromCivil(2001, 9, 13),
  daysFromCivil(2001, 9, 14),
  daysFromCivil(2004, 6, 11),
  daysFromCivil(2007, 1, 2),
  daysFromCivil(2012, 10, 29),
  daysFromCivil(2012, 10, 30),
  daysFromCivil(2018, 12, 5),
  daysFromCivil(2025, 1, 9),
];

/** NYSE rule 7.2: a holiday on a Saturday is kept on Friday, on a Sunday it is kept on Monday. */
function observed(day: number): number {
  const weekday = weekdayOfDay(day);
  return weekday === 6 ? day - 1 : weekday === 0 ? day + 1 : day;
}

/** The yearly holidays of NYSE rule 7.2. New Year's Day on a Saturday is not kept. */
function holidaysOf(year: number): ReadonlySet<number> {
  const newYear = daysFromCivil(year, 1, 1);
  const days = [
    nthWeekday(year, 2, 1, 3),
    easterSunday(year) - 2,
    nthWeekday(year, 5, 1, -1),
    observed(daysFromCivil(year, 7, 4)),
    nthWeekday(year, 9, 1, 1),
    nthWeekday(year, 11, 4, 4),
    observed(daysFromCivil(year, 12, 25)),
  ];
  if (weekdayOfDay(newYear) !== 6) days.push(observed(newYear));
  if (year >= 1998) days.push(nthWeekday(year, 1, 1, 3));
  if (year >= 2022) days.push(observed(daysFromCivil(year, 6, 19)));
  return new Set(days);
}

const holidays = new Map<number, ReadonlySet<number>>();

function isHoliday(day: number): boolean {
  const year = yearOfDay(day);
  let days = holidays.get(year);
  if (days === undefined) holidays.set(year, (days = holidaysOf(year)));
  return days.has(day) || SPECIAL_CLOSINGS.includes(day);
}

/** True on Saturday and Sunday. */
export function isWeekend(day: number): boolean {
  const weekday = weekdayOfDay(day);
  return weekday === 0 || weekday === 6;
}

export function isTradingDay(day: number): boolean {
  return !isWeekend(day) && !isHoliday(day);
}

/**
 * Half days as practised since 1993: the day after Thanksgiving, 24 December, and 3 July when 4 July is a weekday after a
 * trading day (nyse.com, "Holidays and trading hours"). 2013 on: 3 July closes early unless 4 July falls on a weekend.
 */
function isHalfDay(day: number): boolean {
  const year = yearOfDay(day);
  if (day === nthWeekday(year, 11, 4, 4) + 1) return true;
  if (day === daysFromCivil(year, 12, 24)) return true;
  const fourth = daysFromCivil(year, 7, 4);
  return day === fourth - 1 && !isWeekend(fourth);
}

/** Minute of the close of the regular session, or null when there is none that day. */
export function closeMinute(day: number): number | null {
  if (!isTradingDay(day)) return null;
  return isHalfDay(day) ? EARLY_CLOSE_MINUTE : CLOSE_MINUTE;
}

/** True while the regular session of the US stock market runs. */
export function isRegularSession(day: number, minute: number): boolean {
  const close = closeMinute(day);
  return close !== null && minute >= OPEN_MINUTE && minute < close;
}
