import { statusOf } from "../runtime/status.ts";
import type { StatusReport } from "../runtime/status.ts";
import { DatabaseError } from "../store/errors.ts";
import { openReader } from "../store/readModel.ts";
import { CommandFailure } from "./command.ts";
import type { Io } from "./command.ts";
import { findRunningBot } from "./runningBot.ts";

/**
 * What the bot of a data folder says of itself or, when none runs, what its database last knew.
 * @throws CommandFailure when there is neither.
 */
export async function findStatus(dataDir: string, io: Io): Promise<StatusReport> {
  const bot = await findRunningBot(dataDir, io.env, io.err);
  return bot === null ? storedStatus(dataDir) : bot.status();
}

function storedStatus(dataDir: string): StatusReport {
  try {
    const reader = openReader(dataDir);
    try {
      const stored = reader.state();
      if (stored === null)
        throw new CommandFailure(`no bot runs; nothing is stored in the data folder "${dataDir}"`);
      return statusOf(stored.state, null, null, null);
    } finally {
      reader.close();
    }
  } catch (error) {
    if (error instanceof DatabaseError) throw new CommandFailure(`no bot runs; ${error.message}`);
    throw error;
  }
}
