import { readFileSync } from "node:fs";
import { parsePx, parseSize, pxDecimalsOf } from "../../units/decimal.ts";
import type { PxTicks, SizeLots } from "../../units/numbers.ts";
import { messageOf } from "../../units/messageOf.ts";

/** A file that is not what an import needs. The text names file, line, column, value and what is allowed. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}

export type CsvRow = { readonly line: number; readonly cells: readonly string[] };

const NEWLINE = 10;
const EARLIEST_MS = 946_684_800_000;
const LATEST_MS = 4_102_444_800_000;

/** A CSV file, gzipped or plain, held as bytes and read row by row. Fields are numbers and words: quotes are refused. */
export class CsvTable {
  readonly path: string;
  readonly columns: readonly string[];
  readonly #bytes: Uint8Array;
  readonly #places = new Map<string, number>();

  /** @throws ImportError when the file cannot be read or has no header. */
  constructor(path: string) {
    this.path = path;
    this.#bytes = readBytes(path);
    const header = this.#lines().next();
    if (header.done === true) throw new ImportError(`${path}: the file is empty`);
    this.columns = header.value.cells;
    for (const [place, name] of this.columns.entries()) {
      if (this.#places.has(name)) throw new ImportError(`${path}: column "${name}" is there twice`);
      this.#places.set(name, place);
    }
  }

  /** Rows below the header; each has a cell for every column. */
  *rows(): Generator<CsvRow> {
    const lines = this.#lines();
    lines.next();
    for (const row of lines) {
      if (row.cells.length !== this.columns.length)
        throw new ImportError(
          `${this.path}, line ${row.line}: ${row.cells.length} cells, the header has ${this.columns.length}`,
        );
      yield row;
    }
  }

  cell(row: CsvRow, column: string): string {
    const place = this.#places.get(column);
    if (place === undefined) throw new ImportError(`${this.path}: column "${column}" is missing`);
    return row.cells[place] ?? "";
  }

  /** Milliseconds since the Unix epoch. */
  timeMs(row: CsvRow, column: string): number {
    const text = this.cell(row, column);
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= EARLIEST_MS && value <= LATEST_MS) return value;
    throw this.refused(row, column, "whole milliseconds since the Unix epoch, years 2000 to 2100");
  }

  /** Seconds since the Unix epoch with a fraction, as milliseconds. */
  secondsAsMs(row: CsvRow, column: string): number {
    const text = this.cell(row, column);
    const value = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : Number.NaN;
    if (value >= EARLIEST_MS && value <= LATEST_MS) return value;
    throw this.refused(row, column, "seconds since the Unix epoch, years 2000 to 2100");
  }

  px(row: CsvRow, column: string, szDecimals: number): PxTicks {
    const px = parsePx(plainDecimal(this.cell(row, column)), szDecimals);
    if (px !== null) return px;
    const decimals = pxDecimalsOf(szDecimals);
    throw this.refused(row, column, `a positive price with at most ${decimals} decimals`);
  }

  lots(row: CsvRow, column: string, szDecimals: number): SizeLots {
    const lots = parseSize(plainDecimal(this.cell(row, column)), szDecimals);
    if (lots !== null && lots > 0) return lots;
    throw this.refused(row, column, `a positive size with at most ${szDecimals} decimals`);
  }

  refused(row: CsvRow, column: string, allowed: string): ImportError {
    const value = this.cell(row, column);
    return new ImportError(
      `${this.path}, line ${row.line}, column "${column}": "${value}" is not allowed; ${allowed}`,
    );
  }

  *#lines(): Generator<CsvRow> {
    const decoder = new TextDecoder();
    let line = 0;
    for (let from = 0; from < this.#bytes.length;) {
      const found = this.#bytes.indexOf(NEWLINE, from);
      const end = found < 0 ? this.#bytes.length : found;
      const text = decoder.decode(this.#bytes.subarray(from, end)).trim();
      line++;
      from = end + 1;
      if (text.includes('"'))
        throw new ImportError(`${this.path}, line ${line}: quotes are not read`);
      if (text !== "") yield { line, cells: text.split(",") };
    }
  }
}

function readBytes(path: string): Uint8Array {
  try {
    const bytes = readFileSync(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return isGzip ? Bun.gunzipSync(bytes) : bytes;
  } catch (cause) {
    const reason = messageOf(cause);
    throw new ImportError(`${path}: cannot be read: ${reason}`, { cause });
  }
}

const EXPONENT = /^(\d+)(?:\.(\d*))?[eE]([+-]?\d{1,2})$/;

/** "1e-05" as "0.00001" and "3331.0" as "3331": what collectors write, by string arithmetic. Other text stays as it is. */
export function plainDecimal(text: string): string {
  const match = EXPONENT.exec(text);
  const plain = match === null ? text : shifted(match[1] ?? "", match[2] ?? "", Number(match[3]));
  return plain.includes(".") ? plain.replace(/\.?0+$/, "") : plain;
}

function shifted(whole: string, fraction: string, exponent: number): string {
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return digits + "0".repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Decimals that a number needs; 0 for a whole one. */
export function decimalsOf(text: string): number {
  const plain = plainDecimal(text);
  const dot = plain.indexOf(".");
  return dot < 0 ? 0 : plain.length - dot - 1;
}
