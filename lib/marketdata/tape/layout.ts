/**
 * A tape file, numbers little endian:
 *
 *   magic (8) | subject: length u32, crc32 u32, JSON | frames | end: SHA-256 of all before (32), magic (8)
 *   frame: tag u8 | stored bytes u32 | crc32 u32 of tag, length and content | content
 *
 * Tag "B" is a block of rows, compressed with zstd; tag "C" closes the file with its coverage as JSON. A recorder can
 * therefore write block by block, and a file without its end is recognised as cut off.
 */
export const FORMAT_VERSION = 1;
export const MAGIC = "A5TAPE1\n";
export const END_MAGIC = "A5TEND1\n";
export const MAGIC_BYTES = 8;
export const SUBJECT_HEAD_BYTES = 8;
export const FRAME_HEAD_BYTES = 9;
export const DIGEST_BYTES = 32;
export const BLOCK_TAG = 0x42;
export const COVERAGE_TAG = 0x43;
/** No honest frame is larger; a length beyond it is damage. */
export const MAX_FRAME_BYTES = 1 << 28;

/** The file is not a tape, is damaged or is cut off. The text names file, place, expected and actual. */
export class TapeError extends Error {
  override readonly name = "TapeError";
}

/** Checksum of a frame: of its tag, its length and its content. */
export function frameCrc(tag: number, content: Uint8Array): number {
  const head = new Uint8Array(5);
  head[0] = tag;
  new DataView(head.buffer).setUint32(1, content.length, true);
  return Bun.hash.crc32(Buffer.concat([head, content])) >>> 0;
}

export function hex32(value: number): string {
  return value.toString(16).padStart(8, "0");
}
