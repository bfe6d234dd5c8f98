import { ledgerOf } from "./model.ts";
import type { Account, Ledger, World } from "./model.ts";
import { toSpot } from "./spot.ts";
import type { Abstraction } from "./types.ts";

/** Text seen in public logs of the venue; in which cases it comes is assumed. */
const NOT_ALLOWED = "Abstraction transition not allowed";

/**
 * Standard mode keeps the money of each dex apart; unified mode has one balance a token, which carries the positions of
 * every dex with that collateral (trading/account-abstraction-modes). Cash of dexes without positions and orders goes to
 * the spot balance with the change. Leaving unified mode needs to be flat and without orders (assumed). Portfolio margin
 * is not offered. `user` is "" when an agent asks for its account. Null when done.
 */
export function setAbstraction(
  world: World,
  account: Account,
  user: string,
  abstraction: Abstraction,
): string | null {
  if ((user !== "" && user !== account.address) || abstraction === "portfolioMargin")
    return NOT_ALLOWED;
  const ledgers = [...world.dexes.keys()].map((dex) => ledgerOf(account, dex));
  const busy = (ledger: Ledger): boolean =>
    ledger.positions.size > 0 ||
    [...account.open.values()].some((order) => order.market.def.dex === ledger.dex);
  if (abstraction === "disabled" && account.unified !== null && ledgers.some(busy))
    return NOT_ALLOWED;
  const changes = (abstraction === "unifiedAccount") !== (account.unified !== null);
  account.abstraction = abstraction;
  if (!changes) return null;
  account.unified =
    abstraction === "unifiedAccount"
      ? new Map([...world.dexes.values()].map((dex) => [dex.name, dex.collateralToken]))
      : null;
  for (const ledger of ledgers) {
    if (!busy(ledger)) toSpot(world, account, ledger, ledger.rawMicroUsd);
  }
  return null;
}

/**
 * Brings an account's spot balance of a dex's collateral into the dex before a liquidation takes the dex's money: in
 * unified mode the whole balance answers for the positions. Nothing in standard mode.
 */
export function gather(world: World, account: Account, ledger: Ledger): void {
  const token = account.unified?.get(ledger.dex);
  if (token === undefined) return;
  toSpot(world, account, ledger, -(account.spot.get(token) ?? 0));
}
