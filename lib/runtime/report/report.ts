import type { ForecastScore } from "../forecastScore.ts";
import { volStatusOf } from "../volStatus.ts";
import type { VolStatus } from "../volStatus.ts";
import type { MarkoutPoint, RunInfo } from "../../dashboard/types.ts";
import { markoutPoints } from "../../dashboard/markouts.ts";
import { coverageOf, stretchesOf } from "./coverage.ts";
import type { Coverage } from "./coverage.ts";
import { daysOf, returnOf } from "./days.ts";
import type { DayRow } from "./days.ts";
import { gatesOf } from "./gates.ts";
import type { Gate } from "./gates.ts";
import { markoutsOf } from "./markouts.ts";
import type { MarkoutRow } from "./markouts.ts";
import { modeTimes } from "./modes.ts";
import type { ModeTimes } from "./modes.ts";
import { actionsOf, placementsOf, SMART_PLACEMENTS } from "./placements.ts";
import type { PlacementRow } from "./placements.ts";
import { splitPnl } from "./pnlSplit.ts";
import type { PnlSplit } from "./pnlSplit.ts";
import type { ReportData } from "./reportData.ts";
import { drawdownOf, sharpeOf, sortinoOf } from "./statistics.ts";
import type { Drawdown, Interval } from "./statistics.ts";
import { counted } from "../../units/counted.ts";

/** What a run was: without it no number means anything. Null parts are not stored in this database. */
type ReportStamp = {
  readonly mode: RunInfo["mode"];
  readonly market: string;
  readonly szDecimals: number;
  readonly collateral: string;
  readonly feed: string;
  readonly fillModel: string;
  readonly seed: number | null;
  readonly speed: number;
  readonly makerFeeBps: number;
  readonly takerFeeBps: number;
  readonly leverage: number;
  readonly markoutHorizonMs: number;
  /** False only for what was traded with real money. */
  readonly simulated: boolean;
};

type TradeCounts = {
  readonly count: number;
  readonly maker: number;
  readonly taker: number;
  readonly perDay: number | null;
  /** By count, and by notional. Null without trades. */
  readonly makerRatio: number | null;
  readonly makerNotionalRatio: number | null;
  readonly notionalMicroUsd: number;
};

/** How a stretch of a run did. Money in micro-USD, times in venue milliseconds, shares as fractions. */
export type Report = {
  readonly stamp: ReportStamp | null;
  /** History and training behind the volatility forecast, as last known; null when that is not stored. */
  readonly volatility: VolStatus | null;
  /** How the volatility forecasts did, as last stored; null before any was scored. */
  readonly forecast: ForecastScore | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly coverage: Coverage;
  readonly trades: TradeCounts;
  readonly pnl: PnlSplit | null;
  readonly equity: { readonly startMicroUsd: number; readonly endMicroUsd: number };
  readonly returned: number | null;
  readonly drawdown: Drawdown | null;
  readonly sharpe: Interval | null;
  readonly sortino: number | null;
  /** Complete days: what the intervals rest on. */
  readonly independentDays: number;
  readonly days: readonly DayRow[];
  readonly markouts: readonly MarkoutRow[];
  /** Taken at the exact horizons, by side, placement and cause, since the folder began. */
  readonly exactMarkouts: readonly MarkoutPoint[];
  readonly placements: readonly PlacementRow[];
  readonly smartPlacementUsed: boolean;
  readonly modeMs: ModeTimes;
  /** Reduce-only and flatten, of the covered time. */
  readonly reduceOnlyShare: number | null;
  readonly actions: { readonly total: number; readonly perFill: number | null };
  readonly gates: readonly Gate[];
  /** What a reader must know to trust the numbers. */
  readonly caveats: readonly string[];
};

