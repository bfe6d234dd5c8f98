import type { JSX } from "preact";
import { bpsText, countText } from "../format.ts";
import { markoutCurve } from "../markouts.ts";
import { MARKOUT_SECONDS } from "../../messages/state.ts";
import type { MarkoutPoint } from "../types.ts";
import { store } from "./context.ts";
import { Panel } from "./panels.tsx";

const WIDTH = 300;
const HEIGHT = 112;
const LEFT = 4;
const RIGHT = 34;
const BOTTOM = 16;

/** Horizons stand apart by the logarithm of their seconds. */
function xOf(seconds: number): number {
  const last = MARKOUT_SECONDS.at(-1) ?? 1;
  const first = MARKOUT_SECONDS[0];
  const share = Math.log(seconds / first) / Math.log(last / first);
  return LEFT + 8 + share * (WIDTH - LEFT - RIGHT - 16);
}

function Curve(props: {
  readonly points: readonly MarkoutPoint[];
  readonly y: (bps: number) => number;
}): JSX.Element | null {
  const { points, y } = props;
  const side = points[0]?.side;
  if (side === undefined) return null;
  return (
    <g class={side}>
      <polyline
        points={points.map(({ seconds, meanBps }) => `${xOf(seconds)},${y(meanBps)}`).join(" ")}
      />
      {points.map(({ seconds, meanBps, errorBps }) => (
        <g key={seconds}>
          {errorBps !== null && (
            <line
              x1={xOf(seconds)}
              x2={xOf(seconds)}
              y1={y(meanBps - errorBps)}
              y2={y(meanBps + errorBps)}
            />
          )}
          <circle cx={xOf(seconds)} cy={y(meanBps)} r={2.6} />
        </g>
      ))}
    </g>
  );
}

function Curves(props: {
  readonly bids: readonly MarkoutPoint[];
  readonly asks: readonly MarkoutPoint[];
}): JSX.Element {
  const { bids, asks } = props;
  const reach = [...bids, ...asks].map(
    ({ meanBps, errorBps }) => Math.abs(meanBps) + (errorBps ?? 0),
  );
  const most = Math.max(0.5, ...reach) * 1.1;
  const y = (bps: number): number => ((most - bps) / (2 * most)) * (HEIGHT - BOTTOM);
  return (
    <svg
      class="curves"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label="Mean move of the mid our way after our fills, by seconds after the fill; the table below has the figures"
    >
      {[most / 1.1, 0, -most / 1.1].map((bps) => (
        <g key={bps} class={bps === 0 ? "axis zero" : "axis"}>
          <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(bps)} y2={y(bps)} />
          <text x={WIDTH - RIGHT + 4} y={y(bps) + 3.5}>
            {bpsText(bps)}
          </text>
        </g>
      ))}
      {MARKOUT_SECONDS.map((seconds) => (
        <text key={seconds} class="tick" x={xOf(seconds)} y={HEIGHT - 3} text-anchor="middle">
          {seconds} s
        </text>
      ))}
      <Curve points={bids} y={y} />
      <Curve points={asks} y={y} />
    </svg>
  );
}

function meanText(point: MarkoutPoint | undefined): string {
  if (point === undefined) return "–";
  const error = point.errorBps === null ? "" : ` ±${bpsText(point.errorBps)}`;
  return `${bpsText(point.meanBps)}${error}`;
}

function CurveTable(props: {
  readonly bids: readonly MarkoutPoint[];
  readonly asks: readonly MarkoutPoint[];
}): JSX.Element {
  const at = (points: readonly MarkoutPoint[], seconds: number): MarkoutPoint | undefined =>
    points.find((point) => point.seconds === seconds);
  return (
    <table class="grid wide">
      <caption class="hidden">Markouts by horizon, bp, mean and its standard error</caption>
      <thead>
        <tr>
          <th scope="col">after</th>
          <th scope="col" class="key bid">
            bids
          </th>
          <th scope="col" class="key ask">
            asks
          </th>
          <th scope="col">fills</th>
        </tr>
      </thead>
      <tbody>
        {MARKOUT_SECONDS.map((seconds) => {
          const bid = at(props.bids, seconds);
          const ask = at(props.asks, seconds);
          return (
            <tr key={seconds}>
              <th scope="row">{seconds} s</th>
              <td>{meanText(bid)}</td>
              <td>{meanText(ask)}</td>
              <td>{countText((bid?.fills ?? 0) + (ask?.fills ?? 0))}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** By placement and cause, at one horizon: how the order's price was found, and whether takers went through it. */
function Kinds(props: { readonly points: readonly MarkoutPoint[] }): JSX.Element {
  const seconds = 30;
  const at = props.points.filter((point) => point.seconds === seconds);
  if (at.length === 0) return <></>;
  return (
    <>
      <h3>By placement and cause, {seconds} s after</h3>
      <table class="grid wide">
        <caption class="hidden">Markouts by side, placement and cause of the fill</caption>
        <thead>
          <tr>
            <th scope="col">order</th>
            <th scope="col">mean bp</th>
            <th scope="col">fills</th>
          </tr>
        </thead>
        <tbody>
          {at.map((point) => (
            <tr key={`${point.side} ${point.kind} ${point.cause}`}>
              <th scope="row">{orderText(point)}</th>
              <td>{meanText(point)}</td>
              <td>{countText(point.fills)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function orderText({ side, kind, cause }: MarkoutPoint): string {
  return kind === "taker" ? `${side}, ${kind}` : `${side}, ${kind}, ${cause}`;
}

/** What the mid did after our fills: below nothing, they met somebody who knew more. */
export function Markouts(): JSX.Element {
  const points = store.live.markouts.value ?? [];
  const bids = markoutCurve(points, "bid");
  const asks = markoutCurve(points, "ask");
  return (
    <Panel id="markouts" present title="Markouts, bp">
      {points.length === 0 ? (
        <p class="empty">No fill is old enough yet.</p>
      ) : (
        <>
          <Curves bids={bids} asks={asks} />
          <CurveTable bids={bids} asks={asks} />
          <Kinds points={points} />
        </>
      )}
    </Panel>
  );
}
