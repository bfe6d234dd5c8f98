const DIGITS = "0123456789abcdef";
const PAIRS = Array.from(
  { length: 256 },
  (_, byte) => (DIGITS[byte >> 4] ?? "") + (DIGITS[byte & 15] ?? ""),
);

/** Lower-case hex with "0x" in front. */
export function toHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let out = "0x";
  for (let i = start; i < end; i++) out += PAIRS[bytes[i] ?? 0];
  return out;
}

/**
 * Hex of any digit case, with or without "0x", left-padded with zeros to `length` bytes.
 * @returns null when it is no hex or is longer than `length` bytes.
 */
export function fromHexPadded(text: string, length: number): Uint8Array | null {
  const digits = text.startsWith("0x") ? text.slice(2) : text;
  if (digits.length === 0 || digits.length > length * 2 || !/^[0-9a-fA-F]+$/.test(digits)) {
    return null;
  }
  return Uint8Array.fromHex(digits.padStart(length * 2, "0"));
}
