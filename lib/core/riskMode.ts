import type { Params } from "../messages/params.ts";
import type { BotState, RiskMode, RiskSlice, TriggerState } from "../messages/state.ts";
import { microUsd } from "../units/numbers.ts";
import { trackClosing } from "./closingState.ts";
import { exposureOf } from "./exposure.ts";
import { accountGauges, drawdown } from "./gauges.ts";
import { marketGauges } from "./marketGauges.ts";
import type { Moment } from "./safety.ts";
import { severityOf, updateTriggers } from "./triggers.ts";

const DAY_MS = 86_400_000;
const WITHIN_LIMITS = "within limits";

type Verdict = { readonly mode: RiskMode; readonly reason: string };

/**
 * Evaluates the state machine normal → widened → reduceOnly → flatten → halted. Idempotent within a moment; the same
 * state comes back when nothing changes.
 */
export function evaluateRisk(state: BotState, moment: Moment, params: Params): BotState {
  const peaked = trackPeaks(forgiveLosses(state, moment, params), moment, params);
  const triggered = withTriggers(peaked, moment, params);
  const verdict = decide(triggered, params);
  return trackClosing(withVerdict(triggered, verdict, moment), moment, params);
}

function withTriggers(state: BotState, moment: Moment, params: Params): BotState {
  const before = state.risk.triggers ?? {};
  const gauges = [...marketGauges(state, moment, params), ...accountGauges(state, moment, params)];
  const triggers = updateTriggers(before, gauges, moment.atMs, params);
  return triggers === before ? state : { ...state, risk: { ...state.risk, triggers } };
}

function withVerdict(state: BotState, verdict: Verdict, moment: Moment): BotState {
  const { risk } = state;
  const haltReason =
    verdict.mode === "halted" ? (risk.haltReason ?? verdict.reason) : risk.haltReason;
  const { mode, reason } = verdict;
  if (mode === risk.mode && reason === risk.reason && haltReason === risk.haltReason) return state;
  const sinceMs = mode === risk.mode ? risk.sinceMs : moment.atMs;
  return { ...state, risk: { ...risk, mode, reason, sinceMs, haltReason } };
}

/** What was ordered or latched goes before what is measured; a halt keeps its hands off a position that it may keep. */
function decide(state: BotState, params: Params): Verdict {
  const { risk } = state;
  const closing = closingReason(risk);
  if (closing !== null) return { mode: isFlat(state) ? "halted" : "flatten", reason: closing };
  if (risk.haltReason !== null) return { mode: "halted", reason: risk.haltReason };
  const worst = worstTrigger(risk.triggers ?? {}, params);
  if (worst?.mode === "flatten") return worst;
  if (risk.operatorReduceOnly !== null)
    return { mode: "reduceOnly", reason: `operator: ${risk.operatorReduceOnly}` };
  if (params.forcedReduceOnly)
    return { mode: "reduceOnly", reason: "settings: started in reduce-only mode" };
  return worst ?? { mode: "normal", reason: WITHIN_LIMITS };
}

/** Why the position has to go and trading to end after it; null while neither is wanted. */
function closingReason(risk: RiskSlice): string | null {
  if (isFlattening(risk)) return `operator: flatten: ${risk.operatorFlatten}`;
  return risk.haltReason === null ? (risk.drawdownReason ?? null) : null;
}

/** Nothing held, and nothing of ours on the way that could still change that. */
function isFlat(state: BotState): boolean {
  if (state.ledger.positionLots !== 0) return false;
  const { plain } = exposureOf(state.orders.working);
  return plain.bid === 0 && plain.ask === 0;
}

/** The most severe trigger, the oldest among equals. Pulled quotes are no mode. */
function worstTrigger(
  triggers: NonNullable<RiskSlice["triggers"]>,
  params: Params,
): Verdict | null {
  let worst: TriggerState | null = null;
  for (const trigger of Object.values(triggers)) {
    const ahead = worst === null ? 1 : severityOf(trigger.level) - severityOf(worst.level);
    if (worst === null || ahead > 0 || (ahead === 0 && trigger.sinceMs < worst.sinceMs))
      worst = trigger;
  }
  if (worst === null || worst.level === "pulled") return null;
  const manual = worst.level === "reduceOnly" && !params.autoReduceOnly;
  return { mode: manual ? "widened" : worst.level, reason: worst.text };
}

