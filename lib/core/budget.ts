import type { Params } from "../messages/params.ts";
import type { AccountSlice } from "../messages/state.ts";

/** Actions allowed on trust until the venue's own count has been read once. */
const UNREAD_ALLOWANCE = 1_000;
/** From this many free actions on, quotes follow the market as closely as they are set to. */
const PLENTY = 5_000;
/** With nothing left to spare, an order is left alone within this multiple of its tolerance. */
const LAZIEST = 4;

/**
 * Actions left in the address budget by the venue's last count and what we sent since. Every order, modify and cancel
 * in a batch counts one (hyperliquid rate limits, address-based).
 */
export function actionsLeft(account: AccountSlice, params: Params): number {
  const { budget, usedSinceRead } = account;
  if (budget === null) return params.cancelReserve + UNREAD_ALLOWANCE - usedSinceRead;
  return budget.cap - budget.used - usedSinceRead;
}

/** Actions that places and modifies may use: what is left beyond the reserve for cancels. */
export function actionsForPlacing(account: AccountSlice, params: Params): number {
  return Math.max(0, actionsLeft(account, params) - params.cancelReserve);
}

/** Multiplier of the price tolerance, 1 to 4: the scarcer the actions, the lazier the quotes. */
export function toleranceFactor(account: AccountSlice, params: Params): number {
  const free = Math.min(PLENTY, actionsForPlacing(account, params));
  return 1 + ((LAZIEST - 1) * (PLENTY - free)) / PLENTY;
}
