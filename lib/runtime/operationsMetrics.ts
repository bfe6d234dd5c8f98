import type { ChannelStats } from "./alerts/channelQueue.ts";
import { LOG_LEVELS } from "./log/logger.ts";
import type { Logger } from "./log/logger.ts";
import type { Metric, Sample } from "./metrics.ts";

/** Counters of what people are told and of what is written down. */
export function operationsMetrics(
  channels: readonly ChannelStats[],
  log: Pick<Logger, "counts" | "lost">,
): readonly Metric[] {
  return [
    {
      name: "amm500_alerts_total",
      help: "Alerts by what became of them.",
      type: "counter",
      samples: channels.flatMap(({ channel, sent, failed, dropped }): Sample[] => [
        { labels: { channel, result: "sent" }, value: sent },
        { labels: { channel, result: "failed" }, value: failed },
        { labels: { channel, result: "lost" }, value: dropped },
      ]),
    },
    {
      name: "amm500_alerts_waiting",
      help: "Alerts that are on their way.",
      type: "gauge",
      samples: channels.map(({ channel, waiting }) => ({ labels: { channel }, value: waiting })),
    },
    {
      name: "amm500_log_lines_total",
      help: "Lines logged.",
      type: "counter",
      samples: LOG_LEVELS.map((level) => ({ labels: { level }, value: log.counts[level] })),
    },
    {
      name: "amm500_log_lines_lost_total",
      help: "Lines that neither room nor disk was found for.",
      type: "counter",
      samples: [{ value: log.lost }],
    },
  ];
}
