import { keepApiToken } from "./apiToken.ts";
import type { Bot } from "./bot.ts";
import { sequencerMetrics, stateMetrics, summarySamples } from "./botMetrics.ts";
import type { StepMeter } from "./botMetrics.ts";
import { createRouter } from "./router.ts";
import { runtimeStats } from "./runSummary.ts";
import { serveLoopback } from "./serveLoopback.ts";
import type { LoopbackServer } from "./serveLoopback.ts";
import { statusOf } from "./status.ts";
import type { Submitter } from "./submitter.ts";
import { LedgerReader } from "./why/ledger.ts";
import type { VolJobs } from "./volJobs.ts";
import { volMetrics } from "./volStatus.ts";
import type { DashboardFeed } from "../dashboard/model.ts";
import { dashboardRoutes } from "../dashboard/routes.ts";

export type ControlPlaneOptions = {
  readonly bot: Bot;
  readonly submitter: Submitter;
  readonly feed: DashboardFeed;
  readonly steps: StepMeter;
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
  const { bot, submitter, feed, steps } = options;
  const ledger = new LedgerReader(options.dataDir);
  const app = createRouter({
    token: options.token ?? keepApiToken(options.dataDir),
    webhookSecret: options.webhookSecret,
    nowMs: Date.now,
    health: () => {
      const { phase, feeds, reconcileFailure } = bot.state.run;
      const ok = feeds.market === "live" && feeds.account === "live" && reconcileFailure === null;
      return { ok, detail: `${phase}, market ${feeds.market}, account ${feeds.account}` };
    },
    status: () => statusOf(bot.state, bot.sequencer.view, feed.run, runtimeStats(bot, submitter)),
    metrics: () => [
      ...stateMetrics(bot.state),
      ...volMetrics(bot.state.vol, runtimeStats(bot, submitter).vol),
      ...sequencerMetrics(bot.sequencer.counts()),
      steps.metric(),
      {
        name: "amm500_event_to_wire_seconds",
        help: "From the receipt of a message to the signed request on the socket.",
        type: "summary",
        samples: summarySamples(bot.latency.eventToWireMs, {}),
      },
      {
        name: "amm500_round_trip_seconds",
        help: "From posting an action to its answer.",
        type: "summary",
        samples: summarySamples(bot.latency.roundTripMs, {}),
      },
    ],
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

function retrainBy(jobs: VolJobs): () => { readonly joined: boolean } {
  return () => ({ joined: !jobs.retrainNow() });
}
