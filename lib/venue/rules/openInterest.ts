import { valuePx } from "./margin.ts";
import { positionOf } from "./model.ts";
import type { Market, Order, World } from "./model.ts";
import { cancelResting } from "./orders.ts";
import type { Rejection } from "./place.ts";

/*
 * Open-interest caps (hip-3-deployer-actions, risks): notional caps for an asset and for its whole dex, and a thousand
 * million units for an asset. At a cap nobody opens a position, and nothing rests further than 1 % from the oracle. The
 * simulated crowd is exempt, as the venue's own liquidity vault is. Assumed: open interest counts one side, as the market's
 * context does; the cap is reached, not exceeded; reduce-only orders stay free of it.
 */

const MAX_UNITS = 1_000_000_000;
const MAX_DISTANCE = 0.01;

/** Sum of long positions, the house's net one included (its members' positions against each other are not kept). */
export function openInterestLots(world: World, market: Market): number {
  let longs = Math.max(0, world.house.lots.get(market.def.coin) ?? 0);
  for (const account of world.accounts.values()) {
    const position = account.ledgers.get(market.def.dex)?.positions.get(market.def.coin);
    longs += Math.max(0, position?.lots ?? 0);
  }
  return longs;
}

/** Whether a market's open interest has reached a cap of its own, or its dex's. A market without caps never has. */
export function isAtOpenInterestCap(world: World, market: Market): boolean {
  const { def } = market;
  const dexCapUsd = world.dexes.get(def.dex)?.openInterestCapUsd;
  if (def.openInterestCapUsd === undefined && dexCapUsd === undefined) return false;
  const lots = openInterestLots(world, market);
  if (lots >= MAX_UNITS * 10 ** def.szDecimals) return true;
  const value = lots * valuePx(market);
  if (value >= (def.openInterestCapUsd ?? Infinity) * 1_000_000) return true;
  if (dexCapUsd === undefined) return false;
  let total = 0;
  for (const other of world.markets.values()) {
    if (other.def.dex === def.dex) total += openInterestLots(world, other) * valuePx(other);
  }
  return total >= dexCapUsd * 1_000_000;
}

/** What an order meets at a cap; null when it may go on. */
export function capRejection(world: World, order: Order): Rejection | null {
  const { market, account, side, pxTicks } = order;
  if (order.reduceOnly || !isAtOpenInterestCap(world, market)) return null;
  const suffix = `asset=${market.def.assetId}`;
  const held = positionOf(account, market);
  const signed = side === "bid" ? order.lots : -order.lots;
  if (Math.abs(held + signed) > Math.abs(held) || held === 0 || held > 0 === signed > 0) {
    const flips = held !== 0 && held > 0 !== signed > 0;
    return {
      status: `position${flips ? "Flip" : "Increase"}AtOpenInterestCapRejected`,
      text: `Order would increase open interest while open interest is capped ${suffix}`,
    };
  }
  const { oracle } = market.prices;
  if (oracle === null) return null;
  if (side === "bid" ? pxTicks > oracle : pxTicks < oracle) {
    return {
      status: "tooAggressiveAtOpenInterestCapRejected",
      text: `Order rejected due to price more aggressive than oracle while at open interest cap ${suffix}`,
    };
  }
  return tooFar(market, pxTicks)
    ? { status: "oracleRejected", text: `Price too far from oracle ${suffix}` }
    : null;
}

function tooFar(market: Market, px: number): boolean {
  const { oracle } = market.prices;
  return oracle !== null && Math.abs(px - oracle) > oracle * MAX_DISTANCE;
}

/** While a market is at a cap its resting orders further than 1 % from the oracle go (assumed: that they are cancelled). */
export function cancelFarAtCap(world: World, market: Market): void {
  if (!isAtOpenInterestCap(world, market)) return;
  for (const account of world.accounts.values()) {
    for (const order of account.open.values()) {
      if (order.market !== market || order.waiting || order.reduceOnly) continue;
      if (tooFar(market, order.pxTicks)) cancelResting(world, order, "openInterestCapCanceled");
    }
  }
}
