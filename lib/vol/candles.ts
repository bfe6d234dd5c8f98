/** Bars as columns, oldest first. Prices in the source's own units, volume NaN where the source has none. */
export type Candles = {
  /** Length of a bar in milliseconds. */
  readonly barMs: number;
  /** Start of each bar, UTC milliseconds. */
  readonly openMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  /** Realised variance of each bar as the source publishes it, from finer data than the bars. */
  readonly variance?: Float64Array;
};

/** One bar of a source, before it is checked. */
export type CandleRow = {
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly variance?: number;
};

/** What cleaning took out or changed. */
export type CleaningReport = {
  readonly rows: number;
  readonly duplicates: number;
  readonly inconsistent: number;
  readonly badPrints: number;
  readonly splits: number;
};

export function candlesFromRows(rows: readonly CandleRow[], barMs: number): Candles {
  const column = (pick: (row: CandleRow) => number): Float64Array =>
    Float64Array.from(rows, (row) => pick(row));
  return {
    barMs,
    openMs: column((row) => row.openMs),
    open: column((row) => row.open),
    high: column((row) => row.high),
    low: column((row) => row.low),
    close: column((row) => row.close),
    volume: column((row) => row.volume),
    ...(rows.some((row) => row.variance !== undefined)
      ? { variance: column((row) => row.variance ?? Number.NaN) }
      : {}),
  };
}

export function rowAt(candles: Candles, i: number): CandleRow {
  return {
    openMs: candles.openMs[i] ?? Number.NaN,
    open: candles.open[i] ?? Number.NaN,
    high: candles.high[i] ?? Number.NaN,
    low: candles.low[i] ?? Number.NaN,
    close: candles.close[i] ?? Number.NaN,
    volume: candles.volume[i] ?? Number.NaN,
  };
}

/** The most frequent distance of neighbouring bars. Needs two rows or more in time order. */
export function inferBarMs(rows: readonly CandleRow[]): number {
  const counts = new Map<number, number>();
  for (let i = 1; i < rows.length; i++) {
    const distance = (rows[i]?.openMs ?? 0) - (rows[i - 1]?.openMs ?? 0);
    if (distance > 0) counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

function consistent(row: CandleRow): boolean {
  const { openMs, open, high, low, close } = row;
  const finite = Number.isFinite(openMs) && Number.isFinite(high) && low > 0;
  return finite && high >= Math.max(open, close) && low <= Math.min(open, close);
}

/**
 * A print far outside both neighbours that is gone one bar later: more than ten times the usual bar range and more than
 * 1.5 %, and the closes around it agree within a tenth of the jump.
 */
function isBadPrint(before: CandleRow, row: CandleRow, after: CandleRow, usual: number): boolean {
  const limit = Math.max(0.015, 10 * usual);
  const reach = Math.max(
    Math.log(row.high / Math.max(before.close, after.open)),
    Math.log(Math.min(before.close, after.open) / row.low),
  );
  return reach > limit && Math.abs(Math.log(after.open / before.close)) < reach / 10;
}

const SPLIT_RATIOS: readonly number[] = [2, 3, 4, 5, 10, 20, 1.5];

/** Factor by which earlier prices must be multiplied at a split, or 1. Real prices move 33 % between bars next to never. */
function splitFactor(before: number, after: number): number {
  const ratio = before / after;
  for (const split of SPLIT_RATIOS) {
    if (Math.abs(ratio / split - 1) < 0.02) return 1 / split;
    if (Math.abs(ratio * split - 1) < 0.02) return split;
  }
  return 1;
}

function adjustSplits(rows: CandleRow[]): number {
  let splits = 0;
  let factor = 1;
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i];
    const next = rows[i + 1];
    if (row === undefined) continue;
    if (next !== undefined) {
      const step = splitFactor(row.close * factor, next.open);
      if (step !== 1) {
        factor *= step;
        splits++;
      }
    }
    if (factor !== 1)
      rows[i] = {
        ...row,
        open: row.open * factor,
        high: row.high * factor,
        low: row.low * factor,
        close: row.close * factor,
      };
  }
  return splits;
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * Puts rows in time order; drops duplicates (the last of equal times stays), rows whose prices contradict each other, and
 * bad prints; puts earlier prices on the later scale at splits.
 */
export function cleanRows(raw: readonly CandleRow[]): {
  readonly rows: readonly CandleRow[];
  readonly report: CleaningReport;
} {
  const byTime = new Map<number, CandleRow>();
  let inconsistent = 0;
  let duplicates = 0;
  for (const row of raw) {
    if (!consistent(row)) {
      inconsistent++;
      continue;
    }
    if (byTime.has(row.openMs)) duplicates++;
    byTime.set(row.openMs, row);
  }
  const ordered = [...byTime.values()].toSorted((a, b) => a.openMs - b.openMs);
  const usual = median(ordered.map((row) => Math.log(row.high / row.low)));
  const kept = ordered.filter((row, i) => {
    const before = ordered[i - 1];
    const after = ordered[i + 1];
    return before === undefined || after === undefined || !isBadPrint(before, row, after, usual);
  });
  const badPrints = ordered.length - kept.length;
  const splits = adjustSplits(kept);
  return {
    rows: kept,
    report: { rows: kept.length, duplicates, inconsistent, badPrints, splits },
  };
}
