import { initSigning, addressOf } from "../hyperliquid/signing/signature.ts";
import { KeyError, keyFrom, readKeyFile } from "../runtime/keyFile.ts";
import type { Settings } from "../runtime/settings.ts";
import { UsageError } from "./command.ts";

export type LiveKeys = {
  readonly privateKey: Uint8Array;
  /** Of the watchdog's API wallet; null when none is given. */
  readonly watchdogKey: Uint8Array | null;
  /** Lower case. */
  readonly account: string;
};

type Named = Pick<Settings, "HL_PRIVATE_KEY" | "WATCHDOG_PRIVATE_KEY" | "ACCOUNT_ADDRESS">;

/**
 * Keys and account of a live run, from environment or file.
 * @throws UsageError for what is missing or cannot be; no text of a key is ever in it
 */
export async function liveKeys(keyFile: string | undefined, settings: Named): Promise<LiveKeys> {
  await initSigning();
  const { ACCOUNT_ADDRESS: account, WATCHDOG_PRIVATE_KEY: watchdog } = settings;
  try {
    const privateKey = liveKey(keyFile, settings);
    if (account === null)
      throw new UsageError(
        "ACCOUNT_ADDRESS is not set: the address of the account that is traded, which is not the API wallet's",
      );
    if (addressOf(privateKey) === account)
      throw new UsageError(
        `the key is that of the account ${account} itself: whoever has it can withdraw. Approve an API wallet on the exchange's site and use its key`,
      );
    const watchdogKey = watchdog === null ? null : keyFrom(watchdog, "WATCHDOG_PRIVATE_KEY");
    return { privateKey, watchdogKey, account };
  } catch (error) {
    if (error instanceof KeyError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** @throws KeyError, UsageError when there is none */
export function liveKey(
  keyFile: string | undefined,
  { HL_PRIVATE_KEY: text }: Pick<Settings, "HL_PRIVATE_KEY">,
): Uint8Array {
  if (keyFile !== undefined) return readKeyFile(keyFile);
  if (text !== null) return keyFrom(text, "HL_PRIVATE_KEY");
  throw new UsageError(
    "there is no key: set HL_PRIVATE_KEY to that of an API wallet, or name a file of mode 0600 with --key-file",
  );
}
