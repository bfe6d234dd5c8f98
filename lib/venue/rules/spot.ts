import { microUsd } from "../../units/numbers.ts";
import type { MicroUsd } from "../../units/numbers.ts";
import { requiredMargin } from "./margin.ts";
import { ledgerOf } from "./model.ts";
import type { Account, Ledger, World } from "./model.ts";
import type { SpotBalanceView } from "./views.ts";

/** The name of spot balances among the places where money lies. */
export const SPOT = "spot";

export function spotKey(token: number): string {
  return `spot:${token}`;
}

export function addSpot(account: Account, token: number, amount: number): void {
  account.spot.set(token, microUsd((account.spot.get(token) ?? 0) + amount));
}

/** Books money that a transfer brought into a place (or, negative, took from it). */
export function noteMoved(world: World, place: string, amount: number): void {
  world.moved.set(place, microUsd((world.moved.get(place) ?? 0) + amount));
}

/** Moves money of one account from a dex's ledger to its spot balance (negative: back). */
export function toSpot(world: World, account: Account, ledger: Ledger, amount: number): void {
  if (amount === 0) return;
  const token = world.dexes.get(ledger.dex)?.collateralToken ?? 0;
  ledger.rawMicroUsd = microUsd(ledger.rawMicroUsd - amount);
  addSpot(account, token, amount);
  noteMoved(world, ledger.dex, -amount);
  noteMoved(world, spotKey(token), amount);
}

/**
 * Spot balances by token, those never held left out. In unified mode the total holds the cash of every dex with that
 * collateral, and `hold` the initial margin of its positions and orders; in standard mode nothing here is on hold, as
 * there is no spot trading.
 */
export function spotBalances(world: World, account: Account): readonly SpotBalanceView[] {
  return world.config.tokens.flatMap((token) => {
    const held = account.spot.get(token.index);
    let total: number = held ?? 0;
    let hold = 0;
    for (const [dex, collateral] of account.unified ?? []) {
      if (collateral !== token.index) continue;
      total += cashOf(account, dex);
      hold += requiredMargin(account, dex, null);
    }
    if (held === undefined && total === 0) return [];
    return [{ token, totalMicroUsd: microUsd(total), holdMicroUsd: microUsd(hold) }];
  });
}

/** Raw money of a dex plus what its positions cost: what would be there if they were closed at entry. */
function cashOf(account: Account, dex: string): MicroUsd {
  const ledger = ledgerOf(account, dex);
  let cash: number = ledger.rawMicroUsd;
  for (const position of ledger.positions.values()) cash += position.costMicroUsd;
  return microUsd(cash);
}
