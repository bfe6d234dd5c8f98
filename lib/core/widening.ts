import type { Params } from "../messages/params.ts";
import type { BotState } from "../messages/state.ts";
import type { Side } from "../units/grid.ts";
import { sideSign } from "../units/grid.ts";
import { oracleLag } from "./marketGauges.ts";
import type { Moment } from "./safety.ts";
import { SESSION_FACTOR, sessionAt } from "./session.ts";

/** Factors on the half-spread, each 1 or more: the time of the week, an oracle that lags, the risk mode. */
export type Widening = {
  readonly session: number;
  readonly oracle: number;
  readonly mode: number;
};

export function wideningOf(
  { risk, ledger }: BotState,
  moment: Moment,
  side: Side,
  params: Params,
): Widening {
  const reducing = sideSign(side) * ledger.positionLots < 0;
  return {
    session: sessionWidening(moment, params),
    oracle: oracleWidening(moment, params),
    mode: risk.mode === "widened" && !reducing ? params.widenedFactor : 1,
  };
}

/** All factors together. */
export function totalWidening({ session, oracle, mode }: Widening): number {
  return session * oracle * mode;
}

/** The market's own time decides: a replayed tape is as old as its data. */
function sessionWidening({ view, atMs }: Moment, params: Params): number {
  return params.sessionAware ? SESSION_FACTOR[sessionAt(view?.bookVenueMs ?? atMs)] : 1;
}

/**
 * On the way to a stale oracle, which pulls the quotes: wider with the age of its price and with how far the mid has
 * gone since, so that neither an old price of a quiet market nor a quick move alone counts.
 */
function oracleWidening({ view, atMs }: Moment, params: Params): number {
  const lag = view === null ? null : oracleLag(view, atMs);
  if (lag === null) return 1;
  const age = Math.max(0, Math.min(1, lag.ageMs / params.oracleStaleMs));
  const drift = Math.min(1, lag.movedBps / params.oracleDriftBps);
  return 1 + (params.oracleWidening - 1) * age * drift;
}
