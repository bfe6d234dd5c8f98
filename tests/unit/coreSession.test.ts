import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sessionAt } from "../../lib/core/session.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Midnight in New York of a Sunday in winter, and of one in summer. */
const WINTER = Date.parse("2026-01-11T05:00:00Z");
const SUMMER = Date.parse("2026-07-12T04:00:00Z");

/** From when on each session is, in New York. */
const OF_A_DAY = [
  ["00:00", "overnight"],
  ["04:00", "extended"],
  ["09:30", "open"],
  ["09:45", "regular"],
  ["15:45", "close"],
  ["16:00", "extended"],
  ["17:00", "break"],
  ["18:00", "extended"],
  ["20:00", "overnight"],
] as const;
const WEEK = [
  ["Sunday", 0, [["00:00", "weekend"], ...OF_A_DAY.slice(7)]],
  ["Monday", 1, OF_A_DAY],
  ["Tuesday", 2, OF_A_DAY],
  ["Wednesday", 3, OF_A_DAY],
  ["Thursday", 4, OF_A_DAY],
  ["Friday", 5, [...OF_A_DAY.slice(0, 6), ["17:00", "weekend"]]],
  ["Saturday", 6, [["00:00", "weekend"]]],
] as const;

const msOf = (clock: string): number =>
  Number(clock.slice(0, 2)) * 60 * MINUTE_MS + Number(clock.slice(3)) * MINUTE_MS;

describe("time of the week", () => {
  test.each(WEEK)("each session of a %s begins and ends to the millisecond", (_name, day, rows) => {
    for (const sunday of [WINTER, SUMMER])
      for (const [index, [clock, session]] of rows.entries()) {
        const midnight = sunday + day * DAY_MS;
        const next = rows[index + 1]?.[0] ?? "24:00";
        expect([clock, sessionAt(midnight + msOf(clock))]).toEqual([clock, session]);
        expect([next, sessionAt(midnight + msOf(next) - 1)]).toEqual([next, session]);
      }
  });

  test.each([
    ["2026-03-06T14:30:00Z", "open"],
    ["2026-03-08T06:59:00Z", "weekend"],
    ["2026-03-09T13:30:00Z", "open"],
    ["2026-10-30T13:30:00Z", "open"],
    ["2026-11-02T14:30:00Z", "open"],
    ["2027-01-01T00:00:00Z", "extended"],
    ["2028-02-29T14:31:00Z", "open"],
  ] as const)("%s is %s", (time, session) => {
    expect(sessionAt(Date.parse(time))).toBe(session);
  });

  const NEW_YORK = new Intl.DateTimeFormat("en-US", {
    timeZone: "America/New_York",
    weekday: "long",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });

  /** The same time of a week in January, by the time zone database. */
  function inWinter(nowMs: number): number {
    const part = new Map(NEW_YORK.formatToParts(nowMs).map(({ type, value }) => [type, value]));
    const day = WEEK.find(([name]) => name === part.get("weekday"))?.[1] ?? Number.NaN;
    return WINTER + day * DAY_MS + msOf(`${part.get("hour")}:${part.get("minute")}`);
  }

  test("New York's clock is the time zone database's, on any day since the rule of 2007", () => {
    const [fromMs, toMs] = [Date.UTC(2007, 0, 1), Date.UTC(2200, 0, 1)];
    fc.assert(
      fc.property(fc.integer({ min: fromMs, max: toMs }), (nowMs) => {
        expect(sessionAt(nowMs)).toBe(sessionAt(inWinter(nowMs)));
      }),
    );
    // About the two changes of a year, and its turn; 2100 is no leap year.
    for (const year of [...Array.from({ length: 40 }, (_, i) => 2007 + i), 2099, 2100, 2101, 2104])
      for (const month of [0, 2, 10])
        for (let day = 1; day <= 15; day += 1)
          for (const hour of [14, 22]) {
            const nowMs = Date.UTC(year, month, day, hour, 40);
            expect([nowMs, sessionAt(nowMs)]).toEqual([nowMs, sessionAt(inWinter(nowMs))]);
          }
  });
});
