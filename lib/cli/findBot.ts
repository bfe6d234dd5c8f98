import { readRunFile } from "../runtime/runFile.ts";
import { statusOf, StatusReport } from "../runtime/status.ts";
import { DatabaseError } from "../store/errors.ts";
import { openReader } from "../store/readModel.ts";
import { CommandFailure } from "./command.ts";
import type { Io } from "./command.ts";

const ANSWER_WITHIN_MS = 2000;

/**
 * What the bot of a data folder says of itself or, when none runs, what its database last knew.
 * @throws CommandFailure when there is neither.
 */
export async function findStatus(dataDir: string, io: Io): Promise<StatusReport> {
  return (await askBot(dataDir, io)) ?? storedStatus(dataDir);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function askBot(dataDir: string, io: Io): Promise<StatusReport | null> {
  const run = readRunFile(dataDir);
  if (run === null || !isAlive(run.pid)) return null;
  const url = `http://127.0.0.1:${run.httpPort}/status`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return StatusReport.parse(await answer.json());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    io.err(`process ${run.pid} does not answer as a bot on port ${run.httpPort}: ${why}`);
    return null;
  }
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
