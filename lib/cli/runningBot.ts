import { z } from "zod";
import { readApiToken } from "../runtime/apiToken.ts";
import { readRunFile } from "../runtime/runFile.ts";
import type { RunFile } from "../runtime/runFile.ts";
import { StatusReport } from "../runtime/status.ts";
import { CommandFailure } from "./command.ts";
import type { Io } from "./command.ts";
import { messageOf } from "../units/messageOf.ts";

/** What tells a bot of any version from another program. */
const AnyBot = z.looseObject({ running: z.boolean(), phase: z.string() });

const ANSWER_WITHIN_MS = 2000;
const LOOK_EVERY_MS = 200;

/** A bot that runs in a data folder and answers. */
export type RunningBot = {
  readonly run: RunFile;
  /** @throws CommandFailure when it does not answer, or is of another version and tells its state otherwise */
  readonly status: () => Promise<StatusReport>;
  /** An operator's order. @throws CommandFailure with the bot's own words when it is refused. */
  readonly order: (path: string, body: object) => Promise<BotAnswer>;
  /** Has it train its forecast of volatility, or joins the training that runs. @throws CommandFailure when it is refused */
  readonly retrain: () => Promise<{ readonly joined: boolean }>;
  /** Looks until the bot's state is as it should be. @returns the last state, and whether it came to be so. */
  readonly until: (
    reached: (status: StatusReport) => boolean,
    withinMs: number,
  ) => Promise<{ readonly reached: boolean; readonly status: StatusReport }>;
};

export type BotAnswer = {
  readonly mode: string;
  readonly reason: string;
  readonly haltReason: string | null;
  readonly commandsSent: number;
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** @returns null when none runs there, or what runs does not answer: then it is said on standard error. */
export async function findRunningBot(
  dataDir: string,
  env: Io["env"],
  err: Io["err"],
): Promise<RunningBot | null> {
  const run = readRunFile(dataDir);
  if (run === null || !isAlive(run.pid)) return null;
  const url = `http://127.0.0.1:${run.httpPort}`;
  const ask = async (): Promise<unknown> => {
    const answer = await fetch(`${url}/status`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.json();
  };
  const status = async (): Promise<StatusReport> => {
    const asked = await ask().catch((cause: unknown) => {
      throw new CommandFailure(`the bot did not answer: ${messageOf(cause)}`, { cause });
    });
    const read = StatusReport.safeParse(asked);
    if (read.success) return read.data;
    const where = read.error.issues[0]?.path.join(".") ?? "";
    throw new CommandFailure(
      `the bot, process ${run.pid}, is of another version than this program and tells its state otherwise (${where}): it takes orders; what the exchange shows: bun run status --direct`,
    );
  };
  try {
    // An order has to reach a bot of another version, too.
    AnyBot.parse(await ask());
  } catch (error) {
    const why = error instanceof z.ZodError ? "it says something else" : messageOf(error);
    err(`process ${run.pid} does not answer as a bot on port ${run.httpPort}: ${why}`);
    return null;
  }
  return {
    run,
    status,
    order: (path, body) => post<BotAnswer>(`${url}${path}`, body, tokenOf(dataDir, env)),
    retrain: () => post(`${url}/retrain`, {}, tokenOf(dataDir, env)),
    until: async (reached, withinMs) => {
      const deadlineMs = performance.now() + withinMs;
      for (;;) {
        const now = await status();
        if (reached(now)) return { reached: true, status: now };
        if (performance.now() > deadlineMs) return { reached: false, status: now };
        await Bun.sleep(LOOK_EVERY_MS);
      }
    },
  };
}

function tokenOf(dataDir: string, env: Io["env"]): string {
  const token = env["API_TOKEN"] ?? readApiToken(dataDir);
  if (token === null)
    throw new CommandFailure(`the bot's token is missing: "${dataDir}" holds no api-token`);
  return token;
}

async function post<T>(url: string, body: object, token: string): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  } catch (cause) {
    throw new CommandFailure(`the bot did not answer: ${String(cause)}`, { cause });
  }
  const said = (await answer.json()) as T & { readonly error?: string };
  if (!answer.ok) throw new CommandFailure(`the bot refused: ${said.error ?? answer.status}`);
  return said;
}
