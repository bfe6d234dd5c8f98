import { describe, expect, test } from "bun:test";
import { l1ActionHash, phantomAgentDigest } from "../../lib/hyperliquid/signing/l1.ts";
import type { WireValue } from "../../lib/hyperliquid/signing/msgpack.ts";
import { nobleEcdsa } from "../../lib/hyperliquid/signing/ecdsa.ts";
import {
  addressOf,
  initSigning,
  parsePrivateKey,
  recoverAddress,
  signDigest,
} from "../../lib/hyperliquid/signing/signature.ts";
import type { Signature } from "../../lib/hyperliquid/signing/signature.ts";
import { USER_SIGNED_TYPES, userSignedDigest } from "../../lib/hyperliquid/signing/userSigned.ts";
import { toHex } from "../../lib/hyperliquid/signing/hex.ts";

type L1Vector = {
  readonly id: string;
  readonly key: string;
  readonly action: WireValue;
  readonly nonce: number;
  readonly vault: string | null;
  readonly expiresAfter: number | null;
  readonly hash: string;
  readonly a: string;
  readonly b: string;
};
type UserVector = {
  readonly id: string;
  readonly key: string;
  readonly action: { readonly type: string; readonly [key: string]: unknown };
  readonly signature: string;
};
type Vectors = {
  readonly keys: {
    readonly [id: string]: { readonly privateKey: string; readonly address: string };
  };
  readonly l1: readonly L1Vector[];
  readonly user: readonly UserVector[];
};

const vectors = (await Bun.file(`${import.meta.dir}/signing-vectors.json`).json()) as Vectors;
const key = (id: string) => parsePrivateKey(vectors.keys[id]?.privateKey ?? "");
const address = (id: string) => (vectors.keys[id]?.address ?? "").toLowerCase();
const joined = (signature: Signature) => `${signature.r}|${signature.s}|${signature.v}`;

function check(): void {
  for (const vector of vectors.l1) {
    const hash = l1ActionHash(vector.action, vector.nonce, vector.vault, vector.expiresAfter);
    expect([vector.id, toHex(hash)]).toEqual([vector.id, vector.hash]);
    for (const source of ["a", "b"] as const) {
      const digest = phantomAgentDigest(hash, source);
      const signature = signDigest(digest, key(vector.key));
      expect([vector.id, source, joined(signature)]).toEqual([vector.id, source, vector[source]]);
      expect(recoverAddress(digest, signature)).toBe(address(vector.key));
    }
  }
  for (const vector of vectors.user) {
    const type = USER_SIGNED_TYPES[vector.action.type];
    if (type === undefined) throw new Error(`no type for ${vector.action.type}`);
    const digest = userSignedDigest(type.primaryType, type.fields, vector.action);
    const signature = signDigest(digest, key(vector.key));
    expect([vector.id, joined(signature)]).toEqual([vector.id, vector.signature]);
    expect(recoverAddress(digest, signature)).toBe(address(vector.key));
  }
}

describe("published signatures", () => {
  test("have enough of each kind", () => {
    expect(vectors.l1.length).toBeGreaterThanOrEqual(28);
    expect(vectors.user.length).toBeGreaterThanOrEqual(4);
  });

  test("addresses follow from the keys", () => {
    for (const id of Object.keys(vectors.keys)) expect(addressOf(key(id))).toBe(address(id));
  });

  test("match before the fast hash is loaded and after", async () => {
    check();
    const backend = await initSigning();
    expect(backend).toMatch(/^(native|noble)\+wasm$/);
    check();
  });

  test("match with the portable curve", () => {
    for (const vector of vectors.l1) {
      const hash = l1ActionHash(vector.action, vector.nonce, vector.vault, vector.expiresAfter);
      const digest = phantomAgentDigest(hash, "a");
      const { compact, recovery } = nobleEcdsa.sign(digest, key(vector.key));
      expect(`${toHex(compact, 0, 32)}|${toHex(compact, 32)}|${27 + recovery}`).toBe(vector.a);
      expect(toHex(nobleEcdsa.recover(digest, compact, recovery) ?? new Uint8Array())).toBe(
        toHex(nobleEcdsa.publicKey(key(vector.key)) ?? new Uint8Array([1])),
      );
    }
  });
});
