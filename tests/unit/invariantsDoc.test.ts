import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const tests = join(import.meta.dir, "..");

function sources(): string {
  return readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(tests, name), "utf8"))
    .join("\n");
}

test("every test that the invariants name exists", () => {
  const page = readFileSync(join(tests, "../docs/INVARIANTS.md"), "utf8");
  const named = [...page.matchAll(/\| `([^`]+)` \|$/gm)].map((match) => match[1] ?? "");
  expect(named.length).toBeGreaterThan(20);
  const text = sources();
  expect(named.filter((name) => !text.includes(`"${name}"`))).toEqual([]);
});
