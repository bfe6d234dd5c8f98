import { defineCommand, isSwitch, UsageError, wordsOf } from "./command.ts";
import type { CommandDef } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { z } from "zod";

/** What a shell needs of a command. */
type Entry = {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** Words that may stand behind it: "on|off" gives two. */
  readonly words: readonly string[];
};
type Flag = {
  readonly name: string;
  readonly about: string;
  readonly takesValue: boolean;
  readonly isPath: boolean;
  /** All that is allowed as its value; none where it is no choice. */
  readonly values: readonly string[];
};

/** Prints a shell's completion of every command and flag, made from the same schemas as the help. */
export const completionCommand = defineCommand({
  name: "completion",
  summary: 'Shell completion: eval "$(bun lib/cli/main.ts completion bash)" defines amm500.',
  operands: "bash|zsh",
  flags: z.object({}),
  run: async (_flags, operands, io) => {
    const [shell] = operands;
    if (operands.length !== 1 || (shell !== "bash" && shell !== "zsh"))
      throw new UsageError(`completion takes one word, bash or zsh, got "${operands.join(" ")}"`);
    const defs = await Promise.all(Object.values(COMMANDS).map((load) => load()));
    const entries = defs.map(entryOf);
    const main = new URL("./main.ts", import.meta.url).pathname;
    io.out(shell === "bash" ? bashScript(entries, main) : zshScript(entries, main));
    return 0;
  },
});

/** Flags whose value is a file or a folder. */
const PATHS = new Set([
  "data",
  "html",
  "csv",
  "out",
  "feed",
  "faults",
  "tape",
  "candles",
  "evidence",
  "key-file",
]);

function entryOf(def: CommandDef): Entry {
  const [first = ""] = def.operands.replace(/[[\]]/g, "").split(" ");
  const words = /^[a-z-]+(\|[a-z-]+)*$/.test(first) ? first.split("|") : [];
  const flags = Object.entries(def.flags.shape).map(([name, schema]) => ({
    name: `--${name}`,
    about: schema.description ?? "",
    takesValue: !isSwitch(schema),
    isPath: PATHS.has(name),
    values: wordsOf(schema),
  }));
  const help = { name: "--help", about: "this text", takesValue: false, isPath: false, values: [] };
  return { name: def.name, summary: def.summary, flags: [...flags, help], words };
}

function bashScript(entries: readonly Entry[], main: string): string {
  const cases = entries.map(({ name, flags, words }) => {
    const all = [...words, ...flags.map((flag) => flag.name)].join(" ");
    return `    ${name}) words="${all}" ;;`;
  });
  const choices = entries.flatMap(({ name, flags }) =>
    flags.flatMap(({ name: flag, values }) =>
      values.length === 0
        ? []
        : [
            `    "${name} ${flag}") COMPREPLY=( $(compgen -W "${values.join(" ")}" -- "$current") ); return ;;`,
          ],
    ),
  );
  const paths = [...PATHS].map((name) => `*" --${name}"`).join("|");
  return `# Completion of amm500 for bash.
amm500() { bun ${quoted(main)} "$@"; }
_amm500() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=( $(compgen -W "${entries.map(({ name }) => name).join(" ")}" -- "$current") )
    return
  fi
  case "\${COMP_WORDS[1]} $previous" in
${choices.join("\n")}
    ${paths}) COMPREPLY=( $(compgen -f -- "$current") ); return ;;
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -o default -F _amm500 amm500`;
}

function zshScript(entries: readonly Entry[], main: string): string {
  const commands = entries.map(
    ({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`,
  );
  const cases = entries.map(({ name, flags, words }) => {
    const specs = flags.map((flag) => quoted(zshSpec(flag)));
    const operand = words.length === 0 ? "'*:file:_files'" : quoted(`1:word:(${words.join(" ")})`);
    return `    ${name}) _arguments ${[...specs, operand].join(" ")} ;;`;
  });
  return `# Completion of amm500 for zsh.
amm500() { bun ${quoted(main)} "$@"; }
_amm500() {
  local -a commands=(
${commands.join("\n")}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local command="$words[2]"
  shift words; (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
  esac
}
compdef _amm500 amm500`;
}

function zshSpec({ name, about, takesValue, isPath, values }: Flag): string {
  const text = about.replace(/[[\]:]/g, (found) => `\\${found}`);
  if (!takesValue) return `${name}[${text}]`;
  const value = values.length > 0 ? `(${values.join(" ")})` : isPath ? "_files" : "";
  return `${name}=[${text}]:value:${value}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
