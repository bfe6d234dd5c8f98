import { candlesOfTable } from "./candleTable.ts";
import type { CandleRow } from "../../vol/candles.ts";
import type { CandleFile, CandleTable, FileZone } from "./candleTable.ts";

/** Plain CSV without quotes, as candle files are. Header names in lower case. */
function parseCsv(text: string): CandleTable {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const header = (lines[0] ?? "").split(",").map((name) => name.trim().toLowerCase());
  return { header, rows: lines.slice(1).map((line) => line.split(",")) };
}

/** Candles from the text of a CSV. @throws HistoryFileError naming file, line and value. */
export function parseCandleCsv(path: string, text: string, zone: FileZone): CandleFile {
  return candlesOfTable(path, parseCsv(text), zone);
}

/** Bars as the CSV that `parseCandleCsv` reads: times in epoch milliseconds. */
export function formatCandleCsv(rows: readonly CandleRow[]): string {
  const lines = rows.map((row) => {
    const volume = Number.isFinite(row.volume) ? row.volume : "";
    return [row.openMs, row.open, row.high, row.low, row.close, volume].join(",");
  });
  return `timestamp_ms,open,high,low,close,volume\n${lines.join("\n")}\n`;
}
