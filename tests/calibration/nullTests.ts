import type { ScenarioName } from "../../lib/venue/feeds/scenarios.ts";
import { BELL_MS, runMarket } from "./marketRun.ts";
import { groupedMean, mean } from "./statistics.ts";

/** One-sided 95 % of Student's t with 19 degrees of freedom: 20 seeds. */
const STUDENT_95 = 1.729;
const NULL_SEEDS = 20;
/** Longer, and the result is the luck of the price's path. */
const HOLDING_MS = 60_000;
const DISTANCES_BPS = [0, 0.5, 1, 2, 4, 8, 16];

export type NullResult = {
  readonly distanceBps: number;
  readonly fills: number;
  /** Before fees, one contract a side, every fill closed at the mid a minute later: US dollars a seed. */
  readonly meanUsd: number;
  /** The mean is above this with 95 % confidence. A positive one would be profit from nothing. */
  readonly lowerUsd: number;
  /** Fill to mid ten seconds later, all seeds. NaN without fills. */
  readonly markoutBps: number;
  /** Account less spread less inventory, twice micro-dollars, worst seed: zero if the identity closes. */
  readonly residual: number;
};

/** Naive makers at fixed distances against one scenario over twenty seeds, from the opening bell. */
export function nullTest(scenario: ScenarioName, durationMs: number): readonly NullResult[] {
  const runs = Array.from({ length: NULL_SEEDS }, (_, i) =>
    runMarket({
      scenario,
      seed: 101 + i,
      startMs: BELL_MS,
      durationMs,
      distancesBps: DISTANCES_BPS,
      watched: false,
    }),
  );
  return DISTANCES_BPS.map((distanceBps, i) => {
    const each = runs.flatMap(({ quoters, log }) => {
      const quoter = quoters[i];
      return quoter === undefined
        ? []
        : [
            {
              quoter,
              markouts: quoter.markouts(log, 10_000),
              held: quoter.markouts(log, HOLDING_MS),
            },
          ];
    });
    const earned = each.map(({ held }) =>
      held.reduce((sum, { fill, bps }) => sum + (bps * 1e-4 * fill.px * fill.lots) / 1e6, 0),
    );
    const centre = mean(earned);
    const deviation = Math.sqrt(
      earned.reduce((sum, usd) => sum + (usd - centre) ** 2, 0) / (NULL_SEEDS - 1),
    );
    const residuals = each.map(({ quoter: { pnl } }) =>
      Math.abs(pnl.account - pnl.spread - pnl.inventory),
    );
    return {
      distanceBps,
      fills: each.reduce((sum, { quoter }) => sum + quoter.fills.length, 0),
      meanUsd: centre,
      lowerUsd: centre - (STUDENT_95 * deviation) / Math.sqrt(NULL_SEEDS),
      markoutBps: groupedMean(each.map(({ markouts }) => markouts.map(({ bps }) => bps))).mean,
      residual: Math.max(...residuals),
    };
  });
}
