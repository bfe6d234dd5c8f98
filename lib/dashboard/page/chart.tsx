import { computed, effect, untracked } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import uPlot from "uplot";
import { dateTimeText, timeText } from "../format.ts";
import { SAMPLE_COLUMNS } from "../types.ts";
import type { SampleRows } from "../types.ts";
import { sampleRows } from "../samples.ts";
import { store, theme, wholeLadder } from "./context.ts";
import { pastMs, shownRange } from "./past.ts";
import { explainMoment } from "./whyState.ts";

/** Room at the right edge, as a share of the window: where the resting ladder is drawn. */
const GUTTER = 0.05;

/** The value axis stands where the newest values are. */
const RIGHT = 1 as unknown as uPlot.Axis.Side;

const COLOURS = [
  "text",
  "dim",
  "line",
  "bid",
  "ask",
  "panel",
  "total",
  "spread",
  "adverse",
  "inventory",
  "funding",
  "fees",
  "warn",
  "bad",
  "accent",
] as const;
export type Colour = (typeof COLOURS)[number];

/** The colours of the style sheet: charts and text never disagree. */
function readPalette(): Readonly<Record<Colour, string>> {
  const probe = document.createElement("span");
  document.body.append(probe);
  const read = COLOURS.map((name) => {
    // A value that depends on the scheme is only resolved where it is used.
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(read) as Record<Colour, string>;
}

export function translucent(colour: string, alpha: number): string {
  return `color-mix(in srgb, ${colour} ${Math.round(alpha * 100)}%, transparent)`;
}

export type ChartParts = {
  readonly series: readonly uPlot.Series[];
  readonly yRange: (chart: uPlot) => [number, number];
  /** `step` is the distance between two labels. */
  readonly yText: (value: number, step: number) => string;
  readonly bands?: uPlot.Band[];
  /** Drawn over the lines. */
  readonly draw?: (chart: uPlot) => void;
  /** What the pointer is over, from the values of the series there. */
  readonly readout: (values: readonly (number | null)[]) => string;
  /** Takes a click at a place of the canvas, in its own pixels; false leaves it to the moment. */
  readonly pick?: (chart: uPlot, x: number, y: number) => boolean;
};

export type ChartProps = {
  /** Read to people who cannot see the picture. */
  readonly label: string;
  readonly height: number;
  readonly parts: (colours: Readonly<Record<Colour, string>>) => ChartParts;
  /** Columns after the time, one per series. */
  readonly columns: (rows: SampleRows) => (readonly (number | null)[])[];
};

/** Rows of the chosen window, made once for all charts. */
const windowRows = computed((): SampleRows => {
  void store.revision.value;
  return sampleRows(store.series.rows(shownRange.value.fromMs - 1000));
});

const DAY_MS = 86_400_000;

/** Times in UTC, as exact as the distance between two of them asks for. */
function axisTimes(splits: readonly number[], stepMs: number): string[] {
  return splits.map((atMs) =>
    stepMs >= DAY_MS
      ? dateTimeText(atMs).slice(5, 10)
      : timeText(atMs).slice(0, stepMs >= 60_000 ? 5 : 8),
  );
}

function xRange(): { min: number; max: number } {
  const { fromMs, toMs } = shownRange.value;
  return { min: fromMs, max: toMs + (toMs - fromMs) * GUTTER };
}

/** Where the page looks, while it does not look at now. */
function drawPast(chart: uPlot, colour: string): void {
  const atMs = pastMs.value;
  if (atMs === null) return;
  const { ctx, bbox } = chart;
  const x = Math.round(chart.valToPos(atMs, "x", true)) + 0.5;
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

/** A click is a question: about what is there, else about the moment. */
function listen(chart: uPlot, parts: ChartParts): void {
  chart.over.addEventListener("click", (event) => {
    const { offsetX, offsetY } = event;
    if (parts.pick?.(chart, offsetX, offsetY) === true) return;
    const atMs = chart.posToVal(offsetX, "x");
    explainMoment(Math.min(atMs, shownRange.value.toMs));
  });
}

/** What the picture shows at its right end, for people who cannot see it. */
function summaryText(chart: uPlot, parts: ChartParts): string {
  const times = chart.data[0];
  const index = times.findLastIndex((atMs) => atMs <= shownRange.value.toMs);
  const atMs = times[index];
  if (atMs === undefined) return "Nothing to show yet.";
  const values = chart.data.slice(1).map((column) => column[index] ?? null);
  return `From ${timeText(shownRange.value.fromMs)} to ${timeText(atMs)} UTC; last: ${parts.readout(values)}`;
}
function readoutText(chart: uPlot, parts: ChartParts): string {
  const index = chart.cursor.idx;
  const atMs = index === null || index === undefined ? undefined : chart.data[0][index];
  if (index === null || index === undefined || atMs === undefined) return "";
  const values = chart.data.slice(1).map((column) => column[index] ?? null);
  return `${timeText(atMs)} · ${parts.readout(values)}`;
}

function optionsOf(
  host: HTMLElement,
  readout: HTMLElement,
  props: ChartProps,
  colours: Readonly<Record<Colour, string>>,
): uPlot.Options {
  const parts = props.parts(colours);
  const axis = {
    stroke: colours.dim,
    font: "11px system-ui, sans-serif",
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(200, host.clientWidth),
    height: props.height,
    ms: 1,
    tzDate: (ms) => uPlot.tzDate(new Date(ms), "Etc/UTC"),
    padding: [8, 4, 0, 16],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: "time" }, points: { size: 5 } },
    scales: { x: { time: true, range: (_, min, max) => [min, max] }, y: { range: parts.yRange } },
    axes: [
      {
        ...axis,
        size: 24,
        space: 80,
        values: (_, splits, _axis, _space, stepMs) => axisTimes(splits, stepMs),
      },
      {
        ...axis,
        side: RIGHT,
        size: 62,
        gap: 6,
        space: 26,
        values: (_, splits, _axis, _space, step) => splits.map((value) => parts.yText(value, step)),
      },
    ],
    series: [{}, ...parts.series],
    bands: parts.bands ?? [],
    hooks: {
      ready: [(chart) => listen(chart, parts)],
      draw: [(chart) => parts.draw?.(chart), (chart) => drawPast(chart, colours.accent)],
      setCursor: [
        (chart) => {
          readout.textContent = readoutText(chart, parts);
        },
      ],
    },
  };
}

function asData(rows: SampleRows, columns: ChartProps["columns"]): uPlot.AlignedData {
  return [rows.t, ...columns(rows)] as uPlot.AlignedData;
}

const NO_ROWS = sampleRows({ t: [], columns: SAMPLE_COLUMNS.map(() => []) });

/** A description that changes all the time helps nobody: this often is enough. */
const SUMMARY_EVERY_MS = 3000;

/** One chart over the shared window. It follows the store, the width of its box and the colour scheme. */
export function Chart(props: ChartProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const over = useRef<HTMLParagraphElement>(null);
  const summary = useRef<HTMLParagraphElement>(null);
  const id = useId();
  useEffect(() => {
    const box = host.current;
    const text = over.current;
    if (box === null || text === null) return undefined;
    let chart: uPlot | null = null;
    let palette = readPalette();
    let toldMs = Number.NEGATIVE_INFINITY;
    const told = summary.current;
    const update = (): void => {
      if (chart === null) return;
      const rows = windowRows.value;
      chart.batch(() => {
        chart?.setData(asData(rows, props.columns), false);
        chart?.setScale("x", xRange());
      });
      if (performance.now() - toldMs > SUMMARY_EVERY_MS && told !== null) {
        if (rows.t.length > 0) toldMs = performance.now();
        told.textContent = summaryText(chart, props.parts(palette));
      }
    };
    const build = (): void => {
      chart?.destroy();
      palette = readPalette();
      chart = new uPlot(optionsOf(box, text, props, palette), asData(NO_ROWS, props.columns), box);
      update();
    };
    const stopBuild = effect(() => {
      void theme.value;
      // Only the colours rebuild a chart: what it shows is no reason.
      untracked(build);
    });
    const stopUpdate = effect(() => {
      void store.live.orders.value;
      void wholeLadder.value;
      void pastMs.value;
      update();
    });
    const watcher = new ResizeObserver(() => {
      chart?.setSize({ width: Math.max(200, box.clientWidth), height: props.height });
    });
    watcher.observe(box);
    return () => {
      watcher.disconnect();
      stopBuild();
      stopUpdate();
      chart?.destroy();
    };
  }, []);
  return (
    <>
      <div ref={host} class="chart" role="img" aria-label={props.label} aria-describedby={id}>
        <p ref={over} class="over" aria-hidden="true" />
      </div>
      <p id={id} ref={summary} class="hidden" />
    </>
  );
}
