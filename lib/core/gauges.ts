import type { AccountReading } from "../messages/orders.ts";
import type { Params } from "../messages/params.ts";
import type { BotState, LedgerSlice } from "../messages/state.ts";
import type { Moment } from "./safety.ts";
import { bandFraction, capacityMicroUsd } from "./sizing.ts";
import type { Gauge, Step } from "./triggers.ts";

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** A ratio of fewer fills says nothing. */
const LEAST_FILLS = 20;
const TAKER_LETTER = 116;

/** Wider quotes on the way to the limit, one-sided ones beyond it; both are left at three quarters of their entry. */
const WIDER: Step = { level: "widened", enter: 0.8, exit: 0.6 };
const ONE_SIDED: Step = { level: "reduceOnly", enter: 1, exit: 0.75 };
const USUAL: readonly Step[] = [WIDER, ONE_SIDED];
/** The position itself is reduced at half the least distance. */
const LIQUIDATION: readonly Step[] = [...USUAL, { level: "flatten", enter: 2, exit: 1.5 }];
const BAND: readonly Step[] = [ONE_SIDED];
const TAKERS: readonly Step[] = [{ level: "widened", enter: 1, exit: 0.75 }];

function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

function shareGauge(
  name: string,
  value: number,
  limit: number,
  what: string,
  steps: readonly Step[] = USUAL,
): Gauge {
  return {
    name,
    load: value / limit,
    steps,
    text: () => `${name}: ${percent(value)} ${what}, limit ${percent(limit)}`,
  };
}

/** Initial margin of positions over equity, as the venue last said; 1 when there is no equity left. */
function marginRatio(state: BotState): number | null {
  const { reading } = state.account;
  if (reading === null) return null;
  if (reading.equityMicroUsd <= 0) return 1;
  return reading.marginUsedMicroUsd / reading.equityMicroUsd;
}

/** Beyond the cap the position itself is reduced, until the share is below what ends reduce-only. */
function marginGauge(value: number, params: Params): Gauge {
  const { reduceOnlyMargin: limit, marginCap } = params;
  const [what, most] = value > marginCap ? ["cap", marginCap] : ["limit", limit];
  return {
    name: "margin",
    load: value / limit,
    steps: [WIDER, ONE_SIDED, { level: "flatten", enter: marginCap / limit, exit: 1 }],
    text: () => `margin: ${percent(value)} of equity is in use, ${what} ${percent(most)}`,
  };
}

/** Price to value the position at, ticks: mark, else our mid, else what the venue's last reading implies; 0 unknown. */
export function referencePx(state: BotState, moment: Moment): number {
  const { markX2Ticks } = state.ledger;
  const { reading } = state.account;
  if (moment.view !== null && moment.view.markPxTicks !== null) return moment.view.markPxTicks;
  if (markX2Ticks !== null) return markX2Ticks / 2;
  if (reading === null || reading.positionLots === 0) return 0;
  return reading.positionValueMicroUsd / Math.abs(reading.positionLots);
}

/** |position notional| / (equity x leverage). The position is ours, valued at the mark or mid known now. */
function positionShare(state: BotState, reading: AccountReading, px: number, params: Params) {
  const lots = Math.abs(state.ledger.positionLots);
  if (lots === 0) return 0;
  const capacity = capacityMicroUsd(reading, params);
  return capacity === 0 ? 1 : (lots * px) / capacity;
}

/**
 * Distance from the mark to the price that liquidates, as a fraction of the mark; null when flat or nothing liquidates.
 * The venue's formula: liq = px - side * (equity - maintenance) / size / (1 - side * rate), rate half of 1 / leverage
 * at the market's highest (hyperliquid margining). One market in the account is assumed.
 */
export function liquidationDistance(state: BotState, px: number): number | null {
  const { reading } = state.account;
  const { spec } = state.run;
  const lots = state.ledger.positionLots;
  if (reading === null || spec === null || lots === 0 || px <= 0) return null;
  const rate = 1 / (2 * spec.maxLeverage);
  const side = Math.sign(lots);
  const value = Math.abs(lots) * px;
  const distance = (reading.equityMicroUsd - rate * value) / value / (1 - side * rate);
  return side > 0 && distance >= 1 ? null : Math.max(0, distance);
}

function liquidationGauge(state: BotState, px: number, params: Params): Gauge {
  const least = params.liquidationDistanceMin;
  const distance = liquidationDistance(state, px);
  return {
    name: "liquidation",
    load: distance === null ? 0 : distance === 0 ? Number.MAX_SAFE_INTEGER : least / distance,
    steps: LIQUIDATION,
    text: () =>
      `liquidation: ${percent(distance ?? 1)} away from the mark, least ${percent(least)}`,
  };
}

/** The position beyond its side's band: orders could not lead there, a band that shrank with equity can. */
function bandGauge(state: BotState, share: number, params: Params): Gauge {
  const long = state.ledger.positionLots >= 0;
  const limit = bandFraction(long ? "bid" : "ask", params);
  const what = long ? "of equity x leverage long" : "of equity x leverage short";
  return shareGauge("band", share, limit, what, BAND);
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
  let taken = 0;
  for (let i = 0; i < roles.length; i++) if (roles.charCodeAt(i) === TAKER_LETTER) taken++;
  return Math.max(taker / (maker + taker), taken / roles.length);
}

/** Takers are refused beyond the cap: the quotes stay two-sided and only become wider. */
function takersGauge(ledger: LedgerSlice, nowMs: number, params: Params): Gauge {
  const ratio = takerRatio(ledger, nowMs) ?? 0;
  return shareGauge("takers", ratio, params.takerRatioCap, "of volume was taking", TAKERS);
}

/** Every limit on account and trading. A gauge without a reading is left out: its trigger keeps what it has. */
export function accountGauges(state: BotState, moment: Moment, params: Params): readonly Gauge[] {
  const { lossStreak } = state.ledger;
  const limit = params.reduceOnlyLosses;
  const gauges: Gauge[] = [
    takersGauge(state.ledger, moment.atMs, params),
    {
      name: "losses",
      load: lossStreak / limit,
      steps: USUAL,
      text: () => `losses: ${lossStreak} losing round trips in a row, limit ${limit}`,
    },
  ];
  const { reading } = state.account;
  if (reading === null) return gauges;
  const px = referencePx(state, moment);
  const share = positionShare(state, reading, px, params);
  const fall = drawdown(reading.equityMicroUsd, state.risk.equityPeakDayMicroUsd);
  gauges.push(
    marginGauge(marginRatio(state) ?? 1, params),
    shareGauge("skew", share, params.reduceOnlySkew, "of equity x leverage"),
    bandGauge(state, share, params),
    shareGauge("drawdown", fall, params.reduceOnlyDrawdown, "below the day's peak"),
    liquidationGauge(state, px, params),
  );
  return gauges;
}
