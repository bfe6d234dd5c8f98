import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { candlesOfTable, HistoryFileError } from "./candleTable.ts";
import type { CandleFile, FileZone } from "./candleTable.ts";
import { parseCandleCsv } from "./csvFile.ts";
import { parquetTable } from "./parquetTable.ts";
import { messageOf } from "../../units/messageOf.ts";

/** Candles of a local file, cleaned: Parquet by its name, else CSV, unpacked where the name ends in .gz. @throws HistoryFileError */
export async function readCandleFile(path: string, zone: FileZone): Promise<CandleFile> {
  const bytes = await bytesOf(path, path.endsWith(".gz"));
  return path.endsWith(".parquet")
    ? candlesOfTable(path, await parquetTable(path, bytes), zone)
    : parseCandleCsv(path, bytes.toString("utf8"), zone);
}

async function bytesOf(path: string, packed: boolean): Promise<Buffer> {
  try {
    const bytes = await readFile(path);
    return packed ? gunzipSync(bytes) : bytes;
  } catch (cause) {
    const why = messageOf(cause);
    throw new HistoryFileError(`${path} cannot be read: ${why}`, { cause });
  }
}
