import type { MarketSpec } from "../messages/market.ts";
import type { AccountReading, Cloid } from "../messages/orders.ts";
import type { Params } from "../messages/params.ts";
import type { OrdersSlice } from "../messages/state.ts";
import type { Side } from "../units/grid.ts";

type Claim = { readonly side: Side; readonly microUsd: number };

/**
 * What orders claim of the margin: value at limit price of everything that may rest and is not reduce-only. An order
 * and the one that replaces it are never at the venue together, so of the two the larger counts.
 */
export type MarginClaims = {
  readonly bid: number;
  readonly ask: number;
  /** Of working orders: what is added later replaces one of these, never another that was added. */
  readonly byCloid: { readonly [cloid: Cloid]: Claim };
};

type Claiming = {
  readonly side: Side;
  readonly pxTicks: number;
  readonly sizeLots: number;
  readonly reduceOnly: boolean;
  readonly replaces?: Cloid | null;
};

/** Claims of all working orders. Replaced orders come before their replacements, which are counted against them. */
export function claimsOf(working: OrdersSlice["working"]): MarginClaims {
  const sums = { bid: 0, ask: 0 };
  const byCloid: { [cloid: Cloid]: Claim } = {};
  const orders = Object.values(working);
  for (const order of orders) {
    if (order.reduceOnly) continue;
    byCloid[order.cloid] = { side: order.side, microUsd: order.pxTicks * order.leavesLots };
  }
  for (const order of orders) {
    const claim = byCloid[order.cloid];
    if (claim === undefined) continue;
    const old = order.replaces === null ? undefined : byCloid[order.replaces];
    sums[claim.side] += claim.microUsd - sharedWith(claim, old);
  }
  return { ...sums, byCloid };
}

/** Claims with one more order. */
export function addClaim(claims: MarginClaims, order: Claiming): MarginClaims {
  if (order.reduceOnly) return claims;
  const { side } = order;
  const claim = { side, microUsd: order.pxTicks * order.sizeLots };
  const replaces = order.replaces ?? null;
  const old = replaces === null ? undefined : claims.byCloid[replaces];
  return { ...claims, [side]: claims[side] + claim.microUsd - sharedWith(claim, old) };
}

/** What the replaced order has claimed already. */
function sharedWith(claim: Claim, old: Claim | undefined): number {
  return old?.side === claim.side ? Math.min(old.microUsd, claim.microUsd) : 0;
}

type Account = {
  readonly positionLots: number;
  readonly markTicks: number;
  readonly spec: Pick<MarketSpec, "maxLeverage" | "onlyIsolated">;
};

/**
 * Initial margin as the exchange counts it (docs/VENUE-RULES.md, margin): per market the larger of the two worst cases,
 * max(|position| at mark, position + resting bids, -position + resting asks), over the leverage; an isolated market
 * claims only what goes beyond the position.
 * @returns micro-USD
 */
export function requiredMargin(account: Account, claims: MarginClaims, params: Params): number {
  const value = account.positionLots * account.markTicks;
  const held = Math.abs(value);
  const exposure = Math.max(held, value + claims.bid, -value + claims.ask);
  const leverage = Math.min(params.leverage, account.spec.maxLeverage);
  return Math.ceil((account.spec.onlyIsolated ? exposure - held : exposure) / leverage);
}

/** The part of the equity that may be claimed. Collateral of an isolated position has left it already. */
export function marginAllowed(
  reading: AccountReading,
  spec: Pick<MarketSpec, "onlyIsolated">,
  params: Params,
): number {
  const isolated = spec.onlyIsolated ? reading.marginUsedMicroUsd : 0;
  return params.marginCap * (reading.equityMicroUsd - isolated);
}
