import { allMetrics } from "./allMetrics.ts";
import type { MetricSources } from "./allMetrics.ts";
import { keepApiToken } from "./apiToken.ts";
import type { Bot } from "./bot.ts";
import type { StepMeter } from "./botMetrics.ts";
import type { Metric } from "./metrics.ts";
import { createRouter } from "./router.ts";
import { runtimeStats } from "./runSummary.ts";
import { serveLoopback } from "./serveLoopback.ts";
import type { LoopbackServer } from "./serveLoopback.ts";
import { statusOf } from "./status.ts";
import type { Submitter } from "./submitter.ts";
import { LedgerReader } from "./why/ledger.ts";
import type { VolJobs } from "./volJobs.ts";
import { doingText } from "../dashboard/format.ts";
import type { DashboardFeed } from "../dashboard/model.ts";
import { dashboardRoutes } from "../dashboard/routes.ts";
import type { Params } from "../messages/params.ts";
import type { Clock } from "../units/time.ts";

export type ControlPlaneOptions = {
  readonly bot: Bot;
  readonly submitter: Submitter;
  readonly feed: DashboardFeed;
  readonly steps: StepMeter;
  readonly clock: Clock;
  readonly params: Params;
  /** Counters of alerts and log. */
  readonly operationsMetrics: () => readonly Metric[];
  readonly dataDir: string;
  /** Of the settings; null: the data folder's own. */
  readonly token: string | null;
  /** Of the settings; null: no signed requests. */
  readonly webhookSecret: string | null;
  readonly port: number;
  readonly onWarning: (text: string) => void;
};

const MEASURE_EVERY_MS = 250;

/** Page, status, metrics and the operator's door, on loopback. @throws PortError, DataFolderError. */
export function serveControlPlane(options: ControlPlaneOptions): LoopbackServer {
  const { bot, submitter, feed } = options;
  const ledger = new LedgerReader(options.dataDir);
  const app = createRouter({
    token: options.token ?? keepApiToken(options.dataDir),
    webhookSecret: options.webhookSecret,
    nowMs: Date.now,
    health: () => {
      const { run, risk } = bot.state;
      const { phase, feeds, reconcileFailure } = run;
      const ok = feeds.market === "live" && feeds.account === "live" && reconcileFailure === null;
      return {
        ok,
        detail: `${doingText(phase, risk.mode)}, market ${feeds.market}, account ${feeds.account}`,
      };
    },
    status: () => statusOf(bot.state, bot.sequencer.view, feed.run, runtimeStats(bot, submitter)),
    metrics: () => allMetrics(metricSources(options)),
    operator: (input) => bot.tell(input),
    ...(bot.volJobs === null ? {} : { retrain: retrainBy(bot.volJobs) }),
    newId: () => bot.nextId("operator"),
    onError: (error) => options.onWarning(`a request failed: ${error.message}`),
    pages: dashboardRoutes(feed, ledger),
  });
  const server = serveLoopback(app, options.port);
  const measure = (): void => feed.onRuntime(runtimeStats(bot, submitter));
  const timer = setInterval(measure, MEASURE_EVERY_MS);
  return {
    ...server,
    stop: async () => {
      clearInterval(timer);
      await server.stop();
      ledger.close();
    },
  };
}

function metricSources(options: ControlPlaneOptions): MetricSources {
  const { bot, submitter, feed, steps, clock, params } = options;
  const { user, system } = process.cpuUsage();
  return {
    state: bot.state,
    view: bot.sequencer.view,
    params,
    nowMs: clock.nowMs(),
    startedMs: feed.run.startedMs,
    mode: feed.run.mode,
    vol: runtimeStats(bot, submitter).vol,
    counts: bot.sequencer.counts(),
    tally: bot.tally,
    latency: bot.latency,
    steps,
    submitter: submitter.stats(),
    process: { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 },
    operations: options.operationsMetrics(),
  };
}

function retrainBy(jobs: VolJobs): () => { readonly joined: boolean } {
  return () => ({ joined: !jobs.retrainNow() });
}
