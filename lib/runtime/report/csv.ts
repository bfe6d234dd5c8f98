import type { ReportData } from "./reportData.ts";
import type { Report } from "./report.ts";

type Cell = string | number | boolean | null | undefined;

/** Files of a report as name and text: the rows behind the numbers, in integers with the unit in the column's name. */
export function csvFiles(report: Report, data: ReportData): Readonly<Record<string, string>> {
  return {
    "days.csv": csv(
      ["fromMs", "toMs", "complete", "trades", "makerTrades", "netMicroUsd", "return", "drawdown"],
      report.days.map((day) => [
        day.fromMs,
        day.toMs,
        day.complete,
        day.trades,
        day.makerTrades,
        day.pnl?.net,
        day.returned,
        day.drawdown,
      ]),
    ),
    "fills.csv": tableCsv(data.fills),
    "equity.csv": tableCsv(data.readings),
    "funding.csv": tableCsv(data.fundings),
    "markouts.csv": markoutsCsv(report),
    "markouts-by-cause.csv": tableCsv(report.exactMarkouts),
    "placements.csv": tableCsv(report.placements),
    "modes.csv": csv(
      ["atMs", "mode", "reason"],
      data.modeChanges.map(({ atMs, reason, detail }) => [atMs, reason, detail]),
    ),
    "gates.csv": tableCsv(report.gates),
  };
}

function markoutsCsv({ markouts }: Report): string {
  const lines = markouts.flatMap((row) =>
    [row.atFillBps, ...row.afterBps].map((interval, i) => [
      row.side,
      row.placement,
      i === 0 ? "atFill" : String(i),
      interval?.count,
      interval?.mean,
      interval?.low,
      interval?.high,
    ]),
  );
  return csv(["side", "placement", "horizon", "fills", "meanBps", "lowBps", "highBps"], lines);
}

function tableCsv(rows: readonly object[]): string {
  const [first] = rows;
  if (first === undefined) return "";
  const head = Object.keys(first);
  return csv(
    head,
    rows.map((row) => head.map((name) => (row as Record<string, Cell>)[name])),
  );
}

function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}

function cell(value: Cell): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
