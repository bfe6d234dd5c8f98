import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { csvFiles } from "../runtime/report/csv.ts";
import { reportHtml } from "../runtime/report/html.ts";
import { reportOf } from "../runtime/report/report.ts";
import type { Report } from "../runtime/report/report.ts";
import { readReportData } from "../runtime/report/reportData.ts";
import type { ReportData } from "../runtime/report/reportData.ts";
import { CommandFailure, defineCommand, numberBetween, oneOf, Switch } from "./command.ts";
import { reportText } from "./reportText.ts";
import { withReader } from "./stored.ts";

const flags = z.object({
  data: z.string().min(1).default("data/paper").describe("data folder of the bot (data/paper)"),
  days: numberBetween(0.001, 3660)
    .default(7)
    .describe("how many days, back from the newest reading (7)"),
  metrics: oneOf("all").default("all").describe("which figures: all"),
  html: z.string().min(1).optional().describe("also write a page with plots to this file"),
  csv: z.string().min(1).optional().describe("also write the rows behind it to this folder"),
  json: Switch.describe("one JSON object on standard output"),
});

/** How a run did: from the database alone, while a bot runs or afterwards. */
export const reportCommand = defineCommand({
  name: "report",
  summary: "How it did: trades, profit that closes against the account, risk, markouts, gates.",
  operands: "",
  flags,
  run: async (given, _operands, io) => {
    const { data, report } = read(given.data, given.days);
    const written: string[] = [];
    if (given.html !== undefined) {
      write(given.html, reportHtml(report, data));
      written.push(given.html);
    }
    if (given.csv !== undefined) written.push(...writeCsv(given.csv, csvFiles(report, data)));
    for (const file of written) io.err(`written: ${file}`);
    io.out(given.json ? JSON.stringify(report) : reportText(report));
    return 0;
  },
});

function read(dataDir: string, days: number): { data: ReportData; report: Report } {
  return withReader(dataDir, (reader) => {
    const data = readReportData(reader, days);
    if (data === null)
      throw new CommandFailure(
        `the database in "${dataDir}" holds no reading of an account yet: there is nothing to report`,
      );
    return { data, report: reportOf(data) };
  });
}

function writeCsv(folder: string, files: Readonly<Record<string, string>>): readonly string[] {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new CommandFailure(`--csv: "${folder}" cannot be made: ${String(cause)}`, { cause });
  }
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    write(path, text);
    return path;
  });
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new CommandFailure(`"${path}" cannot be written: ${String(cause)}`, { cause });
  }
}
