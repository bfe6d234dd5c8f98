import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { COMMANDS } from "../../lib/cli/commands.ts";

/* What a page points at has to be there: links, headings, files, settings, flags. */

const root = join(import.meta.dir, "../..");
const chapters = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
const names = ["README.md", "CHANGELOG.md", ...chapters.map((name) => join("docs", name))];
const pages = names
  .filter((name) => name.endsWith(".md"))
  .map((name) => ({ name, text: readFileSync(join(root, name), "utf8") }));

/** Capitals that are no settings: of tests, and of other programs. */
const OTHERS = /^(FAST_CHECK_SEED|FC_RUNS|AMM500_\w+|CHROMIUM_PATH|PERPETUAL_\w+)$/;

/** Of the programs for those who work on it, of Bun, and the one that every command has. */
const OTHER_FLAGS = new Set(["only", "resume", "rounds", "frozen-lockfile", "help"]);

/** As Markdown viewers make the anchor of a heading. */
function anchorOf(heading: string): string {
  const plain = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "");
  return plain.trim().replaceAll(" ", "-");
}

function anchorsIn(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ""));
}

test("every link leads to a file, and to a heading of it", () => {
  const broken = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => {
      const link = match[1] ?? "";
      if (/^[a-z]+:/.test(link)) return [];
      const [path = "", anchor] = link.split("#");
      const file = path === "" ? join(root, name) : join(root, dirname(name), path);
      const there =
        existsSync(file) &&
        (anchor === undefined || anchorsIn(readFileSync(file, "utf8")).includes(anchor));
      return there ? [] : [`${name}: ${link}`];
    }),
  );
  expect(broken).toEqual([]);
});

test("every file of the program that a page names is there", () => {
  const missing = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/`((?:lib|tests|functions|workers|docs)\/[\w./-]+)`/g)].flatMap((match) =>
      existsSync(join(root, match[1] ?? "")) ? [] : [`${name}: ${match[1]}`],
    ),
  );
  expect(missing).toEqual([]);
});

test("every setting that a page names exists", () => {
  const settings = pages.find(({ name }) => name.endsWith("SETTINGS.md"))?.text ?? "";
  const unknown = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b/g)].flatMap((match) => {
      const word = match[1] ?? "";
      return OTHERS.test(word) || settings.includes(`\`${word}\``) ? [] : [`${name}: ${word}`];
    }),
  );
  expect(unknown).toEqual([]);
});

test("every flag that a page names is one of a command", async () => {
  const defs = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const known = new Set(defs.flatMap(({ flags }) => Object.keys(flags.shape)));
  const unknown = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/`--([a-z][a-z-]*)/g)].flatMap((match) => {
      const flag = match[1] ?? "";
      return known.has(flag) || OTHER_FLAGS.has(flag) ? [] : [`${name}: --${flag}`];
    }),
  );
  expect(unknown).toEqual([]);
});
