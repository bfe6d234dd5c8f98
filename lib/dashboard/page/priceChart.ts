import uPlot from "uplot";
import { priceText } from "../format.ts";
import { markerOf, MARKERS } from "../marker.ts";
import type { MarkerName } from "../marker.ts";
import { RISK_MODES } from "../types.ts";
import type { FillRow, SampleRows } from "../types.ts";
import { translucent } from "./chart.tsx";
import type { ChartParts, Colour } from "./chart.tsx";
import { store, szDecimals, wholeLadder } from "./context.ts";
import { lookAt, pastMs, shownOrders } from "./past.ts";
import { explainOrder } from "./whyState.ts";

type Colours = Readonly<Record<Colour, string>>;

/** Order of the series below; the ranges and the drawing refer to it. */
const BID = 1;
const ASK = 2;
const OWN_BID = 3;
const OWN_ASK = 4;
const BID_FAR = 5;
const ASK_FAR = 6;
const MODE = 7;

export function priceColumns(rows: SampleRows): (readonly (number | null)[])[] {
  const { bid, ask, ownBid, ownAsk, ownBidFar, ownAskFar, mode } = rows.columns;
  return [bid, ask, ownBid, ownAsk, ownBidFar, ownAskFar, mode];
}

/** Least and largest value of some series inside the visible time. */
function extent(chart: uPlot, series: readonly number[]): [number, number] | null {
  const min = chart.scales["x"]?.min ?? Number.NEGATIVE_INFINITY;
  const times = chart.data[0];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const index of series) {
    const values = chart.data[index] ?? [];
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value === null || value === undefined || (times[i] ?? 0) < min) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > high ? null : [low, high];
}

function yRange(chart: uPlot): [number, number] {
  const shown = wholeLadder.value
    ? [BID, ASK, OWN_BID, OWN_ASK, BID_FAR, ASK_FAR]
    : [BID, ASK, OWN_BID, OWN_ASK];
  const [low, high] = extent(chart, shown) ?? [0, 1];
  const pad = Math.max((high - low) * 0.08, 1);
  return [low - pad, high + pad];
}

export function priceParts(colours: Colours): ChartParts {
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const line = (stroke: string, width: number): uPlot.Series => ({
    stroke,
    width,
    points: { show: false },
    ...(stepped === undefined ? {} : { paths: stepped }),
  });
  const hidden = "transparent";
  return {
    series: [
      line(translucent(colours.text, 0.55), 1),
      line(translucent(colours.text, 0.55), 1),
      line(colours.bid, 1.5),
      line(colours.ask, 1.5),
      line(hidden, 0),
      line(hidden, 0),
      line(hidden, 0),
    ],
    bands: [
      { series: [ASK, BID], fill: translucent(colours.text, 0.12) },
      { series: [OWN_BID, BID_FAR], fill: translucent(colours.bid, 0.08) },
      { series: [ASK_FAR, OWN_ASK], fill: translucent(colours.ask, 0.08) },
    ],
    yRange,
    yText: (value) => priceText(Math.round(value), szDecimals.value),
    readout: (values) => {
      const px = (index: number): string => priceText(values[index - 1] ?? null, szDecimals.value);
      const mode = RISK_MODES[values[MODE - 1] ?? 0] ?? "normal";
      const risk = mode === "normal" ? "" : ` · ${mode}`;
      return `market ${px(BID)} / ${px(ASK)} · ours ${px(OWN_BID)} / ${px(OWN_ASK)}${risk}`;
    },
    pick: (chart, x, y) => pickFill(chart, x, y) || pickQuote(chart, x, y),
    draw: (chart) => {
      drawModes(chart, colours);
      drawLadder(chart, colours);
      drawFills(chart, colours);
    },
  };
}

/** Room for the ladder, as a share of the width. */
const LADDER_SHARE = 0.045;

/** Along the bottom: when the risk machine was not at rest. */
function drawModes(chart: uPlot, colours: Colours): void {
  const times = chart.data[0];
  const modes = chart.data[MODE] ?? [];
  const { ctx, bbox } = chart;
  const height = 5 * devicePixelRatio;
  const xOf = (index: number): number =>
    Math.max(bbox.left, chart.valToPos(times[index] ?? 0, "x", true));
  ctx.save();
  for (let i = 0; i < modes.length;) {
    const mode = modes[i] ?? 0;
    let end = i + 1;
    while (end < modes.length && (modes[end] ?? 0) === mode) end++;
    const left = xOf(i);
    const right = Math.min(bbox.left + bbox.width, xOf(Math.min(end, times.length - 1)));
    if (mode > 0 && right > bbox.left) {
      ctx.fillStyle = mode === 1 ? colours.warn : colours.bad;
      ctx.fillRect(left, bbox.top + bbox.height - height, Math.max(2, right - left), height);
    }
    i = end;
  }
  ctx.restore();
}

