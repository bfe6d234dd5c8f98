import type { JSX } from "preact";
import { countText, millisText } from "../format.ts";
import { HISTOGRAM_EDGES_MS } from "../types.ts";
import type { BucketCounts, Percentiles } from "../types.ts";
import { store } from "./context.ts";
import { Pair, Pairs, Panel } from "./panels.tsx";

const WIDTH = 256;
const HEIGHT = 46;

function edgeText(edgeMs: number): string {
  return edgeMs < 1000 ? `${edgeMs}` : `${Math.round(edgeMs / 1000)} s`;
}

/** Share of the values per span, as bars; the spans double. */
function Histogram(props: { readonly name: string; readonly counts: BucketCounts }): JSX.Element {
  const { name, counts } = props;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...counts, 1);
  const width = WIDTH / counts.length;
  const told = counts
    .flatMap((count, index) => {
      const edge = HISTOGRAM_EDGES_MS[index];
      const share = Math.round((100 * count) / Math.max(total, 1));
      return share < 1 ? [] : [`${share}% ${edge === undefined ? "above" : `to ${edge} ms`}`];
    })
    .join(", ");
  return (
    <svg
      class="histogram"
      viewBox={`0 0 ${WIDTH} ${HEIGHT + 13}`}
      role="img"
      aria-label={`${name}: ${total === 0 ? "nothing measured yet" : told}`}
    >
      {counts.map((count, index) => {
        const height = count === 0 ? 0 : Math.max(1.5, (HEIGHT * count) / most);
        return (
          <rect
            key={HISTOGRAM_EDGES_MS[index] ?? "above"}
            x={index * width + 1}
            y={HEIGHT - height}
            width={width - 2}
            height={height}
          />
        );
      })}
      <line x1={0} x2={WIDTH} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
      {HISTOGRAM_EDGES_MS.map((edge, index) =>
        index % 2 === 0 ? null : (
          <text key={edge} x={(index + 1) * width} y={HEIGHT + 11} text-anchor="middle">
            {edgeText(edge)}
          </text>
        ),
      )}
    </svg>
  );
}

function PercentileRow(props: {
  readonly label: string;
  readonly of: Percentiles | undefined;
}): JSX.Element {
  return (
    <tr>
      <th scope="row">{props.label}</th>
      <td>{millisText(props.of?.p50 ?? null)}</td>
      <td>{millisText(props.of?.p99 ?? null)}</td>
    </tr>
  );
}

/** How fast it is, and what the threads that sign and post are doing. */
export function Machine(): JSX.Element {
  const runtime = store.live.runtime.value;
  const workers = runtime?.workers;
  const histograms = runtime?.histograms;
  return (
    <Panel id="latency" present title="Latency and workers">
      <table class="grid">
        <caption class="hidden">Latency percentiles</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="hidden">What</span>
            </th>
            <th scope="col">p50</th>
            <th scope="col">p99</th>
          </tr>
        </thead>
        <tbody>
          <PercentileRow label="Event to wire" of={runtime?.latencyMs.eventToWire} />
          <PercentileRow label="Round trip" of={runtime?.latencyMs.roundTrip} />
          <PercentileRow label="Wait for a worker" of={workers?.waitMs} />
          <PercentileRow label="Worker on a batch" of={workers?.runMs} />
        </tbody>
      </table>
      {histograms !== undefined && (
        <>
          <h3>Event to wire, ms</h3>
          <Histogram name="Event to wire" counts={histograms.eventToWire} />
          <h3>Round trip, ms</h3>
          <Histogram name="Round trip" counts={histograms.roundTrip} />
        </>
      )}
      <Pairs caption="Order workers">
        <Pair label="Workers busy / all">
          {countText(workers?.busy ?? null)} / {countText(workers?.total ?? null)}
        </Pair>
        <Pair label="Batches waiting">{countText(workers?.queued ?? null)}</Pair>
        <Pair label="Turned away / replaced">
          {countText(workers?.refused ?? null)} / {countText(workers?.replaced ?? null)}
        </Pair>
      </Pairs>
    </Panel>
  );
}
