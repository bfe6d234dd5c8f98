import { isRegularSession } from "./calendar/usEquitySession.ts";
import { newYorkTime } from "./calendar/newYork.ts";
import { rowAt } from "./candles.ts";
import type { Candles } from "./candles.ts";

/** When the market trades: around the clock, or in the regular hours of the US stock exchanges. */
export type Session = "always" | "us-equity";

/** Per-bar measurements, oldest first. Variances are of log returns over one bar. */
export type Bars = {
  readonly barMs: number;
  readonly session: Session;
  readonly count: number;
  /** End of each bar: the moment its values are known. */
  readonly endMs: Float64Array;
  /** Log return of the bar; from its own open where the bar before is missing. */
  readonly ret: Float64Array;
  /** Log return from the close before a gap to this bar's open; 0 inside a run of neighbouring bars. */
  readonly gapRet: Float64Array;
  /** Squared return. */
  readonly squared: Float64Array;
  /** Best estimate of the bar's variance from inside it: the source's own realised variance, else Garman and Klass. */
  readonly intrabar: Float64Array;
  readonly volume: Float64Array;
  /** Number of the run of neighbouring bars: it changes at every gap. */
  readonly run: Int32Array;
};

/** Garman and Klass (1980): (ln H/L)^2 / 2 - (2 ln 2 - 1) (ln C/O)^2, variance per bar. Never negative. */
export function garmanKlass(open: number, high: number, low: number, close: number): number {
  return 0.5 * Math.log(high / low) ** 2 - (2 * Math.LN2 - 1) * Math.log(close / open) ** 2;
}

/** Bars this long or longer are days: nights and weekends between them are no gaps. */
export const DAILY_MS = 6 * 3_600_000;

/** Share of bars inside regular US hours above which a series counts as one of the US stock market. */
const SESSION_SHARE = 0.985;

/** Which session the bars' own times speak of. Bars of a day or longer are taken as they are. */
export function detectSession(candles: Candles): Session {
  if (candles.barMs >= DAILY_MS) return "always";
  let inside = 0;
  for (const openMs of candles.openMs) {
    const { day, minute } = newYorkTime(openMs);
    if (isRegularSession(day, minute)) inside++;
  }
  return inside >= SESSION_SHARE * candles.openMs.length ? "us-equity" : "always";
}

function indexesInSession(candles: Candles, session: Session): number[] {
  const kept: number[] = [];
  for (let i = 0; i < candles.openMs.length; i++) {
    if (session === "always") {
      kept.push(i);
      continue;
    }
    const { day, minute } = newYorkTime(candles.openMs[i] ?? 0);
    if (isRegularSession(day, minute)) kept.push(i);
  }
  return kept;
}

/** Clean candles to per-bar measurements of one session. */
export function measureBars(candles: Candles, session: Session): Bars {
  const indexes = indexesInSession(candles, session);
  const count = indexes.length;
  const daily = candles.barMs >= DAILY_MS;
  const column = (): Float64Array => new Float64Array(count);
  const bars = {
    endMs: column(),
    ret: column(),
    gapRet: column(),
    squared: column(),
    intrabar: column(),
    volume: column(),
    run: new Int32Array(count),
  };
  let run = 0;
  let closeBefore = Number.NaN;
  let endBefore = Number.NaN;
  for (let k = 0; k < count; k++) {
    const row = rowAt(candles, indexes[k] ?? 0);
    const joined = row.openMs === endBefore || (daily && k > 0);
    if (!joined && k > 0) run++;
    const ret = Math.log(row.close / (joined ? closeBefore : row.open));
    bars.endMs[k] = row.openMs + candles.barMs;
    bars.ret[k] = ret;
    bars.gapRet[k] = joined || k === 0 ? 0 : Math.log(row.open / closeBefore);
    bars.squared[k] = ret * ret;
    bars.intrabar[k] =
      candles.variance?.[indexes[k] ?? 0] ?? garmanKlass(row.open, row.high, row.low, row.close);
    bars.volume[k] = row.volume;
    bars.run[k] = run;
    closeBefore = row.close;
    endBefore = row.openMs + candles.barMs;
  }
  return { barMs: candles.barMs, session, count, ...bars };
}
