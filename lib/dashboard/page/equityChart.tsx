import type { JSX } from "preact";
import type uPlot from "uplot";
import { moneyText, percentText } from "../format.ts";
import type { SampleRows } from "../types.ts";
import { Chart, translucent } from "./chart.tsx";
import type { ChartParts, Colour } from "./chart.tsx";
import { ChartPanel, line } from "./charts.tsx";
import { store } from "./context.ts";
import { shownFigures } from "./past.ts";

/** The peak follows from both: equity is the peak less its share of drawdown. */
function columns(rows: SampleRows): (readonly (number | null)[])[] {
  const { equity, drawdown } = rows.columns;
  const peak = equity.map((value, index) => {
    const share = drawdown[index] ?? null;
    return value === null || share === null || share >= 1 ? null : value / (1 - share);
  });
  return [equity, peak, drawdown];
}

function yRange(chart: uPlot): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const column of [chart.data[1] ?? [], chart.data[2] ?? []])
    for (const value of column) {
      if (value === null || value === undefined) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  if (low > high) return [0, 1];
  // A cent either way keeps a quiet account from looking wild.
  const pad = Math.max((high - low) * 0.1, 10_000);
  return [low - pad, high + pad];
}

function parts(colours: Readonly<Record<Colour, string>>): ChartParts {
  return {
    series: [
      line(colours.text, 1.5),
      line(colours.warn, 1, { dash: [4, 4] }),
      line("transparent", 0),
    ],
    bands: [{ series: [2, 1], fill: translucent(colours.bad, 0.14) }],
    yRange,
    yText: (value) => moneyText(value, 2),
    readout: ([equity = null, peak = null, drawdown = null]) =>
      `equity ${moneyText(equity, 2)} · peak ${moneyText(peak, 2)} · drawdown ${percentText(drawdown, 3)}`,
  };
}

/** Equity as the exchange reports it, under its peak: the gap is the drawdown. */
export function EquityChart(): JSX.Element {
  const account = store.live.account.value;
  const limits = store.run.value?.limits;
  return (
    <ChartPanel
      id="equity"
      title="Equity and drawdown"
      readout={
        <>
          <span>{moneyText(shownFigures.value.equity)}</span>
          <span class="key fees">peak</span>
          <span class="dim">
            drawdown day {percentText(account?.drawdownDay ?? null, 2)} of{" "}
            {percentText(limits?.reduceOnlyDrawdown ?? null, 0)}, run{" "}
            {percentText(account?.drawdownRun ?? null, 2)} of{" "}
            {percentText(limits?.maxDrawdown ?? null, 0)}
          </span>
        </>
      }
    >
      <Chart
        label="Equity over time under its peak; the gap is the drawdown"
        height={120}
        parts={parts}
        columns={columns}
      />
    </ChartPanel>
  );
}
