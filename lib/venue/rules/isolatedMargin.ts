import { divCeil } from "./integers.ts";
import { accountView, valuePx } from "./margin.ts";
import { leverageOf } from "./model.ts";
import { microUsd } from "../../units/numbers.ts";
import type { Account, Market, Position, World } from "./model.ts";

const NO_POSITION = "No isolated position to change the margin of.";
const TOO_LITTLE = "Insufficient margin for the isolated position.";

function isolatedPosition(account: Account, market: Market): Position | null {
  const position = account.ledgers.get(market.def.dex)?.positions.get(market.def.coin);
  return position === undefined || position.isolatedRaw === null ? null : position;
}

/**
 * Moves `amount` between the free cash of the dex and an isolated position (exchange-endpoint). What is added must be
 * withdrawable; what remains must be the larger of the initial margin and a tenth of the value (trading/margining:
 * transfers out). In `strictIsolated` markets nothing comes off, in `noCross` ones it does. Null when done; the texts are
 * assumed.
 */
export function updateIsolatedMargin(
  world: World,
  account: Account,
  market: Market,
  amount: number,
): string | null {
  const position = isolatedPosition(account, market);
  if (position?.isolatedRaw === undefined || position.isolatedRaw === null) return NO_POSITION;
  if (amount < 0 && market.def.onlyIsolated && market.def.isMarginRemovable !== true)
    return "Margin cannot be removed from a strictly isolated position.";
  const signed = position.lots * valuePx(market);
  const value = Math.abs(signed);
  if (amount > 0) {
    const free = freeCash(world, account, market);
    if (amount > free) return TOO_LITTLE;
  } else {
    const initial = divCeil(value, leverageOf(account, market.def).leverage);
    if (position.isolatedRaw + signed + amount < Math.max(initial, divCeil(value, 10)))
      return TOO_LITTLE;
  }
  position.isolatedRaw = microUsd(position.isolatedRaw + amount);
  return null;
}

/** Adds what brings the position to the wished leverage; only where nothing but isolated margin is allowed. */
export function topUpIsolatedMargin(
  world: World,
  account: Account,
  market: Market,
  leverage: number,
): string | null {
  const position = isolatedPosition(account, market);
  if (position?.isolatedRaw === undefined || position.isolatedRaw === null) return NO_POSITION;
  if (!market.def.onlyIsolated) return "Only for assets without cross margin.";
  if (!(leverage > 0)) return "Invalid leverage value";
  const signed = position.lots * valuePx(market);
  const missing = Math.ceil(Math.abs(signed) / leverage) - (position.isolatedRaw + signed);
  return missing <= 0 ? null : updateIsolatedMargin(world, account, market, missing);
}

function freeCash(world: World, account: Account, market: Market): number {
  const { address } = account;
  return accountView(world, account, address, market.def.dex).withdrawableMicroUsd;
}
