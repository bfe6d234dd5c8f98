import type { EquityRow, FillRow } from "../../store/readModel.ts";
import { meanInterval } from "./statistics.ts";
import type { Interval } from "./statistics.ts";

/** How long after a fill the mid is looked at. The mid is known at each reading of the account, every few seconds. */
export const MARKOUT_HORIZONS_MS = [10_000, 60_000, 300_000, 1_800_000] as const;

/** A mid that is older than this at the horizon is no mid. */
const MID_AGE_MS_MAX = 30_000;

export type MarkoutRow = {
  readonly side: "bid" | "ask";
  /** How the order's price was found; "unknown" for an order without a record. */
  readonly placement: string;
  readonly fills: number;
  /** Distance of the fill from the mid then, bps: what the spread would have earned. */
  readonly atFillBps: Interval | null;
  /** How far the mid moved our way afterwards, bps, one per horizon; null where no fill has one. */
  readonly afterBps: readonly (Interval | null)[];
};

/** Fills grouped by side and by how their price was found. Every fill counts alike. */
export function markoutsOf(
  fills: readonly FillRow[],
  readings: readonly EquityRow[],
): readonly MarkoutRow[] {
  const mids = midsOf(fills, readings);
  const groups = Map.groupBy(fills, ({ side, placement }) => `${side} ${placement ?? "unknown"}`);
  return [...groups]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([key, group]) => {
      const [side = "", placement = ""] = key.split(" ");
      return {
        side: side === "bid" ? "bid" : "ask",
        placement,
        fills: group.length,
        atFillBps: meanInterval(group.flatMap((fill) => edgeAtFill(fill))),
        afterBps: MARKOUT_HORIZONS_MS.map((horizonMs) =>
          meanInterval(group.flatMap((fill) => moveAfter(fill, horizonMs, mids))),
        ),
      };
    });
}

const signOf = ({ side }: FillRow): number => (side === "bid" ? 1 : -1);

function edgeAtFill(fill: FillRow): readonly number[] {
  if (fill.midX2Ticks === null) return [];
  return [(1e4 * signOf(fill) * (fill.midX2Ticks - 2 * fill.pxTicks)) / fill.midX2Ticks];
}

function moveAfter(fill: FillRow, horizonMs: number, mids: readonly Mid[]): readonly number[] {
  const dueMs = fill.venueMs + horizonMs;
  const then = lastBefore(mids, dueMs);
  if (fill.midX2Ticks === null || then === null || dueMs - then.atMs > MID_AGE_MS_MAX) return [];
  if ((mids.at(-1)?.atMs ?? 0) < dueMs) return [];
  return [(1e4 * signOf(fill) * (then.midX2Ticks - fill.midX2Ticks)) / fill.midX2Ticks];
}

type Mid = { readonly atMs: number; readonly midX2Ticks: number };

function midsOf(fills: readonly FillRow[], readings: readonly EquityRow[]): readonly Mid[] {
  const known = [
    ...readings.map(({ atMs, midX2Ticks }) => ({ atMs, midX2Ticks })),
    ...fills.map(({ venueMs, midX2Ticks }) => ({ atMs: venueMs, midX2Ticks })),
  ].flatMap(({ atMs, midX2Ticks }) => (midX2Ticks === null ? [] : [{ atMs, midX2Ticks }]));
  return known.toSorted((a, b) => a.atMs - b.atMs);
}

function lastBefore(mids: readonly Mid[], atMs: number): Mid | null {
  let low = 0;
  let high = mids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((mids[middle]?.atMs ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return mids[low - 1] ?? null;
}
