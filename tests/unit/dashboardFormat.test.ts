import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  millisText,
  moneyText,
  percentText,
  positionText,
  priceText,
  signedMoneyText,
  sizeText,
  spanText,
  stampText,
} from "../../lib/dashboard/format.ts";
import { profitRange } from "../../lib/dashboard/page/profitRange.ts";
import { RUN } from "../browser/fixtureState.ts";

test("the axis of profit spans its values and zero, and is never too narrow for its labels", () => {
  expect(profitRange([[1_000_000, null], [-500_000]])).toEqual([-620_000, 1_120_000]);
  // Labels have four decimals, a hundred micro-USD: less than this and all of them read 0.0000.
  expect(profitRange([[0, 0], [0]])).toEqual([-500, 500]);
  expect(profitRange([[undefined, null], []])).toEqual([-500, 500]);
});

describe("numbers for people", () => {
  test.each([
    [769_930, 3, "769.93"],
    [770_000, 3, "770.00"],
    [769_935, 3, "769.935"],
    [769_932.5, 3, "769.933"],
    [837_675, 5, "83,767.5"],
    [837_670, 5, "83,767"],
    [28_451, 2, "2.8451"],
    [null, 3, "–"],
    [0, 3, "–"],
  ])("price of %p ticks at %p size decimals is %p", (ticks, sz, text) => {
    expect(priceText(ticks, sz)).toBe(text);
  });

  test.each([
    [12_500, 3, "12.500"],
    [0, 3, "0.000"],
    [null, 3, "–"],
    [1_234_567, 2, "12,345.67"],
  ])("size of %p lots at %p decimals is %p", (lots, sz, text) => {
    expect(sizeText(lots, sz)).toBe(text);
  });

  test("a position always shows its sign, a flat one has none", () => {
    expect(positionText(248, 3)).toBe("+0.248");
    expect(positionText(-248, 3)).toBe("−0.248");
    expect(positionText(0, 3)).toBe("0.000");
  });

  test("money needs no currency sign and never says minus zero", () => {
    expect(moneyText(1_000_210_000)).toBe("1000.21");
    expect(moneyText(12_345_678_901)).toBe("12,345.68");
    expect(signedMoneyText(210_960)).toBe("+0.2110");
    expect(signedMoneyText(-12.5)).toBe("0.0000");
    expect(signedMoneyText(null)).toBe("–");
  });

  test("spans name their two largest units", () => {
    expect(spanText(0)).toBe("0s");
    expect(spanText(310_000)).toBe("5m 10s");
    expect(spanText(3_600_000)).toBe("1h");
    expect(spanText(277_200_000)).toBe("3d 5h");
    expect(spanText(-5)).toBe("0s");
  });

  test("percent and milliseconds", () => {
    expect(percentText(0.1234)).toBe("12.3%");
    expect(percentText(null)).toBe("–");
    expect(millisText(0.424)).toBe("0.42 ms");
    expect(millisText(212.4)).toBe("212 ms");
    expect(millisText(12_340)).toBe("12.3 s");
  });

  test("the stamp says that nothing is real", () => {
    expect(stampText(RUN)).toBe("PAPER · simulated market, seed 7");
    expect(stampText({ mode: "simulate", feed: "tape a", seed: null, speed: 20 })).toBe(
      "SIMULATION · tape a, 20× speed",
    );
  });

  test("a price reads back as itself, at every scale", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 5 }), (ticks, sz) => {
        const text = priceText(ticks, sz).replaceAll(",", "");
        const step = 10 ** Math.max(0, String(ticks).length - 6);
        expect(Math.abs(Number(text) * 10 ** (6 - sz) - ticks)).toBeLessThan(step * 10);
      }),
    );
  });
});
