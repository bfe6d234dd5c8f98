import type { StoredRun } from "../runInfo.ts";
import { readForecastScore } from "../forecastScore.ts";
import type { ForecastScore } from "../forecastScore.ts";
import { readRunInfo } from "../runInfo.ts";
import type { MarkoutCell, VolSlice } from "../../messages/state.ts";
import type {
  ActivityRow,
  DecisionRow,
  EquityRow,
  FillRow,
  FundingRow,
  ReadModel,
} from "../../store/readModel.ts";

/** Everything a report is made of: the rows of one data folder that fall into the window. */
export type ReportData = {
  /** Null for a database that does not say how it was run. */
  readonly run: StoredRun | null;
  /** First and last reading of the account in the window. */
  readonly fromMs: number;
  readonly toMs: number;
  /** At least one. */
  readonly readings: readonly EquityRow[];
  readonly fills: readonly FillRow[];
  readonly fundings: readonly FundingRow[];
  readonly activity: readonly ActivityRow[];
  readonly modeChanges: readonly DecisionRow[];
  /** History and training behind the volatility forecast, as last known. */
  readonly vol: VolSlice | null;
  /** Markouts at the exact horizons, since the folder began. */
  readonly markouts: readonly MarkoutCell[];
  /** How its forecasts did, as last stored. */
  readonly forecast: ForecastScore | null;
};

const DAY_MS = 86_400_000;
const EVERY_FILL = 10_000_000;

/**
 * The last `days` days up to the newest reading: what is reported is the run's own time, which a simulation or a replay
 * does not share with the calendar.
 * @returns null when the account was never read
 */
export function readReportData(read: ReadModel, days: number): ReportData | null {
  const all = read.equity(0);
  const newest = all.at(-1);
  if (newest === undefined) return null;
  const sinceMs = newest.atMs - days * DAY_MS;
  const readings = all.filter(({ atMs }) => atMs >= sinceMs);
  const fromMs = readings[0]?.atMs ?? newest.atMs;
  const toMs = newest.atMs;
  const state = read.state()?.state ?? null;
  const inWindow = ({ venueMs }: { readonly venueMs: number }): boolean => venueMs <= toMs;
  return {
    run: readRunInfo(read),
    fromMs,
    toMs,
    readings,
    fills: read.fills(fromMs, EVERY_FILL).filter(inWindow),
    fundings: read.fundings(fromMs).filter(inWindow),
    activity: read.activity(fromMs),
    vol: state?.vol ?? null,
    markouts: state?.quality.cells ?? [],
    forecast: readForecastScore(read),
    modeChanges: read.modeChanges().filter(({ atMs }) => atMs <= toMs),
  };
}
