import { pxTicks, sizeLots, ZERO_USD } from "../../units/numbers.ts";
import type { Side } from "../../units/grid.ts";
import { tradeId, transactionHash } from "./ids.ts";
import { applyHouseTrade, applyTrade } from "./ledger.ts";
import { valuePx } from "./margin.ts";
import type { Account, Market, Position, World } from "./model.ts";
import { cancelResting } from "./orders.ts";
import type { VenueFill } from "./types.ts";

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
    if (position !== undefined) settle(world, account, position);
  }
}

function settle(world: World, account: Account, position: Position): void {
  const { market } = position;
  const side: Side = position.lots > 0 ? "ask" : "bid";
  const px = pxTicks(valuePx(market));
  const lots = sizeLots(Math.abs(position.lots));
  const oid = world.nextOid;
  world.nextOid += 2;
  const effect = applyTrade(account, market, side, px, lots, ZERO_USD);
  applyHouseTrade(world, market, side === "ask" ? "bid" : "ask", px, lots);
  const fill: VenueFill = {
    account: account.address,
    coin: market.def.coin,
    side,
    pxTicks: px,
    sizeLots: lots,
    venueMs: world.nowMs,
    startPositionLots: effect.startLots,
    dir: "Settlement",
    closedPnlMicroUsd: effect.closedPnl,
    feeMicroUsd: ZERO_USD,
    feeToken: market.feeToken,
    oid,
    cloid: null,
    crossed: true,
    tid: tradeId(oid, oid + 1),
    hash: transactionHash(world.nowMs, world.txIndex),
    cause: "taker",
  };
  account.fills.push(fill);
  world.emit({ kind: "fill", fill });
}
