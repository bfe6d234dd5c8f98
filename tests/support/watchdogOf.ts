import { livingWatchdog } from "../../lib/runtime/watchdog/watchdogFile.ts";
import type { PaperProcess } from "./paperProcess.ts";
import { until } from "./until.ts";

/** Process id of the watchdog that watches a bot; null while there is none. */
export function watchdogOf({ dataDir, process }: PaperProcess): number | null {
  const living = livingWatchdog(dataDir);
  return living?.bot === process.pid ? living.pid : null;
}

/** With an exchange of its own paper does not wait for its watchdog; a test that kills the bot does. */
export function untilWatched(paper: PaperProcess): Promise<number> {
  return until("the watchdog watches", () => watchdogOf(paper));
}
