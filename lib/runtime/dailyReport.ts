import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reportHtml } from "./report/html.ts";
import { reportOf } from "./report/report.ts";
import { readReportData } from "./report/reportData.ts";
import type { Audit } from "../messages/audit.ts";
import type { ReadModel } from "../store/readModel.ts";

const FOLDER = "reports";
const DAY_MS = 86_400_000;

/**
 * Follows the steps and, when the day's report is due, writes the page of the day that has ended to
 * `<data>/reports/<date>.html`. Views never disturb trading: what fails here is a warning.
 */
export function dailyReports(
  dataDir: string,
  read: ReadModel,
  tell: (text: string) => void,
): (audit: Audit) => void {
  return ({ event }) => {
    if (event.kind !== "timer" || event.timer !== "dailyReport") return;
    const data = readReportData(read, 1);
    if (data === null) {
      tell("no daily report: the account was not read yet");
      return;
    }
    const date = new Date(event.atMs - DAY_MS / 2).toISOString().slice(0, 10);
    const folder = join(dataDir, FOLDER);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${date}.html`);
    writeFileSync(path, reportHtml(reportOf(data), data));
    tell(`daily report: ${path}`);
  };
}
