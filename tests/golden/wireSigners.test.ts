import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseEnvelope } from "../../lib/venue/server/envelope.ts";
import { SignerRecovery } from "../../lib/venue/server/signer.ts";
import { ShapeError } from "../../lib/venue/server/shape.ts";

type Json = { readonly [key: string]: unknown };
type Vector = {
  readonly id: string;
  readonly key: string;
  readonly action: Json;
  readonly nonce: number;
  readonly vault: string | null;
  readonly expiresAfter: number | null;
  readonly a: string;
  readonly b: string;
};
type Vectors = {
  readonly keys: Readonly<Record<string, { readonly address: string }>>;
  readonly l1: readonly Vector[];
  readonly user: readonly {
    readonly id: string;
    readonly key: string;
    readonly action: Json;
    readonly signature: string;
  }[];
};

/** Public test vectors; their sources are named in the file. */
const vectors = (await Bun.file(`${import.meta.dir}/signing-vectors.json`).json()) as Vectors;
const addressOf = (key: string) => (vectors.keys[key]?.address ?? "").toLowerCase();
/** One vector hashes "2000.0", which no client sends and the venue would rewrite to "2000" before hashing. */
const NOT_CANONICAL = '"2000.0"';

function signatureOf(text: string): Json {
  const [r, s, v] = text.split("|");
  return { r, s, v: Number(v) };
}

function bodyOf(vector: Vector, source: "a" | "b", action: unknown = vector.action): Json {
  return {
    action,
    nonce: vector.nonce,
    signature: signatureOf(vector[source]),
    vaultAddress: vector.vault,
    expiresAfter: vector.expiresAfter,
  };
}

function recoverOf(body: Json, signer: string): string | null {
  return new SignerRecovery((address) => address === signer).recover(parseEnvelope(body)).signer;
}

function isParsed(action: Json): boolean {
  try {
    parseEnvelope({ action, nonce: 0, signature: { r: "0x1", s: "0x1", v: 27 } });
    return true;
  } catch (error) {
    if (error instanceof ShapeError) return false;
    throw error;
  }
}

const parsed = vectors.l1.filter(
  ({ action }) => isParsed(action) && !JSON.stringify(action).includes(NOT_CANONICAL),
);

describe("signers of the public vectors", () => {
  test("most vectors are actions that this exchange reads", () => {
    expect(parsed.length).toBeGreaterThanOrEqual(15);
  });

  test.each(parsed.map((vector) => [vector.id, vector] as const))("%s", (_id, vector) => {
    const signer = addressOf(vector.key);
    for (const source of ["a", "b"] as const) {
      if (vector[source] === undefined) continue;
      expect(recoverOf(bodyOf(vector, source), signer)).toBe(signer);
    }
  });

  test("approveAgent, whatever chain it was signed for", () => {
    const vector = vectors.user.find(({ action }) => action["type"] === "approveAgent");
    const signer = addressOf(vector?.key ?? "");
    const body = {
      action: vector?.action,
      nonce: vector?.action["nonce"],
      signature: signatureOf(vector?.signature ?? ""),
    };
    expect(recoverOf(body, signer)).toBe(signer);
    const elsewhere = { ...body, action: { ...vector?.action, signatureChainId: "0x1" } };
    expect(recoverOf(elsewhere, signer)).not.toBe(signer);
  });
});

describe("what a client may vary without changing its signature", () => {
  const vector = parsed.find(({ action }) => action["type"] === "batchModify") as Vector;
  const signer = addressOf(vector.key);

  test("the order of keys", () => {
    const shuffled = fc.integer().map((seed) => shuffleKeys(vector.action, seed));
    fc.assert(
      fc.property(shuffled, (action) => {
        expect(recoverOf(bodyOf(vector, "b", action), signer)).toBe(signer);
      }),
      { numRuns: 30 },
    );
  });

  test("padding of decimals, case of cloids, fields that an order does not have", () => {
    const text = JSON.stringify(vector.action)
      .replaceAll(/"p":"([\d.]+)"/g, '"p":"00$100","note":[1]')
      .replaceAll(/"s":"([\d.]+)"/g, '"s":"$10"')
      .replaceAll(/0x([0-9a-f]{32})/g, (_hex, digits: string) => `0x${digits.toUpperCase()}`);
    expect(text).not.toBe(JSON.stringify(vector.action));
    expect(recoverOf(bodyOf(vector, "b", JSON.parse(text)), signer)).toBe(signer);
  });

  test("short and odd r and s, v from zero", () => {
    const short = parsed.find(({ a }) => a.startsWith("0x0")) as Vector;
    const [r, s, v] = short.a.split("|");
    const signature = { r: r?.replace(/^0x0+/, "0x"), s, v: Number(v) - 27, extra: true };
    const body = { ...bodyOf(short, "a"), signature };
    expect(recoverOf(body, addressOf(short.key))).toBe(addressOf(short.key));
  });
});

test("a signature that is none recovers nobody", () => {
  const vector = parsed[0] as Vector;
  const body = { ...bodyOf(vector, "a"), signature: { r: "0x0", s: "0x0", v: 27 } };
  expect(recoverOf(body, addressOf(vector.key))).toBeNull();
});

function shuffleKeys(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffleKeys(item, seed));
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value).toSorted((a, b) => rank(a, seed) - rank(b, seed));
  return Object.fromEntries(keys.map((key) => [key, shuffleKeys((value as Json)[key], seed)]));
}

function rank(key: string, seed: number): number {
  return Bun.hash.crc32(key, seed >>> 0);
}
