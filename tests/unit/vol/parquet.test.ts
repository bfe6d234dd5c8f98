import { describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { readCandleFile } from "../../../lib/marketdata/history/candleFile.ts";
import { formatCandleCsv } from "../../../lib/marketdata/history/csvFile.ts";
import { parquetTable } from "../../../lib/marketdata/history/parquetTable.ts";
import { rowAt } from "../../../lib/vol/candles.ts";
import { sharedPath } from "../../support/sharedSeries.ts";
import { candlesFromReturns, garchReturns } from "../../support/syntheticCandles.ts";
import type { CompressionCodec } from "hyparquet";

const made = candlesFromReturns(garchReturns(300, 3, { omega: 4e-9, alpha: 0.1, beta: 0.85 }));
const ROWS = Array.from(made.openMs, (_, i) => rowAt(made, i));
const number = (name: "open" | "high" | "low" | "close" | "volume") => ({
  name,
  data: ROWS.map((row) => row[name]),
  type: "DOUBLE" as const,
});
const PRICES = [number("open"), number("high"), number("low"), number("close"), number("volume")];
const ns = { name: "ts", data: ROWS.map(({ openMs }) => BigInt(openMs) * 1_000_000n) };

function parquet(time: object, codec: CompressionCodec = "SNAPPY"): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [{ name: "ts", data: [], ...time }, ...PRICES],
      codec,
      compressors: {
        GZIP: (input) => gzipSync(input),
        BROTLI: (input) => brotliCompressSync(input),
        ZSTD: (input) => Bun.zstdCompressSync(input),
      },
    }),
  );
}

describe("candles in Parquet", () => {
  async function read(bytes: Uint8Array | string, name: string) {
    const folder = await mkdtemp(join(tmpdir(), "amm500-parquet-"));
    try {
      await writeFile(join(folder, name), bytes);
      return await readCandleFile(join(folder, name), "auto");
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test.each(["UNCOMPRESSED", "SNAPPY", "GZIP", "BROTLI", "ZSTD"] as const)(
    "%s: the same candles as the same rows in CSV",
    async (codec) => {
      const fromCsv = await read(formatCandleCsv(ROWS), "c.csv");
      expect(await read(parquet(ns, codec), "c.parquet")).toEqual(fromCsv);
      expect(fromCsv.candles.close).toEqual(made.close);
    },
  );

  test("times: epoch in any unit, time stamps of UTC, text", async () => {
    const times: readonly (readonly [object, string])[] = [
      [{ data: ROWS.map(({ openMs }) => BigInt(openMs)) }, "epoch"],
      [{ data: ROWS.map(({ openMs }) => BigInt(openMs) * 1000n) }, "epoch"],
      [{ data: ROWS.map(({ openMs }) => BigInt(openMs / 1000)) }, "epoch"],
      [{ data: ROWS.map(({ openMs }) => new Date(openMs)), type: "TIMESTAMP" }, "iso"],
      [{ data: ROWS.map(({ openMs }) => new Date(openMs).toISOString()) }, "iso"],
    ];
    for (const [time, zone] of times) {
      const file = await read(parquet(time), "c.parquet");
      expect(file.zone as string).toBe(zone);
      expect(file.candles.openMs).toEqual(made.openMs);
    }
  });

  test("what is wrong is named", async () => {
    expect(read("no parquet at all", "bad.parquet")).rejects.toThrow(
      /bad\.parquet cannot be read as Parquet: /,
    );
    const whole = parquet(ns);
    const torn = whole.slice(0, whole.length - 30);
    expect(read(torn, "torn.parquet")).rejects.toThrow(/torn\.parquet cannot be read as Parquet: /);
    const few = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "ts", data: [1, 2] }] }));
    expect(read(few, "few.parquet")).rejects.toThrow(/no column for open, high, low, close/);
    await read(torn, "torn.parquet").catch(() => null);
  });

  test("a real file packed with ZSTD", async () => {
    const path = sharedPath("b_cex_perp_feeds/standx_BTCUSD_2026-01-05_trades.parquet");
    if (path === null) return;
    const { header, rows } = await parquetTable(path, await readFile(path));
    expect(header.slice(0, 4)).toEqual(["ts_exch_ns", "ts_recv_ns", "price", "qty"]);
    expect(rows).toHaveLength(2802);
    expect(rows.every((row) => /^\d{19}$/.test(row[0] ?? "") && Number(row[2]) > 50_000)).toBe(
      true,
    );
  });
});
