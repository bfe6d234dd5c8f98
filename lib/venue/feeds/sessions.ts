/**
 * The simulated week of an index perpetual: trading never stops, but it is loud while New York trades and quiet at
 * weekends. Levels are calibrated to public observations of a US500 perpetual: docs/SIMULATED-MARKET.md has targets,
 * sources and what was measured. Minutes are those of New York in winter (UTC-5); daylight saving and holidays are not
 * modelled.
 */
export type Conditions = {
  /** Volatility of the efficient price, bp per square root of a minute. */
  readonly volBps: number;
  /** Arrivals of uninformed takers, per minute, follow-up orders not counted. */
  readonly takersPerMin: number;
  /** Quoted sizes relative to regular hours. */
  readonly depth: number;
  /** Makers' half-spread before rounding to the grid, bp. */
  readonly halfBps: number;
  /** Mean time between looks of a fast maker, ms. */
  readonly lookMs: number;
  /** False when the oracle has no outside source and follows the perpetual itself. */
  readonly externalOracle: boolean;
  readonly isWeekend: boolean;
};

/** Minute of the day, volBps, takersPerMin, depth, halfBps, lookMs, external oracle (1 or 0); linear in between. */
type Row = readonly [number, number, number, number, number, number, 0 | 1];

const WEEKDAY: readonly Row[] = [
  [0, 1.06, 0.45, 0.72, 0.04, 1100, 1],
  [180, 1.22, 0.49, 0.75, 0.04, 1000, 1],
  [420, 1.33, 0.68, 0.75, 0.04, 900, 1],
  [509, 1.3, 0.83, 0.7, 0.05, 800, 1],
  [510, 2.6, 1.8, 0.5, 0.1, 600, 1],
  [530, 1.3, 1.1, 0.7, 0.05, 700, 1],
  [569, 1.4, 1.1, 0.75, 0.05, 600, 1],
  [570, 2.7, 4.1, 0.6, 0.075, 350, 1],
  [580, 2.15, 3, 0.7, 0.06, 400, 1],
  [630, 1.75, 2, 0.85, 0.045, 450, 1],
  [720, 1.55, 1.4, 0.95, 0.035, 500, 1],
  [810, 1.35, 1.1, 1, 0.03, 550, 1],
  [900, 1.25, 1.2, 1, 0.03, 500, 1],
  [930, 1.25, 1.4, 1, 0.03, 500, 1],
  [955, 1.9, 2, 0.92, 0.045, 420, 1],
  [960, 0.4, 0.75, 0.8, 0.045, 900, 1],
  [985, 0.26, 0.45, 0.72, 0.055, 1300, 1],
  [1019, 0.25, 0.38, 0.72, 0.055, 1500, 1],
  [1020, 0.25, 0.34, 0.7, 0.055, 1800, 0],
  [1079, 0.25, 0.34, 0.7, 0.055, 1800, 0],
  [1080, 0.9, 0.45, 0.72, 0.045, 1200, 1],
  [1200, 1.11, 0.49, 0.72, 0.04, 1100, 1],
  [1440, 1.06, 0.45, 0.72, 0.04, 1100, 1],
];

const WEEKEND: readonly Row[] = [
  [0, 0.45, 0.69, 0.5, 0.42, 2500, 0],
  [720, 0.5, 1, 0.5, 0.42, 2200, 0],
  [1440, 0.45, 0.69, 0.5, 0.42, 2500, 0],
];

const DAY_MIN = 1440;
const WEEK_MIN = 7 * DAY_MIN;
/** Friday 17:00 to Sunday 18:00 of New York, in minutes since Sunday 00:00. */
const WEEKEND_FROM_MIN = 5 * DAY_MIN + 17 * 60;
const WEEKEND_TO_MIN = 18 * 60;

/** A stretch of the week, in minutes since Sunday 00:00 of New York, that a scenario repeats for ever. */
export type Stretch = { readonly fromMin: number; readonly toMin: number };

export const WHOLE_WEEK: Stretch = { fromMin: 0, toMin: WEEK_MIN };

/** Wednesday 2026-01-14, 09:30 in New York: the open. */
export const DEFAULT_SESSION_START_MS = 1_768_401_000_000;

const NEW_YORK_OFFSET_MIN = -5 * 60;
/** The epoch's first day was a Thursday. */
const EPOCH_MINUTE_OF_WEEK = 4 * DAY_MIN;

/** Minutes since Sunday 00:00 of New York, with a fraction. */
export function minuteOfWeek(epochMs: number): number {
  return modulo(epochMs / 60_000 + NEW_YORK_OFFSET_MIN + EPOCH_MINUTE_OF_WEEK, WEEK_MIN);
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** "Wednesday 09:30 New York" for a Unix time. */
export function sessionName(epochMs: number): string {
  const minute = Math.floor(minuteOfWeek(epochMs));
  const two = (value: number): string => String(value).padStart(2, "0");
  const ofDay = minute % DAY_MIN;
  return `${DAYS[Math.floor(minute / DAY_MIN)]} ${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)} New York`;
}

/** What the market is like at a time of its own clock; cached per minute. */
export class SessionClock {
  readonly #startMin: number;
  readonly #stretch: Stretch;
  #cachedMin = Number.NaN;
  #cached: Conditions = conditionsAt(0);

  /** @param sessionStartMs market time (Unix epoch) at feed time 0. */
  constructor(sessionStartMs: number, stretch: Stretch) {
    this.#startMin = minuteOfWeek(sessionStartMs);
    this.#stretch = stretch;
  }

  at(feedMs: number): Conditions {
    const minute = Math.floor(feedMs / 60_000);
    if (minute === this.#cachedMin) return this.#cached;
    const { fromMin, toMin } = this.#stretch;
    this.#cachedMin = minute;
    this.#cached = conditionsAt(
      fromMin + modulo(this.#startMin + minute - fromMin, toMin - fromMin),
    );
    return this.#cached;
  }
}

/** @param minute since Sunday 00:00 of New York, 0 to 10080. */
export function conditionsAt(minute: number): Conditions {
  const isWeekend = minute >= WEEKEND_FROM_MIN || minute < WEEKEND_TO_MIN;
  const rows = isWeekend ? WEEKEND : WEEKDAY;
  const ofDay = minute % DAY_MIN;
  let after = 1;
  while (after < rows.length - 1 && (rows[after]?.[0] ?? 0) <= ofDay) after++;
  const [left, right] = [rows[after - 1], rows[after]];
  if (left === undefined || right === undefined) throw new RangeError(`minute ${minute}`);
  const share = (ofDay - left[0]) / (right[0] - left[0]);
  const mixed = (column: 1 | 2 | 3 | 4 | 5): number =>
    left[column] + (right[column] - left[column]) * share;
  return {
    volBps: mixed(1),
    takersPerMin: mixed(2),
    depth: mixed(3),
    halfBps: mixed(4),
    lookMs: mixed(5),
    externalOracle: left[6] === 1,
    isWeekend,
  };
}

function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}
