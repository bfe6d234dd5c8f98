import { BLOCK_MS } from "./runFeed.ts";
import type { TinyBook } from "./tinyBook.ts";

/** Best bid and ask of the crowd at the end of every block of a run; while a side is empty its last price stands. */
export class TouchLog {
  #bids = new Int32Array(1 << 16);
  #asks = new Int32Array(1 << 16);
  #count = 0;
  #bid = 0;
  #ask = 0;

  /** To be called once a block, in order. */
  add(book: TinyBook): void {
    if (this.#count === this.#bids.length) {
      this.#bids = doubled(this.#bids);
      this.#asks = doubled(this.#asks);
    }
    this.#bid = book.crowdBest("bid") ?? this.#bid;
    this.#ask = book.crowdBest("ask") ?? this.#ask;
    this.#bids[this.#count] = this.#bid;
    this.#asks[this.#count] = this.#ask;
    this.#count++;
  }

  get lastMs(): number {
    return this.#count * BLOCK_MS;
  }

  /** Twice the mid, so that it is whole, in the last block at or before a time; NaN where nothing is known. */
  doubleMidAt(timeMs: number): number {
    const index = Math.floor(timeMs / BLOCK_MS) - 1;
    if (index < 0 || index >= this.#count) return Number.NaN;
    const [bid, ask] = [this.#bids[index] ?? 0, this.#asks[index] ?? 0];
    return bid > 0 && ask > 0 ? bid + ask : Number.NaN;
  }

  touchAt(timeMs: number): { readonly bid: number; readonly ask: number } {
    const index = Math.floor(timeMs / BLOCK_MS) - 1;
    return { bid: this.#bids[index] ?? Number.NaN, ask: this.#asks[index] ?? Number.NaN };
  }
}

function doubled(old: Int32Array): Int32Array<ArrayBuffer> {
  const fresh = new Int32Array(old.length * 2);
  fresh.set(old);
  return fresh;
}
