import { assert } from "../../units/assert.ts";
import { loadNativeEcdsa, nobleEcdsa } from "./ecdsa.ts";
import type { Ecdsa } from "./ecdsa.ts";
import { fromHexPadded, toHex } from "./hex.ts";
import { keccak256, keccakName, loadFastKeccak } from "./keccak.ts";

/** As it goes over the wire. Ours are 32-byte hex with v 27 or 28; others' may be shorter, and v 0 or 1. */
export type Signature = { readonly r: string; readonly s: string; readonly v: number };

const ecdsa: Ecdsa = loadNativeEcdsa() ?? nobleEcdsa;

/** What signs in this process: "native+wasm" is the fast path, "noble" parts are the portable ones. */
function signingBackend(): string {
  return `${ecdsa.name}+${keccakName()}`;
}

/**
 * Loads the fast hash. Signing works without it, five times slower in the hash; call it once per thread before warming.
 * @returns the backend's name, to be said at start.
 */
export async function initSigning(): Promise<string> {
  await loadFastKeccak();
  return signingBackend();
}

/**
 * A private key from its text form.
 * @throws Error that never repeats the text.
 */
export function parsePrivateKey(text: string): Uint8Array {
  const trimmed = text.trim();
  const key = /^(0x)?[0-9a-fA-F]{64}$/.test(trimmed) ? fromHexPadded(trimmed, 32) : null;
  if (key === null || ecdsa.publicKey(key) === null) {
    throw new Error(
      "the private key is not valid: allowed are 64 hex digits, with or without 0x in front (its text is not shown)",
    );
  }
  return key;
}

/** Signs a 32-byte digest. Deterministic: the same digest and key give the same signature. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): Signature {
  assert(digest.length === 32, `a digest has 32 bytes, got ${digest.length}`);
  const { compact, recovery } = ecdsa.sign(digest, privateKey);
  return { r: toHex(compact, 0, 32), s: toHex(compact, 32, 64), v: 27 + recovery };
}

/**
 * Lower-case address that made the signature.
 * @returns null when r, s or v are no signature at all: the venue says "Unable to recover signer."
 */
export function recoverAddress(digest: Uint8Array, signature: Signature): string | null {
  const r = fromHexPadded(signature.r, 32);
  const s = fromHexPadded(signature.s, 32);
  const recovery = signature.v >= 27 ? signature.v - 27 : signature.v;
  if (r === null || s === null || (recovery !== 0 && recovery !== 1)) return null;
  const compact = new Uint8Array(64);
  compact.set(r, 0);
  compact.set(s, 32);
  const publicKey = ecdsa.recover(digest, compact, recovery);
  return publicKey === null ? null : addressOfPublicKey(publicKey);
}

/** Lower-case address of a private key. */
export function addressOf(privateKey: Uint8Array): string {
  const publicKey = ecdsa.publicKey(privateKey);
  assert(publicKey !== null, "a private key is a valid scalar");
  return addressOfPublicKey(publicKey);
}

function addressOfPublicKey(publicKey: Uint8Array): string {
  return toHex(keccak256(publicKey.subarray(1)), 12, 32);
}
