import { CommandFailure, parseArguments, UsageError } from "../../lib/cli/command.ts";
import type { CommandDef, Io } from "../../lib/cli/command.ts";

export type CliRun = {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The text of what was thrown; null when nothing was. */
  readonly failure: string | null;
  /** `out` read as one JSON object. */
  readonly json: () => Readonly<Record<string, unknown>>;
};

/** A command in this process, with the exit code that its end would have. */
export async function cliRun(
  def: CommandDef,
  words: readonly string[],
  env: Io["env"] = {},
): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    env,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    isTerminal: false,
  };
  let code: number;
  let failure: string | null = null;
  try {
    const parsed = parseArguments(def, words);
    if (parsed.help) throw new UsageError("no help was asked for");
    code = await def.run(parsed.flags, parsed.operands, io);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof CommandFailure)) throw error;
    code = error instanceof UsageError ? 2 : 1;
    failure = error.message;
  }
  const text = out.join("\n");
  return {
    code,
    out: text,
    err: err.join("\n"),
    failure,
    json: () => JSON.parse(text) as Readonly<Record<string, unknown>>,
  };
}
