import { newYorkToUtcMs } from "../../vol/calendar/newYork.ts";
import { candlesFromRows, cleanRows, inferBarMs } from "../../vol/candles.ts";
import { detectSession } from "../../vol/bars.ts";
import type { CandleRow, Candles, CleaningReport } from "../../vol/candles.ts";

/** The file is not what it should be. The text names the file, the line and what is allowed. */
export class HistoryFileError extends Error {
  override readonly name = "HistoryFileError";
}

/** How times without a zone are read. `auto`: as New York's when only then they fall into regular US hours. */
export type FileZone = "auto" | "utc" | "new-york";

export type CandleFile = {
  readonly candles: Candles;
  readonly cleaning: CleaningReport;
  /** How the file's times were read. */
  readonly zone: "epoch" | "iso" | "utc" | "new-york";
};

const TIME_COLUMNS = [
  "ts",
  "timestamp",
  "timestamp_ms",
  "time",
  "datetime",
  "date",
  "dt",
  "open_time",
];

/** Cells as text, the way a CSV has them. */
export type CandleTable = {
  /** Column names in lower case. */
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

function columnOf(header: readonly string[], names: readonly string[]): number {
  return names.map((name) => header.indexOf(name)).find((index) => index >= 0) ?? -1;
}

type ParsedTime = { readonly ms: number; readonly kind: "epoch" | "iso" | "naive" };

/** Epoch seconds, milli-, micro- or nanoseconds by their size. */
function epochMs(value: number): number {
  if (value < 1e11) return value * 1000;
  if (value < 1e14) return value;
  return Math.round(value < 1e17 ? value / 1e3 : value / 1e6);
}

/** A time since the epoch, a time with a zone, or a wall clock without one (read as UTC here). */
function parseTime(text: string): ParsedTime {
  const trimmed = text.trim();
  if (/^\d{9,19}$/.test(trimmed)) return { ms: epochMs(Number(trimmed)), kind: "epoch" };
  const iso = trimmed.replace(" ", "T");
  if (/(?:Z|[+-]\d\d:?\d\d)$/.test(iso.slice(10))) return { ms: Date.parse(iso), kind: "iso" };
  return { ms: Date.parse(iso.length === 10 ? iso : `${iso}Z`), kind: "naive" };
}

type Columns = {
  readonly [K in "time" | "open" | "high" | "low" | "close" | "volume" | "variance"]: number;
};

function columnsOf(path: string, header: readonly string[]): Columns {
  const columns = {
    time: columnOf(header, TIME_COLUMNS),
    open: columnOf(header, ["open", "o", "open_price"]),
    high: columnOf(header, ["high", "h"]),
    low: columnOf(header, ["low", "l"]),
    close: columnOf(header, ["close", "c", "close_price"]),
    volume: columnOf(header, ["volume", "v"]),
    variance: columnOf(header, ["rv5", "rv"]),
  };
  const needed =
    columns.variance >= 0
      ? (["time", "close"] as const)
      : (["time", "open", "high", "low", "close"] as const);
  const missing = needed.filter((name) => columns[name] < 0);
  if (missing.length > 0)
    throw new HistoryFileError(
      `${path}: line 1 has no column for ${missing.join(", ")}; found "${header.join(",")}"; ` +
        `allowed for the time: ${TIME_COLUMNS.join(", ")}`,
    );
  return columns;
}

function inNewYork(rows: readonly CandleRow[]): readonly CandleRow[] {
  return rows.map((row) => ({ ...row, openMs: newYorkToUtcMs(row.openMs) }));
}

function build(rows: readonly CandleRow[]): { candles: Candles; cleaning: CleaningReport } {
  const { rows: clean, report } = cleanRows(rows);
  return { candles: candlesFromRows(clean, inferBarMs(clean)), cleaning: report };
}

/** A file of daily realised variances needs no more prices than the close. */
function rowOf(
  openMs: number,
  number: (name: keyof Columns) => number,
  withVariance: boolean,
): CandleRow {
  const close = number("close");
  const volume = number("volume");
  if (!withVariance) {
    const [open, high, low] = [number("open"), number("high"), number("low")];
    return { openMs, open, high, low, close, volume };
  }
  const variance = number("variance");
  const usable = variance > 0 ? close : Number.NaN;
  return { openMs, open: usable, high: usable, low: usable, close: usable, volume, variance };
}

/** Candles from a table, cleaned. @throws HistoryFileError naming file, line and value; the header is line 1. */
export function candlesOfTable(path: string, table: CandleTable, zone: FileZone): CandleFile {
  const columns = columnsOf(path, table.header);
  const kinds = new Set<ParsedTime["kind"]>();
  const rows = table.rows.map((cells, i): CandleRow => {
    const number = (name: keyof Columns): number => {
      const cell = cells[columns[name]]?.trim() ?? "";
      return cell === "" ? Number.NaN : Number(cell);
    };
    const time = parseTime(cells[columns.time] ?? "");
    if (!Number.isFinite(time.ms))
      throw new HistoryFileError(
        `${path}: line ${i + 2}: "${cells[columns.time] ?? ""}" is no time; allowed: seconds, milli-, micro- or nanoseconds since 1970, or 2026-01-15 10:00:00`,
      );
    kinds.add(time.kind);
    return rowOf(time.ms, number, columns.variance >= 0);
  });
  const asUtc = build(rows);
  if (asUtc.candles.openMs.length < 2 || asUtc.candles.barMs <= 0)
    throw new HistoryFileError(
      `${path}: ${asUtc.candles.openMs.length} usable rows of ${rows.length}; at least 2 are needed`,
    );
  if (!kinds.has("naive")) return { ...asUtc, zone: kinds.has("iso") ? "iso" : "epoch" };
  if (zone === "utc") return { ...asUtc, zone };
  const asNewYork = build(inNewYork(rows));
  const only =
    detectSession(asNewYork.candles) === "us-equity" &&
    detectSession(asUtc.candles) !== "us-equity";
  return zone === "new-york" || only
    ? { ...asNewYork, zone: "new-york" }
    : { ...asUtc, zone: "utc" };
}
