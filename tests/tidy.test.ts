import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

const root = normalize(join(import.meta.dir, ".."));

/**
 * Who may import whom, most specific folder first. A folder may always import itself.
 * Bare package names are listed too: a pure folder imports none.
 */
const layers: readonly { folder: string; may: readonly string[]; packages: "none" | "any" }[] = [
  { folder: "lib/units", may: [], packages: "none" },
  { folder: "lib/messages", may: ["lib/units"], packages: "none" },
  { folder: "lib/core", may: ["lib/units", "lib/messages"], packages: "none" },
  { folder: "functions", may: ["lib/units", "lib/messages", "lib/core"], packages: "none" },
  { folder: "lib/vol", may: ["lib/units", "lib/messages", "lib/core"], packages: "any" },
  {
    folder: "lib/venue/rules",
    may: ["lib/units", "lib/messages", "lib/core"],
    packages: "none",
  },
  {
    folder: "lib/venue/feeds",
    may: ["lib/units", "lib/messages", "lib/core", "lib/venue/rules", "lib/marketdata/tape"],
    packages: "none",
  },
  {
    folder: "lib/venue/server",
    may: [
      "lib/units",
      "lib/messages",
      "lib/core",
      "lib/venue/rules",
      "lib/venue/feeds",
      "lib/marketdata/tape",
      "lib/marketdata/live",
      "lib/hyperliquid/signing",
    ],
    packages: "any",
  },
  {
    folder: "lib/hyperliquid",
    may: ["lib/units", "lib/messages", "lib/core"],
    packages: "any",
  },
  {
    folder: "lib/marketdata",
    may: ["lib/units", "lib/messages", "lib/core", "lib/vol", "lib/hyperliquid"],
    packages: "any",
  },
  { folder: "lib/store", may: ["lib/units", "lib/messages", "lib/core"], packages: "any" },
  { folder: "lib/dashboard", may: ["lib/units", "lib/messages", "lib/core"], packages: "any" },
  {
    folder: "lib/runtime",
    may: [
      "lib/units",
      "lib/messages",
      "lib/core",
      "lib/vol",
      "lib/hyperliquid",
      "lib/marketdata",
      "lib/store",
      "lib/venue",
      "lib/dashboard",
      "functions",
    ],
    packages: "any",
  },
  { folder: "lib/cli", may: ["lib", "functions"], packages: "any" },
  {
    folder: "workers",
    may: [
      "lib/units",
      "lib/messages",
      "lib/core",
      "lib/vol",
      "lib/hyperliquid",
      "lib/venue",
      "lib/marketdata",
    ],
    packages: "any",
  },
  { folder: "tests", may: ["lib", "functions", "workers"], packages: "any" },
];

/** Folders that decide: what they need from outside is an argument. */
const pure = [
  "lib/units",
  "lib/messages",
  "lib/core",
  "functions",
  "lib/venue/rules",
  "lib/venue/feeds",
];

const banned: readonly [RegExp, string][] = [
  [/\bDate\b/, "time is an input"],
  [/\bperformance\b/, "time is an input"],
  [/\bMath\.random\b/, "randomness is an input"],
  [/\bcrypto\b/, "randomness is an input"],
  [/\bfetch\s*\(/, "effects live at the edge"],
  [/\bprocess\./, "effects live at the edge"],
  [/\bBun\./, "effects live at the edge"],
  [/\bset(?:Timeout|Interval|Immediate)\b/, "a due timer is an event"],
  [/\basync\b|\bawait\b|\bPromise\b/, "handlers and rules are synchronous"],
  [/\bconsole\./, "a handler returns, it never prints"],
];

/** Everywhere: leftovers that must not be committed. */
const leftovers: readonly [RegExp, string][] = [
  [/\b(?:TODO|FIXME|XXX)\b/, "finish it or write it down as an issue"],
  [/\/work\/|\/home\/|\/root\//, "no machine paths"],
];

function filesUnder(folder: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();
}

const files = ["functions", "lib", "workers", "tests"].flatMap(filesUnder);
/** This file quotes what it looks for. */
const others = files.filter((file) => file !== "tests/tidy.test.ts");

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

function withoutStrings(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"/g, '""').replace(/`(?:[^`\\$]|\\.)*`/g, "``");
}

function importsOf(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g))
    if (match[1] !== undefined) found.push(match[1]);
  return found;
}

function layerOf(path: string): (typeof layers)[number] | undefined {
  return layers
    .filter((layer) => path.startsWith(`${layer.folder}/`))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0];
}

function importProblems(file: string): string[] {
  const layer = layerOf(file);
  if (layer === undefined) return [`${file}: belongs to no layer of the table`];
  const problems: string[] = [];
  for (const name of importsOf(withoutComments(readFileSync(join(root, file), "utf8")))) {
    if (!name.startsWith(".")) {
      if (layer.packages === "none") problems.push(`${file}: a pure folder imports "${name}"`);
      continue;
    }
    const target = normalize(join(dirname(file), name));
    if (target === "package.json") continue;
    const allowed = [layer.folder, ...layer.may];
    if (!allowed.some((folder) => target.startsWith(`${folder}/`)))
      problems.push(`${file}: ${layer.folder} may not import ${target}`);
  }
  return problems;
}

function matches(file: string, rules: readonly [RegExp, string][], strings: boolean): string[] {
  const code = withoutComments(readFileSync(join(root, file), "utf8"));
  const text = strings ? code : withoutStrings(code);
  return rules
    .filter(([pattern]) => pattern.test(text))
    .map(([pattern, why]) => `${file}: ${pattern.source} (${why})`);
}

describe("the house", () => {
  test("every folder imports only what the table allows", () => {
    expect(others.flatMap(importProblems)).toEqual([]);
  });

  test("pure folders ask for no time, randomness or effects", () => {
    const inPure = files.filter((file) => pure.some((folder) => file.startsWith(`${folder}/`)));
    expect(inPure.flatMap((file) => matches(file, banned, false))).toEqual([]);
  });

  test("nothing is left over", () => {
    expect(others.flatMap((file) => matches(file, leftovers, true))).toEqual([]);
  });

  test("the checks themselves find what they look for", () => {
    expect(withoutStrings(withoutComments('const a = "Date"; // Date\n/* Date */'))).not.toMatch(
      /Date/,
    );
    expect(importsOf('import type { A } from "../a.ts";\nexport * from "b";')).toEqual([
      "../a.ts",
      "b",
    ]);
    expect(layerOf("lib/venue/rules/book.ts")?.folder).toBe("lib/venue/rules");
  });

  test("the top level holds what it should", () => {
    for (const name of [
      "package.json",
      "bunfig.toml",
      "tsconfig.json",
      "functions",
      "lib",
      "workers",
      "data",
      "docs",
      "tests",
      "README.md",
      "LICENSE",
      "bun.lock",
    ])
      expect({ name, exists: existsSync(join(root, name)) }).toEqual({ name, exists: true });
  });
});
