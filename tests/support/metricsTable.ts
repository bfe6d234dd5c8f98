import { quotingState, view } from "./coreFixtures.ts";
import { volView } from "../browser/fixtureState.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { allMetrics } from "../../lib/runtime/allMetrics.ts";
import { StepMeter } from "../../lib/runtime/botMetrics.ts";
import { virtualClock } from "../../lib/runtime/clock.ts";
import { LatencyMeter } from "../../lib/runtime/latency.ts";
import type { Metric } from "../../lib/runtime/metrics.ts";
import { operationsMetrics } from "../../lib/runtime/operationsMetrics.ts";
import { Tally } from "../../lib/runtime/tally.ts";
import { ms } from "../../lib/units/numbers.ts";

const NOW_MS = 1_768_401_000_000;

/** Every metric that a bot can show, with all its labels. */
export function everyMetric(): readonly Metric[] {
  const times = { count: 0, mean: 0, p50: 0, p99: 0, max: 0 };
  const channel = { channel: "slack", waiting: 0, sent: 1, failed: 0, dropped: 0 };
  return allMetrics({
    state: quotingState(),
    view: view(),
    params: defaultParams,
    nowMs: ms(NOW_MS),
    startedMs: NOW_MS - 1000,
    mode: "paper",
    vol: volView(NOW_MS, 0.4),
    counts: { steps: 1, waiting: 0, duplicates: 0, booksDropped: 0 },
    tally: new Tally(),
    latency: new LatencyMeter(virtualClock(NOW_MS)),
    steps: new StepMeter(),
    submitter: {
      workers: 1,
      inFlight: 0,
      queued: 0,
      replaced: 0,
      refused: 0,
      waitMs: times,
      runMs: times,
    },
    process: { residentBytes: 1e8, cpuSeconds: 12 },
    operations: operationsMetrics([channel], {
      counts: { error: 0, warning: 0, info: 1, debug: 0 },
      lost: 0,
    }),
  });
}

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_usd(_total)?$/, "collateral tokens"],
  [/_seconds(_total)?$/, "seconds"],
  [/_bytes$/, "bytes"],
  [/_contracts$/, "contracts"],
  [/_ratio_per_sqrt_second$/, "share of the price per √s"],
  [/_ratio$/, "share of 1"],
];

/** The unit that a name ends with; a number of things when it ends with none. */
function unitOf(name: string): string {
  return UNITS.find(([end]) => end.test(name))?.[1] ?? "number";
}

/** Labels that tell the samples of a metric apart. */
export function labelsOf({ samples }: Metric): readonly string[] {
  return [...new Set(samples.flatMap(({ labels = {} }) => Object.keys(labels)))];
}

/** The table of the documentation. */
export function metricsTable(metrics: readonly Metric[]): string {
  const rows = metrics.map((metric) => {
    const labels = labelsOf(metric).map((label) => `\`${label}\``);
    const cells = [
      `\`${metric.name}\``,
      metric.type,
      unitOf(metric.name),
      labels.join(", "),
      metric.help,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| name | type | unit | labels | meaning |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
