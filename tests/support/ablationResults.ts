import { appendFileSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { paramsOf } from "./runFigures.ts";
import type { RunFigures, Setting } from "./runFigures.ts";
import type { Variant } from "./variants.ts";

/** A result as a line of the file. */
type Row = {
  readonly key: string;
  readonly name: string;
  readonly setting: Setting;
  readonly figures: RunFigures;
};

export type Results = {
  readonly find: (variant: Variant, setting: Setting) => RunFigures | null;
  readonly add: (name: string, variant: Variant, setting: Setting, figures: RunFigures) => void;
};

/** What decides the figures of a run: how it trades, the market, the exchange's rules, and what measures. */
const CODE = [
  "functions",
  "lib/core",
  "lib/messages",
  "lib/units",
  "lib/venue/feeds",
  "lib/venue/rules",
  "tests/support/quoteMeter.ts",
  "tests/support/runFigures.ts",
];

/**
 * Results of runs, by what they depend on: the code that decides, the settings of the variant, and the market. With a
 * path each is written down at once, and what was written before by the same code is known.
 */
export function openResults(path: string | null): Results {
  const code = codeHash();
  const known = new Map<string, RunFigures>();
  if (path !== null && existsSync(path))
    for (const line of readFileSync(path, "utf8").split("\n")) {
      const row = rowOf(line);
      if (row !== null) known.set(row.key, row.figures);
    }
  return {
    find: (variant, setting) => known.get(keyOf(code, variant, setting)) ?? null,
    add: (name, variant, setting, figures) => {
      const key = keyOf(code, variant, setting);
      known.set(key, figures);
      const row: Row = { key, name, setting, figures };
      if (path !== null) appendFileSync(path, `${JSON.stringify(row)}\n`);
    },
  };
}

/** Null for the last line of a run that was killed while it wrote. */
function rowOf(line: string): Row | null {
  if (line === "") return null;
  try {
    return JSON.parse(line) as Row;
  } catch {
    return null;
  }
}

function keyOf(code: string, variant: Variant, setting: Setting): string {
  // The same recording elsewhere is the same market.
  const market = setting.kind === "tape" ? { ...setting, path: "" } : setting;
  const twice = variant.cancelAndReplace === true;
  return sha256([code, JSON.stringify(paramsOf(variant)), String(twice), JSON.stringify(market)]);
}

function codeHash(): string {
  const root = join(import.meta.dir, "../..");
  const files = CODE.flatMap((path) =>
    path.endsWith(".ts")
      ? [path]
      : readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".ts"))
          .map((name) => `${path}/${name}`),
  ).toSorted();
  // Defaults are part of a variant's settings: a changed default only asks for the runs that it changes.
  const deciding = files.filter((file) => file !== "lib/core/params.ts");
  return sha256(deciding.flatMap((file) => [file, readFileSync(join(root, file), "utf8")]));
}

function sha256(parts: readonly string[]): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest("hex");
}
