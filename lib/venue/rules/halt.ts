import { closeAgainstHouse } from "./closeAgainstHouse.ts";
import type { Market, World } from "./model.ts";
import { cancelResting } from "./orders.ts";

/**
 * A deployer halts a market: every order of an account is cancelled and every position settled at mark, without a fee
 * (HIP-3 haltTrading). Orders are refused until trading resumes. That the anonymous crowd keeps quoting, but takes
 * nothing, belongs to the simulation.
 */
export function haltMarket(world: World, market: Market): void {
  if (market.halted) return;
  market.halted = true;
  for (const account of world.accounts.values()) {
    for (const order of account.open.values()) {
      if (order.market === market) cancelResting(world, order, "delistedCanceled");
    }
    const position = account.ledgers.get(market.def.dex)?.positions.get(market.def.coin);
    if (position !== undefined) closeAgainstHouse(world, account, position, { dir: "Settlement" });
  }
}