export function reportOf(data: ReportData): Report {
  const { readings, fills, activity } = data;
  const coverage = coverageOf(readings);
  const days = daysOf(data);
  const complete = days.filter((day) => day.complete);
  const returns = complete.flatMap(({ returned }) => returned ?? []);
  const modeMs = modeTimes(stretchesOf(readings), data.modeChanges);
  const placements = placementsOf(fills, activity);
  const total = actionsOf(activity);
  const body = {
    stamp: stampOf(data),
    volatility: data.vol === null ? null : volStatusOf(data.vol, null),
    fromMs: data.fromMs,
    toMs: data.toMs,
    forecast: data.forecast,
    coverage,
    trades: tradesOf(data),
    pnl: splitPnl(readings),
    equity: {
      startMicroUsd: readings[0]?.equityMicroUsd ?? 0,
      endMicroUsd: readings.at(-1)?.equityMicroUsd ?? 0,
    },
    returned: returnOf(readings),
    drawdown: drawdownOf(readings),
    sharpe: sharpeOf(returns),
    sortino: sortinoOf(returns),
    independentDays: complete.length,
    days,
    markouts: markoutsOf(fills, readings),
    exactMarkouts: markoutPoints(data.markouts),
    placements,
    smartPlacementUsed: placements.some(({ placement }) => SMART_PLACEMENTS.has(placement)),
    modeMs,
    reduceOnlyShare:
      coverage.coveredMs === 0 ? null : (modeMs.reduceOnly + modeMs.flatten) / coverage.coveredMs,
    actions: { total, perFill: fills.length === 0 ? null : total / fills.length },
    caveats: caveatsOf(data, coverage, complete.length),
  };
  return { ...body, gates: gatesOf(body) };
}

const DAY_MS = 86_400_000;

function tradesOf({ fills, fromMs, toMs }: ReportData): TradeCounts {
  const notional = (rows: ReportData["fills"]): number =>
    rows.reduce((sum, { pxTicks, sizeLots }) => sum + pxTicks * sizeLots, 0);
  const maker = fills.filter(({ taker }) => !taker);
  const all = notional(fills);
  const spanDays = (toMs - fromMs) / DAY_MS;
  return {
    count: fills.length,
    maker: maker.length,
    taker: fills.length - maker.length,
    perDay: spanDays === 0 ? null : fills.length / spanDays,
    makerRatio: fills.length === 0 ? null : maker.length / fills.length,
    makerNotionalRatio: all === 0 ? null : notional(maker) / all,
    notionalMicroUsd: all,
  };
}

function stampOf({ run }: ReportData): ReportStamp | null {
  if (run === null) return null;
  const { spec, params } = run;
  return {
    mode: run.mode,
    market: spec.market,
    szDecimals: spec.szDecimals,
    collateral: spec.collateralName,
    feed: run.feed,
    fillModel: run.fillModel,
    seed: run.seed,
    speed: run.speed,
    makerFeeBps: spec.makerFeeBps,
    takerFeeBps: spec.takerFeeBps,
    leverage: params.leverage,
    markoutHorizonMs: params.markoutHorizonMs,
    simulated: run.mode !== "live",
  };
}

/** Fewer days than this give an interval that is too wide to mean much. */
const FEW_DAYS = 30;

function caveatsOf(data: ReportData, coverage: Coverage, days: number): readonly string[] {
  const caveats: string[] = [];
  if (data.run === null)
    caveats.push("The database does not say which feed and fill model these numbers come from.");
  if (days < FEW_DAYS)
    caveats.push(
      `${days} independent days: too few for a Sharpe ratio to mean much, see its interval.`,
    );
  if (coverage.longestGapMs > 0)
    caveats.push(
      `The bot was away for ${Math.round(coverage.longestGapMs / 1000)} s at the longest; ${(100 * coverage.uptime).toFixed(2)} % of the window is covered.`,
    );
  if (data.readings.some(({ cashMicroUsd }) => cashMicroUsd === null))
    caveats.push("Some readings are of an older version and carry no books; they are left out.");
  const unknown = data.fills.filter(({ placement }) => placement === null).length;
  if (unknown > 0) caveats.push(`${counted(unknown, "fill")} of orders without a record.`);
  caveats.push(
    "Intervals of markouts take fills as independent; fills close together share a move, so they are too narrow.",
    "Markouts of the window use the mid of each reading of the account, every few seconds; those by cause are exact, and since the folder began.",
  );
  return caveats;
}
