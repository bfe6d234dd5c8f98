import { newYorkTime, MINUTE_MS } from "./calendar/newYork.ts";
import { isWeekend, OPEN_MINUTE } from "./calendar/usEquitySession.ts";
import type { Bars, Session } from "./bars.ts";

/**
 * How variance depends on the time of day: factors with mean one per slot of New York's day, and one factor for weekends.
 * Engle and Sokalska (2012) use the same decomposition: daily level x diurnal shape x rest.
 */
export type Profile = {
  readonly session: Session;
  readonly slotMinutes: number;
  readonly factors: Float64Array;
  /** Variance on Saturdays and Sundays over that on other days; 1 where there are none. */
  readonly weekend: number;
};

const FACTOR_MIN = 0.05;

function slotsOf(session: Session, barMs: number): { slotMinutes: number; count: number } {
  const slotMinutes = Math.max(session === "always" ? 30 : 10, Math.ceil(barMs / MINUTE_MS));
  return { slotMinutes, count: Math.ceil((session === "always" ? 1440 : 390) / slotMinutes) };
}

function slotAt(session: Session, slotMinutes: number, count: number, minute: number): number {
  const since = session === "always" ? minute : minute - OPEN_MINUTE;
  return Math.min(count - 1, Math.max(0, Math.floor(since / slotMinutes)));
}

/** Factor of a bar that starts at `openMs`. */
export function profileFactor(profile: Profile, openMs: number): number {
  const { day, minute } = newYorkTime(openMs);
  const count = profile.factors.length;
  const slot = slotAt(profile.session, profile.slotMinutes, count, minute);
  const factor = profile.factors[slot] ?? 1;
  return isWeekend(day) ? factor * profile.weekend : factor;
}

/** [1 2 1] / 4 smoothing; around midnight for a market that never closes, with held ends otherwise. */
function smooth(values: Float64Array, circular: boolean): Float64Array {
  const n = values.length;
  const at = (i: number): number =>
    (circular ? values[(i + n) % n] : values[Math.min(n - 1, Math.max(0, i))]) ?? 1;
  return values.map((value, i) => (at(i - 1) + 2 * value + at(i + 1)) / 4);
}

type Days = { readonly first: number; readonly sum: Float64Array; readonly count: Float64Array };

/** Mean variance of each New York day, so that a wild day does not bend the shape. */
function byDay(bars: Bars, until: number): Days {
  const first = newYorkTime((bars.endMs[0] ?? 0) - bars.barMs).day;
  const last = newYorkTime((bars.endMs[until - 1] ?? 0) - bars.barMs).day;
  const days = {
    first,
    sum: new Float64Array(last - first + 1),
    count: new Float64Array(last - first + 1),
  };
  for (let i = 0; i < until; i++) {
    const d = newYorkTime((bars.endMs[i] ?? 0) - bars.barMs).day - first;
    days.sum[d] = (days.sum[d] ?? 0) + (bars.intrabar[i] ?? 0);
    days.count[d] = (days.count[d] ?? 0) + 1;
  }
  return days;
}

function weekendFactor(days: Days): number {
  const mean = { week: 0, weekCount: 0, end: 0, endCount: 0 };
  for (let d = 0; d < days.sum.length; d++) {
    const count = days.count[d] ?? 0;
    if (count === 0) continue;
    const value = Math.log(Math.max(1e-14, (days.sum[d] ?? 0) / count));
    if (isWeekend(days.first + d)) {
      mean.end += value;
      mean.endCount++;
    } else {
      mean.week += value;
      mean.weekCount++;
    }
  }
  if (mean.endCount < 2 || mean.weekCount < 2) return 1;
  return Math.exp(mean.end / mean.endCount - mean.week / mean.weekCount);
}

/** The profile of the first `until` bars. Bars of a day or longer have a flat one. */
export function fitProfile(bars: Bars, until: number): Profile {
  const { slotMinutes, count } = slotsOf(bars.session, bars.barMs);
  const flat = new Float64Array(count).fill(1);
  if (count < 4 || until < 1)
    return { session: bars.session, slotMinutes, factors: flat, weekend: 1 };
  const days = byDay(bars, until);
  const sum = new Float64Array(count);
  const seen = new Float64Array(count);
  for (let i = 0; i < until; i++) {
    const { day, minute } = newYorkTime((bars.endMs[i] ?? 0) - bars.barMs);
    const d = day - days.first;
    const dayMean = (days.sum[d] ?? 0) / Math.max(1, days.count[d] ?? 1);
    if (dayMean <= 0) continue;
    const slot = slotAt(bars.session, slotMinutes, count, minute);
    sum[slot] = (sum[slot] ?? 0) + (bars.intrabar[i] ?? 0) / dayMean;
    seen[slot] = (seen[slot] ?? 0) + 1;
  }
  const raw = sum.map((value, slot) => ((seen[slot] ?? 0) < 5 ? 1 : value / (seen[slot] ?? 1)));
  const smoothed = smooth(raw, bars.session === "always");
  const mean = smoothed.reduce((a, b) => a + b, 0) / count;
  const factors = smoothed.map((value) => Math.max(FACTOR_MIN, value / mean));
  return { session: bars.session, slotMinutes, factors, weekend: weekendFactor(days) };
}
