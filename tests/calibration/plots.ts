import type { MakerMarkouts, RecordedEvidence } from "./compareMakers.ts";
import { MARKOUT_HORIZONS_MS } from "./compareMakers.ts";
import type { MarketRun } from "./marketRun.ts";
import type { Part } from "./marketWatch.ts";
import { svgOf } from "./svg.ts";
import type { Series } from "./svg.ts";
import { SWEEP_HORIZONS_MS } from "./sweepStudy.ts";
import type { SweepBin } from "./sweepStudy.ts";
import { hourlyVolatility } from "./weekStudy.ts";

const COLORS = ["#1d3557", "#e76f51", "#2a9d8f", "#8d5a97", "#d4a017", "#7a7a7a", "#457b9d"];

function color(index: number): string {
  return COLORS[index % COLORS.length] ?? "#000";
}

/** Share of time at each spread, by part of the week. */
export function spreadPlot(run: MarketRun): string {
  const parts: readonly { part: Part; label: string }[] = [
    { part: "regular", label: "regular hours" },
    { part: "off", label: "other weekday hours" },
    { part: "weekend", label: "weekend" },
  ];
  const series = parts.map(({ part, label }, i): Series => {
    const ticks = run.watch.of(part).spreadTicks;
    const share = (count: number): number =>
      ticks.filter((value) => value === count).length / ticks.length;
    const points = Array.from({ length: 10 }, (_, k) => ({ x: k + 1, y: share(k + 1) }));
    return { label, color: color(i), points, draw: "line" };
  });
  return svgOf({
    title: "Spread of the simulated US500",
    xLabel: "spread, ticks of one cent (0.144 bp)",
    yLabel: "share of time",
    series,
    xTicks: Array.from({ length: 10 }, (_, k) => ({ x: k + 1, text: String(k + 1) })),
  });
}

/** Volatility by half hour of the weekday, with what the log of January 2026 gives. */
export function volatilityPlot(run: MarketRun): string {
  const points = hourlyVolatility(run)
    .filter(({ volBps }) => !Number.isNaN(volBps))
    .map(({ hour, volBps }) => ({ x: hour, y: volBps }));
  return svgOf({
    title: "Volatility over the weekday",
    xLabel: "hour of New York",
    yLabel: "bp per square root of a minute",
    series: [
      { label: "simulated, half hours", color: color(0), points, draw: "line" },
      {
        label: "log 2026-01: US hours",
        color: color(1),
        points: [
          { x: 9.5, y: 1.7 },
          { x: 16, y: 1.7 },
        ],
        draw: "line",
      },
      {
        label: "log 2026-01: after the close",
        color: color(2),
        points: [
          { x: 16.5, y: 0.23 },
          { x: 18, y: 0.23 },
        ],
        draw: "line",
      },
    ],
    xTicks: [0, 3, 6, 9.5, 12, 16, 18, 21, 24].map((x) => ({ x, text: String(x) })),
  });
}

/** What naive makers earn, by horizon, before fees; the band is the published range plus the fee it assumes. */
export function markoutPlot(makers: readonly MakerMarkouts[]): string {
  const shown = makers.filter(({ distanceBps }) => distanceBps <= 4);
  return svgOf({
    title: "Markout of naive makers in regular hours, before fees",
    xLabel: "time after the fill",
    yLabel: "bp, positive is good for the maker",
    logX: true,
    bands: [{ label: "published, at the touch", fromY: -1.1, toY: -0.4 }],
    series: shown.map(({ distanceBps, markouts }, i) => ({
      label: distanceBps === 0 ? "at the touch" : `${distanceBps} bp from the mid`,
      color: color(i),
      draw: "line",
      points: markouts.map(({ mean, error }, k) => ({
        x: (MARKOUT_HORIZONS_MS[k] ?? 1000) * (1 + 0.03 * i),
        y: mean,
        error,
      })),
    })),
    xTicks: [
      { x: 1000, text: "1 s" },
      { x: 10_000, text: "10 s" },
      { x: 60_000, text: "60 s" },
      { x: 600_000, text: "600 s" },
    ],
  });
}

/** How much of a sweep the mid keeps ten seconds later, in simulation and in recordings. */
export function sweepPlot(
  simulated: readonly SweepBin[],
  recorded: readonly RecordedEvidence[],
): string {
  const tenSeconds = SWEEP_HORIZONS_MS.indexOf(10_000);
  const series = [{ name: "simulated US500", sweeps: simulated }, ...recorded].map(
    ({ name, sweeps }, i): Series => ({
      label: name.replace("_", " "),
      color: color(i),
      draw: "dots",
      points: sweeps.flatMap(({ depthBps, moves, count }) => {
        const move = moves[tenSeconds];
        if (move === null || move === undefined || count < 5 || depthBps > 8) return [];
        return [{ x: Math.max(0, depthBps) + 0.04 * i, y: move.mean, error: move.error }];
      }),
    }),
  );
  const equal: Series = {
    label: "kept whole",
    color: "#bbb",
    draw: "line",
    points: [
      { x: 0, y: 0 },
      { x: 6, y: 6 },
    ],
  };
  return svgOf({
    title: "Move of the mid ten seconds after a taker went so deep",
    xLabel: "depth of the taker beyond the touch, bp",
    yLabel: "move in the taker's direction, bp",
    series: [...series, equal],
    xTicks: [0, 1, 2, 3, 4, 5, 6].map((x) => ({ x, text: String(x) })),
  });
}
