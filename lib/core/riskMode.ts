import type { Params } from "../messages/params.ts";
import type { BotState, RiskMode, RiskSlice } from "../messages/state.ts";
import { microUsd } from "../units/numbers.ts";
import { drawdown, marginRatio, readGauges } from "./gauges.ts";
import type { Gauge } from "./gauges.ts";
import type { Moment } from "./safety.ts";

const DAY_MS = 86_400_000;
const WITHIN_LIMITS = "within limits";

/**
 * Shares of a gauge's limit at which a mode begins and, lower, at which it ends: a value that hovers around a
 * threshold does not flip the quotes.
 */
const ENTRY = { reduceOnly: 1, widened: 0.8 } as const;
const EXIT = { reduceOnly: 0.75, widened: 0.6 } as const;

const SEVERITY: { readonly [M in RiskMode]: number } = {
  normal: 0,
  widened: 1,
  reduceOnly: 2,
  flatten: 3,
  halted: 4,
};

type Verdict = { readonly mode: RiskMode; readonly reason: string };

/**
 * Evaluates the state machine normal → widened → reduceOnly → flatten → halted after anything that may have changed
 * it: a margin reading, a fill, an operator's word, a timer. The same state comes back when nothing changes.
 */
export function evaluateRisk(state: BotState, moment: Moment, params: Params): BotState {
  const peaked = trackPeaks(forgiveLosses(state, moment, params), moment);
  const verdict = decide(peaked, moment, params);
  const { risk } = peaked;
  const haltReason =
    verdict.mode === "halted" ? (risk.haltReason ?? verdict.reason) : risk.haltReason;
  const changed = verdict.mode !== risk.mode || cause(verdict.reason) !== cause(risk.reason);
  if (!changed && haltReason === risk.haltReason) return peaked;
  const next: RiskSlice = {
    ...risk,
    mode: verdict.mode,
    reason: verdict.reason,
    sinceMs: verdict.mode === risk.mode ? risk.sinceMs : moment.atMs,
    haltReason,
  };
  return { ...peaked, risk: next };
}

/** The word before the figures: figures alone move all the time. */
function cause(reason: string): string {
  return reason.split(":")[0] ?? reason;
}

function decide(state: BotState, moment: Moment, params: Params): Verdict {
  const { risk, account } = state;
  if (isFlattening(risk))
    return { mode: "flatten", reason: `operator: flatten: ${risk.operatorFlatten}` };
  if (risk.haltReason !== null) return { mode: "halted", reason: risk.haltReason };
  const { reading } = account;
  if (reading !== null) {
    const fall = drawdown(reading.equityMicroUsd, risk.equityPeakRunMicroUsd);
    if (fall >= params.maxDrawdown)
      return {
        mode: "halted",
        reason: `total drawdown: ${(100 * fall).toFixed(2)} % below the peak, limit ${(100 * params.maxDrawdown).toFixed(2)} %`,
      };
  }
  return decideFlatten(state, params) ?? decideReduceOnly(state, moment, params);
}

function decideFlatten(state: BotState, params: Params): Verdict | null {
  const margin = marginRatio(state);
  if (margin === null) return null;
  const threshold = state.risk.mode === "flatten" ? params.reduceOnlyMargin : params.marginCap;
  if (margin < threshold) return null;
  return {
    mode: "flatten",
    reason: `margin cap: ${(100 * margin).toFixed(2)} % of equity is in use, limit ${(100 * params.marginCap).toFixed(2)} %`,
  };
}

function decideReduceOnly(state: BotState, moment: Moment, params: Params): Verdict {
  const { operatorReduceOnly, mode } = state.risk;
  if (operatorReduceOnly !== null)
    return { mode: "reduceOnly", reason: `operator: ${operatorReduceOnly}` };
  if (params.forcedReduceOnly)
    return { mode: "reduceOnly", reason: "settings: started in reduce-only mode" };
  if (!params.autoReduceOnly) return { mode: "normal", reason: WITHIN_LIMITS };
  const worst = worstGauge(readGauges(state, moment, params));
  if (worst === null) return { mode: "normal", reason: WITHIN_LIMITS };
  const ratio = worst.value / worst.limit;
  const held = SEVERITY[mode];
  if (ratio >= (held >= SEVERITY.reduceOnly ? EXIT : ENTRY).reduceOnly)
    return { mode: "reduceOnly", reason: worst.text };
  if (ratio >= (held >= SEVERITY.widened ? EXIT : ENTRY).widened)
    return { mode: "widened", reason: worst.text };
  return { mode: "normal", reason: WITHIN_LIMITS };
}

function worstGauge(gauges: readonly Gauge[]): Gauge | null {
  let worst: Gauge | null = null;
  for (const gauge of gauges) {
    if (worst === null || gauge.value / gauge.limit > worst.value / worst.limit) worst = gauge;
  }
  return worst;
}

/** Peaks of reconciled equity: of the UTC day, and since the start or the last resume. */
function trackPeaks(state: BotState, moment: Moment): BotState {
  const { reading } = state.account;
  if (reading === null) return state;
  const { risk } = state;
  const equity = reading.equityMicroUsd;
  const peakDay = Math.floor(moment.atMs / DAY_MS);
  const day = peakDay === risk.peakDay ? Math.max(risk.equityPeakDayMicroUsd, equity) : equity;
  const run = Math.max(risk.equityPeakRunMicroUsd, equity);
  if (
    peakDay === risk.peakDay &&
    day === risk.equityPeakDayMicroUsd &&
    run === risk.equityPeakRunMicroUsd
  )
    return state;
  return {
    ...state,
    risk: {
      ...risk,
      peakDay,
      equityPeakDayMicroUsd: microUsd(day),
      equityPeakRunMicroUsd: microUsd(run),
    },
  };
}

/**
 * While only reducing is allowed and nothing is held, no round trip can end the streak: it is forgiven after a pause.
 */
function forgiveLosses(state: BotState, moment: Moment, params: Params): BotState {
  const { risk, ledger } = state;
  const waiting = risk.mode === "reduceOnly" && ledger.positionLots === 0;
  const streak = ledger.lossStreak >= params.reduceOnlyLosses * EXIT.reduceOnly;
  if (!waiting || !streak || moment.atMs - risk.sinceMs < params.lossCooldownMs) return state;
  return { ...state, ledger: { ...ledger, lossStreak: 0 } };
}

/** True while an operator's word to close the position stands. It goes before a halt, which would keep the position. */
export function isFlattening(risk: RiskSlice): boolean {
  return (risk.operatorFlatten ?? null) !== null;
}

/** An operator wants the position closed: latched until resumed, so that nothing is built up again. */
export function flattenRisk(state: BotState, reason: string): BotState {
  if (isFlattening(state.risk)) return state;
  return { ...state, risk: { ...state.risk, operatorFlatten: reason } };
}

/** An operator's halt: latched until resumed. */
export function haltRisk(state: BotState, reason: string): BotState {
  if (state.risk.haltReason !== null) return state;
  return { ...state, risk: { ...state.risk, haltReason: `operator: ${reason}` } };
}

/**
 * An operator's resume lifts any halt. Peaks start again from the equity of now, or the same drawdown would halt at
 * once.
 */
export function resumeRisk(state: BotState): BotState {
  const equity = state.account.reading?.equityMicroUsd ?? microUsd(0);
  return {
    ...state,
    risk: {
      ...state.risk,
      haltReason: null,
      operatorFlatten: null,
      equityPeakDayMicroUsd: equity,
      equityPeakRunMicroUsd: equity,
    },
  };
}
