import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** A command that a page tells its reader to type, or names. */
export type DocumentedCommand = {
  /** One line, without comment; `npx … bun@… run x` and `bun lib/cli/main.ts x` are told as `bun run x`. */
  readonly text: string;
  /** As the page has it. */
  readonly asWritten: string;
  readonly file: string;
  readonly line: number;
};

/** First words that make a text a command, with settings before them or without. */
const COMMAND =
  /^(?:[A-Z][A-Z0-9_]*=\S+ )*(?:bun|npx|npm|curl|git|cd|docker|ssh|systemctl|systemd-analyze|taskset) \S/;
const WITHOUT_BUN = /^npx -y --allow-scripts=bun bun@[\d.]+ run /;
const BY_ITS_FILE = /\bbun lib\/cli\/main\.ts /;

/**
 * Every command of the README and the chapters, in fenced blocks and in inline code, and of the service's unit, in the
 * order of the pages.
 */
export function documentedCommands(root: string): readonly DocumentedCommand[] {
  const files = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  const names = ["README.md", ...files.map((name) => join("docs", name)).toSorted()];
  return names.flatMap((file) => {
    const finder = FINDERS[extname(file)];
    if (finder === undefined) return [];
    return finder(readFileSync(join(root, file), "utf8")).map((found) => ({ ...found, file }));
  });
}

type Found = Omit<DocumentedCommand, "file">;

const FINDERS: Readonly<Record<string, (text: string) => readonly Found[]>> = {
  ".md": commandsOf,
  ".service": startsOf,
};

/** @param page Markdown */
export function commandsOf(page: string): readonly Found[] {
  const { blocks, prose } = parted(page);
  return [...blocks.flatMap(typed), ...named(prose)].toSorted((a, b) => a.line - b.line);
}

/** What a systemd unit starts. */
function startsOf(unit: string): readonly Found[] {
  return unit.split("\n").flatMap((text, i) => {
    const start = /^ExecStart=\/\S+\/(bun .*)$/.exec(text)?.[1];
    return start === undefined ? [] : foundIn(start, i + 1);
  });
}

type Line = { readonly text: string; readonly line: number };

/** Lines of fenced blocks, and the rest with those lines empty, so that line numbers stay. */
function parted(page: string): { blocks: readonly Line[][]; prose: string } {
  const blocks: Line[][] = [];
  let block: Line[] | null = null;
  const prose = page.split("\n").map((text, i) => {
    const fence = /^\s*(`{3,}|~{3,})/.test(text);
    if (fence && block === null) block = [];
    else if (fence && block !== null) {
      blocks.push(block);
      block = null;
    } else if (block === null) return text;
    else block.push({ text, line: i + 1 });
    return "";
  });
  return { blocks, prose: prose.join("\n") };
}

/** Commands of a block: a line each, or several that end in a backslash. */
function typed(block: readonly Line[]): Found[] {
  const whole: Line[] = [];
  let open: Line | null = null;
  for (const { text, line } of block) {
    const joined: Line = open === null ? { text, line } : { ...open, text: `${open.text} ${text}` };
    open = joined.text.endsWith("\\") ? { ...joined, text: joined.text.slice(0, -1) } : null;
    if (open === null) whole.push(joined);
  }
  return whole.flatMap(({ text, line }) => foundIn(text.replace(/\s#.*$/, ""), line));
}

/** Commands in inline code, which may go on in the next line of a paragraph. */
function named(prose: string): Found[] {
  return [...prose.matchAll(/`((?:[^`\n]|\n(?!\n))+)`/g)].flatMap((match) => {
    const line = prose.slice(0, match.index).split("\n").length;
    return foundIn((match[1] ?? "").replaceAll("\\|", "|"), line);
  });
}

function foundIn(text: string, line: number): Found[] {
  const asWritten = text.trim().replaceAll(/\s+/g, " ");
  if (!COMMAND.test(asWritten)) return [];
  const plain = asWritten.replace(WITHOUT_BUN, "bun run ").replace(BY_ITS_FILE, "bun run ");
  return [{ text: plain, asWritten, line }];
}
