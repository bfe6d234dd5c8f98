import type { LedgerSlice, PendingMarkout } from "../messages/state.ts";
import { sideSign } from "../units/grid.ts";
import type { Ms } from "../units/numbers.ts";

/** Weight of the newest markout in a side's mean: about the last twenty fills count. */
const NEWEST_WEIGHT = 0.1;

/**
 * Settles the fills whose horizon has passed, at the mid that held until now: how far the mid has moved in our favour
 * since the fill. Moves that amount from inventory to adverse selection, and into the side's mean in bps.
 */
export function matureMarkouts(ledger: LedgerSlice, nowMs: Ms): LedgerSlice {
  const mark = ledger.markX2Ticks;
  if (mark === null || !ledger.pending.some((fill) => fill.dueMs <= nowMs)) return ledger;
  const waiting: PendingMarkout[] = [];
  let { adverse, inventory } = ledger.pnl;
  let { markoutBps } = ledger;
  for (const fill of ledger.pending) {
    if (fill.dueMs > nowMs) {
      waiting.push(fill);
      continue;
    }
    const move = sideSign(fill.side) * (mark - fill.midX2Ticks);
    adverse += move * fill.sizeLots;
    inventory -= move * fill.sizeLots;
    const bps = (1e4 * move) / fill.midX2Ticks;
    const mean = markoutBps[fill.side];
    const next = mean === null ? bps : mean + NEWEST_WEIGHT * (bps - mean);
    markoutBps = { ...markoutBps, [fill.side]: next };
  }
  const pnl = { ...ledger.pnl, adverse, inventory };
  return { ...ledger, pnl, markoutBps, pending: waiting };
}
