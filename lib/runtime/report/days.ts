import type { EquityRow } from "../../store/readModel.ts";
import { coverageOf, stretchesOf } from "./coverage.ts";
import { modeTimes } from "./modes.ts";
import { SMART_PLACEMENTS } from "./placements.ts";
import { splitPnl } from "./pnlSplit.ts";
import type { PnlSplit } from "./pnlSplit.ts";
import type { ReportData } from "./reportData.ts";
import { drawdownOf } from "./statistics.ts";

/** 24 hours of the window, counted from its start. */
export type DayRow = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Covered nearly whole: only such days count as independent values. */
  readonly complete: boolean;
  readonly uptime: number;
  readonly trades: number;
  readonly makerTrades: number;
  readonly smartTrades: number;
  readonly pnl: PnlSplit | null;
  /** Change of equity over equity at the start; null without readings. */
  readonly returned: number | null;
  readonly drawdown: number | null;
  /** Of the covered time; null when none was. */
  readonly reduceOnlyShare: number | null;
};

const DAY_MS = 86_400_000;
const COMPLETE_SHARE = 0.9;

export function daysOf(data: ReportData): readonly DayRow[] {
  const days: DayRow[] = [];
  for (let fromMs = data.fromMs; fromMs < data.toMs; fromMs += DAY_MS)
    days.push(dayOf(data, fromMs, Math.min(fromMs + DAY_MS, data.toMs)));
  return days;
}

function dayOf(data: ReportData, fromMs: number, toMs: number): DayRow {
  const readings = data.readings.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const fills = data.fills.filter(({ venueMs }) => venueMs >= fromMs && venueMs < toMs);
  const stretches = stretchesOf(readings);
  const { coveredMs } = coverageOf(readings);
  const modes = modeTimes(stretches, data.modeChanges);
  return {
    fromMs,
    toMs,
    complete: coveredMs >= COMPLETE_SHARE * DAY_MS,
    uptime: coveredMs / (toMs - fromMs),
    trades: fills.length,
    makerTrades: fills.filter(({ taker }) => !taker).length,
    smartTrades: fills.filter(({ placement }) => SMART_PLACEMENTS.has(placement ?? "")).length,
    pnl: splitPnl(readings),
    returned: returnOf(readings),
    drawdown: drawdownOf(readings)?.fraction ?? null,
    reduceOnlyShare: coveredMs === 0 ? null : (modes.reduceOnly + modes.flatten) / coveredMs,
  };
}

/** Change of the account's value over its value at the start. */
export function returnOf(readings: readonly EquityRow[]): number | null {
  const first = readings[0]?.equityMicroUsd;
  const last = readings.at(-1)?.equityMicroUsd;
  if (first === undefined || last === undefined || first <= 0) return null;
  return (last - first) / first;
}
