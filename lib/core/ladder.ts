import type { PxTicks } from "../units/numbers.ts";
import { meetsMinimum, minimumLots } from "./sizing.ts";

/**
 * Distances of the levels from the reservation price, bps: geometric from `first` to `last`, so that each level is the
 * same factor further out than the one before. All at `first` when `last` is not beyond it.
 */
export function ladderOffsetsBps(first: number, last: number, levels: number): readonly number[] {
  const known = lastOffsets;
  if (known.first === first && known.last === last && known.offsets.length === levels)
    return known.offsets;
  const ratio = Math.max(1, last / first);
  const offsets: number[] = [];
  for (let i = 0; i < levels; i++)
    offsets.push(levels === 1 ? first : first * ratio ** (i / (levels - 1)));
  lastOffsets = { first, last, offsets };
  return offsets;
}

/** Both sides mostly ask for the same ladder, and so does the next book. */
let lastOffsets = { first: Number.NaN, last: Number.NaN, offsets: [] as readonly number[] };

/** The same at equal steps, the last level at `last`: the ladder of a fixed grid, for comparison. */
export function linearOffsetsBps(first: number, last: number, levels: number): number[] {
  const step = levels === 1 ? 0 : Math.max(0, last - first) / (levels - 1);
  return Array.from({ length: levels }, (_, i) => first + step * i);
}

/**
 * Splits `totalLots` by weights into whole lots that add up exactly: floors first, then one lot each to the largest
 * remainders, the better level first among equals (Hamilton's method).
 */
export function largestRemainder(totalLots: number, weights: readonly number[]): number[] {
  const sum = sumOf(weights);
  if (sum <= 0 || totalLots <= 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (totalLots * weight) / sum);
  const lots = exact.map(Math.floor);
  let missing = totalLots - lots.reduce((a, b) => a + b, 0);
  const order = exact
    .map((value, index) => ({ index, rest: value - Math.floor(value) }))
    .toSorted((a, b) => b.rest - a.rest || a.index - b.index);
  for (const { index } of order) {
    if (missing <= 0) break;
    lots[index] = (lots[index] ?? 0) + 1;
    missing--;
  }
  return lots;
}

function sumOf(values: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum;
}

const TOP_LEVELS = 5;

/**
 * Weights with `topShare` of the size in the five best levels, growing evenly from the first to `growth` times it, and
 * the rest spread evenly behind them: what fills first, and most against us, is small.
 */
function ladderWeights(levels: number, topShare: number, growth: number): readonly number[] {
  const known = lastWeights;
  if (known.topShare === topShare && known.growth === growth && known.weights.length === levels)
    return known.weights;
  const weights = weightsOf(levels, topShare, growth);
  lastWeights = { topShare, growth, weights };
  return weights;
}

/** The settings change with the run alone, the levels seldom. */
let lastWeights = { topShare: Number.NaN, growth: Number.NaN, weights: [] as readonly number[] };

function weightsOf(levels: number, topShare: number, growth: number): readonly number[] {
  const top = Math.min(TOP_LEVELS, levels);
  const tail = levels - top;
  const share = tail === 0 ? 1 : topShare;
  const rise = (growth - 1) / (TOP_LEVELS - 1);
  const shape = Array.from({ length: top }, (_, i) => 1 + rise * i);
  const sum = shape.reduce((a, b) => a + b, 0);
  return [
    ...shape.map((weight) => (share * weight) / sum),
    ...Array.from({ length: tail }, () => (1 - topShare) / tail),
  ];
}

/**
 * Levels that a side can afford: as many as the tail's share feeds with orders of at least the venue's minimum, the
 * five best and `most` at the limits. Fewer levels stand further apart, instead of all close to the market.
 */
export function affordableLevels(
  totalLots: number,
  topShare: number,
  pxTicks: number,
  most: number,
): number {
  const least = minimumLots(pxTicks);
  const tail = Math.floor((totalLots * (1 - topShare)) / least);
  return Math.max(1, Math.min(most, TOP_LEVELS + tail));
}

/** Share of a side's size that stands no further out than `reachBps`. @param offsetsBps best first */
export function reachedShare(
  offsetsBps: readonly number[],
  reachBps: number,
  topShare: number,
  growth: number,
): number {
  const weights = ladderWeights(offsetsBps.length, topShare, growth);
  let share = 0;
  for (let i = 0; i < offsetsBps.length; i++)
    if ((offsetsBps[i] ?? 0) <= reachBps) share += weights[i] ?? 0;
  return share;
}

let lastSplit = { totalLots: Number.NaN, weights: [] as readonly number[], lots: [0] };

/** The other side has the same size nearly always. */
function splitLots(totalLots: number, weights: readonly number[]): readonly number[] {
  if (lastSplit.totalLots !== totalLots || lastSplit.weights !== weights)
    lastSplit = { totalLots, weights, lots: largestRemainder(totalLots, weights) };
  return lastSplit.lots;
}

type LadderLevel = {
  readonly level: number;
  readonly pxTicks: PxTicks;
  readonly lots: number;
};
type DroppedLevel = { readonly level: number; readonly reason: string };
export type Ladder = {
  readonly levels: readonly LadderLevel[];
  readonly dropped: readonly DroppedLevel[];
};

/**
 * Puts whole lots on the given prices (best first, distinct). A level below the venue's minimum is dropped and its
 * lots go to the next better level, worst level first; if the best level itself stays too small it takes the next
 * one's lots. Nothing is lost unless the whole side is below the minimum.
 */
export function sizeLadder(
  prices: readonly PxTicks[],
  totalLots: number,
  topShare: number,
  growth = 1,
): Ladder {
  const lots = [...splitLots(totalLots, ladderWeights(prices.length, topShare, growth))];
  const dropped: DroppedLevel[] = [];
  const drop = (level: number, size: number): void => {
    lots[level] = 0;
    dropped.push({
      level,
      reason: `${size} lots are below the venue's minimum; moved to better levels`,
    });
  };
  for (let i = prices.length - 1; i > 0; i--) {
    const size = lots[i] ?? 0;
    if (meetsMinimum(prices[i] ?? 0, size)) continue;
    lots[i - 1] = (lots[i - 1] ?? 0) + size;
    drop(i, size);
  }
  if (!meetsMinimum(prices[0] ?? 0, lots[0] ?? 0)) {
    const next = lots.findIndex((size, index) => index > 0 && size > 0);
    if (next > 0) {
      const size = lots[next] ?? 0;
      lots[0] = (lots[0] ?? 0) + size;
      drop(next, size);
    } else if (prices.length > 0) drop(0, lots[0] ?? 0);
  }
  const levels: LadderLevel[] = [];
  for (const [level, pxTicks] of prices.entries()) {
    const size = lots[level] ?? 0;
    if (size > 0) levels.push({ level, pxTicks, lots: size });
  }
  return { levels, dropped: dropped.toSorted((a, b) => a.level - b.level) };
}
