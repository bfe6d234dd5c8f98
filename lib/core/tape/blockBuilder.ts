import { assert } from "../../units/assert.ts";
import type { Side } from "../../units/grid.ts";
import { MAX_LAG_MS, MAX_LEVELS, RowKind, sideCode } from "./tape.ts";
import type { TapeBlock } from "./tape.ts";

/** Lists of levels as they come: best first, [px ticks, lots] pairs, flat. */
export type FlatLevels = readonly number[];

/**
 * Collects rows into columns and hands them over as blocks. Refuses rows that contradict the format: time going back,
 * unsorted levels, prices or sizes that are not positive whole numbers.
 */
export class BlockBuilder {
  readonly #timeMs: number[] = [];
  readonly #lagMs: number[] = [];
  readonly #kind: number[] = [];
  readonly #side: number[] = [];
  readonly #px: number[] = [];
  readonly #lots: number[] = [];
  readonly #levelFrom: number[] = [0];
  readonly #bidCount: number[] = [];
  readonly #levelPx: number[] = [];
  readonly #levelLots: number[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;

  get rows(): number {
    return this.#timeMs.length;
  }

  depth(timeMs: number, lagMs: number, bids: FlatLevels, asks: FlatLevels): void {
    this.#book(RowKind.depth, MAX_LEVELS, timeMs, lagMs, bids, asks);
  }

  touch(timeMs: number, lagMs: number, bid: FlatLevels, ask: FlatLevels): void {
    this.#book(RowKind.touch, 1, timeMs, lagMs, bid, ask);
  }

  print(timeMs: number, lagMs: number, aggressor: Side, px: number, lots: number): void {
    positive(px, "a print's px ticks");
    positive(lots, "a print's lots");
    this.#row(RowKind.print, timeMs, lagMs, sideCode(aggressor), px, lots, 0);
  }

  /** The book is unknown from `timeMs` until `untilMs`. */
  gap(timeMs: number, untilMs: number): void {
    positive(untilMs - timeMs, "a gap's length");
    this.#row(RowKind.gap, timeMs, 0, 0, 0, untilMs - timeMs, 0);
  }

  oracle(timeMs: number, lagMs: number, px: number): void {
    positive(px, "an oracle's px ticks");
    this.#row(RowKind.oracle, timeMs, lagMs, 0, px, 0, 0);
  }

  /** The rows so far; the builder starts the next block, time still runs on. */
  take(): TapeBlock {
    const block: TapeBlock = {
      rows: this.#timeMs.length,
      timeMs: Float64Array.from(this.#timeMs),
      lagMs: Int32Array.from(this.#lagMs),
      kind: Uint8Array.from(this.#kind),
      side: Uint8Array.from(this.#side),
      px: Float64Array.from(this.#px),
      lots: Float64Array.from(this.#lots),
      levelFrom: Uint32Array.from(this.#levelFrom),
      bidCount: Uint8Array.from(this.#bidCount),
      levelPx: Float64Array.from(this.#levelPx),
      levelLots: Float64Array.from(this.#levelLots),
    };
    for (const column of this.#columns()) column.length = 0;
    this.#levelFrom.push(0);
    return block;
  }

  #columns(): number[][] {
    return [
      this.#timeMs,
      this.#lagMs,
      this.#kind,
      this.#side,
      this.#px,
      this.#lots,
      this.#levelFrom,
      this.#bidCount,
      this.#levelPx,
      this.#levelLots,
    ];
  }

  #book(
    kind: number,
    mostLevels: number,
    timeMs: number,
    lagMs: number,
    bids: FlatLevels,
    asks: FlatLevels,
  ): void {
    checkLevels(bids, -1, mostLevels);
    checkLevels(asks, 1, mostLevels);
    const [bid, ask] = [bids[0], asks[0]];
    assert(bid === undefined || ask === undefined || bid < ask, `bid ${bid} is below ask ${ask}`);
    for (const levels of [bids, asks])
      for (let i = 0; i < levels.length; i += 2) {
        this.#levelPx.push(levels[i] ?? 0);
        this.#levelLots.push(levels[i + 1] ?? 0);
      }
    this.#row(kind, timeMs, lagMs, 0, 0, 0, bids.length / 2);
  }

  #row(
    kind: number,
    timeMs: number,
    lagMs: number,
    side: number,
    px: number,
    lots: number,
    bidCount: number,
  ): void {
    assert(Number.isSafeInteger(timeMs) && timeMs >= 0, `a row's time is whole ms, got ${timeMs}`);
    assert(timeMs >= this.#lastMs, `time does not go back: ${timeMs} after ${this.#lastMs}`);
    assert(
      Number.isInteger(lagMs) && Math.abs(lagMs) <= MAX_LAG_MS,
      `a lag is whole ms up to ${MAX_LAG_MS}, got ${lagMs}`,
    );
    this.#lastMs = timeMs;
    this.#timeMs.push(timeMs);
    this.#lagMs.push(lagMs);
    this.#kind.push(kind);
    this.#side.push(side);
    this.#px.push(px);
    this.#lots.push(lots);
    this.#bidCount.push(bidCount);
    this.#levelFrom.push(this.#levelPx.length);
  }
}

function positive(value: number, what: string): void {
  assert(Number.isSafeInteger(value) && value > 0, `${what} are whole and positive, got ${value}`);
}

function checkLevels(levels: FlatLevels, direction: 1 | -1, most: number): void {
  assert(
    levels.length % 2 === 0 && levels.length <= 2 * most,
    `at most ${most} pairs of px and lots`,
  );
  for (let i = 0; i < levels.length; i += 2) {
    const px = levels[i] ?? 0;
    positive(px, "a level's px ticks");
    positive(levels[i + 1] ?? 0, "a level's lots");
    if (i === 0) continue;
    const better = levels[i - 2] ?? 0;
    assert((px - better) * direction > 0, `levels are best first, got ${px} after ${better}`);
  }
}
