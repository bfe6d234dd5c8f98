import type { MarketRun } from "./marketRun.ts";
import { besides, near, within } from "./targets.ts";
import type { Comparison } from "./targets.ts";
import {
  loggedHoursVolatility,
  partVolatility,
  summaryOf,
  turnover,
  wholeVolatility,
} from "./weekStudy.ts";

/** Days side by side with what was published and logged of the real market; sources are in docs/SIMULATED-MARKET.md. */
export function compareWeek(run: MarketRun): readonly Comparison[] {
  const regular = summaryOf(run.watch.of("regular"));
  const off = summaryOf(run.watch.of("off"));
  const weekend = summaryOf(run.watch.of("weekend"));
  const quiet = summaryOf(run.watch.of("afterClose"));
  const thousands = (usd: number): number => usd / 1000;
  const [saturday, weekday] = [turnover(run, [6]), turnover(run, [1, 2, 3, 4, 5])];
  return [
    near("regular hours: spread is one tick", 0.74, regular.oneTickShare, 0.2, 2),
    near("regular hours: mean spread", 0.24, regular.meanSpreadBps, 0.2, 2, " bp"),
    near("after the close: spread is one tick", 0.73, quiet.oneTickShare, 0.2, 2),
    near("after the close: mean spread", 0.25, quiet.meanSpreadBps, 0.3, 2, " bp"),
    near("weekend: median spread", 0.59, weekend.medianSpreadBps, 0.2, 2, " bp"),
    besides("regular hours: median spread, Mar-Jun", 0.36, regular.medianSpreadBps, 2, " bp"),
    besides("other hours: median spread, Mar-Jun", 0.28, off.medianSpreadBps, 2, " bp"),
    near("regular hours: touch depth, contracts", 114, regular.medianTouchContracts, 0.2, 0),
    near("other hours: touch depth, contracts", 85, off.medianTouchContracts, 0.2, 0),
    near("weekend: touch depth, contracts", 41, weekend.medianTouchContracts, 0.2, 0),
    near("median top ten bids", 139, thousands(regular.medianTopTen.bidUsd), 0.2, 0, " k$"),
    near("median top ten asks", 170, thousands(regular.medianTopTen.askUsd), 0.2, 0, " k$"),
    near("5th percentile top ten bids", 84, thousands(regular.lowTopTen.bidUsd), 0.2, 0, " k$"),
    near("5th percentile top ten asks", 58, thousands(regular.lowTopTen.askUsd), 0.2, 0, " k$"),
    near("regular hours: volatility", 1.7, partVolatility(run, "regular"), 0.2, 2, " bp/min"),
    near("after the close: volatility", 0.23, partVolatility(run, "afterClose"), 0.3, 2, " bp/min"),
    within("hours of the log: volatility a year", [10, 12], loggedHoursVolatility(run), 0, 1, " %"),
    within("whole week: volatility a year", [10, 12], wholeVolatility(run), 0.5, 1, " %"),
    near("regular hours: touch same after 1 s", 0.82, regular.unchanged, 0.2, 2),
    near("regular hours: one tick stays 1 s", 0.94, regular.oneTickStays, 0.15, 2),
    near("regular hours: wide stays 1 s", 0.84, regular.wideStays, 0.15, 2),
    near("after the close: touch same after 1 s", 0.98, quiet.unchanged, 0.1, 2),
    near("Saturday: trades", 2900, saturday.trades, 0.25, 0),
    near("Saturday: turnover", 6, saturday.usd / 1e6, 0.35, 1, " M$"),
    near("weekday: turnover", 26, weekday.usd / 1e6, 0.35, 1, " M$"),
  ];
}
