import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseDecimal } from "../../lib/units/decimal.ts";
import { NO_PRIORITY, NOT_PLACEABLE, parseAction } from "../../lib/venue/server/canonical.ts";
import { parseEnvelope } from "../../lib/venue/server/envelope.ts";
import { isJsonContentType, NotJsonError, readJson } from "../../lib/venue/server/readJson.ts";
import { ReleaseQueue } from "../../lib/venue/server/releaseQueue.ts";
import { addressAt, cloidAt, decimalAt, ShapeError } from "../../lib/venue/server/shape.ts";

const order = { a: 0, b: true, p: "30000", s: "0.1", r: false, t: { limit: { tif: "Alo" } } };
const signature = { r: "0x1", s: "0x1", v: 27 };
const cloid = `0x${"ab".repeat(16)}`;
const outcomeOf = (action: unknown): unknown => parseAction(action).outcome;

describe("decimals", () => {
  test.each([
    ["1.500", "1.5"],
    ["007.0", "7"],
    [".5", "0.5"],
    ["5.", "5"],
    ["0", "0"],
    ["0.000", "0"],
    ["1.12345678", "1.12345678"],
    ["1.1234567800", "1.12345678"],
  ])("%p becomes %p", (text, canonical) => {
    expect(decimalAt(text, "p")).toBe(canonical);
  });

  test.each(["", ".", "-1", "+1", "1e5", " 1", "1,5", "0x1", "NaN", "1.123456789", "1.2.3"])(
    "%p is refused",
    (text) => {
      expect(() => decimalAt(text, "p")).toThrow(ShapeError);
    },
  );

  test("the canonical form keeps the value and does not change again", () => {
    const decimals = fc
      .tuple(fc.nat(1e9), fc.nat(99_999_999), fc.nat(3), fc.nat(3))
      .map(
        ([whole, fraction, before, behind]) =>
          "0".repeat(before) + whole + "." + String(fraction).padStart(8, "0") + "0".repeat(behind),
      );
    fc.assert(
      fc.property(decimals, (text) => {
        const canonical = decimalAt(text, "p");
        expect(decimalAt(canonical, "p")).toBe(canonical);
        expect(parseDecimal(canonical, 8)).toBe(parseDecimal(text, 8));
        expect(canonical).not.toMatch(/^0\d|\.$|\.\d*0$/);
      }),
    );
  });
});

describe("hex", () => {
  test("addresses with and without 0x, in any digit case", () => {
    expect(addressAt("AB".repeat(20), "user")).toBe(`0x${"ab".repeat(20)}`);
    expect(addressAt(`0x${"Ab".repeat(20)}`, "user")).toBe(`0x${"ab".repeat(20)}`);
  });
  test.each([`0X${"ab".repeat(20)}`, "0x12", `0x${"zz".repeat(20)}`, 12])(
    "%p is refused",
    (value) => {
      expect(() => addressAt(value, "user")).toThrow(ShapeError);
    },
  );
  test("cloids need 0x and 32 digits", () => {
    expect(cloidAt(cloid.toUpperCase().replace("0X", "0x"), "c")).toBe(cloid);
    expect(() => cloidAt("ab".repeat(16), "c")).toThrow(ShapeError);
  });
});

