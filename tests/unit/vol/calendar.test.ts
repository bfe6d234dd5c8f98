import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { daysFromCivil, yearOfDay } from "../../../lib/vol/calendar/civil.ts";
import { DAY_MS, newYorkTime, newYorkToUtcMs } from "../../../lib/vol/calendar/newYork.ts";
import { closeMinute, isTradingDay, isWeekend } from "../../../lib/vol/calendar/usEquitySession.ts";
import { sharedPath, sharedSeries } from "../../support/sharedSeries.ts";

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY_MS;

/** nyse.com, "Holidays and trading hours", as published for 2024 to 2027, and the special closings before. */
const HOLIDAYS: Readonly<Record<number, readonly string[]>> = {
  2018: ["01-01", "01-15", "02-19", "03-30", "05-28", "07-04", "09-03", "11-22", "12-05", "12-25"],
  2021: ["01-01", "01-18", "02-15", "04-02", "05-31", "07-05", "09-06", "11-25", "12-24"],
  2022: ["01-17", "02-21", "04-15", "05-30", "06-20", "07-04", "09-05", "11-24", "12-26"],
  2024: ["01-01", "01-15", "02-19", "03-29", "05-27", "06-19", "07-04", "09-02", "11-28", "12-25"],
  2025: [
    "01-01",
    "01-09",
    "01-20",
    "02-17",
    "04-18",
    "05-26",
    "06-19",
    "07-04",
    "09-01",
    "11-27",
    "12-25",
  ],
  2026: ["01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"],
  2027: ["01-01", "01-18", "02-15", "03-26", "05-31", "06-18", "07-05", "09-06", "11-25", "12-24"],
};
const HALF_DAYS: Readonly<Record<number, readonly string[]>> = {
  2024: ["07-03", "11-29", "12-24"],
  2025: ["07-03", "11-28", "12-24"],
  2026: ["11-27", "12-24"],
  2027: ["11-26"],
};

describe("the calendar of the US stock market", () => {
  test.each(Object.entries(HOLIDAYS))("holidays of %s are the exchange's", (year, expected) => {
    const found: string[] = [];
    for (let d = day(`${year}-01-01`); d <= day(`${year}-12-31`); d++)
      if (!isWeekend(d) && !isTradingDay(d))
        found.push(new Date(d * DAY_MS).toISOString().slice(5, 10));
    expect(found).toEqual([...expected]);
  });

  test.each(Object.entries(HALF_DAYS))("half days of %s are the exchange's", (year, expected) => {
    const found: string[] = [];
    for (let d = day(`${year}-01-01`); d <= day(`${year}-12-31`); d++)
      if (closeMinute(d) === 780) found.push(new Date(d * DAY_MS).toISOString().slice(5, 10));
    expect(found).toEqual([...expected]);
  });

  test("civil days and years agree with the platform", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1988-01-01"), max: new Date("2099-01-01"), noInvalidDate: true }),
        (date) => {
          const d = daysFromCivil(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
          expect(d).toBe(Math.floor(date.getTime() / DAY_MS));
          expect(yearOfDay(d)).toBe(date.getUTCFullYear());
        },
      ),
    );
  });

  test("New York's clock is the time-zone database's", () => {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: "America/New_York",
      hour: "2-digit",
      minute: "2-digit",
      day: "2-digit",
      hourCycle: "h23",
    });
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2040, 0) }), (utcMs) => {
        const time = newYorkTime(utcMs);
        const parts = Object.fromEntries(
          format.formatToParts(utcMs).map((part) => [part.type, part.value]),
        );
        expect(Math.floor(time.minute)).toBe(Number(parts["hour"]) * 60 + Number(parts["minute"]));
        expect(new Date(time.day * DAY_MS).getUTCDate()).toBe(Number(parts["day"]));
      }),
    );
  });

  test("a wall clock goes to UTC and back", () => {
    for (const [wall, utc] of [
      ["2025-11-02T00:30", "2025-11-02T04:30"],
      ["2025-11-02T03:30", "2025-11-02T08:30"],
      ["2025-03-09T01:30", "2025-03-09T06:30"],
      ["2025-03-09T03:30", "2025-03-09T07:30"],
      ["2025-07-01T09:30", "2025-07-01T13:30"],
      ["2025-12-01T09:30", "2025-12-01T14:30"],
    ])
      expect(newYorkToUtcMs(Date.parse(`${wall}Z`))).toBe(Date.parse(`${utc}Z`));
  });

  test("every day of a real series is a trading day, and a real half day ends at 13:00", async () => {
    const path = sharedPath("d_index_ohlcv_rv/SPY_5m_2025-05_2026-03.csv.gz");
    if (path === null) return;
    const { candles } = await sharedSeries(path);
    const bars = new Map<number, number>();
    for (const ms of candles.openMs) {
      const at = newYorkTime(ms);
      if (at.minute < (closeMinute(at.day) ?? 0)) bars.set(at.day, (bars.get(at.day) ?? 0) + 1);
    }
    const [first = 0] = bars.keys();
    const last = [...bars.keys()].at(-1) ?? 0;
    for (let d = first; d <= last; d++)
      expect({ d, has: bars.has(d) }).toEqual({ d, has: isTradingDay(d) });
    expect(bars.get(day("2025-07-03"))).toBe(42);
  });
});
