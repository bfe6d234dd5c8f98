import type { Finding } from "../runtime/doctor/finding.ts";
import { counted } from "../units/counted.ts";

const MARKS = { ok: "ok      ", warning: "WARNING ", problem: "PROBLEM ", skipped: "skipped " };

/** What the doctor found, line by line, and whether it is fit to trade. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, status, found, todo }) => [
    `${MARKS[status]} ${name.padEnd(width)}  ${found}`,
    ...(todo === null ? [] : [`${" ".repeat(width + 11)}→ ${todo}`]),
  ]);
  const count = (status: Finding["status"]): number =>
    findings.filter((finding) => finding.status === status).length;
  const problems = count("problem");
  const end =
    problems === 0
      ? `ready${count("warning") === 0 ? "" : `, with ${counted(count("warning"), "warning")}`}`
      : `${counted(problems, "problem")}: do not trade before it is solved`;
  return `${lines.join("\n")}\n\n${end}`;
}
