/** Rows of one density: at most one per `spacingMs`, at most `capacity` of them. */
export type Tier = { readonly spacingMs: number; readonly capacity: number };

/** Five minutes in full, an hour by two seconds, a day by half minutes, a month by five minutes: 1.6 MB for 14 columns. */
export const SERIES_TIERS: readonly Tier[] = [
  { spacingMs: 250, capacity: 1200 },
  { spacingMs: 2000, capacity: 1800 },
  { spacingMs: 30_000, capacity: 2880 },
  { spacingMs: 300_000, capacity: 8640 },
];

/** A ring of rows in typed arrays. */
class TierRows {
  readonly tier: Tier;
  readonly times: Float64Array;
  readonly columns: readonly Float64Array[];
  private next = 0;
  count = 0;
  private bucket = Number.NEGATIVE_INFINITY;

  constructor(tier: Tier, width: number) {
    this.tier = tier;
    this.times = new Float64Array(tier.capacity);
    this.columns = Array.from({ length: width }, () => new Float64Array(tier.capacity));
  }

  /** @returns false when the row's bucket is taken already. */
  push(tMs: number, values: ArrayLike<number>): boolean {
    const bucket = Math.floor(tMs / this.tier.spacingMs);
    if (bucket <= this.bucket) return false;
    this.bucket = bucket;
    this.times[this.next] = tMs;
    for (let i = 0; i < this.columns.length; i++) {
      const column = this.columns[i];
      if (column !== undefined) column[this.next] = values[i] ?? Number.NaN;
    }
    this.next = (this.next + 1) % this.tier.capacity;
    if (this.count < this.tier.capacity) this.count++;
    return true;
  }

  /** Position in the ring of the n-th oldest row. */
  slot(n: number): number {
    return (this.next - this.count + n + this.tier.capacity) % this.tier.capacity;
  }

  oldestMs(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : (this.times[this.slot(0)] ?? 0);
  }
}

export type SeriesRows = { readonly t: number[]; readonly columns: readonly (number | null)[][] };

/** Time series that keep the last minutes in full and thin out with age, in memory that does not grow. */
export class TieredSeries {
  private readonly tiers: readonly TierRows[];
  private readonly width: number;
  private newestMs = Number.NEGATIVE_INFINITY;

  constructor(width: number, tiers: readonly Tier[] = SERIES_TIERS) {
    this.width = width;
    this.tiers = tiers.map((tier) => new TierRows(tier, width));
  }

  /** True when a row at `tMs` would be kept; lets the caller spare the work of making one. */
  wants(tMs: number): boolean {
    const spacingMs = this.tiers[0]?.tier.spacingMs ?? 1;
    return Math.floor(tMs / spacingMs) > Math.floor(this.newestMs / spacingMs);
  }

  /** Rows come in the order of time; an older or too early one is left out. NaN means "nothing there". */
  push(tMs: number, values: ArrayLike<number>): void {
    if (!this.wants(tMs)) return;
    this.newestMs = tMs;
    for (const tier of this.tiers) tier.push(tMs, values);
  }

  /** Rows after `afterMs`, oldest first: from each density what the finer ones no longer hold. */
  rows(afterMs = Number.NEGATIVE_INFINITY): SeriesRows {
    const t: number[] = [];
    const columns: (number | null)[][] = Array.from({ length: this.width }, () => []);
    for (let k = this.tiers.length - 1; k >= 0; k--) {
      const tier = this.tiers[k];
      if (tier === undefined) continue;
      // A finer density that was fed sparsely may reach back further than the one after it.
      const untilMs = Math.min(...this.tiers.slice(0, k).map((finer) => finer.oldestMs()));
      for (let n = 0; n < tier.count; n++) {
        const slot = tier.slot(n);
        const tMs = tier.times[slot] ?? 0;
        if (tMs <= afterMs || tMs >= untilMs) continue;
        t.push(tMs);
        for (let i = 0; i < this.width; i++) {
          const value = tier.columns[i]?.[slot] ?? Number.NaN;
          columns[i]?.push(Number.isNaN(value) ? null : value);
        }
      }
    }
    return { t, columns };
  }

  /** Time of the oldest row that is still kept, null before the first. */
  firstMs(): number | null {
    const oldest = Math.min(...this.tiers.map((tier) => tier.oldestMs()));
    return Number.isFinite(oldest) ? oldest : null;
  }

  /** Time of the newest row, null before the first. */
  lastMs(): number | null {
    return Number.isFinite(this.newestMs) ? this.newestMs : null;
  }
}
