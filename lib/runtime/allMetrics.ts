import { sequencerMetrics, stateMetrics, summarySamples } from "./botMetrics.ts";
import type { StepMeter } from "./botMetrics.ts";
import type { LatencyMeter } from "./latency.ts";
import type { Metric, Sample } from "./metrics.ts";
import type { Sequencer } from "./sequencer.ts";
import type { SubmitterStats } from "./submitter.ts";
import type { Tally } from "./tally.ts";
import { volMetrics } from "./volStatus.ts";
import { drawdown, liquidationDistance, referencePx, takerRatio } from "../core/gauges.ts";
import { actionEconomy } from "../core/budget.ts";
import type { VolView } from "../dashboard/volView.ts";
import type { MarketView } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import type { BotState } from "../messages/state.ts";
import type { Ms } from "../units/numbers.ts";
import manifest from "../../package.json";

/** What the numbers are read from, at one moment. */
export type MetricSources = {
  readonly state: BotState;
  readonly view: MarketView | null;
  readonly params: Params;
  readonly nowMs: Ms;
  readonly startedMs: number;
  readonly mode: string;
  readonly vol: VolView;
  readonly counts: ReturnType<Sequencer["counts"]>;
  readonly tally: Pick<Tally, "placed" | "modified" | "cancelled" | "actions" | "rejected">;
  readonly latency: Pick<LatencyMeter, "eventToWireMs" | "roundTripMs">;
  readonly steps: StepMeter;
  readonly submitter: SubmitterStats;
  readonly process: { readonly residentBytes: number; readonly cpuSeconds: number };
  /** Alerts and log. */
  readonly operations: readonly Metric[];
};

/** Everything that `GET /metrics` answers; `docs/OPERATIONS.md` has the table, and a test compares the two. */
export function allMetrics(from: MetricSources): readonly Metric[] {
  return [
    one("amm500_build_info", "1; the labels say what runs.", "gauge", {
      labels: { version: manifest.version, mode: from.mode, market: marketOf(from.state) },
      value: 1,
    }),
    one("amm500_start_time_seconds", "When the run began, since 1970.", "gauge", {
      value: from.startedMs / 1000,
    }),
    ...stateMetrics(from.state),
    ...limitMetrics(from),
    ...orderMetrics(from),
    ...volMetrics(from.state.vol, from.vol),
    ...sequencerMetrics(from.counts),
    from.steps.metric(),
    summary(
      "amm500_event_to_wire_seconds",
      "From the receipt of a message to the signed request on the socket.",
      summarySamples(from.latency.eventToWireMs, {}),
    ),
    summary(
      "amm500_round_trip_seconds",
      "From posting an action to its answer.",
      summarySamples(from.latency.roundTripMs, {}),
    ),
    ...workerMetrics(from.submitter),
    ...from.operations,
    one("amm500_process_resident_memory_bytes", "Memory of the process.", "gauge", {
      value: from.process.residentBytes,
    }),
    one("amm500_process_cpu_seconds_total", "Processor time of the process.", "counter", {
      value: from.process.cpuSeconds,
    }),
  ];
}

/** What the risk limits look at. */
function limitMetrics({ state, view, params, nowMs }: MetricSources): readonly Metric[] {
  const { reading } = state.account;
  const equity = reading?.equityMicroUsd ?? null;
  const moment = { atMs: nowMs, view };
  const fall = (peak: number): number | null => (equity === null ? null : drawdown(equity, peak));
  const left = state.account.budget === null ? null : actionEconomy(state, nowMs, params);
  return [
    gauge(
      "amm500_margin_used_ratio",
      "Margin in use over account value.",
      reading === null || reading.equityMicroUsd <= 0
        ? null
        : reading.marginUsedMicroUsd / reading.equityMicroUsd,
    ),
    {
      name: "amm500_drawdown_ratio",
      help: "Fall of the account value from its peak.",
      type: "gauge",
      samples: [
        { labels: { since: "day" }, value: fall(state.risk.equityPeakDayMicroUsd) },
        { labels: { since: "run" }, value: fall(state.risk.equityPeakRunMicroUsd) },
      ],
    },
    gauge(
      "amm500_taker_ratio",
      "Share of taking in what was traded, as the limit counts it.",
      takerRatio(state.ledger, nowMs),
    ),
    gauge(
      "amm500_liquidation_distance_ratio",
      "From the mark to the price that liquidates, over the mark.",
      liquidationDistance(state, referencePx(state, moment)),
    ),
    gauge(
      "amm500_action_runway_seconds",
      "Until nothing is left to place with, at the pace of the last hours; absent when it lasts for ever.",
      left === null || left.runwayHours === null ? null : left.runwayHours * 3600,
    ),
    gauge(
      "amm500_book_age_seconds",
      "Age of the newest book.",
      view === null ? null : (nowMs - view.bookRecvMs) / 1000,
    ),
  ];
}

function orderMetrics({ tally }: MetricSources): readonly Metric[] {
  const rejected = Object.values(tally.rejected).reduce((sum, count) => sum + count, 0);
  const results = {
    placed: tally.placed,
    modified: tally.modified,
    cancelled: tally.cancelled,
    rejected,
  };
  return [
    {
      name: "amm500_orders_total",
      help: "Answers of the exchange since the start, by result.",
      type: "counter",
      samples: Object.entries(results).map(([result, value]) => ({ labels: { result }, value })),
    },
    one("amm500_actions_total", "Actions sent since the start, as the budget counts.", "counter", {
      value: tally.actions,
    }),
  ];
}

function workerMetrics(stats: SubmitterStats): readonly Metric[] {
  return [
    gauge("amm500_order_workers", "Threads that sign and send.", stats.workers),
    gauge("amm500_batches_in_flight", "Batches sent and not answered.", stats.inFlight),
    gauge("amm500_batches_waiting", "Batches that wait for a worker.", stats.queued),
    one("amm500_order_workers_replaced_total", "Threads that died.", "counter", {
      value: stats.replaced,
    }),
    one("amm500_batches_refused_total", "Batches turned away, expired or too many.", "counter", {
      value: stats.refused,
    }),
  ];
}

function marketOf({ run }: BotState): string {
  return run.spec?.market ?? "";
}

function one(name: string, help: string, type: Metric["type"], sample: Sample): Metric {
  return { name, help, type, samples: [sample] };
}

function gauge(name: string, help: string, value: number | null): Metric {
  return one(name, help, "gauge", { value });
}

function summary(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: "summary", samples };
}
