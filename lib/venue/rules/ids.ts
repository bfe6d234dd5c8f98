/** The crowd of a simulated market and the recorded participants of a replayed one: one anonymous house account. */
export const HOUSE_ADDRESS = "0x0000000000000000000000000000000000000001";

/** Who takes over what a dex liquidates below two thirds of maintenance (HIP-3 for builders' dexes; the main one's is assumed). */
export function backstopAddress(dexIndex: number): string {
  return `0x40${dexIndex.toString(16).padStart(38, "0")}`;
}

/** Murmur's 32-bit finaliser: every input bit moves every output bit. */
function mix32(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function fold(seed: number, value: number): number {
  const low = value >>> 0;
  const high = Math.floor(value / 0x1_0000_0000) >>> 0;
  return mix32(mix32(seed ^ low) + high);
}

/** 50-bit number from the two order ids, as the venue derives its `tid` (trades feed). */
export function tradeId(buyerOid: number, sellerOid: number): number {
  const low = fold(fold(0x9e3779b9, buyerOid), sellerOid);
  const high = fold(fold(0x7f4a7c15, buyerOid), sellerOid) & 0x3ffff;
  return high * 0x1_0000_0000 + low;
}

/** 32-byte hash text of the `index`-th transaction of a block. */
export function transactionHash(blockMs: number, index: number): string {
  let text = "0x";
  for (let word = 0; word < 8; word += 1) {
    text += fold(fold(Math.imul(word + 1, 0x9e3779b9), blockMs), index)
      .toString(16)
      .padStart(8, "0");
  }
  return text;
}

/** 64-bit FNV-like digest of a text, as two 32-bit lanes in hex. For comparing states, not for security. */
export function digest(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) + 0x27d4eb2f;
  }
  return mix32(a).toString(16).padStart(8, "0") + mix32(b).toString(16).padStart(8, "0");
}
