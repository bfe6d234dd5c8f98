import type { DayRow } from "./days.ts";
import { meanInterval } from "./statistics.ts";
import type { Interval } from "./statistics.ts";
import type { Report } from "./report.ts";

export type Verdict = "pass" | "fail" | "not enough data";

/** One condition for going live: a target to be measured against, never one to be reached by bending the simulator. */
export type Gate = {
  readonly name: string;
  readonly target: string;
  /** The measured value as people read it. */
  readonly value: string;
  readonly verdict: Verdict;
  /** Why the verdict is what it is, and what is missing. */
  readonly detail: string;
};

/** Clean days that the first live step asks for. */
const DAYS_NEEDED = 7;

type Band = { readonly above?: number; readonly below?: number };
type Measured = { readonly interval: Interval | null; readonly show: (value: number) => string };

const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;

/** The gates between paper and live money. */
export function gatesOf(report: Omit<Report, "gates">): readonly Gate[] {
  const complete = report.days.filter((day) => day.complete);
  const daily = (value: (day: DayRow) => number | null): Interval | null =>
    meanInterval(complete.flatMap((day) => value(day) ?? []));
  const share = (part: (day: DayRow) => number) =>
    daily((day) => (day.trades === 0 ? null : part(day) / day.trades));
  const gate = (name: string, target: string, band: Band, measured: Measured): Gate =>
    intervalGate({ name, target, band, ...measured, days: complete.length });
  return [
    gate(
      "Sharpe",
      "> 2.5",
      { above: 2.5 },
      { interval: report.sharpe, show: (value) => value.toFixed(2) },
    ),
    returnGate(report, complete.length),
    drawdownGate(report, complete.length),
    gate(
      "trades per day",
      "> 2,000",
      { above: 2000 },
      { interval: daily(({ trades }) => trades), show: (value) => value.toFixed(0) },
    ),
    gate(
      "maker ratio",
      "> 90 %",
      { above: 0.9 },
      { interval: share(({ makerTrades }) => makerTrades), show: percent },
    ),
    gate(
      "reduce-only share",
      "10 to 20 %",
      { above: 0.1, below: 0.2 },
      { interval: daily(({ reduceOnlyShare }) => reduceOnlyShare), show: percent },
    ),
    smartGate(report, gate, share),
  ];
}

type IntervalGate = Measured & {
  readonly name: string;
  readonly target: string;
  readonly band: Band;
  /** Complete days. */
  readonly days: number;
};

/** Passes only when the whole interval lies inside the band, fails only when all of it lies outside. */
function intervalGate({ name, target, band, interval, show, days }: IntervalGate): Gate {
  if (interval === null)
    return verdictOf(name, target, "–", "not enough data", missing(days) ?? "nothing to measure");
  const { mean, low, high, count } = interval;
  if (low === null || high === null)
    return verdictOf(
      name,
      target,
      show(mean),
      "not enough data",
      `one value alone, ${missing(days)}`,
    );
  const spread = `95 % interval ${show(low)} to ${show(high)} from ${count} independent days`;
  const { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = band;
  if (high <= above || low >= below) return verdictOf(name, target, show(mean), "fail", spread);
  const few = missing(Math.min(days, count));
  if (few !== null)
    return verdictOf(name, target, show(mean), "not enough data", `${spread}; ${few}`);
  if (low > above && high < below) return verdictOf(name, target, show(mean), "pass", spread);
  const detail = `${spread}: the target lies inside it, more days would tell`;
  return verdictOf(name, target, show(mean), "not enough data", detail);
}

/** @returns null when there are as many complete days as the gates ask for */
function missing(days: number): string | null {
  if (days >= DAYS_NEEDED) return null;
  return `${days} of ${DAYS_NEEDED} complete days, ${DAYS_NEEDED - days} are missing`;
}

/** The return of the window itself is known, so it has no interval; it needs its seven days. */
function returnGate({ returned }: Omit<Report, "gates">, days: number): Gate {
  const name = "7-day return";
  const target = "> 5 %";
  if (returned === null) return verdictOf(name, target, "–", "not enough data", "no readings");
  const few = missing(days);
  if (few !== null) return verdictOf(name, target, percent(returned), "not enough data", few);
  const over = `over ${days} complete days`;
  return verdictOf(name, target, percent(returned), returned > 0.05 ? "pass" : "fail", over);
}

/** A drawdown that is too large is known at once; one that is small enough only after the whole time. */
function drawdownGate({ drawdown }: Omit<Report, "gates">, days: number): Gate {
  const name = "maximum drawdown";
  const target = "< 0.5 %";
  if (drawdown === null) return verdictOf(name, target, "–", "not enough data", "no readings");
  const value = percent(drawdown.fraction);
  if (drawdown.fraction >= 0.005)
    return verdictOf(name, target, value, "fail", "once exceeded, exceeded");
  const few = missing(days);
  if (few !== null) return verdictOf(name, target, value, "not enough data", few);
  return verdictOf(name, target, value, "pass", `over ${days} complete days`);
}

function smartGate(
  report: Omit<Report, "gates">,
  gate: (name: string, target: string, band: Band, measured: Measured) => Gate,
  share: (part: (day: DayRow) => number) => Interval | null,
): Gate {
  const name = "smart-placement fill share";
  const target = "> 15 %";
  if (!report.smartPlacementUsed)
    return verdictOf(
      name,
      target,
      "–",
      "not enough data",
      "no order was placed by reading the book (ENABLE_SMART_PLACEMENT)",
    );
  return gate(
    name,
    target,
    { above: 0.15 },
    { interval: share(({ smartTrades }) => smartTrades), show: percent },
  );
}

function verdictOf(
  name: string,
  target: string,
  value: string,
  verdict: Verdict,
  detail: string,
): Gate {
  return { name, target, value, verdict, detail };
}
