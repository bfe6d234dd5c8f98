import { z } from "zod";
import type { SignatureSource } from "../hyperliquid/signing/l1.ts";
import { addressOf, initSigning } from "../hyperliquid/signing/signature.ts";
import { readAccountFile } from "../runtime/accountFile.ts";
import type { AccountFile } from "../runtime/accountFile.ts";
import { NETWORKS } from "../runtime/live/networks.ts";
import { readPaperKey } from "../runtime/paperFolder.ts";
import { readRunFile } from "../runtime/runFile.ts";
import { KeyError } from "../runtime/keyFile.ts";
import { DataFolderError } from "../store/errors.ts";
import { UsageError } from "./command.ts";
import type { Io } from "./command.ts";
import { NetworkFlag } from "./liveFlags.ts";
import { liveKey } from "./liveKeys.ts";
import { readSettings } from "./readSettings.ts";

/** Where an account is, for commands that go straight to the exchange. */
export const placeFlags = {
  exchange: z
    .string()
    .optional()
    .describe("URL of the exchange, for when no bot runs (that of the bot)"),
  network: NetworkFlag.optional().describe("mainnet or testnet: the account of ACCOUNT_ADDRESS"),
  "key-file": z.string().optional().describe("file of mode 0600 with its key (HL_PRIVATE_KEY)"),
} as const;

export type PlaceFlags = {
  readonly data: string;
  readonly exchange?: string | undefined;
  readonly network?: keyof typeof NETWORKS | undefined;
  readonly "key-file"?: string | undefined;
};

export type DeskPlace = {
  readonly url: string;
  /** Lower case. */
  readonly account: string;
  readonly source: SignatureSource;
  /** @throws UsageError when there is none, or it is that of the main wallet */
  readonly key: () => Uint8Array;
};

/**
 * Finds account, exchange and key: of a live or testnet folder or network by settings and flags, else of a paper folder.
 * @throws UsageError when it is not known where or for whom
 */
export async function deskPlace(flags: PlaceFlags, io: Io): Promise<DeskPlace> {
  await initSigning();
  const known = readAccountFile(flags.data);
  const isLive = flags.network !== undefined || (known !== null && known.mode !== "paper");
  return isLive ? livePlaceOf(flags, known, io) : paperPlaceOf(flags, known);
}

function livePlaceOf(flags: PlaceFlags, known: AccountFile | null, io: Io): DeskPlace {
  const { settings } = readSettings(io, {});
  const network = flags.network === undefined ? null : NETWORKS[flags.network];
  if (network !== null && known !== null && known.mode !== network.mode)
    throw new UsageError(
      `--network: "${flags.network}" is not allowed with the folder "${flags.data}", which belongs to a ${known.mode} run`,
    );
  const account = settings.ACCOUNT_ADDRESS ?? known?.account;
  if (account === undefined)
    throw new UsageError("ACCOUNT_ADDRESS is not set: whose orders and positions are meant");
  const url = flags.exchange ?? known?.exchange ?? network?.url;
  const source = known?.source ?? network?.source;
  if (url === undefined || source === undefined)
    throw new UsageError("say where the account is: --network mainnet or --network testnet");
  const key = (): Uint8Array => {
    try {
      const found = liveKey(flags["key-file"], settings);
      if (addressOf(found) !== account) return found;
    } catch (error) {
      if (error instanceof KeyError) throw new UsageError(error.message, { cause: error });
      throw error;
    }
    throw new UsageError(`the key is that of the account ${account} itself: use an API wallet's`);
  };
  return { url, account, source, key };
}

function paperPlaceOf({ data, exchange }: PlaceFlags, known: AccountFile | null): DeskPlace {
  const last = known === null || known.ownExchange ? undefined : known.exchange;
  const url = exchange ?? readRunFile(data)?.exchange ?? last;
  if (url === undefined)
    throw new UsageError(
      known === null
        ? `no bot runs in "${data}", so say where its account is: --exchange <url>`
        : `no bot runs in "${data}", and its exchange, which was part of it, ended with it: nothing is left there. Another one: --exchange <url>`,
    );
  const privateKey = paperKey(data);
  return { url, account: addressOf(privateKey), source: "a", key: () => privateKey };
}

function paperKey(dataDir: string): Uint8Array {
  let key: Uint8Array | null;
  try {
    key = readPaperKey(dataDir);
  } catch (error) {
    if (error instanceof DataFolderError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
  if (key === null)
    throw new UsageError(`--data: "${dataDir}" holds no key of an account; name the bot's folder`);
  return key;
}
