import { RowKind, sideOfCode } from "../../core/tape/tape.ts";
import type { TapeBlock, TapeSource } from "../../core/tape/tape.ts";
import { assert } from "../../units/assert.ts";
import { pxTicks, sizeLots } from "../../units/numbers.ts";
import type { BookReader, FeedInfo, FeedInput, MarketFeed } from "../rules/types.ts";

/** As often as a deployer publishes (HIP-3 deployer actions). */
const ORACLE_PERIOD_MS = 3000;

/**
 * A recording as a market. Rows come at their recorded distance from the first one; rows of equal time come together, in
 * the tape's order. Where no oracle was recorded the recorded mid stands for it every 3 s, while the book is known.
 * @throws AssertionError when the tape has no rows.
 */
export function replayedFeed(tape: TapeSource): MarketFeed {
  return new ReplayedFeed(tape);
}

class ReplayedFeed implements MarketFeed {
  readonly info: FeedInfo;
  readonly #rows: RowCursor;
  readonly #startMs: number;
  readonly #endMs: number;
  /** Next substitute for an oracle update; Infinity when the tape has its own. */
  #oracleDueMs: number;
  #isBookKnown = false;
  #midTicks: number | null = null;

  constructor(tape: TapeSource) {
    const { header } = tape;
    const { fromMs, toMs } = header;
    assert(
      fromMs !== null && toMs !== null,
      `a tape to replay has rows, ${header.coin}'s has none`,
    );
    this.#startMs = fromMs;
    this.#endMs = toMs - fromMs;
    const hasOracle = header.rowsByKind.oracle > 0;
    this.#oracleDueMs = hasOracle ? Number.POSITIVE_INFINITY : 0;
    this.#rows = new RowCursor(tape.blocks()[Symbol.iterator](), fromMs);
    const gapMs = header.gaps.reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0);
    const oracle = hasOracle
      ? "with its recorded oracle"
      : "no oracle was recorded: the recorded mid stands for it every 3 s";
    this.info = {
      source: "replayed",
      coin: header.coin,
      szDecimals: header.szDecimals,
      description: `Recorded market (${header.source}), Unix time ${fromMs} to ${toMs} ms, ${header.rows} rows, ${header.gaps.length} gaps of ${gapMs} ms in all; ${oracle}.`,
      durationMs: this.#endMs,
      seed: null,
      coverage: { fromMs, toMs, rows: header.rows, gaps: header.gaps },
    };
  }

  nextMs(): number {
    const oracleMs =
      this.#oracleDueMs <= this.#endMs ? this.#oracleDueMs : Number.POSITIVE_INFINITY;
    return Math.min(this.#rows.nextMs, oracleMs);
  }

  next(_book: BookReader): readonly FeedInput[] {
    const nowMs = this.nextMs();
    const out: FeedInput[] = [];
    while (this.#rows.nextMs === nowMs && nowMs !== Number.POSITIVE_INFINITY)
      out.push(this.#inputOf(this.#rows.take()));
    if (this.#oracleDueMs <= nowMs) {
      this.#oracleDueMs += ORACLE_PERIOD_MS;
      if (this.#midTicks !== null)
        out.push({ kind: "oracle", pxTicks: pxTicks(Math.round(this.#midTicks)) });
    }
    return out;
  }

  #inputOf({ block, row }: Place): FeedInput {
    const px = block.px[row] ?? 0;
    const lots = block.lots[row] ?? 0;
    const kind = block.kind[row];
    if (kind === RowKind.print) {
      const side = sideOfCode(block.side[row] ?? 0);
      return { kind: "tapePrint", side, pxTicks: pxTicks(px), sizeLots: sizeLots(lots) };
    }
    if (kind === RowKind.gap) {
      this.#isBookKnown = false;
      this.#midTicks = null;
      return { kind: "gap", untilMs: (block.timeMs[row] ?? 0) - this.#startMs + lots };
    }
    if (kind === RowKind.oracle) return { kind: "oracle", pxTicks: pxTicks(px) };
    return this.#bookOf(block, row);
  }

  #bookOf(block: TapeBlock, row: number): FeedInput {
    const from = block.levelFrom[row] ?? 0;
    const middle = from + (block.bidCount[row] ?? 0);
    const bids = flatLevels(block, from, middle);
    const asks = flatLevels(block, middle, block.levelFrom[row + 1] ?? middle);
    const [bid, ask] = [bids[0], asks[0]];
    const isDepth = block.kind[row] === RowKind.depth;
    // After a gap a lone touch says nothing about the book: the exchange waits for depth, and so does the mid.
    this.#isBookKnown ||= isDepth;
    if (this.#isBookKnown)
      this.#midTicks = bid === undefined || ask === undefined ? null : (bid + ask) / 2;
    return { kind: "tapeBook", bids, asks, depth: isDepth };
  }
}

function flatLevels(block: TapeBlock, from: number, end: number): number[] {
  const flat: number[] = [];
  for (let i = from; i < end; i++) flat.push(block.levelPx[i] ?? 0, block.levelLots[i] ?? 0);
  return flat;
}

type Place = { readonly block: TapeBlock; readonly row: number };

/** Walks the rows of all blocks; holds one block at a time. */
class RowCursor {
  readonly #blocks: Iterator<TapeBlock>;
  readonly #startMs: number;
  #block: TapeBlock | null = null;
  #row = 0;
  /** Feed time of the next row; Infinity at the end. */
  nextMs = 0;

  constructor(blocks: Iterator<TapeBlock>, startMs: number) {
    this.#blocks = blocks;
    this.#startMs = startMs;
    this.#settle();
  }

  take(): Place {
    assert(this.#block !== null, "a row is taken before the end");
    const place = { block: this.#block, row: this.#row };
    this.#row++;
    this.#settle();
    return place;
  }

  #settle(): void {
    while (this.#block === null || this.#row >= this.#block.rows) {
      const fresh = this.#blocks.next();
      this.#block = fresh.done === true ? null : fresh.value;
      this.#row = 0;
      if (this.#block === null) {
        this.nextMs = Number.POSITIVE_INFINITY;
        return;
      }
    }
    this.nextMs = (this.#block.timeMs[this.#row] ?? 0) - this.#startMs;
  }
}
