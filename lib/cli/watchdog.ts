import { z } from "zod";
import { CommandFailure, defineCommand, Switch, UsageError } from "./command.ts";
import { readSettings } from "./readSettings.ts";
import { HttpTransport } from "../hyperliquid/httpTransport.ts";
import { initSigning } from "../hyperliquid/signing/signature.ts";
import { readAccountFile } from "../runtime/accountFile.ts";
import { sayOnce } from "../runtime/alerts/sayOnce.ts";
import { scaledClock } from "../runtime/clock.ts";
import { KeyError, keyFrom, readKeyFile } from "../runtime/keyFile.ts";
import type { Settings } from "../runtime/settings.ts";
import { readBeat } from "../runtime/watchdog/heartbeat.ts";
import { readWatchdogKey } from "../runtime/watchdog/paperKey.ts";
import { watch } from "../runtime/watchdog/watchdog.ts";
import { sayWatching } from "../runtime/watchdog/watchdogFile.ts";
import { counted } from "../units/counted.ts";

const flags = z.object({
  data: z.string().min(1).default("data/paper").describe("data folder of the bot (data/paper)"),
  "key-file": z
    .string()
    .optional()
    .describe("file with the watchdog's key (WATCHDOG_PRIVATE_KEY, or the data folder's own)"),
  json: Switch.describe("one JSON object on standard output, progress on standard error"),
});
type Flags = z.infer<typeof flags>;

/** An exchange that does not answer for this long is asked again. */
const ANSWER_TIMEOUT_MS = 2500;

/** A bot starts it by itself; by hand it is for a bot whose own was switched off. */
export const watchdogCommand = defineCommand({
  name: "watchdog",
  summary: "Watch a bot and cancel its orders when its heart stands still.",
  operands: "",
  flags,
  run: async (given, _operands, io) => {
    const { settings } = readSettings(io, {});
    const { data: dataDir } = given;
    const place = readAccountFile(dataDir);
    const bot = readBeat(dataDir);
    if (place === null || bot === null)
      throw new CommandFailure(
        `no bot was started in "${dataDir}": there is nothing to watch. Start it first, or name its folder with --data`,
      );
    await initSigning();
    const privateKey = keyOf(given, settings);
    stayForSignals();
    const tell = (text: string): void => io.err(`${new Date().toISOString()} ${text}`);
    const transport = new HttpTransport({ url: place.exchange, timeoutMs: ANSWER_TIMEOUT_MS });
    const clock = scaledClock(place.clock.epochMs, place.clock.speed);
    sayWatching(dataDir, bot.pid);
    tell(`watching process ${bot.pid}, ${place.market} of ${place.account}`);
    const frozenAfterMs = settings.WATCHDOG_FROZEN_SECONDS * 1000;
    const alerts: Promise<void>[] = [];
    const watched = await watch({
      dataDir,
      place,
      bot,
      privateKey,
      transport,
      clock,
      frozenAfterMs,
      tell,
      onActed: (text) => {
        const alert = { kind: "watchdog", severity: "critical", text } as const;
        alerts.push(sayOnce(settings, `watchdog of ${place.mode} ${place.market}`, alert, tell));
      },
    });
    const text = `${END_WORDS[watched.end]}; ${counted(watched.cancelled, "order")} cancelled`;
    tell(text);
    await Promise.all(alerts);
    if (given.json) io.out(JSON.stringify(watched));
    else io.out(text);
    return 0;
  },
});

const END_WORDS = {
  ended: "the bot has ended properly",
  dead: "the bot was gone",
  replaced: "another bot has taken over",
} as const;

/**
 * A service manager that stops the bot signals this process too, before the bot is done: its work ends when the bot's
 * does, not before.
 */
function stayForSignals(): void {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
}

function keyOf(given: Flags, settings: Settings): Uint8Array {
  try {
    const file = given["key-file"];
    if (file !== undefined) return readKeyFile(file);
    const text = settings.WATCHDOG_PRIVATE_KEY;
    if (text !== null) return keyFrom(text, "WATCHDOG_PRIVATE_KEY");
    const own = readWatchdogKey(given.data);
    if (own !== null) return own;
  } catch (error) {
    if (error instanceof KeyError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
  throw new UsageError(
    `the watchdog has no key: set WATCHDOG_PRIVATE_KEY, or name a file with --key-file ("${given.data}" holds none)`,
  );
}
