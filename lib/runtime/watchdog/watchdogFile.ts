import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SYSTEM_PROCESSES } from "../processTable.ts";

/** Written by a watchdog once it watches. */
const WATCHDOG_FILE = "watchdog.json";

/** `started` tells two lives of one process id apart; null where the system does not tell it. */
const Watching = z.object({ pid: z.int(), started: z.string().nullable(), bot: z.int() });

const LOOK_EVERY_MS = 50;

/** Says that this process watches the bot with the id `botPid`. */
export function sayWatching(dataDir: string, botPid: number): void {
  const { own, startOf } = SYSTEM_PROCESSES;
  const path = join(dataDir, WATCHDOG_FILE);
  const draft = `${path}.${own}.new`;
  writeFileSync(draft, `${JSON.stringify({ pid: own, started: startOf(own), bot: botPid })}\n`);
  renameSync(draft, path);
}

/** The watchdog that lives in a data folder, and the bot that it watches; null when there is none. */
export function livingWatchdog(
  dataDir: string,
): { readonly pid: number; readonly bot: number } | null {
  const { isAlive, startOf } = SYSTEM_PROCESSES;
  try {
    const text = readFileSync(join(dataDir, WATCHDOG_FILE), "utf8");
    const { pid, started, bot } = Watching.parse(JSON.parse(text));
    return isAlive(pid) && (started === null || startOf(pid) === started) ? { pid, bot } : null;
  } catch {
    return null;
  }
}

/**
 * Waits until the watchdog of a bot that died in this folder has done its work: until then it would cancel what this bot
 * places, too, as every order of ours looks the same to it.
 * @returns its process id when it still lives after `withinMs`, else null
 */
export async function lastWatchdogDone(dataDir: string, withinMs: number): Promise<number | null> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const last = livingWatchdog(dataDir);
    if (last === null || last.bot === process.pid) return null;
    if (performance.now() > deadlineMs) return last.pid;
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
