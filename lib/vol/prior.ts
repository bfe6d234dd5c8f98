import type { VolSource } from "../messages/market.ts";

/** What volatility is taken to be before enough of the market has been seen, bps per square root of a second. */
export type VolPrior = {
  /** Stated by the settings. */
  readonly statedBps: number;
  /** What an earlier run last forecast, and the venue's time of then; null when there was none. */
  readonly lastRun: { readonly bps: number; readonly venueMs: number } | null;
};

/**
 * Half more than SPY's median in regular hours of autumn 2025 (2.6 bp per root minute, 0.34 per root second) and about what
 * it does in the first minutes after the open: whoever knows nothing yet is to be wide.
 */
export const STATED_PRIOR_BPS = 0.5;

type Prior = {
  readonly source: Extract<VolSource, "lastRun" | "prior">;
  readonly bps: number;
  readonly ageMs: number | null;
};

/** The forecast of the last run while it is fresh, else what was stated. @param freshMs as old as it may be */
export function priorAt({ statedBps, lastRun }: VolPrior, nowMs: number, freshMs: number): Prior {
  const ageMs = lastRun === null ? -1 : nowMs - lastRun.venueMs;
  return lastRun !== null && ageMs >= 0 && ageMs <= freshMs
    ? { source: "lastRun", bps: lastRun.bps, ageMs }
    : { source: "prior", bps: statedBps, ageMs: null };
}
