import { MARKOUT_SECONDS } from "../messages/state.ts";
import type { MarkoutCell, OpenMarkout, QualitySlice } from "../messages/state.ts";
import type { OwnFill, QuoteReason } from "../messages/orders.ts";
import { sideSign } from "../units/grid.ts";
import type { Ms } from "../units/numbers.ts";

/** Fills that wait for their longest horizon at the same time; more than these are counted as dropped. */
const MOST_OPEN = 256;

/**
 * Starts the markouts of a fill: those of each horizon, by side and by the placement of the quote that filled.
 * @param midX2 twice the mid in ticks just before the trade; without it the fill cannot be measured
 */
export function openMarkout(
  quality: QualitySlice,
  fill: OwnFill,
  reason: QuoteReason | null,
  midX2: number | null,
): QualitySlice {
  if (midX2 === null || quality.open.length >= MOST_OPEN)
    return { ...quality, dropped: quality.dropped + 1 };
  const open: OpenMarkout = {
    filledMs: fill.venueMs,
    side: fill.side,
    kind: fill.taker ? "taker" : (reason?.placement ?? "unknown"),
    sizeLots: fill.sizeLots,
    midX2Ticks: midX2,
    done: 0,
  };
  return { ...quality, open: [...quality.open, open] };
}

/** Takes every markout that is due at the mid of now. The same slice comes back when none is. */
export function settleMarkouts(
  quality: QualitySlice,
  midX2: number | null,
  nowMs: Ms,
): QualitySlice {
  if (midX2 === null || !quality.open.some((fill) => isDue(fill, nowMs))) return quality;
  const cells = new Map(quality.cells.map((cell) => [keyOf(cell), cell]));
  const open: OpenMarkout[] = [];
  for (const fill of quality.open) {
    let { done } = fill;
    while (isDue({ ...fill, done }, nowMs)) count(cells, fill, done++, midX2);
    if (done < MARKOUT_SECONDS.length) open.push(done === fill.done ? fill : { ...fill, done });
  }
  return { ...quality, open, cells: [...cells.values()] };
}

function isDue(fill: OpenMarkout, nowMs: number): boolean {
  const seconds = MARKOUT_SECONDS[fill.done];
  return seconds !== undefined && nowMs >= fill.filledMs + 1000 * seconds;
}

function keyOf({ side, kind, seconds }: Pick<MarkoutCell, "side" | "kind" | "seconds">): string {
  return `${side} ${kind} ${seconds}`;
}

function count(
  cells: Map<string, MarkoutCell>,
  fill: OpenMarkout,
  horizon: number,
  midX2: number,
): void {
  const { side, kind, sizeLots } = fill;
  const seconds = MARKOUT_SECONDS[horizon] ?? 0;
  const key = keyOf({ side, kind, seconds });
  const empty = { side, kind, seconds, fills: 0, lots: 0, lotsBps: 0, bps: 0, bpsSquared: 0 };
  const cell = cells.get(key) ?? empty;
  const bps = (1e4 * sideSign(side) * (midX2 - fill.midX2Ticks)) / fill.midX2Ticks;
  cells.set(key, {
    ...cell,
    fills: cell.fills + 1,
    lots: cell.lots + sizeLots,
    lotsBps: cell.lotsBps + sizeLots * bps,
    bps: cell.bps + bps,
    bpsSquared: cell.bpsSquared + bps * bps,
  });
}
