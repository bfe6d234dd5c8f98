import { usdText } from "./budget.ts";
import { digest } from "./ids.ts";
import { newAccount } from "./model.ts";
import type { Account, World } from "./model.ts";
import type { VenueAction } from "./types.ts";

/*
 * Sub-accounts (trading/sub-accounts, exchange-endpoint): accounts of their own with a master, who signs for them by naming
 * them as `vaultAddress`. Ten from 100,000 of volume on and one more per 100M, 50 at most. Texts are assumed, but for
 * "Vault not registered" and "Vault may not perform this action.", which were seen.
 */

const REQUIRED_USD = 100_000;
const USD_PER_FURTHER = 100_000_000;
const FIRST_COUNT = 10;
const MAX_COUNT = 50;
const MAX_NAME_CHARS = 16;

/** What a sub-account does when its master names it as `vaultAddress`; all else belongs to the master. */
const TRADING: ReadonlySet<VenueAction["type"]> = new Set([
  "order",
  "cancel",
  "cancelByCloid",
  "modify",
  "batchModify",
  "scheduleCancel",
  "updateLeverage",
  "updateIsolatedMargin",
  "topUpIsolatedOnlyMargin",
  "twapOrder",
  "twapCancel",
  "setAbstraction",
  "refused",
  "noop",
]);

/** The account that acts, or the refusal. @param vault the sub-account named; undefined when the account acts for itself */
export function actorOf(
  world: World,
  account: Account,
  vault: string | undefined,
  type: VenueAction["type"],
): Account | string {
  if (vault === undefined) return account;
  const actor = world.accounts.get(vault);
  if (actor === undefined || actor.master !== account) return `Vault not registered: ${vault}`;
  return TRADING.has(type) ? actor : "Vault may not perform this action.";
}

function nameRefusal(name: string): string | null {
  return name.length >= 1 && name.length <= MAX_NAME_CHARS
    ? null
    : `Sub-account name must have 1 to ${MAX_NAME_CHARS} characters`;
}

function allowedCount(account: Account): number {
  const volumeUsd = account.budget.cumVlmMicroUsd / 1_000_000;
  if (volumeUsd < REQUIRED_USD) return 0;
  return Math.min(MAX_COUNT, FIRST_COUNT + Math.floor(volumeUsd / USD_PER_FURTHER));
}

/** @returns the new sub-account, or the refusal */
export function createSubAccount(world: World, account: Account, name: string): Account | string {
  const bad = nameRefusal(name);
  if (bad !== null) return bad;
  if (account.master !== null) return "Sub-accounts cannot create sub-accounts";
  const allowed = world.config.limits ? allowedCount(account) : MAX_COUNT;
  if (allowed === 0) {
    const traded = usdText(account.budget.cumVlmMicroUsd);
    return `Cannot create sub-accounts until enough volume traded. Required: $${REQUIRED_USD}. Traded: ${traded}.`;
  }
  if (account.subAccounts.length >= allowed) return "Too many sub-accounts";
  const seed = `${account.address}/${account.subAccounts.length}`;
  const address = `0x${[0, 1, 2]
    .map((part) => digest(`${seed}/${part}`))
    .join("")
    .slice(0, 40)}`;
  const created = newAccount(address, { master: account, name });
  world.accounts.set(address, created);
  account.subAccounts.push(created);
  return created;
}

/** One of the account's own sub-accounts, or null. */
export function ownSubAccount(account: Account, address: string): Account | null {
  return account.subAccounts.find((each) => each.address === address) ?? null;
}

/** Null when renamed, else the refusal. */
export function renameSubAccount(account: Account, address: string, name: string): string | null {
  const renamed = ownSubAccount(account, address);
  if (renamed === null) return NO_SUB_ACCOUNT;
  const bad = nameRefusal(name);
  if (bad !== null) return bad;
  renamed.name = name;
  return null;
}

export const NO_SUB_ACCOUNT = "Sub-account does not exist.";
