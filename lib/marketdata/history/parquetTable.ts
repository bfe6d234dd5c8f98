import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { parquetMetadata, parquetRead, parquetSchema } from "hyparquet";
import type { AsyncBuffer, Compressors, SchemaElement } from "hyparquet";
import { HistoryFileError } from "./candleTable.ts";
import type { CandleTable } from "./candleTable.ts";
import { messageOf } from "../../units/messageOf.ts";

/** Snappy and none are the library's own; LZ4 is left out. */
const COMPRESSORS: Compressors = {
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  ZSTD: (input) => Bun.zstdDecompressSync(input),
};

/** The text that a CSV would hold: a time that is not of UTC has no zone. */
function cellOf(value: unknown, hasZone: boolean): string {
  if (typeof value === "number" || typeof value === "bigint") return value.toString();
  if (typeof value === "string") return value;
  if (!(value instanceof Date)) return "";
  const text = Number.isNaN(value.getTime()) ? "no time" : value.toISOString();
  return hasZone ? text : text.slice(0, -1);
}

function isWallClock({ logical_type: type }: SchemaElement): boolean {
  return type?.type === "TIMESTAMP" && !type.isAdjustedToUTC;
}

/** The rows of a Parquet file. Columns inside of others are left out. @throws HistoryFileError naming file and cause */
export async function parquetTable(path: string, bytes: Uint8Array): Promise<CandleTable> {
  const { buffer, byteOffset, byteLength } = bytes;
  const whole = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  const file: AsyncBuffer = {
    byteLength,
    slice: (from, to) => whole.slice(from, to),
  };
  try {
    const metadata = parquetMetadata(whole);
    const columns = parquetSchema(metadata)
      .children.filter(({ children }) => children.length === 0)
      .map(({ element }) => element);
    let rows: readonly (readonly unknown[])[] = [];
    await parquetRead({
      file,
      metadata,
      compressors: COMPRESSORS,
      columns: columns.map(({ name }) => name),
      onComplete: (read) => (rows = read as unknown[][]),
    });
    return {
      header: columns.map(({ name }) => name.trim().toLowerCase()),
      rows: rows.map((row) => columns.map((column, j) => cellOf(row[j], !isWallClock(column)))),
    };
  } catch (cause) {
    const why = messageOf(cause);
    throw new HistoryFileError(`${path} cannot be read as Parquet: ${why}`, { cause });
  }
}
