import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const LABELS = ["measured", "documented", "assumed", "local"];

/** Rows of the rule tables: rule, label, source, test. */
function rows(): readonly (readonly string[])[] {
  const text = readFileSync(join(ROOT, "docs/VENUE-RULES.md"), "utf8");
  return text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .slice(1, -1)
        .split(" | ")
        .map((cell) => cell.replaceAll("|", "").trim()),
    )
    .filter((cells) => cells.length === 4 && cells[0] !== "rule" && !/^-+$/.test(cells[0] ?? ""));
}

test("every rule has a label, and the test that it names exists", () => {
  const table = rows();
  expect(table.length).toBeGreaterThan(80);
  const missing = table.flatMap(([rule, label, , named]) => {
    const [file = "", name = ""] = (named ?? "").split(/: (.*)/);
    const path = join(ROOT, "tests", file);
    const found = existsSync(path) && readFileSync(path, "utf8").includes(name) && name !== "";
    return found && LABELS.includes(label ?? "") ? [] : [{ rule, label, named }];
  });
  expect(missing).toEqual([]);
});
