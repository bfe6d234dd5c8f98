import { gunzipSync } from "bun";
import { fairValue } from "../../lib/core/fairValue.ts";
import { addTrade, decayFlow, emptyFlow, flowImbalance } from "../../lib/core/flow.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";

/*
 * Fits the weights of the fair value to recorded books: least squares without a constant, so that mirroring the market
 * mirrors the value, of the mid's move over the next seconds on the three signals. The first seventy per cent of a
 * recording fit, the rest judges. Usage: bun tests/sim/fitFairValue.ts [--seconds 10] <prefix>…, where <prefix> stands
 * for <prefix>_book20.csv.gz and <prefix>_trades.csv.gz.
 */

type Row = { readonly atMs: number; readonly mid: number; readonly signals: readonly number[] };
type Level = {
  readonly pxTicks: ReturnType<typeof pxTicks>;
  readonly sizeLots: ReturnType<typeof sizeLots>;
};

const TRAIN_SHARE = 0.7;
const LOTS = 10_000;
const NONE = { fairTouchWeight: 0, fairDepthWeight: 0, fairFlowBps: 0, fairOracleWeight: 0 };

function readCsv(bytes: Uint8Array<ArrayBuffer>): Map<string, string>[] {
  const [head = "", ...lines] = new TextDecoder().decode(gunzipSync(bytes)).trim().split("\n");
  const names = head.split(",");
  return lines.map((line) => new Map(line.split(",").map((cell, i) => [names[i] ?? "", cell])));
}

function levelsOf(row: Map<string, string>, side: "bid" | "ask", scale: number): Level[] {
  const levels: Level[] = [];
  for (let i = 0; i < 5; i++) {
    const px = Math.round(Number(row.get(`${side}_price_${i}`)) * scale);
    const lots = Math.round(Number(row.get(`${side}_size_${i}`)) * LOTS);
    if (px > 0 && lots > 0) levels.push({ pxTicks: pxTicks(px), sizeLots: sizeLots(lots) });
  }
  return levels;
}

function signalsOf(
  books: readonly Map<string, string>[],
  trades: readonly Map<string, string>[],
): Row[] {
  const rows: Row[] = [];
  let flow = emptyFlow;
  let next = 0;
  for (const book of books) {
    const atMs = Number(book.get("exchange_timestamp"));
    for (; next < trades.length; next++) {
      const trade = trades[next];
      const tradeMs = Number(trade?.get("exchange_timestamp"));
      if (trade === undefined || tradeMs > atMs) break;
      flow = addTrade(flow, {
        tid: next,
        venueMs: ms(tradeMs),
        aggressor: trade.get("side") === "buy" ? "bid" : "ask",
        pxTicks: pxTicks(1),
        sizeLots: sizeLots(Math.max(1, Math.round(Number(trade.get("size")) * LOTS))),
      });
    }
    flow = decayFlow(flow, atMs);
    const view = { bids: levelsOf(book, "bid", 1_000), asks: levelsOf(book, "ask", 1_000) };
    const value = (weights: typeof NONE, imbalance: number): number | null => {
      const fair = fairValue(view, imbalance, null, weights);
      return fair.ok ? fair.fairTicks : null;
    };
    const mid = value(NONE, 0);
    const touch = value({ ...NONE, fairTouchWeight: 1 }, 0);
    const depth = value({ ...NONE, fairDepthWeight: 1 }, 0);
    if (mid === null || touch === null || depth === null) continue;
    const bps = (px: number): number => (1e4 * (px - mid)) / mid;
    rows.push({ atMs, mid, signals: [bps(touch), bps(depth), flowImbalance(flow)] });
  }
  return rows;
}

type Sample = { readonly x: readonly number[]; readonly y: number };

function samplesOf(rows: readonly Row[], horizonMs: number): Sample[] {
  const samples: Sample[] = [];
  let ahead = 0;
  for (const row of rows) {
    while ((rows[ahead]?.atMs ?? Infinity) < row.atMs + horizonMs) ahead++;
    const later = rows[ahead];
    if (later === undefined || later.atMs > row.atMs + 2 * horizonMs) continue;
    samples.push({ x: row.signals, y: (1e4 * (later.mid - row.mid)) / row.mid });
  }
  return samples;
}

/** Solves the normal equations of the chosen columns by elimination. */
function fit(samples: readonly Sample[], columns: readonly number[]): number[] {
  const n = columns.length;
  const a = columns.map((c) => [
    ...columns.map((d) => samples.reduce((sum, { x }) => sum + (x[c] ?? 0) * (x[d] ?? 0), 0)),
    samples.reduce((sum, { x, y }) => sum + (x[c] ?? 0) * y, 0),
  ]);
  for (let i = 0; i < n; i++) {
    const pivot = a[i];
    if (pivot === undefined) break;
    for (const [r, row] of a.entries()) {
      if (r === i) continue;
      const factor = (row[i] ?? 0) / (pivot[i] ?? 1);
      for (let c = i; c <= n; c++) row[c] = (row[c] ?? 0) - factor * (pivot[c] ?? 0);
    }
  }
  return a.map((row, i) => (row[n] ?? 0) / (row[i] ?? 1));
}

/** Share of the variance around zero that is explained. */
function explained(
  samples: readonly Sample[],
  columns: readonly number[],
  w: readonly number[],
): number {
  let [rest, all] = [0, 0];
  for (const { x, y } of samples) {
    const guess = columns.reduce((sum, column, i) => sum + (x[column] ?? 0) * (w[i] ?? 0), 0);
    rest += (y - guess) ** 2;
    all += y * y;
  }
  return 1 - rest / all;
}

const args = process.argv.slice(2);
const at = args.indexOf("--seconds");
const seconds = at < 0 ? 10 : Number(args.splice(at, 2)[1]);
const MODELS = {
  microprice: [0],
  depth: [1],
  flow: [2],
  "microprice and flow": [0, 2],
  all: [0, 1, 2],
};
for (const prefix of args) {
  const bytes = await Promise.all(
    ["book20", "trades"].map((kind) => Bun.file(`${prefix}_${kind}.csv.gz`).bytes()),
  );
  const hash = new Bun.CryptoHasher("sha256");
  for (const part of bytes) hash.update(part);
  const [books = [], trades = []] = bytes.map(readCsv);
  const samples = samplesOf(signalsOf(books, trades), seconds * 1_000);
  const cut = Math.floor(samples.length * TRAIN_SHARE);
  const [train, judge] = [samples.slice(0, cut), samples.slice(cut)];
  const models = Object.entries(MODELS).map(([name, columns]) => {
    const weights = fit(train, columns);
    const r2 = explained(judge, columns, weights).toFixed(4);
    return [name, { weights: weights.map((weight) => weight.toFixed(3)), r2 }] as const;
  });
  const unit = explained(judge, [0], [1]).toFixed(4);
  process.stdout.write(
    `${JSON.stringify({ data: prefix.split("/").at(-1), sha256: hash.digest("hex"), seconds, samples: samples.length, micropriceAsItIs: unit, models: Object.fromEntries(models) })}\n`,
  );
}
