import { pxTicks, sizeLots, ZERO_USD } from "../../units/numbers.ts";
import type { Side } from "../../units/grid.ts";
import { tradeId, transactionHash } from "./ids.ts";
import { applyHouseTrade, applyTrade } from "./ledger.ts";
import { valuePx } from "./margin.ts";
import type { Account, Position, World } from "./model.ts";
import type { VenueFill } from "./types.ts";

/** Closes a whole position at mark against the house, without a fee: a settlement, or the backstop's take-over. */
export function closeAgainstHouse(
  world: World,
  account: Account,
  position: Position,
  how: Pick<VenueFill, "dir" | "liquidation">,
): void {
  const { market } = position;
  const side: Side = position.lots > 0 ? "ask" : "bid";
  const px = pxTicks(valuePx(market));
  const lots = sizeLots(Math.abs(position.lots));
  const oid = world.nextOid;
  world.nextOid += 2;
  const effect = applyTrade(account, market, side, px, lots, ZERO_USD);
  applyHouseTrade(world, market, side === "ask" ? "bid" : "ask", px, lots);
  const fill: VenueFill = {
    ...how,
    account: account.address,
    coin: market.def.coin,
    side,
    pxTicks: px,
    sizeLots: lots,
    venueMs: world.nowMs,
    startPositionLots: effect.startLots,
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
