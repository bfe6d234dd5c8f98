import { closeMinute, OPEN_MINUTE } from "../../vol/calendar/usEquitySession.ts";
import { DAY_MS, newYorkTime } from "../../vol/calendar/newYork.ts";
import type { Session } from "../../vol/bars.ts";
import type { CandleRow } from "../../vol/candles.ts";

const YEAR_DAYS = 365.25;
/** Trading days of the US stock market in a year, of 6.5 hours. */
const SESSION_DAYS = 252;
const SESSION_MINUTES = 390;

/** Bars in a year of trading: 19,656 five-minute bars of regular hours are not 105,192 of a market that never closes. */
export function barsPerYear(barMs: number, session: Session): number {
  const minutes = session === "always" ? YEAR_DAYS * 1440 : SESSION_DAYS * SESSION_MINUTES;
  return minutes / (barMs / 60_000);
}

/** Bars of a session between two times: what a complete history would hold. */
export function barsExpected(
  barMs: number,
  session: Session,
  fromMs: number,
  toMs: number,
): number {
  if (session === "always") return Math.max(0, Math.floor((toMs - fromMs) / barMs));
  if (barMs >= DAY_MS) return Math.max(0, Math.floor(((toMs - fromMs) / DAY_MS) * (252 / 365.25)));
  const [from, to] = [newYorkTime(fromMs), newYorkTime(toMs)];
  let minutes = 0;
  for (let day = from.day; day <= to.day; day++) {
    const close = closeMinute(day);
    if (close === null) continue;
    const first = day === from.day ? Math.max(OPEN_MINUTE, from.minute) : OPEN_MINUTE;
    const last = day === to.day ? Math.min(close, to.minute) : close;
    minutes += Math.max(0, last - first);
  }
  return Math.floor((minutes * 60_000) / barMs);
}

/** Annualised standard deviation of log returns between neighbouring bars; null with fewer than 100 of them. */
export function annualSigma(
  rows: readonly CandleRow[],
  barMs: number,
  session: Session,
): number | null {
  let sum = 0;
  let count = 0;
  for (let i = 1; i < rows.length; i++) {
    const [before, row] = [rows[i - 1], rows[i]];
    if (before === undefined || row === undefined || row.openMs - before.openMs !== barMs) continue;
    sum += Math.log(row.close / before.close) ** 2;
    count++;
  }
  return count < 100 ? null : Math.sqrt((sum / count) * barsPerYear(barMs, session));
}

/**
 * The same path with every log return multiplied by `ratio`, ending at the last close. Works on returns alone: a price of
 * 90,000 and one of 690 have nothing to do with each other.
 */
export function scaleReturns(rows: readonly CandleRow[], ratio: number): CandleRow[] {
  const anchor = rows.at(-1)?.close ?? 1;
  const at = (price: number): number => anchor * (price / anchor) ** ratio;
  return rows.map((row) => ({
    ...row,
    open: at(row.open),
    high: at(row.high),
    low: at(row.low),
    close: at(row.close),
  }));
}
