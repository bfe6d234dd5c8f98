import type { Params } from "../messages/params.ts";
import type { BotState, LedgerSlice } from "../messages/state.ts";
import type { Moment } from "./safety.ts";
import { capacityMicroUsd } from "./sizing.ts";

/** One measured quantity with its limit: at 1 of `value / limit` only the reducing side is quoted. */
export type Gauge = {
  readonly name: "margin" | "skew" | "losses" | "drawdown" | "takers";
  readonly value: number;
  readonly limit: number;
  /** What people read: the value and the limit in words. */
  readonly text: string;
};

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** A ratio of fewer fills says nothing. */
const LEAST_FILLS = 20;

function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

function gauge(name: Gauge["name"], value: number, limit: number, what: string): Gauge {
  return {
    name,
    value,
    limit,
    text: `${name}: ${percent(value)} ${what}, limit ${percent(limit)}`,
  };
}

/** Initial margin of positions over equity, as the venue last said; 1 when there is no equity left. */
export function marginRatio(state: BotState): number | null {
  const { reading } = state.account;
  if (reading === null) return null;
  if (reading.equityMicroUsd <= 0) return 1;
  return reading.marginUsedMicroUsd / reading.equityMicroUsd;
}

/** |position notional| / (equity x leverage). The position is ours, valued at the mark or mid known now. */
function skew(state: BotState, moment: Moment, params: Params): number | null {
  const { reading } = state.account;
  if (reading === null) return null;
  const lots = Math.abs(state.ledger.positionLots);
  if (lots === 0) return 0;
  const capacity = capacityMicroUsd(reading, params);
  if (capacity === 0) return 1;
  return (lots * referencePx(state, moment)) / capacity;
}

/** Price to value the position at, ticks: mark, else our mid, else what the venue's last reading implies. */
function referencePx(state: BotState, moment: Moment): number {
  const { markX2Ticks } = state.ledger;
  const { reading } = state.account;
  if (moment.view !== null && moment.view.markPxTicks !== null) return moment.view.markPxTicks;
  if (markX2Ticks !== null) return markX2Ticks / 2;
  if (reading === null || reading.positionLots === 0) return 0;
  return reading.positionValueMicroUsd / Math.abs(reading.positionLots);
}

/** Fall of equity from a peak, as a fraction of the peak; 0 before there is a peak. */
export function drawdown(equityMicroUsd: number, peakMicroUsd: number): number {
  return peakMicroUsd <= 0 ? 0 : Math.max(0, (peakMicroUsd - equityMicroUsd) / peakMicroUsd);
}

/** The larger of taker notional over the last 24 hours and taker share of the last 100 fills; null when too few. */
export function takerRatio(ledger: LedgerSlice, nowMs: number): number | null {
  const { roles, hours } = ledger.recent;
  if (roles.length < LEAST_FILLS) return null;
  const first = Math.floor(nowMs / HOUR_MS) - DAY_HOURS;
  let maker = 0;
  let taker = 0;
  for (const entry of hours) {
    if (entry.hour <= first) continue;
    maker += entry.makerMicroUsd;
    taker += entry.takerMicroUsd;
  }
  // Fills older than a day no longer count, in neither measure.
  if (maker + taker === 0) return 0;
  const recent = roles.split("").filter((role) => role === "t").length / roles.length;
  return Math.max(taker / (maker + taker), recent);
}

/** Everything that can lead to reduce-only by itself. A gauge without a reading is left out: quoting is blocked then. */
export function readGauges(state: BotState, moment: Moment, params: Params): readonly Gauge[] {
  const gauges: Gauge[] = [];
  const margin = marginRatio(state);
  if (margin !== null)
    gauges.push(gauge("margin", margin, params.reduceOnlyMargin, "of equity is in use"));
  const skewed = skew(state, moment, params);
  if (skewed !== null)
    gauges.push(gauge("skew", skewed, params.reduceOnlySkew, "of equity x leverage"));
  const { lossStreak } = state.ledger;
  gauges.push({
    name: "losses",
    value: lossStreak,
    limit: params.reduceOnlyLosses,
    text: `losses: ${lossStreak} losing round trips in a row, limit ${params.reduceOnlyLosses}`,
  });
  const { reading } = state.account;
  if (reading !== null) {
    const fall = drawdown(reading.equityMicroUsd, state.risk.equityPeakDayMicroUsd);
    gauges.push(gauge("drawdown", fall, params.reduceOnlyDrawdown, "below the day's peak"));
  }
  const takers = takerRatio(state.ledger, moment.atMs);
  if (takers !== null)
    gauges.push(gauge("takers", takers, params.takerRatioCap, "of volume was taking"));
  return gauges;
}
