import { describe, expect, test } from "bun:test";
import { fixed, moneyText, moneyWords, percentText } from "../../../lib/dashboard/format.ts";
import { barPlot, linePlot } from "../../../lib/runtime/report/plots.ts";
import type { Point } from "../../../lib/runtime/report/plots.ts";

/** What stands beside the lines of the grid, from the lowest up. */
const gridTexts = (svg: string): readonly string[] =>
  [...svg.matchAll(/text-anchor="end">([^<]*)<\/text>/g)].map(([, text = ""]) => text);

const yTexts = (values: readonly number[], yText: typeof fixed, yUnit: number) => {
  const points = values.map((value, i): Point => [i, value]);
  const series = [{ name: "a", colour: "total", points }];
  const svg = linePlot({ label: "plot", series, xText: () => "", yText, yUnit });
  return gridTexts(svg).filter((text) => text !== "");
};

describe("the scale of a plot", () => {
  test.each([
    [[0, -0.000112], percentText, 0.01, ["−0.010%", "−0.005%", "0.000%"]],
    [[999_970_000, 1_000_200_000], moneyText, 1e6, ["1000.0", "1000.1", "1000.2"]],
    [[-17.6, 5.9], fixed, 1, ["−10", "0"]],
    [[0, 3_000_000], moneyText, 1e6, ["0", "1", "2", "3"]],
  ] as const)("of %j has round figures that differ", (values, yText, yUnit, expected) => {
    expect(yTexts(values, yText, yUnit)).toEqual([...expected]);
  });

  test("of bars holds zero", () => {
    const bars = [{ label: "a", value: 12.3, colour: "bid" }];
    expect(gridTexts(barPlot({ label: "bars", bars, yText: fixed, yUnit: 1 }))).toEqual([
      "0",
      "5",
      "10",
    ]);
  });
});

test("real money is never called none", () => {
  const words = (["paper", "simulate", "testnet", "live"] as const).map(moneyWords);
  expect(words).toEqual(["no real money", "no real money", "no real money", "real money"]);
});