/** The orders that rest, now or then, as ticks in the gutter: the longer, the larger. */
function drawLadder(chart: uPlot, colours: Colours): void {
  const orders = shownOrders.value;
  const last = pastMs.value ?? chart.data[0].at(-1);
  if (orders.length === 0 || last === undefined) return;
  const { ctx, bbox } = chart;
  const from = chart.valToPos(last, "x", true);
  const room = bbox.width * LADDER_SHARE;
  const largest = Math.max(...orders.map((order) => order.leavesLots), 1);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineWidth = Math.max(1.5, devicePixelRatio * 1.5);
  for (const order of orders) {
    const y = Math.round(chart.valToPos(order.pxTicks, "y", true)) + 0.5;
    const length = room * (0.35 + 0.65 * (order.leavesLots / largest));
    ctx.strokeStyle = order.side === "bid" ? colours.bid : colours.ask;
    ctx.globalAlpha = order.phase === "resting" ? 0.9 : 0.4;
    ctx.beginPath();
    ctx.moveTo(from, y);
    ctx.lineTo(from + length, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** Index of the first fill at or after `atMs`. */
function firstFrom(fills: readonly FillRow[], atMs: number): number {
  let low = 0;
  let high = fills.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((fills[middle]?.atMs ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

const PATHS = new Map(
  Object.entries(MARKERS).map(([name, { path }]) => [name as MarkerName, new Path2D(path)]),
);

function sizeOf(shown: number): number {
  return shown > 300 ? 2.5 : shown > 80 ? 4 : 5.5;
}

/** Bought points up, sold points down; the form says how the price was found. */
function drawFills(chart: uPlot, colours: Colours): void {
  const fills = store.fills.value;
  const { ctx, bbox } = chart;
  const start = firstFrom(fills, chart.scales["x"]?.min ?? 0);
  const size = devicePixelRatio * sizeOf(fills.length - start);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const fill of fills.slice(start)) {
    const name = markerOf(fill.cause);
    const path = PATHS.get(name);
    if (path === undefined) continue;
    const up = fill.side === "bid";
    const colour = up ? colours.bid : colours.ask;
    const { hollow } = MARKERS[name];
    ctx.save();
    ctx.translate(chart.valToPos(fill.atMs, "x", true), chart.valToPos(fill.pxTicks, "y", true));
    ctx.scale(size, up ? size : -size);
    ctx.lineWidth = (1.2 * devicePixelRatio) / size;
    ctx.fillStyle = hollow ? colours.panel : colour;
    ctx.strokeStyle = hollow ? colour : colours.panel;
    ctx.fill(path);
    ctx.stroke(path);
    ctx.restore();
  }
  ctx.restore();
}

/** How far from a mark a click still means it, in pixels of the page. */
const REACH_PX = 11;

/** Explains the fill under the pointer. @returns false when there is none */
function pickFill(chart: uPlot, x: number, y: number): boolean {
  const fills = store.fills.value;
  let nearest: FillRow | null = null;
  let least = REACH_PX;
  for (const fill of fills.slice(firstFrom(fills, chart.scales["x"]?.min ?? 0))) {
    const distance = Math.hypot(
      chart.valToPos(fill.atMs, "x") - x,
      chart.valToPos(fill.pxTicks, "y") - y,
    );
    if (distance >= least) continue;
    least = distance;
    nearest = fill;
  }
  if (nearest === null) return false;
  lookAt(nearest.atMs);
  void explainOrder(nearest.order);
  return true;
}

/** Explains the order of the ladder under the pointer, where it is drawn. @returns false when there is none */
function pickQuote(chart: uPlot, x: number, y: number): boolean {
  const last = pastMs.value ?? chart.data[0].at(-1) ?? 0;
  const from = chart.valToPos(last, "x");
  if (x < from || x > from + chart.width * LADDER_SHARE) return false;
  const distance = ({ pxTicks }: { readonly pxTicks: number }): number =>
    Math.abs(chart.valToPos(pxTicks, "y") - y);
  const [nearest] = shownOrders.value.toSorted((a, b) => distance(a) - distance(b));
  if (nearest === undefined || distance(nearest) > REACH_PX) return false;
  void explainOrder(nearest.cloid);
  return true;
}
