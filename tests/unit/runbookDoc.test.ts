import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ALERT_KINDS } from "../../lib/runtime/alerts/alert.ts";

const docs = join(import.meta.dir, "../../docs");
const page = (name: string): string => readFileSync(join(docs, name), "utf8");

/** First cells of the table under a heading. */
function firstCells(text: string, heading: string): string {
  const part = text.split(`\n## ${heading}`)[1]?.split("\n## ")[0] ?? "";
  return part
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|")[1] ?? "")
    .join("\n");
}

test("the runbook says what to do for every alert", () => {
  const cells = firstCells(page("RUNBOOK.md"), "An alert came");
  expect(ALERT_KINDS.filter((kind) => !cells.includes(`\`${kind}\``))).toEqual([]);
});

test("the runbook says what to do for every trigger that the risk chapter lists", () => {
  const triggers = firstCells(page("RISK.md"), "Triggers")
    .split("\n")
    .map((cell) => cell.trim())
    .filter((cell) => cell !== "trigger" && !cell.startsWith("---"));
  expect(triggers.length).toBeGreaterThan(10);
  const cells = firstCells(page("RUNBOOK.md"), "It halted, or does not quote");
  expect(triggers.filter((trigger) => !cells.includes(trigger))).toEqual([]);
});
