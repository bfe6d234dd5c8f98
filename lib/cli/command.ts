import { z } from "zod";

/** The user asked for something impossible. Exit code 2; the text names what, the value and what is allowed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something failed that was not the user's words. Exit code 1. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

export type Io = {
  readonly env: { readonly [name: string]: string | undefined };
  /** Standard output: with `--json` exactly one object, else what a person reads. */
  readonly out: (text: string) => void;
  /** Standard error: progress and warnings. */
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
};

export type FlagsSchema = z.ZodObject<Readonly<Record<string, z.ZodType>>>;

export type CommandDef<S extends FlagsSchema = FlagsSchema> = {
  readonly name: string;
  /** One sentence for the list of commands. */
  readonly summary: string;
  /** Words after the command that are no flags, for the help: "<tape…>". Empty when none are taken. */
  readonly operands: string;
  /** Keys are flag names without dashes in front; every value is parsed from its text; describe() is the help. */
  readonly flags: S;
  readonly run: (flags: z.infer<S>, operands: readonly string[], io: Io) => Promise<number>;
};

/** Keeps the flags' types while commands of all kinds share one table. */
export function defineCommand<S extends FlagsSchema>(def: CommandDef<S>): CommandDef {
  return def;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };

/** "90s", "7d", "1.5h" to milliseconds. */
export const Duration = z.string().transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text);
  const value = match === null ? 0 : Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? 0);
  if (value <= 0) {
    context.addIssue({
      code: "custom",
      message: `"${text}" is no duration; allowed: a positive number with s, m, h or d, such as 90s or 7d`,
    });
    return z.NEVER;
  }
  return Math.round(value);
});

/** A flag's number between two bounds, both allowed. */
export function numberBetween(min: number, max: number): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!(value >= min && value <= max)) {
      context.addIssue({
        code: "custom",
        message: `"${text}" is not allowed; a number from ${min} to ${max}`,
      });
      return z.NEVER;
    }
    return value;
  });
}

/** A flag's whole number between two bounds, both allowed. */
export function integerBetween(min: number, max: number): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      context.addIssue({
        code: "custom",
        message: `"${text}" is not allowed; a whole number from ${min} to ${max}`,
      });
      return z.NEVER;
    }
    return value;
  });
}

/** A flag that takes one of a few words; shell completion offers them. */
export function oneOf<const W extends string>(
  ...words: readonly W[]
): z.ZodEnum<{ [Each in W]: Each }> {
  const allowed = [words.slice(0, -1).join(", "), ...words.slice(-1)].filter(Boolean).join(" or ");
  return z.enum<readonly W[]>(words, {
    error: ({ input }) => `"${String(input)}" is not allowed; ${allowed}`,
  });
}

/** The words that `oneOf` takes; none for every other flag. */
export function wordsOf(schema: z.ZodType): readonly string[] {
  const { enum: words } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return (words ?? []).map(String);
}

/** A flag without a value: present or absent. */
export const Switch = z
  .literal("")
  .optional()
  .transform((value) => value === "");

export type ParsedArguments<S extends FlagsSchema> =
  | { readonly help: true }
  | { readonly help: false; readonly flags: z.infer<S>; readonly operands: readonly string[] };

/** @throws UsageError naming the flag, the value and what is allowed. */
export function parseArguments<S extends FlagsSchema>(
  def: CommandDef<S>,
  words: readonly string[],
): ParsedArguments<S> {
  const given: Record<string, string> = {};
  const operands: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--help" || word === "-h") return { help: true };
    if (!word.startsWith("--")) {
      operands.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const schema = def.flags.shape[name];
    if (schema === undefined) throw unknownFlag(def, name);
    if (name in given) throw new UsageError(`--${name} is given twice`);
    if (isSwitch(schema)) {
      if (equals >= 0)
        throw new UsageError(`--${name} takes no value, got "${word.slice(equals + 1)}"`);
      given[name] = "";
    } else if (equals >= 0) given[name] = word.slice(equals + 1);
    else {
      const value = words[i + 1];
      if (value === undefined || value.startsWith("--"))
        throw new UsageError(`--${name} needs a value`);
      given[name] = value;
      i++;
    }
  }
  if (def.operands === "" && operands.length > 0)
    throw new UsageError(`${def.name} takes no operands, got "${operands.join(" ")}"`);
  const parsed = def.flags.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `--${issue.path.join(".")}: ${issue.message}`);
    throw new UsageError(lines.join("\n"));
  }
  return { help: false, flags: parsed.data, operands };
}

/** True for a flag that is present or absent and takes no value. */
export function isSwitch(schema: z.ZodType): boolean {
  return schema.safeParse("").success && schema.safeParse(undefined).data === false;
}

function unknownFlag(def: CommandDef, name: string): UsageError {
  const allowed = Object.keys(def.flags.shape).map((flag) => `--${flag}`);
  return new UsageError(
    `unknown flag --${name} for ${def.name}; allowed: ${allowed.join(" ")} --help`,
  );
}

/** Help text made from the schema alone. */
export function helpText(def: CommandDef): string {
  const usage = `bun run ${def.name}${def.operands === "" ? "" : ` ${def.operands}`} [flags]`;
  const rows = Object.entries(def.flags.shape).map(([name, schema]) => {
    const label = isSwitch(schema) ? `--${name}` : `--${name} <value>`;
    return `  ${label.padEnd(26)} ${schema.description ?? ""}`;
  });
  return [def.summary, "", `  ${usage}`, "", ...rows, `  ${"--help".padEnd(26)} this text`].join(
    "\n",
  );
}
