import type { Command } from "../messages/commands.ts";
import type { Event } from "../messages/events.ts";
import type { BotState, CancelRefusals } from "../messages/state.ts";
import { ms } from "../units/numbers.ts";
import type { Ms } from "../units/numbers.ts";
import { THROTTLED_EVERY_MS, cancelsLeft } from "./budget.ts";

/** First pause after a refused cancel, doubled with each that follows. Longer at last than the venue's own window. */
const RETRY_FIRST_MS = 500;
const RETRY_LIMIT_MS = 30_000;
const FORGET_MS = 60_000;

/**
 * The one place where cancels compete for what the venue still lets through. After a refusal they wait, longer each time,
 * because a refused cancel asked for again with every book would only eat the request limits; a person's word goes at
 * once. When even cancels are throttled, one action passes in ten seconds: the first cancel has it, and orders that
 * reduce come after the last.
 */
export function arbitrate(
  commands: readonly Command[],
  event: Pick<Event, "kind" | "atMs">,
  state: BotState,
): readonly Command[] {
  if (!commands.some(isCancel)) return commands;
  const refused = state.orders.cancelRefusals ?? null;
  const waits = refused !== null && event.atMs < refused.retryMs && event.kind !== "operator";
  const most = waits ? 0 : cancelsAllowed(state, event.atMs);
  let sent = 0;
  return commands.filter((command) => !isCancel(command) || sent++ < most);
}

function isCancel({ kind }: Command): boolean {
  return kind === "cancel" || kind === "cancelOid";
}

/** Cancels that may go now. */
function cancelsAllowed({ account }: BotState, nowMs: Ms): number {
  if (cancelsLeft(account) >= 1) return Infinity;
  return nowMs - (account.pace?.atMs ?? 0) >= THROTTLED_EVERY_MS ? 1 : 0;
}

/** The venue refused a cancel of an order that still rests, with its own words. */
export function noteCancelRefusal(
  before: CancelRefusals | null,
  text: string,
  nowMs: Ms,
): CancelRefusals {
  const held = before !== null && lasts(before, nowMs) ? before : null;
  const count = (held?.count ?? 0) + 1;
  const waitMs = Math.min(RETRY_LIMIT_MS, RETRY_FIRST_MS * 2 ** (count - 1));
  return { count, text, sinceMs: held?.sinceMs ?? nowMs, retryMs: ms(nowMs + waitMs) };
}

/** False when nothing has been cancelled for long after the pause: what was to go went by itself. */
export function lasts({ retryMs }: CancelRefusals, nowMs: Ms): boolean {
  return nowMs < retryMs + FORGET_MS;
}
