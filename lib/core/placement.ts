import type { Side } from "../units/grid.ts";
import { onGrid, stepTicks } from "../units/grid.ts";
import { pxTicks as toPxTicks } from "../units/numbers.ts";
import type { PxTicks } from "../units/numbers.ts";
import type { QuoteReason } from "../messages/orders.ts";
import type { Level } from "../messages/market.ts";
import type { OthersBook } from "./othersBook.ts";
import { othersLotsAt } from "./othersBook.ts";
import { edgeAtBps, fillRatePerSec } from "./quoteValue.ts";
import type { ValueModel } from "./quoteValue.ts";

export type PlacementRules = {
  readonly szDecimals: number;
  /** Others' lots below which a displayed level is worth joining. */
  readonly minQueueLots: number;
  /** Furthest grid steps from the level's own price. */
  readonly reachSteps: number;
  readonly edgeBpsMin: number;
};

export type Placement = {
  readonly pxTicks: PxTicks;
  readonly kind: Extract<QuoteReason["placement"], "ladder" | "gap" | "queue">;
  /** Others' lots at the price; null behind the displayed depth. */
  readonly queueLots: number | null;
};

/** A gap is worth using from this many steps on: the book skips at least two prices. */
const GAP_STEPS = 3;
/** Another place than the level's own has to be this much better, or quotes would wander with every flicker. */
const BETTER_BY = 1.05;

/**
 * The best price for one level among those near its own: the level's own price; one step in front of each displayed
 * level that lies behind a gap, where one is first in the queue at almost its price; and displayed levels where few
 * others stand. Best is the largest fill rate times edge. Prices that would take too little edge, or that are not
 * behind `limitTicks`, the level in front or the market, are left out.
 */
export function placeLevel(
  others: OthersBook,
  side: Side,
  ownTicks: PxTicks,
  limitTicks: number | null,
  model: ValueModel,
  rules: PlacementRules,
): Placement {
  const own: Placement = {
    pxTicks: ownTicks,
    kind: "ladder",
    queueLots: othersLotsAt(others, side, ownTicks),
  };
  const near = candidates(others, side, ownTicks, rules);
  if (near.length === 0) return own;
  let best = own;
  let bestScore = score(own, model) * BETTER_BY;
  for (const candidate of near) {
    if (!isBehind(side, candidate.pxTicks, limitTicks)) continue;
    if (edgeAtBps(model, candidate.pxTicks) < rules.edgeBpsMin) continue;
    const value = score(candidate, model);
    if (value <= bestScore) continue;
    best = candidate;
    bestScore = value;
  }
  return best;
}

function score({ pxTicks, queueLots }: Placement, model: ValueModel): number {
  const queue = queueLots ?? model.usualLots;
  return fillRatePerSec(model, pxTicks, queue) * Math.max(0, edgeAtBps(model, pxTicks));
}

function isBehind(side: Side, pxTicks: number, limitTicks: number | null): boolean {
  if (limitTicks === null) return true;
  return side === "bid" ? pxTicks < limitTicks : pxTicks > limitTicks;
}

const NONE: Placement[] = [];

function candidates(
  others: OthersBook,
  side: Side,
  ownTicks: number,
  rules: PlacementRules,
): readonly Placement[] {
  const levels = side === "bid" ? others.bids : others.asks;
  const step = stepTicks(ownTicks, rules.szDecimals);
  const reach = rules.reachSteps * step;
  const inward = side === "bid" ? step : -step;
  let found: Placement[] = NONE;
  const add = (candidate: Placement): void => {
    if (found === NONE) found = [];
    found.push(candidate);
  };
  let front: Level | undefined;
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i];
    if (level === undefined) break;
    const { pxTicks, sizeLots } = level;
    const behind = side === "bid" ? ownTicks - pxTicks : pxTicks - ownTicks;
    // Best first: from here on everything is out of reach, the price in front of the level as well.
    if (behind > reach + step) break;
    if (front !== undefined && Math.abs(front.pxTicks - pxTicks) >= GAP_STEPS * step) {
      const inside = pxTicks + inward;
      const isNear = inside !== ownTicks && Math.abs(inside - ownTicks) <= reach;
      if (isNear && onGrid(inside, rules.szDecimals))
        add({ pxTicks: toPxTicks(inside), kind: "gap", queueLots: 0 });
    }
    const isFew = sizeLots < rules.minQueueLots && pxTicks !== ownTicks;
    if (isFew && Math.abs(pxTicks - ownTicks) <= reach)
      add({ pxTicks, kind: "queue", queueLots: sizeLots });
    front = level;
  }
  return found;
}
