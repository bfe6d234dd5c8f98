import { isRegularSession, isWeekend } from "../calendar/usEquitySession.ts";
import { newYorkTime } from "../calendar/newYork.ts";
import { qlike } from "./losses.ts";
import type { Bars } from "../bars.ts";

/** Whether an interval holds what it promises: its limits are set on the first half of the test and checked on the second. */
export type Calibration = { readonly nominal: number; readonly covered: number };

const NOMINAL = 0.8;

/** Share of outcomes inside the middle 80 % of log errors. Null with fewer than 200 samples. */
export function calibrationOf(realised: Float64Array, forecast: Float64Array): Calibration | null {
  const n = realised.length;
  if (n < 200) return null;
  const errors = realised.map((value, i) => Math.log(value / (forecast[i] ?? 1)));
  const half = Math.floor(n / 2);
  const sorted = errors.subarray(0, half).toSorted();
  const low = sorted[Math.floor(((1 - NOMINAL) / 2) * half)] ?? 0;
  const high = sorted[Math.floor(((1 + NOMINAL) / 2) * half)] ?? 0;
  let inside = 0;
  for (let i = half; i < n; i++) if ((errors[i] ?? 0) >= low && (errors[i] ?? 0) <= high) inside++;
  return { nominal: NOMINAL, covered: inside / (n - half) };
}

export type SessionScore = {
  readonly session: "usRegular" | "usClosed" | "weekend";
  readonly n: number;
  readonly qlike: number;
};

/** QLIKE while US stocks trade, on other hours of the week, and at weekends (New York). */
export function bySession(
  bars: Bars,
  at: Int32Array,
  realised: Float64Array,
  forecast: Float64Array,
): readonly SessionScore[] {
  const sums = new Map<SessionScore["session"], { n: number; sum: number }>();
  at.forEach((bar, k) => {
    const { day, minute } = newYorkTime(bars.endMs[bar] ?? 0);
    const session = isRegularSession(day, minute)
      ? "usRegular"
      : isWeekend(day)
        ? "weekend"
        : "usClosed";
    const seen = sums.get(session) ?? { n: 0, sum: 0 };
    seen.n++;
    seen.sum += qlike(realised[k] ?? 0, forecast[k] ?? 0);
    sums.set(session, seen);
  });
  return [...sums].map(([session, { n, sum }]) => ({ session, n, qlike: sum / n }));
}
