import { formatDecimal } from "../../units/decimal.ts";
import { microUsd, ZERO_USD } from "../../units/numbers.ts";
import type { MicroUsd } from "../../units/numbers.ts";
import type { VenueAction } from "./types.ts";

/** An address's allowance of actions (rate-limits; exhausted regime as measured). */
export type Budget = {
  used: number;
  /** Requests bought with `reserveRequestWeight`: they are used before the allowance. */
  reserved: number;
  cumVlmMicroUsd: MicroUsd;
  /** When the last action beyond the cap passed. */
  lastPassMs: number;
  /** Actions of the UTC day `day`. */
  day: number;
  dayActions: number;
};

const FREE_REQUESTS = 10_000;
const CANCEL_EXTRA = 100_000;
const PASS_EVERY_MS = 10_000;
const UNIFIED_ACTIONS_A_DAY = 50_000;
const DAY_MS = 86_400_000;
/** A stale `expiresAfter` costs this many times its weight. */
export const STALE_WEIGHT = 5;
/** Items a signed action may carry. */
export const MAX_ACTION_ITEMS = 200;

export function newBudget(): Budget {
  return {
    used: 0,
    reserved: 0,
    cumVlmMicroUsd: ZERO_USD,
    lastPassMs: Number.NEGATIVE_INFINITY,
    day: 0,
    dayActions: 0,
  };
}

/** Requests an action counts for: a batch of n counts n. */
export function actionWeight(action: VenueAction): number {
  if (action.type === "order") return action.orders.length;
  if (action.type === "batchModify") return action.modifies.length;
  return action.type === "cancel" || action.type === "cancelByCloid" ? action.cancels.length : 1;
}

export function requestCap(budget: Budget): number {
  return FREE_REQUESTS + Math.floor(budget.cumVlmMicroUsd / 1_000_000);
}

/** Cancels go on for a while beyond the cap. */
function cancelCap(cap: number): number {
  return Math.min(cap + CANCEL_EXTRA, 2 * cap);
}

/** "$87457.46": whole cents, cut. */
export function usdText(value: MicroUsd): string {
  return `$${formatDecimal(Math.trunc(value / 10_000), 2)}`;
}

/**
 * Charges `weight` requests and returns null, or returns the refusal; a refusal neither counts nor restarts the window.
 * Beyond the cap one single-item action passes every ten seconds. Without `enforced` it only counts.
 */
export function chargeBudget(
  budget: Budget,
  weight: number,
  isCancel: boolean,
  nowMs: number,
  enforced: boolean,
): string | null {
  const cap = isCancel ? cancelCap(requestCap(budget)) : requestCap(budget);
  const used = Math.max(0, budget.used + weight - budget.reserved);
  if (enforced && used > cap) {
    if (weight !== 1 || nowMs - budget.lastPassMs < PASS_EVERY_MS) {
      return `Too many cumulative requests sent (${used} > ${cap}) for cumulative volume traded ${usdText(budget.cumVlmMicroUsd)}. Place taker orders to free up 1 request per USDC traded.`;
    }
    budget.lastPassMs = nowMs;
  }
  budget.used += weight;
  return null;
}

/**
 * Counts an action of a unified account and returns null, or returns the refusal: 50,000 a day
 * (account-abstraction-modes; that the day is UTC's, that a batch is one, and the text are assumed).
 */
export function chargeDay(budget: Budget, nowMs: number, enforced: boolean): string | null {
  const day = Math.floor(nowMs / DAY_MS);
  if (budget.day !== day) {
    budget.day = day;
    budget.dayActions = 0;
  }
  if (enforced && budget.dayActions >= UNIFIED_ACTIONS_A_DAY)
    return `Too many actions today, at most ${UNIFIED_ACTIONS_A_DAY} while unified account is active`;
  budget.dayActions += 1;
  return null;
}

export function addVolume(budget: Budget, counted: MicroUsd): void {
  budget.cumVlmMicroUsd = microUsd(budget.cumVlmMicroUsd + counted);
}
