import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { startProgram } from "./cliProcess.ts";
import type { CliEnd, CliProcess } from "./cliProcess.ts";
import type { Execution, Facts } from "./commandTable.ts";
import { writeMadeUp } from "./madeUpFiles.ts";
import { until } from "./until.ts";
import packageJson from "../../package.json" with { type: "json" };

const ROOT = join(import.meta.dir, "../..");
const SCRIPTS: Readonly<Record<string, string>> = packageJson.scripts;
/** How a script of `package.json` starts a program. */
const SCRIPT = /^bun run --silent setup && bun (\S+(?: \S+)?)$/;

type Environment = Readonly<Record<string, string>>;
type Program = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
};

export type Running = {
  readonly process: CliProcess;
  /** @returns what is wrong with what it did, by its end; null when nothing is */
  readonly verdict: (end: CliEnd) => string | null;
};

/**
 * Starts a documented command in a folder, as the table has it.
 * @param facts what the table's values are made from
 * @throws Error when its script does not start the program of that name
 */
export function startDocumented(
  text: string,
  execution: Omit<Execution, "in">,
  place: { readonly folder: string; readonly facts: Facts; readonly env: Environment },
): Running {
  const { folder, facts, env } = place;
  mkdirSync(join(folder, "data"), { recursive: true });
  for (const name of execution.files ?? []) writeMadeUp(folder, name);
  const filled = fill(text, execution, facts);
  const program = programOf(filled, execution, facts, folder);
  const options = { cwd: program.cwd, env: { ...env, ...program.env } };
  const process = startProgram(program.argv, options);
  const json = program.argv.includes("--json") && execution.endless === undefined;
  const verdict = ({ code, stdout, stderr }: CliEnd): string | null => {
    const output = `${stdout}${stderr}`;
    const missing = (execution.leaves ?? []).filter((name) => !existsSync(join(folder, name)));
    const wrong = [
      ...(code === (execution.code ?? 0) ? [] : [`ended with ${code}`]),
      ...(output.trim() === "" ? ["says nothing"] : []),
      ...(json && !isOneObject(stdout) ? ["--json: no single object"] : []),
      ...(execution.says?.test(output) === false ? [`does not say ${execution.says.source}`] : []),
      ...missing.map((name) => `leaves no ${name}`),
    ];
    if (wrong.length === 0) return null;
    return `${wrong.join(", ")}: ${output.slice(0, 2000)}`;
  };
  return { process, verdict };
}

/** Runs one to its end. @returns what is wrong, or null */
export async function runDocumented(
  ...[text, execution, place]: Parameters<typeof startDocumented>
): Promise<string | null> {
  const { process, verdict } = startDocumented(text, execution, place);
  if (execution.endless === "interrupted") {
    await until(`"${text}" says something`, () => (process.stdout() === "" ? null : true));
    process.kill("SIGINT");
  }
  return verdict(await process.ended);
}

function fill(text: string, { fill: values = {} }: Pick<Execution, "fill">, facts: Facts): string {
  let filled = text;
  for (const [name, value] of Object.entries(values))
    filled = filled.replaceAll(name, valueOf(value, facts));
  return filled;
}

function programOf(
  text: string,
  { set = {} }: Pick<Execution, "set">,
  facts: Facts,
  folder: string,
): Program {
  if (text.startsWith("curl ")) return { argv: ["sh", "-c", text], cwd: folder, env: {} };
  const words = wordsOf(text);
  const first = words.findIndex((word) => !/^[A-Z][A-Z0-9_]*=/.test(word));
  const env = Object.fromEntries(words.slice(0, first).map((word) => word.split("=", 2)));
  const [bun, verb, name, ...rest] = words.slice(first);
  if (bun !== "bun" || name === undefined) throw new Error(`"${text}" is nothing to run`);
  // Not from another folder: they are about this one.
  if (verb !== "run")
    return { argv: [process.execPath, ...words.slice(first + 1)], cwd: ROOT, env };
  const found = SCRIPT.exec(SCRIPTS[name] ?? "")?.[1]?.split(" ");
  const [file = "", command] = found ?? [];
  if (found === undefined || (command !== undefined && command !== name))
    throw new Error(`package.json has no script "${name}" that starts it: ${SCRIPTS[name]}`);
  const given = Object.entries(set).reduce(
    (all, [flag, value]) => withFlag(all, flag, valueOf(value, facts)),
    rest,
  );
  const begin = [process.execPath, join(ROOT, file), ...(command === undefined ? [] : [command])];
  return { argv: [...begin, ...given], cwd: folder, env };
}

/** Words as a shell has them, without variables. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}

/** Puts a value in the place of a flag's, or adds both; a flag without a name is an operand. */
function withFlag(words: readonly string[], flag: string, value: string): string[] {
  const values = value === "" ? [] : [value];
  const at = words.indexOf(flag);
  if (flag === "") return [...words, ...values];
  if (at < 0) return [...words, flag, ...values];
  const hasValue = words[at + 1]?.startsWith("--") === false;
  return [...words.slice(0, at + 1), ...values, ...words.slice(at + (hasValue ? 2 : 1))];
}

function valueOf(value: string | ((facts: Facts) => string), facts: Facts): string {
  return typeof value === "string" ? value : value(facts);
}

function isOneObject(stdout: string): boolean {
  try {
    const parsed: unknown = JSON.parse(stdout);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
