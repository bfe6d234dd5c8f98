import type { JSX } from "preact";
import { bpsText, countText, percentText, spanText } from "../format.ts";
import type { SampleRows } from "../types.ts";
import { historyText, trainingText } from "../volText.ts";
import { volSourceText } from "../volView.ts";
import type { VolView } from "../volView.ts";
import { Chart, translucent } from "./chart.tsx";
import type { ChartParts, Colour } from "./chart.tsx";
import { ChartPanel, line } from "./charts.tsx";
import { store } from "./context.ts";
import { Pair, Pairs, PresentTag } from "./panels.tsx";

function columns(rows: SampleRows): (readonly (number | null)[])[] {
  const { volForecast, volLow, volHigh, volRealised } = rows.columns;
  return [volHigh, volLow, volForecast, volRealised];
}

function parts(colours: Readonly<Record<Colour, string>>): ChartParts {
  const edge = translucent(colours.bid, 0.35);
  return {
    series: [
      line(edge, 1),
      line(edge, 1),
      line(colours.bid, 1.5),
      line(colours.ask, 1.5, { dash: [3, 3] }),
    ],
    bands: [{ series: [1, 2], fill: translucent(colours.bid, 0.1) }],
    yRange: (chart) => {
      let high = 0;
      for (const column of chart.data.slice(1))
        for (const value of column) high = Math.max(high, value ?? 0);
      return [0, high === 0 ? 1 : high * 1.1];
    },
    yText: (value) => bpsText(value),
    readout: ([high = null, low = null, forecast = null, realised = null]) =>
      `forecast ${bpsText(forecast)} (${bpsText(low)} to ${bpsText(high)}), realised ${bpsText(realised)}`,
  };
}

function Readout(props: { readonly vol: VolView | null }): JSX.Element {
  const { vol } = props;
  if (vol === null) return <span>not known yet</span>;
  return (
    <>
      <span class="key bid">forecast {bpsText(vol.sigmaBpsPerSqrtSec)} bp/√s</span>
      <span class="key ask">realised {bpsText(vol.score.last?.realised ?? null)}</span>
      <span class="dim">
        {volSourceText(vol.source)}, each over {spanText(vol.horizonMs)}
      </span>
    </>
  );
}

function scoreText({ score }: VolView): string {
  if (score.windows === 0) return "no window has ended yet";
  return `${bpsText(score.qlike)} over ${countText(score.windows)} windows; running average ${bpsText(score.qlikeOfAverage)}`;
}

function Provenance(props: { readonly vol: VolView }): JSX.Element {
  const { vol } = props;
  const slice = store.live.vol.value;
  const age = vol.ageMs === null ? "" : `, data ${spanText(vol.ageMs)} old`;
  return (
    <Pairs caption="Where the forecast comes from">
      <Pair label="Source">
        {volSourceText(vol.source)}, confidence {percentText(vol.confidence, 0)}
        {age}
      </Pair>
      <Pair label="Model">{vol.model ?? "none"}</Pair>
      {vol.why !== "" && <Pair label="Nothing better as">{vol.why}</Pair>}
      <Pair label="QLIKE">{scoreText(vol)}</Pair>
      <Pair label="Inside the 80% band">{percentText(vol.score.covered, 0)}</Pair>
      <Pair label="Training">{trainingText(slice?.lastAttempt ?? null)}</Pair>
      <Pair label="History">{historyText(slice?.lastFetch ?? null)}</Pair>
      {vol.jobs.map(({ kind, text, share }) => (
        <Pair key={kind} label={kind === "fetch" ? "Fetching" : "Retraining"}>
          {text} ({percentText(share, 0)})
        </Pair>
      ))}
    </Pairs>
  );
}

/** Forecast with its band against what came, one horizon later, and where the forecast comes from. */
export function Volatility(): JSX.Element {
  const vol = store.live.runtime.value?.vol ?? null;
  return (
    <ChartPanel
      id="volatility"
      title="Volatility"
      readout={<Readout vol={vol} />}
      tools={<PresentTag />}
    >
      <Chart
        label="Forecast volatility with its band, and what it came to"
        height={120}
        parts={parts}
        columns={columns}
      />
      {vol !== null && <Provenance vol={vol} />}
    </ChartPanel>
  );
}
