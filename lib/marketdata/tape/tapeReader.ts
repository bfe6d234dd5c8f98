import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { z } from "zod";
import { decodeBlock } from "../../core/tape/blockCodec.ts";
import { CoverageCount } from "../../core/tape/coverage.ts";
import type { TapeBlock, TapeCoverage, TapeHeader, TapeSource } from "../../core/tape/tape.ts";
import {
  BLOCK_TAG,
  COVERAGE_TAG,
  DIGEST_BYTES,
  END_MAGIC,
  FORMAT_VERSION,
  FRAME_HEAD_BYTES,
  frameCrc,
  hex32,
  MAGIC,
  MAGIC_BYTES,
  MAX_FRAME_BYTES,
  SUBJECT_HEAD_BYTES,
  TapeError,
} from "./layout.ts";
import { messageOf } from "../../units/messageOf.ts";

const count = z.int().min(0);
const SubjectJson = z.strictObject({
  format: z.literal(FORMAT_VERSION),
  source: z.string(),
  licence: z.string(),
  coin: z.string(),
  szDecimals: z.int().min(0).max(6),
  clock: z.string(),
  receiveClock: z.string().nullable(),
});
const CoverageJson = z.strictObject({
  blocks: count,
  rows: count,
  rowsByKind: z.strictObject({
    depth: count,
    touch: count,
    print: count,
    gap: count,
    oracle: count,
  }),
  fromMs: z.number().nullable(),
  toMs: z.number().nullable(),
  gaps: z.array(
    z
      .strictObject({ fromMs: z.number(), toMs: z.number(), reason: z.string().optional() })
      .transform(({ fromMs, toMs, reason }) => ({
        fromMs,
        toMs,
        ...(reason === undefined ? {} : { reason }),
      })),
  ),
});

type BlockPlace = { readonly number: number; readonly offset: number; readonly bytes: number };
type Frame = { readonly tag: number; readonly offset: number; readonly content: Uint8Array };

/** Name of a tape whose recording did not come to its end: it is read as far as its blocks are whole. */
export const UNFINISHED = ".part";

/**
 * Opens a tape and checks all of it: every block's checksum, the digest of the whole, the coverage. A file that ends in
 * ".part" was left by a recorder that was killed, and is cut off where its last whole block ends.
 * Rows are read block by block afterwards, so that memory does not grow with the file.
 * @throws TapeError naming file, block, expected and actual.
 */
export function openTape(path: string): TapeFile {
  return new TapeFile(path);
}

export class TapeFile implements TapeSource {
  readonly header: TapeHeader;
  readonly bytes: number;
  /** Of everything in front of the file's end, in hexadecimal. */
  readonly sha256: string;
  readonly #path: string;
  readonly #places: BlockPlace[] = [];

  constructor(path: string) {
    this.#path = path;
    const file = openForReading(path);
    try {
      const stat = fstatSync(file);
      this.bytes = stat.size;
      if (!stat.isFile()) throw this.#error("is no file");
      const digest = new Bun.CryptoHasher("sha256");
      const { subject, end } = this.#readSubject(file, digest);
      if (path.endsWith(UNFINISHED)) {
        this.header = { ...subject, ...this.#readWholeBlocks(file, digest, end) };
        this.sha256 = digest.digest("hex");
      } else {
        const { coverage, endOffset } = this.#readFrames(file, digest, end);
        this.sha256 = this.#checkEnd(file, digest, endOffset);
        this.header = { ...subject, ...coverage };
      }
    } finally {
      closeSync(file);
    }
  }

  *blocks(): Generator<TapeBlock> {
    const file = openForReading(this.#path);
    try {
      for (const place of this.#places) {
        const frame = this.#readFrame(file, place.offset, place.number);
        yield this.#decode(frame.content, place.number);
      }
    } finally {
      closeSync(file);
    }
  }

  #readSubject(file: number, digest: Bun.CryptoHasher) {
    const magic = this.#read(file, 0, Math.min(MAGIC_BYTES, this.bytes), "its first bytes");
    if (Buffer.from(magic).toString("latin1") !== MAGIC)
      throw this.#error(`is no tape: expected it to start with ${JSON.stringify(MAGIC)}`);
    const head = this.#read(file, MAGIC_BYTES, SUBJECT_HEAD_BYTES, "the header's length");
    const length = Buffer.from(head).readUInt32LE(0);
    const expected = Buffer.from(head).readUInt32LE(4);
    const text = this.#read(file, MAGIC_BYTES + SUBJECT_HEAD_BYTES, length, "the header");
    const actual = Bun.hash.crc32(text) >>> 0;
    if (actual !== expected)
      throw this.#error(
        `the header is damaged: checksum ${hex32(expected)} expected, ${hex32(actual)} found`,
      );
    for (const part of [magic, head, text]) digest.update(part);
    const subject = this.#parse(SubjectJson, text, "header");
    return { subject, end: MAGIC_BYTES + SUBJECT_HEAD_BYTES + length };
  }

