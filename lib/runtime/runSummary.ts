import type { Bot } from "./bot.ts";
import type { CauseCounts } from "./localExchange.ts";
import type { ShutdownReport } from "./shutdown.ts";
import type { RunSummary } from "./summary.ts";
import type { VolView } from "../dashboard/volView.ts";
import type { HistogramSummary, LogHistogram } from "../core/histogram.ts";
import { HISTOGRAM_EDGES_MS } from "../dashboard/types.ts";
import type { Percentiles, RunInfo, RuntimeStats } from "../dashboard/types.ts";
import { volStatusOf } from "./volStatus.ts";
import type { Submitter } from "./submitter.ts";

const tokens = (microUsd: number): number => microUsd / 1e6;

function percentiles(histogram: LogHistogram): Percentiles {
  return shown(histogram.summary());
}

function shown({ count, p50, p99 }: HistogramSummary): Percentiles {
  return count === 0 ? { p50: null, p99: null } : { p50, p99 };
}

/** What is measured around the sequencer, for the views. */
export function runtimeStats(bot: Bot, submitter: Submitter): RuntimeStats {
  const { workers, inFlight, queued, replaced, refused, waitMs, runMs } = submitter.stats();
  return {
    latencyMs: {
      eventToWire: percentiles(bot.latency.eventToWireMs),
      roundTrip: percentiles(bot.latency.roundTripMs),
    },
    workers: {
      total: workers,
      busy: Math.min(workers, inFlight),
      queued,
      replaced,
      refused,
      waitMs: shown(waitMs),
      runMs: shown(runMs),
    },
    histograms: {
      eventToWire: bot.latency.eventToWireMs.countsBetween(HISTOGRAM_EDGES_MS),
      roundTrip: bot.latency.roundTripMs.countsBetween(HISTOGRAM_EDGES_MS),
    },
    actions: { used: bot.tally.actions, left: actionsLeft(bot) },
    vol: volView(bot),
  };
}

function volView(bot: Bot): VolView {
  return { ...bot.vol.view(), jobs: bot.volJobs?.running ?? [] };
}

function actionsLeft({ state }: Bot): number | null {
  const { budget, usedSinceRead } = state.account;
  return budget === null ? null : budget.cap - budget.used - usedSinceRead;
}

/** What was before this run, with it. */
function folderOf({ continues, state }: Bot): RunSummary["folder"] {
  const { baseline, fills, notionalMicroUsd } = state.ledger;
  if (!continues || baseline === null) return null;
  const notionalUsd = tokens(notionalMicroUsd.maker + notionalMicroUsd.taker);
  return { sinceMs: baseline.venueMs, fills: { ...fills, notionalUsd } };
}

/** The finished run as one object. A report without a reading of the account says so in `errors`. */
export function summarise(
  bot: Bot,
  run: RunInfo,
  report: ShutdownReport,
  causes: CauseCounts | null,
  endedMs: number,
  errors: readonly string[],
): RunSummary {
  const { tally } = bot;
  const { pnl } = report;
  return {
    mode: run.mode,
    feed: run.feed,
    market: run.spec.market,
    szDecimals: run.spec.szDecimals,
    collateral: run.spec.collateralName,
    seed: run.seed,
    durationMs: endedMs - run.startedMs,
    orders: {
      placed: tally.placed,
      modified: tally.modified,
      cancelled: tally.cancelled,
      rejected: tally.rejected,
    },
    fills: {
      count: tally.fills.count,
      maker: tally.fills.maker,
      taker: tally.fills.taker,
      notionalUsd: tokens(tally.fills.notionalMicroUsd),
      byCause: causes,
    },
    folder: folderOf(bot),
    position: {
      lots: bot.state.ledger.positionLots,
      venueLots: report.reading?.positionLots ?? Number.NaN,
    },
    pnl: {
      spread: tokens(pnl?.spreadMicroUsd ?? Number.NaN),
      adverse: tokens(pnl?.adverseMicroUsd ?? Number.NaN),
      inventory: tokens(pnl?.inventoryMicroUsd ?? Number.NaN),
      funding: tokens(pnl?.fundingMicroUsd ?? Number.NaN),
      fees: tokens(pnl?.feesMicroUsd ?? Number.NaN),
      total: tokens(pnl?.totalMicroUsd ?? Number.NaN),
      accountChange: tokens(pnl?.accountChangeMicroUsd ?? Number.NaN),
      residualMicroUsd: pnl?.residualMicroUsd ?? Number.NaN,
    },
    actions: { used: tally.actions, left: actionsLeft(bot) },
    latencyMs: {
      eventToWire: percentiles(bot.latency.eventToWireMs),
      roundTrip: percentiles(bot.latency.roundTripMs),
    },
    volatility: volStatusOf(bot.state.vol, volView(bot)),
    openOrdersAtEnd: report.openOrders ?? Number.NaN,
    errors: [...report.errors, ...errors],
  };
}
