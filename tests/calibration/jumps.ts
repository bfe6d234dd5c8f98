import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MarketRun } from "./marketRun.ts";
import { partsAt } from "./marketWatch.ts";
import { DATA } from "./recordings.ts";

/** What followed a jump of the mid between two samples: undone at once, or kept. */
export type Jumps = {
  readonly atLeastBps: number;
  readonly samples: number;
  readonly jumps: number;
  /** Jumps of which less than three tenths were left one sample later. */
  readonly undone: number;
  /** Next move over the jump, signed, mean: -1 is undone, 0 is kept. */
  readonly nextShare: number;
};

type Sample = { readonly timeMs: number; readonly mid: number };

const SIZES_BPS = [0.5, 1, 2, 3];
/** Three neighbouring samples further apart than this are not compared, ms. */
const MOST_SPAN_MS = 40_000;

function jumpsOf(samples: readonly Sample[]): readonly Jumps[] {
  return SIZES_BPS.map((atLeastBps) => {
    let [compared, jumps, undone, share] = [0, 0, 0, 0];
    for (let i = 1; i < samples.length - 1; i++) {
      const [before, here, after] = [samples[i - 1], samples[i], samples[i + 1]];
      if (before === undefined || here === undefined || after === undefined) continue;
      if (after.timeMs - before.timeMs > MOST_SPAN_MS) continue;
      compared++;
      const jump = (here.mid / before.mid - 1) * 1e4;
      if (Math.abs(jump) < atLeastBps) continue;
      jumps++;
      share += ((after.mid / here.mid - 1) * 1e4) / jump;
      if (Math.abs((after.mid / before.mid - 1) * 1e4) < 0.3 * Math.abs(jump)) undone++;
    }
    return { atLeastBps, samples: compared, jumps, undone, nextShare: share / jumps };
  });
}

/** Of the real US500 on 2026-01-15, sampled by a bot's loop (median 1 s, mean 2 s apart); null where the log is absent. */
export function loggedJumps(): readonly Jumps[] | null {
  const path = join(DATA, "us500_live_2026-01", "km_us500_bbo_2026-01-15.csv");
  if (!existsSync(path)) return null;
  const lines = readFileSync(path, "utf8").trim().split("\n").slice(1);
  return jumpsOf(
    lines.map((line) => {
      const [time = "", mid = ""] = line.split(",");
      return { timeMs: Date.parse(`${time.replace(" ", "T")}+01:00`), mid: Number(mid) };
    }),
  );
}

/** Of the simulated market in regular hours, sampled every 2 s. */
export function simulatedJumps(run: MarketRun): readonly Jumps[] {
  const samples: Sample[] = [];
  for (let timeMs = 60_000; timeMs < run.durationMs; timeMs += 2000)
    if (partsAt(run.startMs + timeMs).includes("regular"))
      samples.push({ timeMs, mid: run.log.doubleMidAt(timeMs) / 2 });
  return jumpsOf(samples);
}
