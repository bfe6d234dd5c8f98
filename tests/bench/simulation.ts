import { defaultParams } from "../../lib/core/params.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import { round } from "./measure.ts";

export type SimulationBench = {
  readonly days: number;
  readonly wallSeconds: number;
  /** Processor time of all threads, the collector's included. */
  readonly cpuSeconds: number;
  /** If every hour of the week were like those simulated: the dearest, from the US opening on. */
  readonly weekCpuMinutesAtMost: number;
  /** Resident memory at the end, and what the second half added. */
  readonly rssMb: number;
  readonly rssGrowthMb: number;
};

const DAY_MS = 86_400_000;

/** Exchange and bot in one process over the same texts, in virtual time. */
export async function benchSimulation(days = 0.15): Promise<SimulationBench> {
  const durationMs = days * DAY_MS;
  let halfMb = 0;
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  await simulate({
    symbol: "US500",
    seed: 9,
    durationMs,
    params: defaultParams,
    onProgress: (doneMs) => {
      if (halfMb === 0 && doneMs >= durationMs / 2) halfMb = rssMb();
    },
    onWarning: () => {},
  });
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuSeconds = (user + system) / 1e6;
  const endMb = rssMb();
  return {
    days,
    wallSeconds: round((performance.now() - startMs) / 1000),
    cpuSeconds: round(cpuSeconds),
    weekCpuMinutesAtMost: round(((cpuSeconds / days) * 7) / 60),
    rssMb: Math.round(endMb),
    rssGrowthMb: Math.round(endMb - halfMb),
  };
}

function rssMb(): number {
  return process.memoryUsage().rss / 2 ** 20;
}
