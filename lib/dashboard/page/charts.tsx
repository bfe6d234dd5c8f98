import type { ComponentChildren, JSX } from "preact";
import uPlot from "uplot";
import {
  countText,
  percentText,
  positionText,
  priceText,
  signedMoneyText,
  sizeText,
} from "../format.ts";
import type { SampleColumn, SampleRows } from "../types.ts";
import { Chart, translucent } from "./chart.tsx";
import type { ChartParts, Colour } from "./chart.tsx";
import { store, szDecimals, unit, wholeLadder } from "./context.ts";
import { Legend } from "./legend.tsx";
import { shownFigures, shownMidX2, shownOrders } from "./past.ts";
import { priceColumns, priceParts } from "./priceChart.ts";
import { profitRange } from "./profitRange.ts";

type Colours = Readonly<Record<Colour, string>>;

/** A plain line without points. */
export function line(
  stroke: string,
  width: number,
  more: Partial<uPlot.Series> = {},
): uPlot.Series {
  return { stroke, width, points: { show: false }, ...more };
}

function stepped(): Partial<uPlot.Series> {
  const paths = uPlot.paths.stepped?.({ align: 1 });
  return paths === undefined ? {} : { paths };
}

function largest(values: ArrayLike<number | null | undefined>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] ?? 0));
  return most;
}

function positionColumns(rows: SampleRows): (readonly (number | null)[])[] {
  const { position, limit } = rows.columns;
  return [position, limit, limit.map((value) => (value === null ? null : -value))];
}

function positionParts(colours: Colours): ChartParts {
  const dashed = { dash: [4, 4] };
  return {
    series: [
      line(colours.text, 1.5, { ...stepped(), fill: translucent(colours.text, 0.1), fillTo: 0 }),
      line(colours.warn, 1, dashed),
      line(colours.warn, 1, dashed),
    ],
    // The limit is drawn when the position comes near it: far from it, it would press the position flat.
    yRange: (chart) => {
      const reach = Math.max(
        largest(chart.data[1] ?? []),
        store.live.ledger.value?.reduceOnlyLots ?? 0,
        1,
      );
      return [-reach * 1.25, reach * 1.25];
    },
    yText: (value) => positionText(Math.round(value), szDecimals.value),
    readout: ([position = null, limit = null]) =>
      `${positionText(position, szDecimals.value)} of ±${sizeText(limit, szDecimals.value)}`,
    draw: (chart) => drawInventoryBand(chart, colours),
  };
}

/** Inside the band both sides are quoted; outside only the reducing one. */
function drawInventoryBand(chart: uPlot, colours: Colours): void {
  const lots = store.live.ledger.value?.reduceOnlyLots ?? null;
  if (lots === null) return;
  const { ctx, bbox } = chart;
  const top = chart.valToPos(lots, "y", true);
  const bottom = chart.valToPos(-lots, "y", true);
  ctx.save();
  ctx.fillStyle = translucent(colours.bid, 0.06);
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  ctx.strokeStyle = translucent(colours.dim, 0.6);
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const y of [top, bottom]) {
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

const PROFIT_LINES = ["spread", "adverse", "inventory", "funding", "fees", "total"] as const;

function profitColumns(rows: SampleRows): (readonly (number | null)[])[] {
  return PROFIT_LINES.map((name: SampleColumn) =>
    name === "fees"
      ? rows.columns.fees.map((value) => (value === null ? null : -value))
      : rows.columns[name],
  );
}

function profitParts(colours: Colours): ChartParts {
  return {
    series: PROFIT_LINES.map((name) => line(colours[name], name === "total" ? 2 : 1)),
    yRange: (chart) => profitRange(chart.data.slice(1)),
    yText: (value, step) => signedMoneyText(Math.round(value), step >= 10_000 ? 2 : 4),
    readout: (values) =>
      PROFIT_LINES.map((name, index) => `${name} ${signedMoneyText(values[index] ?? null)}`).join(
        " · ",
      ),
  };
}

/** A chart with its heading and figures. */
export function ChartPanel(props: {
  readonly id: string;
  readonly title: string;
  readonly readout: ComponentChildren;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="panel" aria-labelledby={`${props.id}-title`}>
      <div class="title">
        <h2 id={`${props.id}-title`}>{props.title}</h2>
        <p class="readout">{props.readout}</p>
        {props.tools}
      </div>
      {props.children}
    </section>
  );
}

function PriceTools(): JSX.Element {
  return (
    <div class="choice">
      <button
        type="button"
        aria-pressed={wholeLadder.value}
        onClick={() => {
          wholeLadder.value = !wholeLadder.value;
        }}
      >
        whole ladder
      </button>
    </div>
  );
}

function PriceReadout(): JSX.Element {
  const orders = shownOrders.value;
  const sz = szDecimals.value;
  const bid = orders.find((order) => order.side === "bid");
  const ask = orders.find((order) => order.side === "ask");
  const mid = shownMidX2.value;
  return (
    <>
      <span>mid {priceText(mid === null ? null : mid / 2, sz)}</span>
      <span class="key bid">our bid {priceText(bid?.pxTicks ?? null, sz)}</span>
      <span class="key ask">our ask {priceText(ask?.pxTicks ?? null, sz)}</span>
    </>
  );
}

export function ChartColumn(): JSX.Element {
  const ledger = store.live.ledger.value;
  const sz = szDecimals.value;
  const { position, limit, total, fills } = shownFigures.value;
  const share = position === null || !limit ? null : Math.abs(position) / limit;
  return (
    <>
      <ChartPanel id="price" title="Price" readout={<PriceReadout />} tools={<PriceTools />}>
        <Chart
          label="Price over time with our quotes and our fills"
          height={300}
          parts={priceParts}
          columns={priceColumns}
        />
        <Legend />
      </ChartPanel>
      <ChartPanel
        id="position"
        title="Position"
        readout={
          <>
            <span>{positionText(position, sz)} contracts</span>
            <span class="dim">
              limit ±{sizeText(limit, sz)} ({percentText(share, 0)} used), one side only beyond ±
              {sizeText(ledger?.reduceOnlyLots ?? null, sz)}
            </span>
          </>
        }
      >
        <Chart
          label="Position over time with the band in which both sides are quoted"
          height={140}
          parts={positionParts}
          columns={positionColumns}
        />
      </ChartPanel>
      <ChartPanel
        id="pnl"
        title="PnL"
        readout={
          <>
            <span>
              {signedMoneyText(total)} {unit.value}
            </span>
            <span class="dim">{countText(fills)} fills</span>
            {PROFIT_LINES.map((name) => (
              <span key={name} class={`key ${name}`}>
                {name}
              </span>
            ))}
          </>
        }
      >
        <Chart
          label="Profit over time and the parts that it is made of"
          height={170}
          parts={profitParts}
          columns={profitColumns}
        />
      </ChartPanel>
    </>
  );
}
