import type { Metric, Sample } from "./metrics.ts";
import type { Sequencer, StepTimes } from "./sequencer.ts";
import { LogHistogram } from "../core/histogram.ts";
import type { BotState } from "../messages/state.ts";

const PARTS = ["queued", "handler", "risk", "commit"] as const;
type Part = (typeof PARTS)[number];

/** Distributions of what a step takes, part by part. */
export class StepMeter {
  readonly #parts: Readonly<Record<Part, LogHistogram>> = {
    queued: new LogHistogram(),
    handler: new LogHistogram(),
    risk: new LogHistogram(),
    commit: new LogHistogram(),
  };

  /** Commits are counted only where something was stored. */
  record(times: StepTimes): void {
    this.#parts.queued.record(Math.max(0, times.queuedMs));
    this.#parts.handler.record(Math.max(0, times.handlerMs));
    this.#parts.risk.record(Math.max(0, times.riskMs));
    if (times.committed) this.#parts.commit.record(Math.max(0, times.commitMs));
  }

  /** Milliseconds. */
  part(part: Part): LogHistogram {
    return this.#parts[part];
  }

  metric(): Metric {
    return {
      name: "amm500_step_seconds",
      help: "Time of one step of the sequencer, by part.",
      type: "summary",
      samples: PARTS.flatMap((part) => summarySamples(this.#parts[part], { part })),
    };
  }
}

/** Quantiles, sum and count of a distribution of milliseconds, in seconds. */
export function summarySamples(
  histogram: LogHistogram,
  labels: Readonly<Record<string, string>>,
): readonly Sample[] {
  const { count, mean } = histogram.summary();
  const quantiles = [0.5, 0.99, 0.999].map((q) => ({
    labels: { ...labels, quantile: String(q) },
    value: histogram.quantile(q) / 1000,
  }));
  return [
    ...quantiles,
    { labels, suffix: "_sum", value: (mean * count) / 1000 },
    { labels, suffix: "_count", value: count },
  ];
}

/** Counters of the sequencer itself. */
export function sequencerMetrics(counts: ReturnType<Sequencer["counts"]>): readonly Metric[] {
  return [
    counter("amm500_steps_total", "Steps handled since the start.", counts.steps),
    counter("amm500_duplicate_events_total", "Events dropped as known.", counts.duplicates),
    counter("amm500_books_dropped_total", "Books dropped for a newer one.", counts.booksDropped),
    gauge("amm500_events_waiting", "Events in the queue.", counts.waiting),
  ];
}

/** What the state says, in the units that people use: collateral tokens as USD, contracts, ratios. */
export function stateMetrics(state: BotState): readonly Metric[] {
  const { run, risk } = state;
  return [
    ...accountMetrics(state),
    ...tradingMetrics(state),
    labelled("amm500_risk_mode", "1 for the mode of the risk machine.", "gauge", "mode", {
      normal: Number(risk.mode === "normal"),
      widened: Number(risk.mode === "widened"),
      reduceOnly: Number(risk.mode === "reduceOnly"),
      flatten: Number(risk.mode === "flatten"),
      halted: Number(risk.mode === "halted"),
    }),
    gauge(
      "amm500_alarm",
      "1 while a position that has to go cannot be closed.",
      Number((risk.alarm ?? null) !== null),
    ),
    labelled("amm500_feed_live", "1 while the feed is live.", "gauge", "feed", {
      market: Number(run.feeds.market === "live"),
      account: Number(run.feeds.account === "live"),
    }),
    gauge("amm500_quoting", "1 while the bot is past its start and not ending.", quoting(state)),
  ];
}

function accountMetrics({ account, ledger, run }: BotState): readonly Metric[] {
  const { reading, budget } = account;
  const contracts = run.spec === null ? null : ledger.positionLots / 10 ** run.spec.szDecimals;
  return [
    gauge("amm500_equity_usd", "Account value.", usd(reading?.equityMicroUsd)),
    gauge("amm500_margin_used_usd", "Margin in use.", usd(reading?.marginUsedMicroUsd)),
    gauge("amm500_position_contracts", "Signed position.", contracts),
    labelled("amm500_action_budget", "Address budget as last read.", "gauge", "of", {
      used: budget?.used ?? null,
      cap: budget?.cap ?? null,
    }),
    gauge("amm500_actions_since_budget_read", "Actions sent since.", account.usedSinceRead),
  ];
}

function tradingMetrics({ ledger, orders }: BotState): readonly Metric[] {
  const working = Object.values(orders.working);
  const halfMicro = 2e6;
  return [
    labelled("amm500_working_orders", "Orders that rest or are on their way.", "gauge", "side", {
      bid: working.filter(({ side }) => side === "bid").length,
      ask: working.filter(({ side }) => side === "ask").length,
    }),
    labelled("amm500_fills_total", "Executions.", "counter", "role", {
      maker: ledger.fills.maker,
      taker: ledger.fills.taker,
    }),
    labelled("amm500_traded_usd_total", "Notional traded.", "counter", "role", {
      maker: ledger.notionalMicroUsd.maker / 1e6,
      taker: ledger.notionalMicroUsd.taker / 1e6,
    }),
    labelled("amm500_pnl_usd", "Profit by part; costs are negative.", "gauge", "part", {
      spread: ledger.pnl.spread / halfMicro,
      adverse: ledger.pnl.adverse / halfMicro,
      inventory: ledger.pnl.inventory / halfMicro,
      funding: ledger.fundingMicroUsd / 1e6,
      fees: -ledger.feesMicroUsd / 1e6,
    }),
    labelled(
      "amm500_markout_ratio",
      "Mean own markout over price; negative is adverse.",
      "gauge",
      "side",
      { bid: ratio(ledger.markoutBps.bid), ask: ratio(ledger.markoutBps.ask) },
    ),
    gauge("amm500_loss_streak", "Round trips lost in a row.", ledger.lossStreak),
  ];
}

function quoting({ run }: BotState): number {
  return Number(run.phase === "quoting");
}

function ratio(bps: number | null): number | null {
  return bps === null ? null : bps / 1e4;
}

function usd(microUsd: number | undefined): number | null {
  return microUsd === undefined ? null : microUsd / 1e6;
}

function gauge(name: string, help: string, value: number | null): Metric {
  return { name, help, type: "gauge", samples: [{ value }] };
}

function counter(name: string, help: string, value: number): Metric {
  return { name, help, type: "counter", samples: [{ value }] };
}

function labelled(
  name: string,
  help: string,
  type: Metric["type"],
  label: string,
  values: Readonly<Record<string, number | null>>,
): Metric {
  const samples = Object.entries(values).map(([key, value]) => ({
    labels: { [label]: key },
    value,
  }));
  return { name, help, type, samples };
}
