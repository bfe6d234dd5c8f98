/**
 * Shift of the reservation price against the position, bps of fair value: negative when long (both quotes move down,
 * so that the ask is likelier to fill), positive when short. Linear in the position's share of the skew limit and
 * bounded by `fraction` of the half-spread. A linearised form of Avellaneda and Stoikov (2008), with the risk
 * aversion expressed through the limit instead of a free parameter.
 * @param share position notional over the skew limit, signed; beyond ±1 it is cut
 */
export function inventoryShiftBps(share: number, halfSpreadBps: number, fraction: number): number {
  const bounded = Math.max(-1, Math.min(1, share));
  return bounded === 0 ? 0 : -bounded * fraction * halfSpreadBps;
}
