import { assert } from "../units/assert.ts";

/** Buckets grow by this factor: a quantile is exact to 5 %. */
const GROWTH = 1.05;
/** Everything at or below it falls into the first bucket. */
const SMALLEST = 0.001;
const BUCKETS = 512;
const LOG_GROWTH = Math.log(GROWTH);

export type HistogramSummary = {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
};

/**
 * Distribution of non-negative values (milliseconds, usually) in logarithmic buckets: fixed memory, quantiles within 5 %
 * between 0.001 and 7e7; mean and maximum are exact.
 */
export class LogHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  /** @throws AssertionError for a negative value or none at all. */
  record(value: number): void {
    assert(value >= 0 && Number.isFinite(value), `a recorded value is not negative, got ${value}`);
    const bucket = bucketOf(value);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  /**
   * Value that the share `q` of all values does not exceed; 0 when nothing was recorded.
   * @param q between 0 and 1
   */
  quantile(q: number): number {
    assert(q >= 0 && q <= 1, `a quantile is between 0 and 1, got ${q}`);
    if (this.#count === 0) return 0;
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return Math.min(upperEdge(bucket), this.#max);
    }
    return this.#max;
  }

  /**
   * How many values fall at or below each edge and above the one before; one count more for those above the last.
   * Exact to a bucket.
   * @param edges ascending
   */
  countsBetween(edges: readonly number[]): readonly number[] {
    const counts = Array.from({ length: edges.length + 1 }, () => 0);
    let at = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const middle = upperEdge(bucket) / Math.sqrt(GROWTH);
      while (at < edges.length && middle > (edges[at] ?? 0)) at++;
      counts[at] = (counts[at] ?? 0) + (this.#counts[bucket] ?? 0);
    }
    return counts;
  }

  /** Adds another distribution's values to this one. */
  merge(other: LogHistogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + (other.#counts[bucket] ?? 0);
    }
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
  }

  summary(): HistogramSummary {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      p50: this.quantile(0.5),
      p99: this.quantile(0.99),
      max: this.#max,
    };
  }
}

function bucketOf(value: number): number {
  if (value <= SMALLEST) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(value / SMALLEST) / LOG_GROWTH));
}

function upperEdge(bucket: number): number {
  return SMALLEST * GROWTH ** bucket;
}
