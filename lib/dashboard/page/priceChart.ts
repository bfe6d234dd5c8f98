import uPlot from "uplot";
import { priceText } from "../format.ts";
import type { FillRow, SampleRows } from "../types.ts";
import { translucent } from "./chart.tsx";
import type { ChartParts, Colour } from "./chart.tsx";
import { store, szDecimals, wholeLadder } from "./context.ts";

type Colours = Readonly<Record<Colour, string>>;

/** Order of the series below; the ranges and the drawing refer to it. */
const BID = 1;
const ASK = 2;
const OWN_BID = 3;
const OWN_ASK = 4;
const BID_FAR = 5;
const ASK_FAR = 6;

export function priceColumns(rows: SampleRows): (readonly (number | null)[])[] {
  const { bid, ask, ownBid, ownAsk, ownBidFar, ownAskFar } = rows.columns;
  return [bid, ask, ownBid, ownAsk, ownBidFar, ownAskFar];
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
    ],
    bands: [
      { series: [ASK, BID], fill: translucent(colours.text, 0.12) },
      { series: [OWN_BID, BID_FAR], fill: translucent(colours.bid, 0.08) },
      { series: [ASK_FAR, OWN_ASK], fill: translucent(colours.ask, 0.08) },
    ],
    yRange,
    yText: (value) => priceText(Math.round(value), szDecimals.value),
    readout: ([bid = null, ask = null, ownBid = null, ownAsk = null]) => {
      const px = (ticks: number | null): string => priceText(ticks, szDecimals.value);
      return `market ${px(bid)} / ${px(ask)} · ours ${px(ownBid)} / ${px(ownAsk)}`;
    },
    draw: (chart) => {
      drawLadder(chart, colours);
      drawFills(chart, colours);
    },
  };
}

/** The orders that rest now, as ticks in the gutter: the longer, the larger. */
function drawLadder(chart: uPlot, colours: Colours): void {
  const orders = store.live.orders.value ?? [];
  const last = chart.data[0].at(-1);
  if (orders.length === 0 || last === undefined) return;
  const { ctx, bbox } = chart;
  const from = chart.valToPos(last, "x", true);
  const room = bbox.left + bbox.width - from;
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

/** Bought: a triangle that points up. Sold: one that points down. Filled as maker, hollow as taker. */
function drawFills(chart: uPlot, colours: Colours): void {
  const fills = store.fills.value;
  const min = chart.scales["x"]?.min ?? 0;
  const { ctx, bbox } = chart;
  const start = firstFrom(fills, min);
  const crowded = fills.length - start > 300;
  const size = devicePixelRatio * (crowded ? 2.5 : 5);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineWidth = devicePixelRatio;
  for (let i = start; i < fills.length; i++) {
    const fill = fills[i];
    if (fill === undefined) continue;
    const x = chart.valToPos(fill.atMs, "x", true);
    const y = chart.valToPos(fill.pxTicks, "y", true);
    const up = fill.side === "bid" ? 1 : -1;
    const colour = up === 1 ? colours.bid : colours.ask;
    ctx.beginPath();
    ctx.moveTo(x, y - up * size);
    ctx.lineTo(x + size, y + up * size);
    ctx.lineTo(x - size, y + up * size);
    ctx.closePath();
    ctx.fillStyle = fill.taker ? colours.panel : colour;
    ctx.strokeStyle = fill.taker ? colour : colours.panel;
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}
