import { closeAgainst } from "./closeAgainst.ts";
import { valuePx } from "./margin.ts";
import type { Market, World } from "./model.ts";
import { cancelResting } from "./orders.ts";
import { stopTwaps } from "./twap.ts";

/**
 * A deployer halts a market: every order of an account is cancelled and every position settled at mark, without a fee
 * (HIP-3 haltTrading). Orders are refused until trading resumes. That the anonymous crowd keeps quoting, but takes
 * nothing, belongs to the simulation.
 */
export function haltMarket(world: World, market: Market): void {
  if (market.halted) return;
  market.halted = true;
  endTrading(world, market);
}

/** For good: as a halt, but never over (trading/delisting); the market keeps its place in the universe. */
export function delistMarket(world: World, market: Market): void {
  if (market.delisted) return;
  market.delisted = true;
  endTrading(world, market);
}

function endTrading(world: World, market: Market): void {
  stopTwaps(world, (twap) => twap.market === market);
  for (const account of world.accounts.values()) {
    for (const order of account.open.values()) {
      if (order.market === market) cancelResting(world, order, "delistedCanceled");
    }
    const position = account.ledgers.get(market.def.dex)?.positions.get(market.def.coin);
    if (position === undefined) continue;
    const lots = Math.abs(position.lots);
    closeAgainst(world, account, position, {
      dir: "Settlement",
      px: valuePx(market),
      lots,
      against: null,
    });
  }
}
