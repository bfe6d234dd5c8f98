/** What the mid did after prints that went so deep into the book: the character of takers, in recordings and in simulation. */
export type Sweep = {
  /** From the touch before to the furthest price of the block, bp. */
  readonly depthBps: number;
  /** Of the mid, in the taker's direction, after each horizon, bp; null where it is not known. */
  readonly moves: readonly (number | null)[];
};

export type SweepBin = {
  readonly label: string;
  readonly count: number;
  readonly depthBps: number;
  readonly moves: readonly (Estimate | null)[];
};

export type Estimate = { readonly mean: number; readonly error: number; readonly count: number };

export const SWEEP_HORIZONS_MS = [200, 1000, 10_000, 60_000] as const;

const BINS = [
  { label: "touch only", fromBps: -99, toBps: 0.3 },
  { label: "0.3-1 bp", fromBps: 0.3, toBps: 1 },
  { label: "1-2 bp", fromBps: 1, toBps: 2 },
  { label: "2-4 bp", fromBps: 2, toBps: 4 },
  { label: "4-8 bp", fromBps: 4, toBps: 8 },
  { label: "over 8 bp", fromBps: 8, toBps: 999 },
] as const;

/** The quotes and prints of a market, in time order. */
export type SweepSource = {
  readonly prints: readonly {
    readonly timeMs: number;
    readonly isBuy: boolean;
    readonly px: number;
  }[];
  /** Touch just before a time, or null where it is not known. */
  readonly touchBefore: (timeMs: number) => { readonly bid: number; readonly ask: number } | null;
  /** Mid that holds at a time, or null where it is not known. */
  readonly midAt: (timeMs: number) => number | null;
};

/** Prints of one block and one side are one taker. */
export function sweepsOf(source: SweepSource): readonly Sweep[] {
  const worst = new Map<string, { timeMs: number; isBuy: boolean; px: number }>();
  for (const print of source.prints) {
    const key = `${print.timeMs}/${print.isBuy}`;
    const known = worst.get(key);
    if (known === undefined) worst.set(key, { ...print });
    else known.px = print.isBuy ? Math.max(known.px, print.px) : Math.min(known.px, print.px);
  }
  const out: Sweep[] = [];
  for (const { timeMs, isBuy, px } of worst.values()) {
    const touch = source.touchBefore(timeMs);
    if (touch === null) continue;
    const mid = (touch.bid + touch.ask) / 2;
    const sign = isBuy ? 1 : -1;
    const depthBps = ((px - (isBuy ? touch.ask : touch.bid)) / mid) * 1e4 * sign;
    const moves = SWEEP_HORIZONS_MS.map((horizonMs) => {
      const later = source.midAt(timeMs + horizonMs);
      return later === null ? null : (later / mid - 1) * 1e4 * sign;
    });
    out.push({ depthBps, moves });
  }
  return out;
}

export function binSweeps(sweeps: readonly Sweep[]): readonly SweepBin[] {
  return BINS.flatMap(({ label, fromBps, toBps }) => {
    const inside = sweeps.filter(({ depthBps }) => depthBps >= fromBps && depthBps < toBps);
    if (inside.length === 0) return [];
    const moves = SWEEP_HORIZONS_MS.map((_, i) =>
      estimate(inside.flatMap((sweep) => sweep.moves[i] ?? [])),
    );
    const depthBps = inside.reduce((sum, sweep) => sum + sweep.depthBps, 0) / inside.length;
    return [{ label, count: inside.length, depthBps, moves }];
  });
}

/** Mean and its standard error, as if the values were independent; null of nothing. */
export function estimate(values: readonly number[]): Estimate | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, error: Math.sqrt(square / values.length), count: values.length };
}
