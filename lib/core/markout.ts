import type { LedgerSlice, PendingMarkout } from "../messages/state.ts";
import type { Params } from "../messages/params.ts";
import { sideSign } from "../units/grid.ts";
import type { Ms } from "../units/numbers.ts";
import { addToProfile, priorExtraBps } from "./adverseProfile.ts";
import { addMarkout } from "./toxicity.ts";

/**
 * Settles the fills whose horizon has passed, at the mid that held until now: how far the mid has moved in our favour
 * since the fill. Moves that amount from inventory to adverse selection, and into the experience of the side and of the
 * distance in bps. A side learns from fills at any distance what it would have met at the nearest.
 */
export function matureMarkouts(ledger: LedgerSlice, nowMs: Ms, params: Params): LedgerSlice {
  const mark = ledger.markX2Ticks;
  if (mark === null || !ledger.pending.some((fill) => fill.dueMs <= nowMs)) return ledger;
  const waiting: PendingMarkout[] = [];
  let { adverse, inventory } = ledger.pnl;
  let { toxicity, adverse: profile } = ledger;
  for (const fill of ledger.pending) {
    if (fill.dueMs > nowMs) {
      waiting.push(fill);
      continue;
    }
    const { side } = fill;
    const move = sideSign(side) * (mark - fill.midX2Ticks);
    adverse += move * fill.sizeLots;
    inventory -= move * fill.sizeLots;
    const bps = (1e4 * move) / fill.midX2Ticks;
    const { distanceBps } = fill;
    const nearest = bps + priorExtraBps(distanceBps ?? 0, params);
    toxicity = { ...toxicity, [side]: addMarkout(toxicity[side], nearest, nowMs, params) };
    if (distanceBps !== undefined) profile = addToProfile(profile, distanceBps, bps, nowMs, params);
  }
  return {
    ...ledger,
    pnl: { ...ledger.pnl, adverse, inventory },
    toxicity,
    ...(profile === undefined ? {} : { adverse: profile }),
    markoutBps: { bid: shown(toxicity.bid), ask: shown(toxicity.ask) },
    pending: waiting,
  };
}

function shown(side: LedgerSlice["toxicity"]["bid"]): number | null {
  return side.weight === 0 ? null : side.bps;
}
