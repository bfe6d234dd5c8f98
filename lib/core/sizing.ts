import type { Params } from "../messages/params.ts";
import type { AccountReading } from "../messages/orders.ts";
import { sideSign } from "../units/grid.ts";
import type { Side } from "../units/grid.ts";

/** The venue's least order value: 10 collateral tokens (tick-and-lot-size, minimum notional). */
const MIN_NOTIONAL_MICRO_USD = 10_000_000;

/** Equity that limits are measured by: what the account has, but no more than the capital given to the bot. */
function workingEquityMicroUsd(reading: AccountReading, params: Params): number {
  return Math.max(0, Math.min(reading.equityMicroUsd, params.capitalMicroUsd));
}

/** Notional that capital and leverage can carry, micro-USD. */
export function capacityMicroUsd(reading: AccountReading, params: Params): number {
  return workingEquityMicroUsd(reading, params) * params.leverage;
}

/** Largest position of one side: the overall limit, or the side's own band where it is narrower. */
export function bandLots(
  reading: AccountReading,
  pxTicks: number,
  side: Side,
  params: Params,
): number {
  return Math.floor((bandFraction(side, params) * capacityMicroUsd(reading, params)) / pxTicks);
}

/** The same as a fraction of equity x leverage. */
export function bandFraction(side: Side, params: Params): number {
  const band = side === "bid" ? params.longBandFraction : params.shortBandFraction;
  return Math.min(params.positionLimitFraction, band);
}

/** Signed position notional over the skew limit: ±1 is where reduce-only begins. */
export function skewShare(
  positionLots: number,
  pxTicks: number,
  reading: AccountReading,
  params: Params,
): number {
  const limit = params.reduceOnlySkew * capacityMicroUsd(reading, params);
  if (limit === 0) return Math.sign(positionLots);
  return (positionLots * pxTicks) / limit;
}

/** Fewest lots that the venue takes at a price for their value. */
export function minimumLots(pxTicks: number): number {
  return Math.max(1, Math.ceil(MIN_NOTIONAL_MICRO_USD / pxTicks));
}

/**
 * Lots that one sweep of a side may take: its share of the skew limit, less the position that the side already has.
 */
export function sweepRoomLots(
  side: Side,
  position: number,
  pxTicks: number,
  reading: AccountReading,
  params: Params,
): number {
  const limit = params.reduceOnlySkew * capacityMicroUsd(reading, params);
  const most = Math.floor((params.sweepShare * limit) / pxTicks);
  return Math.max(0, most - sideSign(side) * position);
}

/** True when the venue would take an order of this size for its value alone. */
export function meetsMinimum(pxTicks: number, lots: number): boolean {
  return lots >= 1 && pxTicks * lots >= MIN_NOTIONAL_MICRO_USD;
}
