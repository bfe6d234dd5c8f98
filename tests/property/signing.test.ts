import { describe, expect, test } from "bun:test";
import { createL1ActionHash } from "@nktkas/hyperliquid/signing";
import fc from "fast-check";
import { l1ActionHash, phantomAgentDigest } from "../../lib/hyperliquid/signing/l1.ts";
import { encodeMessagePack } from "../../lib/hyperliquid/signing/msgpack.ts";
import { toHex } from "../../lib/hyperliquid/signing/hex.ts";
import {
  addressOf,
  initSigning,
  parsePrivateKey,
  recoverAddress,
  signDigest,
} from "../../lib/hyperliquid/signing/signature.ts";
import { TypedDataError, userSignedDigest } from "../../lib/hyperliquid/signing/userSigned.ts";

await initSigning();

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => toHex(value));
const decimal = fc
  .tuple(fc.nat(99_999_999), fc.nat(8))
  .map(([digits, places]) => String(digits / 10 ** places));
const order = fc.record({
  a: fc.nat(400_000),
  b: fc.boolean(),
  p: decimal,
  s: decimal,
  r: fc.boolean(),
  t: fc.record({ limit: fc.record({ tif: fc.constantFrom("Alo", "Ioc", "Gtc") }) }),
  c: hex(16),
});
const oid = fc.oneof(fc.maxSafeNat(), hex(16));
const action = fc.oneof(
  fc.record({
    type: fc.constant("order"),
    orders: fc.array(order, { minLength: 1, maxLength: 40 }),
    grouping: fc.constant("na"),
  }),
  fc.record({
    type: fc.constant("batchModify"),
    modifies: fc.array(fc.record({ oid, order }), { minLength: 1, maxLength: 40 }),
  }),
  fc.record({
    type: fc.constant("cancel"),
    cancels: fc.array(fc.record({ a: fc.nat(400_000), o: fc.maxSafeNat() }), { maxLength: 40 }),
  }),
  fc.record({ type: fc.constant("updateIsolatedMargin"), ntli: fc.integer() }),
  fc.record({ type: fc.constant("any"), text: fc.string({ unit: "binary", maxLength: 400 }) }),
);

describe("signing", () => {
  test("hashes as the SDK does", () => {
    fc.assert(
      fc.property(
        action,
        fc.maxSafeNat(),
        fc.option(hex(20)),
        fc.option(fc.maxSafeNat()),
        (value, nonce, vault, expires) => {
          const theirs = createL1ActionHash({
            action: value,
            nonce,
            ...(vault === null ? {} : { vaultAddress: vault as `0x${string}` }),
            ...(expires === null ? {} : { expiresAfter: expires }),
          });
          expect(toHex(l1ActionHash(value, nonce, vault, expires))).toBe(theirs);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("is recovered to the signer, also from short hex and v 0 or 1", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.bigInt({ min: 1n, max: 2n ** 255n }),
        (digest, scalar) => {
          const key = Uint8Array.fromHex(scalar.toString(16).padStart(64, "0"));
          const signature = signDigest(digest, key);
          const short = (text: string) => `0x${text.slice(2).replace(/^0+/, "").toUpperCase()}`;
          const loose = { r: short(signature.r), s: short(signature.s), v: signature.v - 27 };
          expect(recoverAddress(digest, signature)).toBe(addressOf(key));
          expect(recoverAddress(digest, loose)).toBe(addressOf(key));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("signatures that are none", () => {
  const digest = phantomAgentDigest(new Uint8Array(32), "a");
  const good = signDigest(digest, new Uint8Array(32).fill(7));
  const bad: readonly [string, { r: string; s: string; v: number }][] = [
    ["r is zero", { ...good, r: "0x0" }],
    ["s is zero", { ...good, s: "0x0" }],
    ["r is beyond the order", { ...good, r: `0x${"f".repeat(64)}` }],
    ["r is too long", { ...good, r: `0x1${good.r.slice(2)}` }],
    ["r is empty", { ...good, r: "0x" }],
    ["s is no hex", { ...good, s: "0xzz" }],
    ["v is 29", { ...good, v: 29 }],
    ["v is -1", { ...good, v: -1 }],
    ["v is no number", { ...good, v: Number.NaN }],
  ];
  test.each(bad)("%s", (_, signature) => {
    expect(recoverAddress(digest, signature)).toBeNull();
  });
});

describe("encoding", () => {
  const cases: readonly [string, Parameters<typeof encodeMessagePack>[0], string][] = [
    ["null", null, "c0"],
    ["127", 127, "7f"],
    ["128", 128, "cc80"],
    ["65535", 65_535, "cdffff"],
    ["2^32-1", 2 ** 32 - 1, "ceffffffff"],
    ["2^32", 2 ** 32, "cf0000000100000000"],
    ["uint64", 2n ** 64n - 1n, "cfffffffffffffffff"],
    ["-1", -1, "ff"],
    ["-33", -33, "d0df"],
    ["-129", -129, "d1ff7f"],
    ["-32769", -32_769, "d2ffff7fff"],
    ["-2^31-1", -(2 ** 31) - 1, "d3ffffffff7fffffff"],
    ["absent keys", { b: true, a: undefined, c: "é" }, "82a162c3a163a2c3a9"],
    ["32 characters", "x".repeat(32), `d920${"78".repeat(32)}`],
    ["sixteen items", Array.from({ length: 16 }, () => false), `dc0010${"c2".repeat(16)}`],
  ];
  test.each(cases)("%s", (_, value, expected) => {
    expect(encodeMessagePack(value).toHex()).toBe(expected);
  });

  test("refuses what would hash differently elsewhere", () => {
    expect(() => encodeMessagePack(1.5)).toThrow("safe integer, got 1.5");
    expect(() => encodeMessagePack(2 ** 60)).toThrow("safe integer");
    expect(() => encodeMessagePack(2n ** 64n)).toThrow("64 bits");
  });

  test("grows for large actions and stays right after them", () => {
    const large = encodeMessagePack(Array.from({ length: 5000 }, (_, i) => `order ${i}`));
    expect(large.slice(0, 3).toHex()).toBe("dc1388");
    expect(encodeMessagePack({ type: "noop" }).toHex()).toBe("81a474797065a46e6f6f70");
  });
});

describe("keys and typed data", () => {
  test("a bad key is refused without being shown", () => {
    const secret = `0x${"0".repeat(64)}`;
    for (const text of ["", "0x12", secret, `0x${"z".repeat(64)}`]) {
      expect(() => parsePrivateKey(text)).toThrow(/^the private key is not valid.*not shown\)$/);
    }
    expect(addressOf(parsePrivateKey(` ${"01".repeat(32)}\n`))).toMatch(/^0x[0-9a-f]{40}$/);
  });

  test("a wrong field is named", () => {
    const fields = [{ name: "time", type: "uint64" }] as const;
    expect(() => userSignedDigest("X", fields, { signatureChainId: "0x1", time: -1 })).toThrow(
      "time must be of type uint64, got -1",
    );
    expect(() => userSignedDigest("X", fields, { time: 1 })).toThrow(TypedDataError);
    const address = [{ name: "agentAddress", type: "address" }] as const;
    expect(() =>
      userSignedDigest("X", address, { signatureChainId: "0x1", agentAddress: "0x12" }),
    ).toThrow('agentAddress must be of type address, got "0x12"');
  });
});