/** Peaks of reconciled equity, of the UTC day and of the run; the fall from the latter latches. */
function trackPeaks(state: BotState, moment: Moment, params: Params): BotState {
  const { reading } = state.account;
  if (reading === null) return state;
  const { risk } = state;
  const equity = reading.equityMicroUsd;
  const peakDay = Math.floor(moment.atMs / DAY_MS);
  const day = peakDay === risk.peakDay ? Math.max(risk.equityPeakDayMicroUsd, equity) : equity;
  const run = Math.max(risk.equityPeakRunMicroUsd, equity);
  const drawdownReason = totalDrawdown(risk, drawdown(equity, run), params);
  if (
    peakDay === risk.peakDay &&
    day === risk.equityPeakDayMicroUsd &&
    run === risk.equityPeakRunMicroUsd &&
    drawdownReason === (risk.drawdownReason ?? null)
  )
    return state;
  const equityPeakDayMicroUsd = microUsd(day);
  const equityPeakRunMicroUsd = microUsd(run);
  return {
    ...state,
    risk: { ...risk, peakDay, equityPeakDayMicroUsd, equityPeakRunMicroUsd, drawdownReason },
  };
}

function totalDrawdown(risk: RiskSlice, fall: number, params: Params): string | null {
  const held = risk.drawdownReason ?? null;
  // A halt that stands keeps the position; the fall goes on counting after the resume.
  if (held !== null || risk.haltReason !== null || fall <= params.maxDrawdown) return held;
  const [value, limit] = [fall, params.maxDrawdown].map((share) => (100 * share).toFixed(2));
  return `total drawdown: ${value} % below the peak, limit ${limit} %`;
}

/**
 * While only reducing is allowed and nothing is held, no round trip can end the streak: it is forgiven after a pause.
 */
function forgiveLosses(state: BotState, moment: Moment, params: Params): BotState {
  const { risk, ledger } = state;
  const { losses, ...others } = risk.triggers ?? {};
  if (losses?.level !== "reduceOnly" || ledger.positionLots !== 0) return state;
  if (moment.atMs - losses.sinceMs < params.lossCooldownMs) return state;
  return {
    ...state,
    ledger: { ...ledger, lossStreak: 0 },
    risk: { ...risk, triggers: others },
  };
}

/** True while an operator's word to close the position stands. It goes before a halt, which would keep the position. */
function isFlattening(risk: RiskSlice): boolean {
  return (risk.operatorFlatten ?? null) !== null;
}

/** An operator wants the position closed: latched until resumed, so that nothing is built up again. */
export function flattenRisk(state: BotState, reason: string): BotState {
  if (isFlattening(state.risk)) return state;
  return { ...state, risk: { ...state.risk, operatorFlatten: reason } };
}

/** An operator's halt: latched until resumed. The last word counts: it ends a flatten that is under way. */
export function haltRisk(state: BotState, reason: string): BotState {
  const { risk } = state;
  const flattening = isFlattening(risk) || (risk.drawdownReason ?? null) !== null;
  if (risk.haltReason !== null && !flattening) return state;
  return {
    ...state,
    risk: {
      ...risk,
      haltReason: `operator: ${reason}`,
      operatorFlatten: null,
      drawdownReason: null,
    },
  };
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
      drawdownReason: null,
      equityPeakDayMicroUsd: equity,
      equityPeakRunMicroUsd: equity,
    },
  };
}

/** The program was later than allowed: remembered for the moment, so that quotes are pulled in it. */
export function noteLag(state: BotState, lagMs: number, moment: Moment, params: Params): BotState {
  if (lagMs <= params.lagMsMax) return state;
  return { ...state, risk: { ...state.risk, lag: { lagMs, atMs: moment.atMs } } };
}
