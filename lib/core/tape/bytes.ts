/** Whole numbers as bytes of seven bits, low ones first (LEB128); signed ones zigzagged. Exact up to 2^53 - 1. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length] = value;
    this.#length++;
  }

  /** @param value 0 to 2^53 - 1. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** @param value within plus or minus 2^52 - 1. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  append(other: Uint8Array): void {
    while (this.#length + other.length > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(other, this.#length);
    this.#length += other.length;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Bytes that do not say what they should. Never seen behind a checksum that holds. */
export class BytesError extends Error {
  override readonly name = "BytesError";
}

/** Reads what ByteWriter wrote. @throws BytesError beyond the end or beyond 2^53. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, from = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  byte(): number {
    if (this.#at >= this.#end) throw new BytesError(`column ends at byte ${this.#end}`);
    const value = this.#bytes[this.#at] ?? 0;
    this.#at++;
    return value;
  }

  unsigned(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte - 0x80;
    for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
      byte = this.byte();
      value += (byte % 0x80) * scale;
    }
    if (value > Number.MAX_SAFE_INTEGER) throw new BytesError(`number beyond 2^53: ${value}`);
    return value;
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** The next `length` bytes as a reader of their own. */
  section(length: number): ByteReader {
    if (this.#at + length > this.#end)
      throw new BytesError(`section of ${length} bytes beyond byte ${this.#end}`);
    this.#at += length;
    return new ByteReader(this.#bytes, this.#at - length, this.#at);
  }

  expectEnd(): void {
    if (this.#at !== this.#end) throw new BytesError(`${this.#end - this.#at} bytes too many`);
  }
}
