import { z } from "zod";
import { HttpTransport } from "../hyperliquid/httpTransport.ts";
import { InfoClient, InfoError } from "../hyperliquid/infoClient.ts";
import { WireError } from "../hyperliquid/schemas/wire.ts";
import type { Signer } from "../hyperliquid/signedRequest.ts";
import { TransportError } from "../hyperliquid/transport.ts";
import { readAccountFile } from "../runtime/accountFile.ts";
import { AccountDesk, DeskError } from "../runtime/accountDesk.ts";
import { lockHolder } from "../runtime/lock.ts";
import { CommandFailure, Switch, UsageError } from "./command.ts";
import type { Io } from "./command.ts";
import { deskPlace, placeFlags } from "./deskPlace.ts";
import type { PlaceFlags } from "./deskPlace.ts";
import { findRunningBot } from "./runningBot.ts";
import type { BotAnswer, RunningBot } from "./runningBot.ts";
import { messageOf } from "../units/messageOf.ts";
import { counted } from "../units/counted.ts";

export const operatorFlags = z.object({
  data: z.string().min(1).default("data/paper").describe("data folder of the bot (data/paper)"),
  reason: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .default("by command")
    .describe("why, for the log (by command)"),
  json: Switch.describe("one JSON object on standard output"),
});

/** For what can also be done without a bot. */
export const deskFlags = operatorFlags.extend({
  ...placeFlags,
  direct: Switch.describe("straight to the exchange, past a running bot"),
});
type DeskFlags = z.infer<typeof deskFlags>;

const ANSWER_TIMEOUT_MS = 5000;
const LOOK_AGAIN_MS = 300;

/** @throws CommandFailure when no bot answers: `what` says that it would have changed nothing. */
export async function needBot(dataDir: string, io: Io, what: string): Promise<RunningBot> {
  const bot = await findRunningBot(dataDir, io.env, io.err);
  if (bot !== null) return bot;
  const pid = lockHolder(dataDir);
  throw new CommandFailure(
    pid === null
      ? `no bot runs in "${dataDir}": ${what}. ${leftText(dataDir)}`
      : `the bot in "${dataDir}" does not hear: end it, kill -9 ${pid}, then bun run cancel --all`,
  );
}

/** What may be left of a bot that is gone, and what to do about it. */
function leftText(dataDir: string): string {
  const known = readAccountFile(dataDir);
  if (known?.ownExchange === true) return "Its exchange was part of it, and ended with it";
  const where = known === null ? ", both with --exchange <url>" : "";
  return `Orders and positions that are left on an exchange: bun run cancel --all, bun run flatten${where}`;
}

/** The running bot, unless the user wants to go past it, or it does not answer. */
export async function botOf(flags: DeskFlags, io: Io): Promise<RunningBot | null> {
  const bot = flags.direct ? null : await findRunningBot(flags.data, io.env, io.err);
  const pid = bot === null ? lockHolder(flags.data) : null;
  if (pid !== null)
    io.err(
      `the bot in "${flags.data}", process ${pid}, is passed by: as soon as it gets on, it quotes again. ${flags.direct ? "To stop it: bun run halt" : `To end it: kill -9 ${pid}`}`,
    );
  return bot;
}

/**
 * Hands on the exchange itself, with the account's key.
 * @param acts false where a bot has acted and the exchange is only looked at: then no key is needed
 * @throws UsageError when it is not known where or for whom
 */
export async function openDesk(flags: PlaceFlags, io: Io, acts = true): Promise<AccountDesk> {
  const { url, account, source, key } = await deskPlace(flags, io);
  const transport = transportTo(url);
  return new AccountDesk({
    transport,
    info: new InfoClient(transport),
    signer: acts ? { privateKey: key(), source, vault: null } : signerIfAny(key, source),
    account,
    pause: () => Bun.sleep(LOOK_AGAIN_MS),
  });
}

function signerIfAny(key: () => Uint8Array, source: Signer["source"]): Signer | null {
  try {
    return { privateKey: key(), source, vault: null };
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

export function transportTo(url: string): HttpTransport {
  try {
    return new HttpTransport({ url, timeoutMs: ANSWER_TIMEOUT_MS });
  } catch (error) {
    throw new UsageError(`--exchange: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

const FAILURES = [DeskError, TransportError, InfoError, WireError];

/** What went wrong at the exchange is a failure with its own words, not a fault of the program. */
export async function onDesk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && FAILURES.some((type) => error instanceof type))
      throw new CommandFailure(error.message, { cause: error });
    throw error;
  }
}

/** One line, or one object: what an order changed. */
export function sayMode(answer: BotAnswer, json: boolean, io: Io): void {
  const { mode, reason, haltReason, commandsSent } = answer;
  io.out(
    json
      ? JSON.stringify({ via: "bot", mode, reason, haltReason, commandsSent })
      : `${mode}: ${reason} (${counted(commandsSent, "action")} sent)`,
  );
}
