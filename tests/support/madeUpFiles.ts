import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { candlesFromReturns, garchReturns } from "./syntheticCandles.ts";
import { formatCandleCsv } from "../../lib/marketdata/history/csvFile.ts";
import { rowAt } from "../../lib/vol/candles.ts";

const SAMPLE_TAPE = join(import.meta.dir, "../../data/samples/us500-simulated.tape");

/** Input files that the pages name, small and made up. */
const FILES: Readonly<Record<string, () => string | Uint8Array<ArrayBuffer>>> = {
  "book20.csv.gz": () =>
    gzipped([
      "timestamp,exchange_timestamp,bid_price_0,bid_size_0,ask_price_0,ask_size_0",
      ...seconds((s) => `${s + 0.04},${s * 1000},2000.1,1.5,2000.2,2.0`),
    ]),
  "bbo.csv.gz": () =>
    gzipped([
      "timestamp,price,size,side,exchange_timestamp",
      ...seconds(
        (s) => `${s + 0.34},2000.1,1.5,bid,${s * 1000 + 300}
${s + 0.34},2000.2,2.0,ask,${s * 1000 + 300}`,
      ),
    ]),
  "trades.csv.gz": () =>
    gzipped([
      "timestamp,price,size,side,trade_id,exchange_timestamp",
      ...seconds((s, i) => `${s + 0.64},2000.1,0.1,sell,${i + 1},${s * 1000 + 600}`),
    ]),
  "spy.csv": () => candles(3),
  "spy.csv.gz": () => Bun.gzipSync(candles(3)),
  "qqq.csv": () => candles(4),
  "faults.json": () =>
    JSON.stringify({ seed: 7, latency: { place: { kind: "fixed", ms: 20 } } }, null, 2),
};

/** Writes a file into a folder; a tape is a copy of the sample. */
export function writeMadeUp(folder: string, name: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const make = FILES[name];
  if (make !== undefined) writeFileSync(path, make());
  else if (name.endsWith(".tape")) copyFileSync(SAMPLE_TAPE, path);
  else throw new Error(`nobody makes "${name}"; allowed: *.tape ${Object.keys(FILES).join(" ")}`);
}

const T0_SECONDS = 1_765_401_000;

function seconds(row: (second: number, index: number) => string): string[] {
  return Array.from({ length: 30 }, (_, i) => row(T0_SECONDS + i, i));
}

function gzipped(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  return Bun.gzipSync(`${lines.join("\n")}\n`);
}

function candles(seed: number): string {
  const returns = garchReturns(2000, seed, { omega: 4e-9, alpha: 0.1, beta: 0.85 });
  const made = candlesFromReturns(returns);
  return formatCandleCsv(Array.from(made.openMs, (_, i) => rowAt(made, i)));
}
