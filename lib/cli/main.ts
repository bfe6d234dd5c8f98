import { CommandFailure, helpText, parseArguments, UsageError } from "./command.ts";
import type { Io } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { messageOf } from "../units/messageOf.ts";

const io: Io = {
  env: process.env,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  isTerminal: process.stderr.isTTY,
};

function overview(): string {
  const names = Object.keys(COMMANDS).map((name) => `  bun run ${name}`);
  return [
    "AMM-500, a market maker for index perpetuals.",
    "",
    ...names,
    "",
    "bun run <command> --help",
  ].join("\n");
}

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === "--help") {
    io.out(overview());
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined)
    throw new UsageError(`unknown command "${name}"; allowed: ${Object.keys(COMMANDS).join(" ")}`);
  const def = await load();
  const parsed = parseArguments(def, rest);
  if (parsed.help) {
    io.out(helpText(def));
    return 0;
  }
  return def.run(parsed.flags, parsed.operands, io);
}

/** With `--json` an error is one object on standard output too, so that a program always reads one. */
function report(error: unknown, words: readonly string[]): number {
  const usage = error instanceof UsageError;
  const known = usage || error instanceof CommandFailure;
  const text = messageOf(error);
  if (words.includes("--json")) io.out(JSON.stringify({ error: text }));
  io.err(
    known ? `error: ${text}` : `error: ${error instanceof Error ? (error.stack ?? text) : text}`,
  );
  return usage ? 2 : 1;
}

const words = process.argv.slice(2);
try {
  process.exitCode = await main(words);
} catch (error) {
  process.exitCode = report(error, words);
}
