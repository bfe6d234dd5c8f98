import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  formatDecimal,
  formatDecimalPoint,
  parseDecimal,
  parsePx,
  truncateDecimal,
} from "../../lib/units/decimal.ts";
import { onGrid, snapDown, snapUp, stepTicks } from "../../lib/units/grid.ts";
import { notionalMicroUsd, pxTicks, sizeLots } from "../../lib/units/numbers.ts";

describe("wire decimals", () => {
  test.each([
    ["770.12", 3, 770120],
    ["0.00000001", 8, 1],
    [".5", 1, 5],
    ["5.", 1, 50],
    ["-0", 3, 0],
    ["-1.25", 2, -125],
    ["1.500", 1, 15],
    ["1.15", 2, 115],
  ])("%s at %d places is %d", (text, decimals, want) => {
    expect(parseDecimal(text, decimals)).toBe(want);
  });

  test.each([
    "",
    ".",
    "1e5",
    "0x10",
    " 1",
    "1,5",
    "+1",
    "NaN",
    "Infinity",
    "1.2.3",
    "99999999999999999999",
  ])("%p is refused", (text) => {
    expect(parseDecimal(text, 2)).toBeNull();
  });

  test("a digit beyond the lot is refused, never rounded", () => {
    expect(parseDecimal("1.239", 2)).toBeNull();
    expect(truncateDecimal("1.239", 2)).toBe(123);
  });

  test("any integer survives the way to the wire and back", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 8 }), (value, decimals) => {
        const want = value === 0 ? 0 : value;
        expect(parseDecimal(formatDecimal(value, decimals), decimals)).toBe(want);
        expect(parseDecimal(formatDecimalPoint(value, decimals), decimals)).toBe(want);
      }),
    );
  });
});

describe("price grid", () => {
  test.each([
    [693_123, 3, 10],
    [7_693_123, 3, 100],
    [99_999, 3, 1],
    [123_456_000, 3, 1000],
    [1_234_560, 1, 100],
    [12_345_600_000, 1, 100_000],
  ])("step at %d ticks with %d size decimals is %d", (px, szDecimals, want) => {
    expect(stepTicks(px, szDecimals)).toBe(want);
  });

  test("snapped prices are legal, on the passive side, and the nearest such", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 2, max: 9e9, noNaN: true }),
        fc.integer({ min: 0, max: 5 }),
        (ticks, szDecimals) => {
          const down = snapDown(ticks, szDecimals);
          const up = snapUp(ticks, szDecimals);
          expect(onGrid(down, szDecimals)).toBe(true);
          expect(onGrid(up, szDecimals)).toBe(true);
          expect(down).toBeLessThanOrEqual(ticks);
          expect(up).toBeGreaterThanOrEqual(ticks);
          expect(up - down).toBeLessThanOrEqual(stepTicks(Math.max(up, 1), szDecimals));
        },
      ),
    );
  });

  test("ticks times lots is the exact notional", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90_000_000 }),
        fc.integer({ min: 0, max: 90_000_000 }),
        (px, size) => {
          const exact = BigInt(px) * BigInt(size);
          expect(BigInt(notionalMicroUsd(pxTicks(px), sizeLots(size)))).toBe(exact);
        },
      ),
    );
  });

  test("a price with too many decimals is no price", () => {
    expect(parsePx("770.1234", 3)).toBeNull();
    expect(parsePx("0", 3)).toBeNull();
    expect(parsePx("-1", 3)).toBeNull();
  });
});
