import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "bun";
import type { SweepSource } from "./sweepStudy.ts";

/** Where the recordings are that this project was calibrated to; they are not part of the repository. */
export const DATA =
  process.env["AMM500_SHARED_DATA"] ?? join(import.meta.dir, "../../../shared/data");

/** A quote older than this is not known to hold, ms: recordings have gaps. */
const STALE_MS = 20_000;

export const RECORDED = [
  "ETH_20251210",
  "ETH_20250903",
  "BTC_20250903",
  "SOL_20250903",
  "WLFI_20250903",
] as const;

export type Recording = SweepSource & {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly volBpsPerSqrtMin: number;
};

/** Quotes and prints of a real Hyperliquid market, or null where the recordings are absent. */
export function readRecording(name: string): Recording | null {
  const folder = join(DATA, "a_hyperliquid_book_trades");
  if (!existsSync(join(folder, `HL_${name}_bbo.csv.gz`))) return null;
  const quotes = readQuotes(join(folder, `HL_${name}_bbo.csv.gz`));
  const prints = readPrints(join(folder, `HL_${name}_trades.csv.gz`));
  const fromMs = quotes[0]?.timeMs ?? 0;
  const toMs = quotes.at(-1)?.timeMs ?? 0;
  const heldAt = (timeMs: number): Quote | null => {
    let [low, high] = [0, quotes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((quotes[middle]?.timeMs ?? 0) <= timeMs) low = middle + 1;
      else high = middle;
    }
    const quote = quotes[low - 1];
    return quote === undefined || timeMs - quote.timeMs > STALE_MS || timeMs > toMs ? null : quote;
  };
  const midAt = (timeMs: number): number | null => {
    const quote = heldAt(timeMs);
    return quote === null ? null : (quote.bid + quote.ask) / 2;
  };
  const touchBefore = (timeMs: number): Quote | null => heldAt(timeMs - 1);
  const volBpsPerSqrtMin = volatility(midAt, fromMs, toMs);
  return { name, prints, touchBefore, midAt, fromMs, toMs, volBpsPerSqrtMin };
}

type Quote = { readonly timeMs: number; readonly bid: number; readonly ask: number };

/** Columns: receive time, price, size, side, exchange time. Rows of one time are one quote. */
function readQuotes(path: string): Quote[] {
  const quotes: Quote[] = [];
  let [bid, ask] = [Number.NaN, Number.NaN];
  for (const [, price = "", , side, time = ""] of rowsOf(path)) {
    if (side === "bid") bid = Number(price);
    else ask = Number(price);
    if (!(bid < ask)) continue;
    const quote = { timeMs: Number(time), bid, ask };
    if (quotes.at(-1)?.timeMs === quote.timeMs) quotes[quotes.length - 1] = quote;
    else quotes.push(quote);
  }
  return quotes;
}

/** Columns: receive time, price, size, aggressor, trade id, exchange time. A reconnection tells trades twice. */
function readPrints(path: string): SweepSource["prints"] {
  const seen = new Set<string>();
  const prints = rowsOf(path).flatMap(([, price = "", , side, id = "", time = ""]) => {
    if (seen.has(id)) return [];
    seen.add(id);
    return [{ timeMs: Number(time), isBuy: side === "buy", px: Number(price) }];
  });
  return prints.toSorted((a, b) => a.timeMs - b.timeMs);
}

function rowsOf(path: string): string[][] {
  const text = new TextDecoder().decode(gunzipSync(readFileSync(path)));
  const lines = text.trim().split("\n").slice(1);
  return lines.map((line) => line.split(","));
}

/** From moves over ten seconds. */
function volatility(midAt: Recording["midAt"], fromMs: number, toMs: number): number {
  let [square, count] = [0, 0];
  for (let timeMs = fromMs + 10_000; timeMs < toMs; timeMs += 10_000) {
    const [before, after] = [midAt(timeMs - 10_000), midAt(timeMs)];
    if (before === null || after === null) continue;
    square += ((after / before - 1) * 1e4) ** 2;
    count++;
  }
  return Math.sqrt((square / count) * 6);
}

/**
 * What a maker without a thought would have earned in a recording: quotes this far from the mid as it was 200 ms ago,
 * renewed every 350 ms, filled when a print reaches the price. Signed distance from the fill to the later mid, bp.
 */
export function recordedQuoter(
  recording: Recording,
  distanceBps: number,
  horizonMs: number,
): readonly number[] {
  const out: number[] = [];
  for (const sign of [1, -1]) {
    let next = 0;
    for (let lookMs = recording.fromMs; lookMs < recording.toMs; lookMs += 350) {
      const mid = recording.midAt(lookMs);
      if (mid === null) continue;
      const px = mid * (1 - sign * distanceBps * 1e-4);
      const [liveMs, goneMs] = [lookMs + 200, lookMs + 550];
      while ((recording.prints[next]?.timeMs ?? Infinity) < liveMs) next++;
      const hit = firstHit(recording, next, goneMs, sign, px);
      const later = hit === null ? null : recording.midAt(hit + horizonMs);
      if (later !== null) out.push((later / px - 1) * 1e4 * sign);
    }
  }
  return out;
}

/** Time of the first print before `goneMs` that reaches a resting price; `sign` 1 is a bid. */
function firstHit(
  recording: Recording,
  from: number,
  goneMs: number,
  sign: number,
  px: number,
): number | null {
  for (let i = from; i < recording.prints.length; i++) {
    const print = recording.prints[i];
    if (print === undefined || print.timeMs >= goneMs) return null;
    if (print.isBuy === sign < 0 && (px - print.px) * sign >= 0) return print.timeMs;
  }
  return null;
}
