import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { flattenSlice, formatSlice } from "../../lib/runtime/flattenSlice.ts";

const SZ = 3;
const level = (pxTicks: number, lots: number) => ({ pxTicks, lots });

describe("the next order that takes a position off", () => {
  test("takes what stands within the slippage, not more than the position", () => {
    const bids = [level(690_000, 30), level(689_000, 40), level(680_000, 1000)];
    expect(flattenSlice(100, bids, 50, SZ)).toEqual({ pxTicks: 686_550, lots: 70 } as never);
    expect(flattenSlice(50, bids, 50, SZ)?.lots).toBe(50 as never);
  });

  test("a short buys at or above the best ask", () => {
    const slice = flattenSlice(-20, [level(690_100, 500)], 10, SZ);
    expect(slice).toEqual({ pxTicks: 690_790, lots: 20 } as never);
    expect(slice && formatSlice(slice, SZ)).toEqual({ p: "690.79", s: "0.02" });
  });

  test("a part below the minimum becomes the whole", () => {
    expect(flattenSlice(400, [level(690_000, 2)], 5, SZ)?.lots).toBe(400 as never);
  });

  test("nobody there is nothing to do", () => {
    expect(flattenSlice(400, [], 5, SZ)).toBeNull();
    expect(flattenSlice(0, [level(690_000, 2)], 5, SZ)).toBeNull();
  });

  test("never more than the position, never beyond the slippage", () => {
    const levels = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.nat(500)), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: -5000, max: 5000 }).filter((lots) => lots !== 0),
        levels,
        fc.integer({ min: 0, max: 300 }),
        (lots, steps, bps) => {
          const buying = lots < 0;
          let px = 690_000;
          const book = steps.map(([step, size]) => {
            px += (buying ? 10 : -10) * step;
            return level(px, size);
          });
          const slice = flattenSlice(lots, book, bps, SZ);
          expect(slice).not.toBeNull();
          expect(Number(slice?.lots)).toBeGreaterThan(0);
          expect(Number(slice?.lots)).toBeLessThanOrEqual(Math.abs(lots));
          const best = book[0]?.pxTicks ?? 0;
          const worst = best * (1 + ((buying ? 1 : -1) * bps) / 1e4);
          if (buying) expect(Number(slice?.pxTicks)).toBeLessThanOrEqual(Math.max(worst, best));
          else expect(Number(slice?.pxTicks)).toBeGreaterThanOrEqual(Math.min(worst, best));
        },
      ),
    );
  });
});
