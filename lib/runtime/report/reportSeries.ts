import type { EquityRow } from "../../store/readModel.ts";
import type { LineSeries, Point } from "./plots.ts";
import { splitPnl } from "./pnlSplit.ts";

/** Points of the parts: the split is computed anew for each, so few are enough. */
const SPLIT_POINTS = 240;

export function equityPoints(readings: readonly EquityRow[]): readonly Point[] {
  return readings.map(({ atMs, equityMicroUsd }) => [atMs, equityMicroUsd]);
}

/** Fall below the highest value so far, as a negative fraction. */
export function drawdownPoints(readings: readonly EquityRow[]): readonly Point[] {
  let peak = 0;
  return readings.map(({ atMs, equityMicroUsd }): Point => {
    peak = Math.max(peak, equityMicroUsd);
    return [atMs, peak <= 0 ? 0 : equityMicroUsd / peak - 1];
  });
}

/** Each part of the profit since the window began, and their sum. */
export function splitSeries(readings: readonly EquityRow[]): readonly LineSeries[] {
  const comparable = readings.filter(({ ledgerLots, positionLots }) => ledgerLots === positionLots);
  const [first] = comparable;
  if (first === undefined) return [];
  const step = Math.max(1, Math.floor(comparable.length / SPLIT_POINTS));
  const chosen = comparable.filter((row, i) => i % step === 0 || row === comparable.at(-1));
  const splits = chosen.flatMap((row) => splitPnl([first, row]) ?? []);
  const part = (
    name: string,
    colour: string,
    value: (split: (typeof splits)[number]) => number,
  ): LineSeries => ({
    name,
    colour,
    points: splits.map((split): Point => [split.toMs, value(split)]),
  });
  return [
    part("net", "total", ({ net }) => net),
    part("spread", "spread", ({ spread }) => spread),
    part("adverse selection", "adverse", ({ adverse }) => adverse),
    part("inventory", "inventory", ({ inventory }) => inventory),
    part("funding", "funding", ({ funding }) => funding),
    part("fees", "fees", ({ fees }) => -fees),
  ];
}
