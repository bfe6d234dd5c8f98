import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Lies in the data folder from a bot's first start on: whose account it trades, where. Holds no secret. */
const ACCOUNT_FILE = "account.json";

export const AccountFile = z.object({
  mode: z.enum(["paper", "testnet", "live"]),
  exchange: z.string(),
  /** Address of the account, lower case. */
  account: z.string(),
  /** What L1 actions are signed for: "a" mainnet, "b" testnet. */
  source: z.enum(["a", "b"]),
  market: z.string(),
  dex: z.string(),
  assetId: z.int().nonnegative(),
  /** Venue time, for nonces: `epochMs` plus `speed` times the wall time since. */
  clock: z.object({ epochMs: z.number(), speed: z.number().positive() }),
  /** After this long nothing that was sent can still act. */
  orderExpiryMs: z.number().nonnegative(),
  /** True where the exchange is part of the bot's process and ends with it. */
  ownExchange: z.boolean(),
});
export type AccountFile = z.infer<typeof AccountFile>;

/** Appears whole or not at all. */
export function writeAccountFile(dataDir: string, account: AccountFile): void {
  const path = join(dataDir, ACCOUNT_FILE);
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(account)}\n`);
  renameSync(draft, path);
}

/** @returns null when no bot was ever started there, or by a version that did not say. */
export function readAccountFile(dataDir: string): AccountFile | null {
  try {
    return AccountFile.parse(JSON.parse(readFileSync(join(dataDir, ACCOUNT_FILE), "utf8")));
  } catch {
    return null;
  }
}