  #readFrames(file: number, digest: Bun.CryptoHasher, from: number) {
    let rows = 0;
    for (let offset = from; ;) {
      const number = this.#places.length + 1;
      const { tag, content } = this.#readFrame(file, offset, number);
      const head = this.#read(file, offset, FRAME_HEAD_BYTES, `block ${number}`);
      digest.update(head);
      digest.update(content);
      const bytes = FRAME_HEAD_BYTES + content.length;
      if (tag === COVERAGE_TAG) {
        const coverage = this.#parse(CoverageJson, content, "coverage");
        if (coverage.blocks !== this.#places.length || coverage.rows !== rows)
          throw this.#error(
            `its coverage says ${coverage.blocks} blocks and ${coverage.rows} rows, ${this.#places.length} and ${rows} were found`,
          );
        return { coverage, endOffset: offset + bytes };
      }
      rows += this.#decode(content, number).rows;
      this.#places.push({ number, offset, bytes });
      offset += bytes;
    }
  }

  /** Up to the first block that is torn, or the end that somebody has written after all. */
  #readWholeBlocks(file: number, digest: Bun.CryptoHasher, from: number): TapeCoverage {
    const whole = new CoverageCount();
    for (let offset = from; ;) {
      const number = this.#places.length + 1;
      let frame: Frame;
      try {
        frame = this.#readFrame(file, offset, number);
        if (frame.tag === COVERAGE_TAG) return whole.total();
        whole.add(this.#decode(frame.content, number));
      } catch (error) {
        if (error instanceof TapeError) return whole.total();
        throw error;
      }
      digest.update(this.#read(file, offset, FRAME_HEAD_BYTES, `block ${number}`));
      digest.update(frame.content);
      const bytes = FRAME_HEAD_BYTES + frame.content.length;
      this.#places.push({ number, offset, bytes });
      offset += bytes;
    }
  }

  #checkEnd(file: number, digest: Bun.CryptoHasher, offset: number): string {
    const expectedEnd = offset + DIGEST_BYTES + MAGIC_BYTES;
    const stored = this.#read(file, offset, DIGEST_BYTES, "the digest");
    const magic = this.#read(file, offset + DIGEST_BYTES, MAGIC_BYTES, "the end mark");
    const expected = Buffer.from(stored).toString("hex");
    const actual = digest.digest("hex");
    if (actual !== expected)
      throw this.#error(`is damaged: SHA-256 ${expected} expected, ${actual} found`);
    if (Buffer.from(magic).toString("latin1") !== END_MAGIC)
      throw this.#error("is damaged: its end mark is wrong");
    if (this.bytes !== expectedEnd)
      throw this.#error(`has ${this.bytes - expectedEnd} bytes after its end`);
    return actual;
  }

  #readFrame(file: number, offset: number, number: number): Frame {
    const head = Buffer.from(this.#read(file, offset, FRAME_HEAD_BYTES, `block ${number}`));
    const tag = head.readUInt8(0);
    const length = head.readUInt32LE(1);
    const expected = head.readUInt32LE(5);
    if ((tag !== BLOCK_TAG && tag !== COVERAGE_TAG) || length > MAX_FRAME_BYTES)
      throw this.#error(
        `block ${number} at byte ${offset} is damaged: tag ${tag}, ${length} bytes announced`,
      );
    const content = this.#read(file, offset + FRAME_HEAD_BYTES, length, `block ${number}`);
    const actual = frameCrc(tag, content);
    if (actual !== expected)
      throw this.#error(
        `block ${number} at byte ${offset} is damaged: checksum ${hex32(expected)} expected, ${hex32(actual)} found`,
      );
    return { tag, offset, content };
  }

  #decode(content: Uint8Array, number: number): TapeBlock {
    try {
      return decodeBlock(Bun.zstdDecompressSync(content));
    } catch (cause) {
      throw this.#error(`block ${number} cannot be decoded: ${messageOf(cause)}`, cause);
    }
  }

  #read(file: number, offset: number, length: number, what: string): Uint8Array {
    if (offset + length > this.bytes)
      throw this.#error(
        `is cut off: ${what} at byte ${offset} needs ${length} bytes, the file ends at ${this.bytes}`,
      );
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const read = readSync(file, bytes, done, length - done, offset + done);
      if (read === 0) throw this.#error(`became shorter while it was read, at byte ${offset}`);
      done += read;
    }
    return bytes;
  }

  #parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
    try {
      return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (cause) {
      throw this.#error(`its ${what} is not understood: ${messageOf(cause)}`, cause);
    }
  }

  #error(text: string, cause?: unknown): TapeError {
    return new TapeError(`tape ${this.#path}: ${text}`, cause === undefined ? {} : { cause });
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw new TapeError(`tape ${path}: cannot be opened: ${messageOf(cause)}`, { cause });
  }
}
