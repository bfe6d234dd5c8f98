import type { PublicTrade } from "../messages/market.ts";
import { sideSign } from "../units/grid.ts";

/** Decayed taker volume. Lots are floats here: a statistic, never money. */
export type FlowState = {
  readonly atMs: number;
  /** Buys minus sells, fast decay. */
  readonly signedLots: number;
  /** Buys plus sells, fast decay. */
  readonly fastLots: number;
  /** Buys plus sells, slow decay: what is usual. */
  readonly slowLots: number;
};

const FAST_MS = 5_000;
const SLOW_MS = 60_000;

export const emptyFlow: FlowState = { atMs: 0, signedLots: 0, fastLots: 0, slowLots: 0 };

/** Lets time pass; an earlier time changes nothing. */
export function decayFlow(state: FlowState, nowMs: number): FlowState {
  if (nowMs <= state.atMs) return state;
  const fast = Math.exp((state.atMs - nowMs) / FAST_MS);
  const slow = Math.exp((state.atMs - nowMs) / SLOW_MS);
  return {
    atMs: nowMs,
    signedLots: state.signedLots * fast,
    fastLots: state.fastLots * fast,
    slowLots: state.slowLots * slow,
  };
}

/** Adds one public trade. One that is older than the state counts with the weight its age has left it. */
export function addTrade(state: FlowState, trade: PublicTrade): FlowState {
  const now = decayFlow(state, trade.venueMs);
  const ageMs = now.atMs - trade.venueMs;
  const fast = trade.sizeLots * Math.exp(-ageMs / FAST_MS);
  return {
    atMs: now.atMs,
    signedLots: now.signedLots + sideSign(trade.aggressor) * fast,
    fastLots: now.fastLots + fast,
    slowLots: now.slowLots + trade.sizeLots * Math.exp(-ageMs / SLOW_MS),
  };
}

/**
 * Signed taker flow, -1 (all sells) to 1 (all buys): signed decayed volume over the larger of the volume of the last
 * seconds and what is usual in as many seconds, so that it fades to 0 when nobody trades.
 */
export function flowImbalance(state: FlowState): number {
  const usual = (state.slowLots * FAST_MS) / SLOW_MS;
  const scale = Math.max(state.fastLots, usual);
  return scale === 0 ? 0 : Math.max(-1, Math.min(1, state.signedLots / scale));
}
