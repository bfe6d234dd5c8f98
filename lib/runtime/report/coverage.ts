import type { EquityRow } from "../../store/readModel.ts";

/** The account is read every few seconds; a longer pause means that the bot was down or blind. */
const GAP_MS = 30_000;

/** A stretch between two readings in which the bot was there. */
export type Stretch = {
  readonly fromMs: number;
  readonly toMs: number;
  /** The reading at its beginning: what it shows holds for the stretch. */
  readonly reading: EquityRow;
};

export function stretchesOf(readings: readonly EquityRow[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const [i, reading] of readings.entries()) {
    const next = readings[i + 1];
    if (next !== undefined && next.atMs - reading.atMs <= GAP_MS)
      stretches.push({ fromMs: reading.atMs, toMs: next.atMs, reading });
  }
  return stretches;
}

export type Coverage = {
  readonly windowMs: number;
  /** Time in which the account was read regularly. */
  readonly coveredMs: number;
  readonly uptime: number;
  /** Share of the window with resting orders on both sides, and on at least one. */
  readonly bothSides: number;
  readonly anySide: number;
  readonly longestGapMs: number;
};

export function coverageOf(readings: readonly EquityRow[]): Coverage {
  const windowMs = (readings.at(-1)?.atMs ?? 0) - (readings[0]?.atMs ?? 0);
  const stretches = stretchesOf(readings);
  let both = 0;
  let any = 0;
  let covered = 0;
  for (const { fromMs, toMs, reading } of stretches) {
    const span = toMs - fromMs;
    const bids = (reading.restingBids ?? 0) > 0;
    const asks = (reading.restingAsks ?? 0) > 0;
    covered += span;
    if (bids && asks) both += span;
    if (bids || asks) any += span;
  }
  const share = (spanMs: number): number => (windowMs === 0 ? 0 : spanMs / windowMs);
  return {
    windowMs,
    coveredMs: covered,
    uptime: share(covered),
    bothSides: share(both),
    anySide: share(any),
    longestGapMs: longestGap(readings),
  };
}

function longestGap(readings: readonly EquityRow[]): number {
  let longest = 0;
  for (const [i, { atMs }] of readings.entries())
    longest = Math.max(longest, (readings[i + 1]?.atMs ?? atMs) - atMs);
  return longest <= GAP_MS ? 0 : longest;
}
