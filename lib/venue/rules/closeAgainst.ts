import { pxTicks, sizeLots, ZERO_USD } from "../../units/numbers.ts";
import { opposite } from "../../units/grid.ts";
import type { Side } from "../../units/grid.ts";
import { tradeId, transactionHash } from "./ids.ts";
import { applyHouseTrade, applyTrade } from "./ledger.ts";
import type { Account, Market, Position, World } from "./model.ts";
import type { VenueFill } from "./types.ts";

/** How a position is closed beside the book: price and size, what the fills say, and against whom (null: the house). */
export type Closing = Pick<VenueFill, "dir" | "liquidation"> & {
  readonly px: number;
  readonly lots: number;
  readonly against: Account | null;
};

/** Closes lots of a position at a given price, without a fee: a settlement, the backstop's take-over, or deleveraging. */
export function closeAgainst(
  world: World,
  account: Account,
  position: Position,
  closing: Closing,
): void {
  const { market } = position;
  const side: Side = position.lots > 0 ? "ask" : "bid";
  const oid = world.nextOid;
  world.nextOid += 2;
  bookSide(world, account, market, side, oid, closing);
  if (closing.against === null) {
    const { px, lots } = closing;
    applyHouseTrade(world, market, opposite(side), px, lots);
  } else bookSide(world, closing.against, market, opposite(side), oid, closing);
}

function bookSide(
  world: World,
  account: Account,
  market: Market,
  side: Side,
  oid: number,
  { px, lots, dir, liquidation }: Closing,
): void {
  const price = pxTicks(px);
  const size = sizeLots(lots);
  const effect = applyTrade(account, market, side, price, size, ZERO_USD);
  const fill: VenueFill = {
    dir,
    ...(liquidation === undefined ? {} : { liquidation }),
    account: account.address,
    coin: market.def.coin,
    side,
    pxTicks: price,
    sizeLots: size,
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
