import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { BlockBuilder } from "../../core/tape/blockBuilder.ts";
import type { FlatLevels } from "../../core/tape/blockBuilder.ts";
import { encodeBlock } from "../../core/tape/blockCodec.ts";
import type { RowKindName, TapeGap, TapeHeader, TapeSubject } from "../../core/tape/tape.ts";
import { assert } from "../../units/assert.ts";
import type { Side } from "../../units/grid.ts";
import {
  BLOCK_TAG,
  COVERAGE_TAG,
  END_MAGIC,
  FORMAT_VERSION,
  FRAME_HEAD_BYTES,
  frameCrc,
  MAGIC,
  SUBJECT_HEAD_BYTES,
} from "./layout.ts";

const DEFAULT_BLOCK_ROWS = 16_384;
const ZSTD_LEVEL = 9;

/**
 * Writes a tape row by row, block by block, into "<path>.part"; `close` gives it its name. Memory holds one block.
 * Rows come in time order; a row that contradicts the format ends with an AssertionError and the file keeps its
 * unfinished name.
 */
export class TapeWriter {
  readonly #path: string;
  readonly #file: number;
  readonly #digest = new Bun.CryptoHasher("sha256");
  readonly #builder = new BlockBuilder();
  readonly #subject: TapeSubject;
  readonly #blockRows: number;
  readonly #rowsByKind: Record<RowKindName, number> = {
    depth: 0,
    touch: 0,
    print: 0,
    gap: 0,
    oracle: 0,
  };
  readonly #gaps: TapeGap[] = [];
  #blocks = 0;
  #bytes = 0;
  #fromMs: number | null = null;
  #toMs: number | null = null;
  #isOpen = true;

  constructor(path: string, subject: TapeSubject, blockRows = DEFAULT_BLOCK_ROWS) {
    assert(blockRows > 0, `a block has rows, got ${blockRows}`);
    this.#path = path;
    this.#subject = subject;
    this.#blockRows = blockRows;
    this.#file = openSync(`${path}.part`, "w");
    const { source, licence, coin, szDecimals, clock, receiveClock } = subject;
    const text = Buffer.from(
      JSON.stringify({
        format: FORMAT_VERSION,
        source,
        licence,
        coin,
        szDecimals,
        clock,
        receiveClock,
      }),
    );
    const head = Buffer.alloc(SUBJECT_HEAD_BYTES);
    head.writeUInt32LE(text.length, 0);
    head.writeUInt32LE(Bun.hash.crc32(text) >>> 0, 4);
    this.#writeDigested(Buffer.concat([Buffer.from(MAGIC), head, text]));
  }

  depth(timeMs: number, lagMs: number, bids: FlatLevels, asks: FlatLevels): void {
    this.#builder.depth(timeMs, lagMs, bids, asks);
    this.#count("depth", timeMs);
  }

  touch(timeMs: number, lagMs: number, bid: FlatLevels, ask: FlatLevels): void {
    this.#builder.touch(timeMs, lagMs, bid, ask);
    this.#count("touch", timeMs);
  }

  print(timeMs: number, lagMs: number, aggressor: Side, px: number, lots: number): void {
    this.#builder.print(timeMs, lagMs, aggressor, px, lots);
    this.#count("print", timeMs);
  }

  /** The book is unknown from `timeMs` until `untilMs`. */
  gap(timeMs: number, untilMs: number, reason?: string): void {
    this.#builder.gap(timeMs, untilMs);
    this.#gaps.push({
      fromMs: timeMs,
      toMs: untilMs,
      ...(reason === undefined ? {} : { reason }),
    });
    this.#count("gap", timeMs);
  }

  oracle(timeMs: number, lagMs: number, px: number): void {
    this.#builder.oracle(timeMs, lagMs, px);
    this.#count("oracle", timeMs);
  }

  /** Bytes in the file so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes what is left and the end, and gives the file its name. */
  close(): { readonly header: TapeHeader; readonly bytes: number } {
    this.flush();
    const coverage = {
      blocks: this.#blocks,
      rows: Object.values(this.#rowsByKind).reduce((sum, rows) => sum + rows, 0),
      rowsByKind: this.#rowsByKind,
      fromMs: this.#fromMs,
      toMs: this.#toMs,
      gaps: this.#gaps,
    };
    this.#frame(COVERAGE_TAG, Buffer.from(JSON.stringify(coverage)));
    this.#write(Buffer.concat([this.#digest.digest(), Buffer.from(END_MAGIC)]));
    this.#end();
    renameSync(`${this.#path}.part`, this.#path);
    return {
      header: { format: FORMAT_VERSION, ...this.#subject, ...coverage },
      bytes: this.#bytes,
    };
  }

  /** Throws the unfinished file away. Does nothing after `close`. */
  discard(): void {
    if (!this.#isOpen) return;
    this.#end();
    rmSync(`${this.#path}.part`, { force: true });
  }

  #count(kind: RowKindName, timeMs: number): void {
    this.#rowsByKind[kind]++;
    this.#fromMs ??= timeMs;
    this.#toMs = timeMs;
    if (this.#builder.rows >= this.#blockRows) this.flush();
  }

  /** Ends the block: whatever happens to this program, the rows so far are in the file. */
  flush(): void {
    if (this.#builder.rows === 0) return;
    const block = this.#builder.take();
    this.#frame(BLOCK_TAG, Bun.zstdCompressSync(encodeBlock(block), { level: ZSTD_LEVEL }));
    this.#blocks++;
  }

  #frame(tag: number, content: Uint8Array): void {
    const head = Buffer.alloc(FRAME_HEAD_BYTES);
    head.writeUInt8(tag, 0);
    head.writeUInt32LE(content.length, 1);
    head.writeUInt32LE(frameCrc(tag, content), 5);
    this.#writeDigested(Buffer.concat([head, content]));
  }

  #writeDigested(bytes: Uint8Array): void {
    this.#digest.update(bytes);
    this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    assert(this.#isOpen, "a tape is written before it is closed");
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    this.#bytes += bytes.length;
  }

  #end(): void {
    this.#isOpen = false;
    closeSync(this.#file);
  }
}
