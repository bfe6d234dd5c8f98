import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SYSTEM_PROCESSES } from "../../lib/runtime/processTable.ts";
import { WATCHDOG_FILE } from "../../lib/runtime/watchdog/child.ts";
import type { PaperProcess } from "./paperProcess.ts";
import { until } from "./until.ts";

const Watching = z.object({ pid: z.int(), bot: z.int() });

/** Process id of the watchdog that watches a bot; null while there is none. */
export function watchdogOf({ dataDir, process }: PaperProcess): number | null {
  const path = join(dataDir, WATCHDOG_FILE);
  if (!existsSync(path)) return null;
  const { pid, bot } = Watching.parse(JSON.parse(readFileSync(path, "utf8")));
  return bot === process.pid && SYSTEM_PROCESSES.isAlive(pid) ? pid : null;
}

/** Paper does not wait for its watchdog; a test that kills the bot does. */
export function untilWatched(paper: PaperProcess): Promise<number> {
  return until("the watchdog watches", () => watchdogOf(paper));
}
