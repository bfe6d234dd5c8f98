import { Random } from "../../lib/core/random.ts";
import { candlesFromRows } from "../../lib/vol/candles.ts";
import type { CandleRow, Candles } from "../../lib/vol/candles.ts";

export const MINUTE = 60_000;
/** 2025-01-06 00:00 UTC, a Monday. */
export const START_MS = 1_736_121_600_000;

/** Minute candles from log returns: each bar walks in `steps` small steps whose ends are its range. */
export function candlesFromReturns(returns: readonly number[], startMs = START_MS): Candles {
  const rows: CandleRow[] = [];
  let close = 100;
  returns.forEach((r, i) => {
    const open = close;
    close = open * Math.exp(r);
    const [low, high] = [Math.min(open, close), Math.max(open, close)];
    rows.push({ openMs: startMs + i * MINUTE, open, high, low, close, volume: 1 });
  });
  return candlesFromRows(rows, MINUTE);
}

/** Returns of a GARCH(1,1) with normal innovations. */
export function garchReturns(
  count: number,
  seed: number,
  garch: { omega: number; alpha: number; beta: number },
): number[] {
  const random = new Random(seed, "garch");
  let variance = garch.omega / (1 - garch.alpha - garch.beta);
  return Array.from({ length: count }, () => {
    const r = Math.sqrt(variance) * random.normal();
    variance = garch.omega + garch.alpha * r * r + garch.beta * variance;
    return r;
  });
}

/**
 * Variance that follows a square wave of 26 bars: wild for 13, calm for 13. Sizes are almost exact, signs are random. Where in
 * the wave a bar stands is plain from the last hour in order, and invisible in means over it.
 */
export function squareWaveReturns(count: number, seed: number): number[] {
  const random = new Random(seed, "wave");
  return Array.from({ length: count }, (_, i) => {
    const sigma = 3e-4 * (i % 26 < 13 ? 3 : 1) * Math.exp(0.05 * random.normal());
    return sigma * (random.chance(0.5) ? 1 : -1);
  });
}
