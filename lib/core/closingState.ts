import type { Params } from "../messages/params.ts";
import type { BotState, ClosingState } from "../messages/state.ts";
import { ms } from "../units/numbers.ts";
import type { Ms } from "../units/numbers.ts";
import { lasts } from "./arbiter.ts";
import { closingObstacle } from "./closing.ts";
import type { Moment } from "./safety.ts";

/** First pause after a refusal; doubled with each that follows. */
const RETRY_FIRST_MS = 500;
const RETRY_LIMIT_MS = 10_000;
const POST_ONLY_HOLD_MS = 10_000;
/** The venue's word in the minutes after a network upgrade. */
const POST_ONLY_TEXT = /only post-only orders allowed/i;

/** Keeps the record of the way to flat: begins it, sees progress, ends it, and raises the alarm with its reason. */
export function trackClosing(state: BotState, moment: Moment, params: Params): BotState {
  const closing = nextClosing(state, moment.atMs);
  const before = state.risk.closing ?? null;
  const tracked = closing === before ? state : { ...state, risk: { ...state.risk, closing } };
  const closingAlarm = closing === null ? null : alarmOf(tracked, closing, moment, params);
  const alarm = closingAlarm ?? cancelAlarm(tracked, moment, params);
  const held = state.risk.alarm ?? null;
  if (alarm === held) return tracked;
  return { ...tracked, risk: { ...tracked.risk, alarm } };
}

function nextClosing({ risk, ledger }: BotState, nowMs: Ms): ClosingState | null {
  const { mode } = risk;
  const lots = Math.abs(ledger.positionLots);
  const before = risk.closing ?? null;
  if ((mode !== "reduceOnly" && mode !== "flatten") || lots === 0) return null;
  if (before === null || before.mode !== mode) return startClosing(mode, lots, nowMs);
  if (lots >= before.leastLots) return before;
  return { ...before, leastLots: lots, progressMs: nowMs, refusal: null, refusals: 0 };
}

function startClosing(mode: ClosingState["mode"], lots: number, nowMs: Ms): ClosingState {
  return {
    mode,
    sinceMs: nowMs,
    startLots: lots,
    leastLots: lots,
    progressMs: nowMs,
    actions: 0,
    takes: 0,
    refusal: null,
    refusals: 0,
    retryMs: nowMs,
    postOnlyUntilMs: ms(0),
  };
}

/** Orders that should go and do not, for as long as a position may take that has to go. */
function cancelAlarm({ orders }: BotState, { atMs }: Moment, params: Params): string | null {
  const refused = orders.cancelRefusals ?? null;
  if (refused === null || !lasts(refused, atMs)) return null;
  if (atMs - refused.sinceMs < params.closingAlarmMs) return null;
  return `orders of ours cannot be cancelled: ${refused.text}`;
}

/** Null while the position goes as it should. The words change only with the cause, never with the clock. */
function alarmOf(
  state: BotState,
  closing: ClosingState,
  moment: Moment,
  params: Params,
): string | null {
  const spent = closing.actions >= params.closingActionsMax;
  const patienceMs =
    params.closingAlarmMs + (closing.mode === "reduceOnly" ? params.reduceTakeAfterMs : 0);
  if (!spent && moment.atMs - closing.progressMs < patienceMs) return null;
  const why = closingObstacle(state, moment, params) ?? closing.refusal ?? "nobody trades with us";
  const effort = spent
    ? `after ${params.closingActionsMax} orders`
    : `without progress for ${Math.round(patienceMs / 1000)} s`;
  return `${closing.mode}: ${closing.leastLots} lots are still open ${effort}: ${why}`;
}

/** Orders of the way to flat were made. */
export function countClosing(state: BotState, takes: number): BotState {
  const { closing } = state.risk;
  if (closing === null || closing === undefined) return state;
  const next = { ...closing, actions: closing.actions + 1, takes: closing.takes + takes };
  return { ...state, risk: { ...state.risk, closing: next } };
}

/**
 * The venue refused an order of the way to flat, with its own words: the next one waits, longer after each refusal,
 * and while only post-only orders are taken none is made that takes.
 */
export function noteClosingRefusal(state: BotState, text: string, nowMs: Ms): BotState {
  const { closing } = state.risk;
  if (closing === null || closing === undefined) return state;
  const waitMs = Math.min(RETRY_FIRST_MS * 2 ** closing.refusals, RETRY_LIMIT_MS);
  const next: ClosingState = {
    ...closing,
    refusal: text,
    refusals: closing.refusals + 1,
    retryMs: ms(nowMs + waitMs),
    postOnlyUntilMs: POST_ONLY_TEXT.test(text)
      ? ms(nowMs + POST_ONLY_HOLD_MS)
      : closing.postOnlyUntilMs,
  };
  return { ...state, risk: { ...state.risk, closing: next } };
}
