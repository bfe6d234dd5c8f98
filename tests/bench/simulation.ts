import { defaultParams } from "../../lib/core/params.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import { round } from "./measure.ts";

export type SimulationBench = {
  readonly days: number;
  readonly wallSeconds: number;
  /** Processor time of all threads, the compiler's and the collector's included. */
  readonly cpuSeconds: number;
  /** Of it up to the middle, where the start and most compilation are. */
  readonly firstHalfCpuSeconds: number;
  /**
   * No run of a week: what its processor time would be if every hour were like those of the second half. They are of
   * the regular session, which is dearer than nights and weekends. The start and compilation are counted once.
   */
  readonly weekCpuMinutesExtrapolated: number;
  /** Resident memory at the end, and what the second half added. */
  readonly rssMb: number;
  readonly rssGrowthMb: number;
};

const DAY_MS = 86_400_000;

/** Exchange and bot in one process over the same texts, in virtual time. */
export async function benchSimulation(days = 0.15): Promise<SimulationBench> {
  const durationMs = days * DAY_MS;
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const cpuNow = (): number => {
    const { user, system } = process.cpuUsage(cpuBefore);
    return (user + system) / 1e6;
  };
  let half = { cpuSeconds: 0, rssMb: 0, doneMs: 0 };
  await simulate({
    symbol: "US500",
    seed: 9,
    durationMs,
    params: defaultParams,
    onProgress: (doneMs) => {
      if (half.doneMs === 0 && doneMs >= durationMs / 2)
        half = { cpuSeconds: cpuNow(), rssMb: rssMb(), doneMs };
    },
    onWarning: () => {},
  });
  const cpuSeconds = cpuNow();
  const endMb = rssMb();
  const perMs = (cpuSeconds - half.cpuSeconds) / (durationMs - half.doneMs);
  const once = Math.max(0, half.cpuSeconds - perMs * half.doneMs);
  return {
    days,
    wallSeconds: round((performance.now() - startMs) / 1000),
    cpuSeconds: round(cpuSeconds),
    firstHalfCpuSeconds: round(half.cpuSeconds),
    weekCpuMinutesExtrapolated: round((once + perMs * 7 * DAY_MS) / 60),
    rssMb: Math.round(endMb),
    rssGrowthMb: Math.round(endMb - half.rssMb),
  };
}

function rssMb(): number {
  return process.memoryUsage().rss / 2 ** 20;
}
