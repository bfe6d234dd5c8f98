import { assert } from "../../units/assert.ts";

/** What an action is made of. Optional keys are absent or undefined, never null, unless the venue defines null. */
export type WireValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly WireValue[]
  | { readonly [key: string]: WireValue | undefined };

const text = new TextEncoder();
const BYTES_AT_START = 4096;
const BYTES_MAX = 4 * 1024 * 1024;
const UINT32_MAX = 0xffff_ffff;
const INT32_MIN = -0x8000_0000;
const UINT64_MAX = 0xffff_ffff_ffff_ffffn;
const INT64_MIN = -0x8000_0000_0000_0000n;

let bytes = new Uint8Array(BYTES_AT_START);
let view = new DataView(bytes.buffer);
let at = 0;

function room(count: number): void {
  if (at + count <= bytes.length) return;
  assert(at + count <= BYTES_MAX, `an action encodes to at most ${BYTES_MAX} bytes`);
  const larger = new Uint8Array(Math.max(bytes.length * 2, at + count));
  larger.set(bytes);
  bytes = larger;
  view = new DataView(bytes.buffer);
}

/** Writes a collection's or string's header: short form up to `shortMax`, else 16 or 32 bits. */
function header(count: number, short: number, shortMax: number, code16: number): void {
  room(5);
  if (count <= shortMax) bytes[at++] = short | count;
  else if (count <= 0xffff) {
    bytes[at++] = code16;
    view.setUint16(at, count);
    at += 2;
  } else {
    bytes[at++] = code16 + 1;
    view.setUint32(at, count);
    at += 4;
  }
}

function writeString(value: string): void {
  const length = value.length;
  room(length * 3 + 5);
  const start = at;
  if (length <= 31) {
    let index = 0;
    at = start + 1;
    for (; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) break;
      bytes[at++] = code;
    }
    if (index === length) {
      bytes[start] = 0xa0 | length;
      return;
    }
    at = start;
  }
  const encoded = text.encode(value);
  if (encoded.length > 31 && encoded.length <= 0xff) {
    bytes[at++] = 0xd9;
    bytes[at++] = encoded.length;
  } else header(encoded.length, 0xa0, 31, 0xda);
  room(encoded.length);
  bytes.set(encoded, at);
  at += encoded.length;
}

function writeBigInt(value: bigint): void {
  assert(value >= INT64_MIN && value <= UINT64_MAX, `an integer fits 64 bits, got ${value}`);
  room(9);
  bytes[at++] = value < 0n ? 0xd3 : 0xcf;
  if (value < 0n) view.setBigInt64(at, value);
  else view.setBigUint64(at, value);
  at += 8;
}

function writeNegative(value: number): void {
  if (value >= -32) bytes[at++] = 0x100 + value;
  else if (value >= -0x80) {
    bytes[at++] = 0xd0;
    view.setInt8(at++, value);
  } else if (value >= -0x8000) {
    bytes[at++] = 0xd1;
    view.setInt16(at, value);
    at += 2;
  } else {
    bytes[at++] = 0xd2;
    view.setInt32(at, value);
    at += 4;
  }
}

function writeInteger(value: number): void {
  assert(Number.isSafeInteger(value), `a number in an action is a safe integer, got ${value}`);
  if (value > UINT32_MAX || value < INT32_MIN) {
    writeBigInt(BigInt(value));
    return;
  }
  room(5);
  if (value < 0) writeNegative(value);
  else if (value <= 0x7f) bytes[at++] = value;
  else if (value <= 0xff) {
    bytes[at++] = 0xcc;
    bytes[at++] = value;
  } else if (value <= 0xffff) {
    bytes[at++] = 0xcd;
    view.setUint16(at, value);
    at += 2;
  } else {
    bytes[at++] = 0xce;
    view.setUint32(at, value);
    at += 4;
  }
}

function writeMap(value: { readonly [key: string]: WireValue | undefined }): void {
  const keys = Object.keys(value);
  let count = 0;
  for (const key of keys) if (value[key] !== undefined) count++;
  header(count, 0x80, 15, 0xde);
  for (const key of keys) {
    const item = value[key];
    if (item === undefined) continue;
    writeString(key);
    write(item);
  }
}

function write(value: WireValue): void {
  if (typeof value === "string") writeString(value);
  else if (typeof value === "number") writeInteger(value);
  else if (typeof value === "boolean") writeByte(value ? 0xc3 : 0xc2);
  else if (value === null) writeByte(0xc0);
  else if (typeof value === "bigint") {
    if (value >= BigInt(INT32_MIN) && value <= BigInt(UINT32_MAX)) writeInteger(Number(value));
    else writeBigInt(value);
  } else if (isList(value)) {
    header(value.length, 0x90, 15, 0xdc);
    for (const item of value) write(item);
  } else {
    assert(typeof value === "object", `an action holds plain data, got a ${typeof value}`);
    writeMap(value);
  }
}

function writeByte(code: number): void {
  room(1);
  bytes[at++] = code;
}

function isList(value: object): value is readonly WireValue[] {
  return Array.isArray(value);
}

/**
 * MessagePack of an action as the venue hashes it: keys in insertion order, smallest integer forms, integers from
 * 2^32 on as 64 bits, decimals as strings.
 *
 * @returns a view into a buffer that the next call overwrites, with `spare` writable bytes behind it.
 * @throws AssertionError for a fraction, an unsafe integer or a foreign type.
 * @see the venue's signing page, and its Python SDK's `action_hash`.
 */
export function encodeShared(value: WireValue, spare: number): Uint8Array {
  at = 0;
  write(value);
  room(spare);
  return bytes.subarray(0, at + spare);
}

/** MessagePack of an action as bytes of the caller's own. Rules as `encodeShared`. */
export function encodeMessagePack(value: WireValue): Uint8Array {
  return encodeShared(value, 0).slice();
}
