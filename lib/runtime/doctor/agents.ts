import type { InfoClient } from "../../hyperliquid/infoClient.ts";
import { ok, problem, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

const DAY_MS = 86_400_000;
/** An API wallet lasts 180 days at most; a week is time enough to approve the next one. */
const EXPIRY_WARN_MS = 7 * DAY_MS;

/** Whether the API wallet signs for the account that the user means. */
export function accountFinding(signsFor: string, meant: string): Finding {
  const name = "account";
  if (signsFor === meant) return ok(name, `${meant}, as ACCOUNT_ADDRESS says`);
  return problem(
    name,
    `the API wallet signs for ${signsFor}, and ACCOUNT_ADDRESS is ${meant}`,
    "set ACCOUNT_ADDRESS to the account that is meant, or approve an API wallet there and use its key",
  );
}

/** Until when the approval of an API wallet holds, as far as the exchange tells. */
export async function approvalFinding(
  info: InfoClient,
  agent: { readonly name: string; readonly address: string },
  account: string,
  nowMs: number,
): Promise<Finding> {
  const { name, address } = agent;
  const listed = (await info.extraAgents(account)).find((each) => each.address === address);
  const until = listed?.validUntil ?? null;
  const todo = "approve a new API wallet on the exchange's site and use its key";
  if (listed === undefined)
    return warning(
      name,
      `${address} is the account's unnamed API wallet: when it expires is not told, and the next unnamed one replaces it`,
      "use a named API wallet",
    );
  if (until === null) return ok(name, `"${listed.name}" is approved, without an end`);
  const days = (until - nowMs) / DAY_MS;
  if (days <= 0) return problem(name, `"${listed.name}" has expired`, todo);
  const found = `"${listed.name}" is approved for ${days.toFixed(1)} more days`;
  return until - nowMs < EXPIRY_WARN_MS ? warning(name, found, todo) : ok(name, found);
}

export type WatchdogQuestion = {
  /** Address of its key; null when it has none. */
  readonly watchdog: string | null;
  /** Address of the bot's key. */
  readonly bot: string;
  readonly account: string;
};

/** The watchdog cancels for the same account with a key of its own: with the bot's their nonces would meet. */
export async function watchdogFinding(
  info: InfoClient,
  { watchdog, bot, account }: WatchdogQuestion,
): Promise<Finding> {
  const name = "watchdog key";
  if (watchdog === null)
    return problem(
      name,
      "there is none",
      "approve a second API wallet and set WATCHDOG_PRIVATE_KEY, or go without a watchdog: WATCHDOG=false",
    );
  if (watchdog === bot)
    return problem(name, "it is the bot's own", "approve a second API wallet for the watchdog");
  const role = await info.userRole(watchdog);
  if (role.role === "agent" && role.data.user === account)
    return ok(name, `API wallet of ${account}`);
  const found =
    role.role === "agent"
      ? `it signs for ${role.data.user}`
      : `${watchdog} is no API wallet of the account (${role.role})`;
  return problem(name, found, "approve it for the account on the exchange's site");
}
