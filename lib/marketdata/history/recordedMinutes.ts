import { CandleStore } from "./candleStore.ts";
import type { CandleRow } from "../../vol/candles.ts";

const MINUTE_MS = 60_000;

/** Minutes joined into longer bars; only those bars of which every minute is there. Volume is not known. */
export function joinMinutes(minutes: readonly CandleRow[], barMs: number): readonly CandleRow[] {
  const parts = new Map<number, CandleRow[]>();
  for (const minute of minutes) {
    const openMs = Math.floor(minute.openMs / barMs) * barMs;
    const part = parts.get(openMs);
    if (part === undefined) parts.set(openMs, [minute]);
    else part.push(minute);
  }
  return [...parts].flatMap(([openMs, part]) => {
    const [first] = part;
    const last = part.at(-1);
    if (first === undefined || last === undefined || part.length * MINUTE_MS !== barMs) return [];
    const high = Math.max(...part.map((row) => row.high));
    const low = Math.min(...part.map((row) => row.low));
    return [{ openMs, open: first.open, high, low, close: last.close, volume: Number.NaN }];
  });
}

/** Adds the minutes that the bot has seen of its market to the history, as minutes and as bars of `barMs`. */
export function storeMinutes(
  file: string,
  instrument: string,
  minutes: readonly CandleRow[],
  barMs: number,
): void {
  if (minutes.length === 0) return;
  const store = new CandleStore(file);
  try {
    store.add({ instrument, barMs: MINUTE_MS }, minutes);
    if (barMs !== MINUTE_MS) store.add({ instrument, barMs }, joinMinutes(minutes, barMs));
  } finally {
    store.close();
  }
}
