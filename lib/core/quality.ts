import { MARKOUT_SECONDS } from "../messages/state.ts";
import type {
  MarkoutCause,
  MarkoutCell,
  OpenMarkout,
  OrdersSlice,
  PassingTrade,
  QualitySlice,
} from "../messages/state.ts";
import type { PublicTrade } from "../messages/market.ts";
import type { OwnFill, QuoteReason } from "../messages/orders.ts";
import { opposite, sideSign } from "../units/grid.ts";
import type { Side } from "../units/grid.ts";
import type { Ms, PxTicks } from "../units/numbers.ts";
import { ordersOf } from "./ordersOf.ts";

/** Fills that wait for their longest horizon at the same time; more than these are counted as dropped. */
const MOST_OPEN = 256;

/** Passing trades that are remembered: those of a few blocks. */
const MOST_PASSING = 16;

type Filled = { readonly side: Side; readonly filledMs: Ms; readonly pxTicks: PxTicks };

/** True when the trade is of the same block as the fill and went beyond its price. */
function wentBeyond(trade: PassingTrade, { side, filledMs, pxTicks }: Filled): boolean {
  const beyond = (pxTicks - trade.pxTicks) * sideSign(side) > 0;
  return beyond && trade.venueMs === filledMs && trade.aggressor === opposite(side);
}

/**
 * Public trades beyond the price of a resting order or of a young fill: whoever filled us there went through. Trades and
 * fills of one block come in either order. The same slice comes back when no trade passed us.
 */
export function notePassing(
  quality: QualitySlice,
  working: OrdersSlice["working"],
  trades: readonly PublicTrade[],
): QualitySlice {
  const orders = ordersOf(working);
  const passing = trades
    .filter((trade) =>
      orders.some(
        ({ side, pxTicks }) =>
          side !== trade.aggressor && (pxTicks - trade.pxTicks) * sideSign(side) > 0,
      ),
    )
    .map(({ venueMs, aggressor, pxTicks }) => ({ venueMs, aggressor, pxTicks }));
  const open = quality.open.map((fill) =>
    fill.cause === "queue" && trades.some((trade) => wentBeyond(trade, asFilled(fill)))
      ? { ...fill, cause: "through" as const }
      : fill,
  );
  const isMarked = open.some((fill, i) => fill !== quality.open[i]);
  if (passing.length === 0 && !isMarked) return quality;
  const kept = [...(quality.passing ?? []), ...passing].slice(-MOST_PASSING);
  return { ...quality, passing: kept, open: isMarked ? open : quality.open };
}

function asFilled({ side, filledMs, pxTicks }: OpenMarkout): Filled {
  return { side, filledMs, pxTicks: pxTicks ?? NOWHERE };
}

/** Nothing is beyond it: of an older row's fill nothing is said. */
const NOWHERE = Number.NaN as PxTicks;

function causeOf(quality: QualitySlice, fill: OwnFill): MarkoutCause {
  if (fill.taker) return "taker";
  const { side, venueMs, pxTicks } = fill;
  const filled = { side, filledMs: venueMs, pxTicks };
  return (quality.passing ?? []).some((trade) => wentBeyond(trade, filled)) ? "through" : "queue";
}

/**
 * Starts the markouts of a fill: those of each horizon, by side, cause and the placement of the quote that filled.
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
    pxTicks: fill.pxTicks,
    cause: causeOf(quality, fill),
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

function keyOf({
  side,
  kind,
  cause = "unknown",
  seconds,
}: Pick<MarkoutCell, "side" | "kind" | "cause" | "seconds">): string {
  return `${side} ${kind} ${cause} ${seconds}`;
}

function count(
  cells: Map<string, MarkoutCell>,
  fill: OpenMarkout,
  horizon: number,
  midX2: number,
): void {
  const { side, kind, cause = "unknown", sizeLots } = fill;
  const seconds = MARKOUT_SECONDS[horizon] ?? 0;
  const key = keyOf({ side, kind, cause, seconds });
  const empty = {
    side,
    kind,
    cause,
    seconds,
    fills: 0,
    lots: 0,
    lotsBps: 0,
    bps: 0,
    bpsSquared: 0,
  };
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
