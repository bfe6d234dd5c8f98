import { createRequire } from "node:module";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as noble from "@noble/secp256k1";
import type * as Secp256k1 from "secp256k1";

/** Elliptic-curve work on secp256k1, all on 32-byte digests. Signatures are deterministic (RFC 6979) with low s. */
export type Ecdsa = {
  readonly name: "native" | "noble";
  /** @returns 64 bytes r then s, and the recovery id. */
  readonly sign: (
    digest: Uint8Array,
    privateKey: Uint8Array,
  ) => { readonly compact: Uint8Array; readonly recovery: number };
  /** @returns 65 bytes of the uncompressed public key; null when nobody can have signed so. */
  readonly recover: (
    digest: Uint8Array,
    compact: Uint8Array,
    recovery: number,
  ) => Uint8Array | null;
  /** @returns 65 bytes of the uncompressed public key; null when the key is no valid scalar. */
  readonly publicKey: (privateKey: Uint8Array) => Uint8Array | null;
};

noble.hashes.sha256 = sha256;
noble.hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

/** The portable implementation: always there, about four times slower than the native one. */
export const nobleEcdsa: Ecdsa = {
  name: "noble",
  sign: (digest, privateKey) => {
    const signature = noble.sign(digest, privateKey, { prehash: false, format: "recovered" });
    return { compact: signature.slice(1), recovery: signature[0] ?? 0 };
  },
  recover: (digest, compact, recovery) => {
    try {
      const signature = new Uint8Array(65);
      signature[0] = recovery;
      signature.set(compact, 1);
      return noble.Point.fromBytes(
        noble.recoverPublicKey(signature, digest, { prehash: false }),
      ).toBytes(false);
    } catch {
      return null;
    }
  },
  publicKey: (privateKey) =>
    noble.utils.isValidSecretKey(privateKey) ? noble.getPublicKey(privateKey, false) : null,
};

/**
 * The native addon, or null where no binary loads. The package's own entry would fall back to a slow implementation in
 * silence, so its binding is asked for directly.
 */
export function loadNativeEcdsa(): Ecdsa | null {
  try {
    const addon = createRequire(import.meta.url)("secp256k1/bindings.js") as typeof Secp256k1;
    const ecdsa = nativeEcdsa(addon);
    return agrees(ecdsa) ? ecdsa : null;
  } catch {
    return null;
  }
}

function nativeEcdsa(addon: typeof Secp256k1): Ecdsa {
  return {
    name: "native",
    sign: (digest, privateKey) => {
      const { signature, recid } = addon.ecdsaSign(digest, privateKey);
      return { compact: signature, recovery: recid };
    },
    recover: (digest, compact, recovery) => {
      try {
        return addon.ecdsaRecover(compact, recovery, digest, false);
      } catch {
        return null;
      }
    },
    publicKey: (privateKey) =>
      addon.privateKeyVerify(privateKey) ? addon.publicKeyCreate(privateKey, false) : null,
  };
}

/** A binary that loads but answers otherwise than the portable implementation is not used. */
function agrees(candidate: Ecdsa): boolean {
  const key = new Uint8Array(32).fill(1);
  const digest = new Uint8Array(32).fill(2);
  const mine = candidate.sign(digest, key);
  const theirs = nobleEcdsa.sign(digest, key);
  const recovered = candidate.recover(digest, mine.compact, mine.recovery);
  return (
    mine.recovery === theirs.recovery &&
    mine.compact.toHex() === theirs.compact.toHex() &&
    recovered?.toHex() === nobleEcdsa.publicKey(key)?.toHex()
  );
}