describe("actions", () => {
  test.each([
    ["an unknown type", { type: "teleport" }],
    ["a name from Object", { type: "constructor" }],
    ["no type", { orders: [] }],
    ["a list", []],
    ["an unknown field", { type: "order", orders: [order], grouping: "na", extra: 1 }],
    ["a number for a price", { type: "order", orders: [{ ...order, p: 30_000 }], grouping: "na" }],
    ["an unknown tif", { type: "order", orders: [{ ...order, t: { limit: { tif: "alo" } } }] }],
    ["an unknown grouping", { type: "order", orders: [order], grouping: "nb" }],
    ["a short cloid", { type: "order", orders: [{ ...order, c: "0x1" }], grouping: "na" }],
    ["a negative oid", { type: "cancel", cancels: [{ a: 0, o: -1 }] }],
    ["a fraction", { type: "updateLeverage", asset: 0, isCross: false, leverage: 1.5 }],
    ["a missing field", { type: "updateLeverage", asset: 0, isCross: false }],
  ])("%s is refused", (_what, action) => {
    expect(() => parseAction(action)).toThrow(ShapeError);
  });

  test("defaults: not reduce-only, grouping na, no cloid", () => {
    const { r: _r, ...bare } = order;
    const outcome = outcomeOf({ type: "order", orders: [{ ...bare, c: null }] });
    expect(outcome).toEqual({ act: { type: "order", orders: [order], grouping: "na" } });
  });

  test("an empty batch is well-formed: the core answers it", () => {
    expect(parseAction({ type: "order", orders: [] }).outcome).toHaveProperty("act");
  });

  const gtc = { ...order, t: { limit: { tif: "Gtc" } } };
  const ioc = { ...order, t: { limit: { tif: "Ioc" } } };
  test.each([
    ["a priority", { type: "order", orders: [order], grouping: { p: 1 } }, NO_PRIORITY],
    ["a modify to IOC", { type: "modify", oid: 1, order: ioc }, NOT_PLACEABLE],
  ])("%s is understood but not offered", (_what, action, refusal) => {
    expect(parseAction(action).outcome).toEqual({ refusal });
  });

  test("a builder without a fee changes nothing", () => {
    const builder = { b: `0x${"ab".repeat(20)}`, f: 0 };
    expect(parseAction({ type: "order", orders: [order], builder }).outcome).toHaveProperty("act");
  });

  test("a modify makes a GTC post-only unless it is always placed", () => {
    const modify = { type: "modify", oid: cloid, order: gtc };
    expect(outcomeOf(modify)).toEqual({ act: { ...modify, order } });
    expect(outcomeOf({ ...modify, a: true })).toEqual({ act: { ...modify, always: true } });
  });

  test("the fast flag of a cancel is hashed only when set", () => {
    const cancel = { type: "cancel", cancels: [{ a: 0, o: 1 }] };
    expect(parseAction({ ...cancel, f: false }).signing).toEqual({ kind: "l1", canonical: cancel });
    expect(parseAction({ ...cancel, f: true }).signing).toEqual({
      kind: "l1",
      canonical: { ...cancel, f: true },
    });
  });
});

describe("envelopes", () => {
  const body = { action: { type: "noop" }, nonce: 1, signature };
  test("explicit nulls and absent fields are the same", () => {
    expect(parseEnvelope({ ...body, vaultAddress: null, expiresAfter: null })).toEqual(
      parseEnvelope(body),
    );
  });
  test.each([
    ["an unknown field", { ...body, isFrontend: true }],
    ["no signature", { action: body.action, nonce: 1 }],
    ["a text nonce", { ...body, nonce: "1" }],
    ["a fraction as nonce", { ...body, nonce: 1.5 }],
    ["r without 0x", { ...body, signature: { ...signature, r: "11" } }],
    ["r of 33 bytes", { ...body, signature: { ...signature, r: `0x${"1".repeat(65)}` } }],
    ["a list", [body]],
    ["null", null],
  ])("%s is refused", (_what, value) => {
    expect(() => parseEnvelope(value)).toThrow(ShapeError);
  });
});

describe("bodies", () => {
  test("bytes after the first value are ignored", () => {
    expect(readJson('{"a":"}\\""} trailing')).toEqual({ a: '}"' });
    expect(readJson("[1,[2]]]")).toEqual([1, [2]]);
  });
  test.each(["", "{", "nonsense", "}", '{"a":}x'])("%p is no JSON", (text) => {
    expect(() => readJson(text)).toThrow(NotJsonError);
  });
  test("content types", () => {
    for (const type of [
      "application/json",
      "Application/JSON; charset=utf-8",
      "application/a+json",
    ])
      expect(isJsonContentType(type)).toBe(true);
    for (const type of [
      null,
      "",
      "text/plain",
      "application/jsonp",
      "application/x-www-form-urlencoded",
    ])
      expect(isJsonContentType(type)).toBe(false);
  });
});

test("releases run by due time, then by entry, and those that they add in turn", () => {
  const ran: string[] = [];
  const queue = new ReleaseQueue();
  queue.push(20, () => ran.push("b"));
  queue.push(10, () => {
    ran.push("a");
    queue.push(20, () => ran.push("d"));
  });
  queue.push(20, () => ran.push("c"));
  queue.push(30, () => ran.push("e"));
  queue.runTo(25);
  expect(ran).toEqual(["a", "b", "c", "d"]);
  expect(queue.nextMs()).toBe(30);
});
