import { microUsd } from "../../units/numbers.ts";
import { accountView } from "./margin.ts";
import { addToHouse, ledgerOf, newAccount } from "./model.ts";
import type { Account, World } from "./model.ts";

/** 0.0005 USDC a request (rate-limits). */
const MICRO_USD_A_REQUEST = 500;

/**
 * Buys requests beyond the allowance, from the main dex's balance, for the account or for another one.
 * Null when done, else the refusal (text assumed).
 */
export function reserveRequestWeight(
  world: World,
  account: Account,
  weight: number,
  destination: string | undefined,
): string | null {
  const cost = weight * MICRO_USD_A_REQUEST;
  const free = accountView(world, account, account.address, "").withdrawableMicroUsd;
  if (weight === 0) return "Request weight cannot be zero";
  if (cost > free) return "Insufficient balance to reserve request weight";
  const ledger = ledgerOf(account, "");
  ledger.rawMicroUsd = microUsd(ledger.rawMicroUsd - cost);
  addToHouse(world.house.feesMicroUsd, "", cost);
  const receiver =
    destination === undefined
      ? account
      : (world.accounts.get(destination) ?? newAccount(destination));
  world.accounts.set(receiver.address, receiver);
  receiver.budget.reserved += weight;
  return null;
}
