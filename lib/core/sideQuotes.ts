import type { Params } from "../messages/params.ts";
import { extraAdverseBps } from "./adverseProfile.ts";
import { sideSign, snapPassive, stepTicks } from "../units/grid.ts";
import type { Side } from "../units/grid.ts";
import type { PxTicks } from "../units/numbers.ts";
import { sizeLots } from "../units/numbers.ts";
import {
  affordableLevels,
  ladderOffsetsBps,
  linearOffsetsBps,
  reachedShare,
  sizeLadder,
} from "./ladder.ts";
import { othersLotsAt } from "./othersBook.ts";
import { passivePx } from "./passivePx.ts";
import { placeLevel } from "./placement.ts";
import type { Placement, PlacementRules } from "./placement.ts";
import type { DesiredQuote, QuoteContext, QuotePlan } from "./quotePlan.ts";
import type { ValueModel } from "./quoteValue.ts";
import { bandLots, capacityMicroUsd, sweepRoomLots } from "./sizing.ts";
import { hasEdge } from "./spread.ts";
import type { HalfSpread } from "./spread.ts";
import type { Widening } from "./widening.ts";

/** What quoting one side starts from. */
export type SideView = {
  readonly side: Side;
  readonly spread: HalfSpread;
  readonly shiftBps: number;
  readonly widening: Widening;
  readonly inventoryRiskBps: number;
  readonly model: ValueModel;
};

type SidePlan = Pick<QuotePlan, "quotes" | "notes">;

/** The ladder of one side: prices, sizes, and what of it the position leaves room for. */
export function sideQuotes(context: QuoteContext, view: SideView): SidePlan {
  const { params } = context;
  const { side, spread } = view;
  if (!hasEdge(spread.edgeBps, params))
    return { quotes: [], notes: [{ side, text: noEdgeText(spread, params) }] };
  const { topFiveShare } = params;
  const { totalLots, levels } = sizeOf(context, side);
  const widest = params.spreadBpsMax / 2;
  const offsets = offsetsOf(params)(spread.halfSpreadBps, widest, levels);
  const places = distinctPlaces(context, view, offsets);
  const ladder = sizeLadder(
    places.map(({ pxTicks }) => pxTicks),
    totalLots,
    topFiveShare,
    params.sizeGrowth,
  );
  const notes = ladder.dropped.map(({ level, reason }) => ({
    side,
    text: `level ${level + 1}: ${reason}`,
  }));
  const quotes: DesiredQuote[] = [];
  const room = roomOf(context, side);
  for (const { level, lots } of ladder.levels) {
    const place = places[level];
    if (place === undefined) continue;
    const quote = quoteAt(context, view, place, level, lots);
    if (!hasEdge(quote.reason.edgeBps, params))
      notes.push({ side, text: `level ${level + 1}: ${quote.reason.edgeBps.toFixed(2)} bp left` });
    else if (!room.takes(quote)) notes.push({ side, text: `level ${level + 1}: ${NO_ROOM}` });
    else quotes.push(quote);
  }
  return { quotes, notes };
}

/**
 * Lots and levels of a whole side: its share of the capital, less where so many levels stand within a sweep's reach
 * that one sweep would take more than its share of the skew limit. At the narrowest half-spread, so that sizes do not
 * move with the market.
 */
function sizeOf(
  { params, fairTicks, reading }: QuoteContext,
  side: Side,
): { readonly totalLots: number; readonly levels: number } {
  const { topFiveShare, orderLevels } = params;
  const full = params.sideNotionalFraction * capacityMicroUsd(reading, params);
  const wished = Math.floor(full / fairTicks);
  const most = affordableLevels(wished, topFiveShare, fairTicks, orderLevels);
  const share = narrowestShare(most, params);
  const room = sweepRoomLots(side, 0, fairTicks, reading, params);
  const totalLots = share === 0 ? wished : Math.min(wished, Math.floor(room / share));
  const levels = Math.min(most, affordableLevels(totalLots, topFiveShare, fairTicks, orderLevels));
  return { totalLots, levels };
}

const shares = new WeakMap<Params, Map<number, number>>();

/** Share of a side that a sweep reaches at the narrowest half-spread: a matter of settings and levels alone. */
function narrowestShare(levels: number, params: Params): number {
  const known = shares.get(params) ?? new Map<number, number>();
  shares.set(params, known);
  const found = known.get(levels);
  if (found !== undefined) return found;
  const offsets = offsetsOf(params)(params.spreadBpsMin / 2, params.spreadBpsMax / 2, levels);
  const share = reachedShare(offsets, params.sweepBps, params.topFiveShare, params.sizeGrowth);
  known.set(levels, share);
  return share;
}

function offsetsOf(params: Params): typeof ladderOffsetsBps {
  return params.linearLadder ? linearOffsetsBps : ladderOffsetsBps;
}

const NO_ROOM = "the position leaves no room for it within the skew and position limits";

/**
 * Lets levels pass, best first, while one sweep of those within its reach stays inside its share of the skew limit,
 * and all of them together inside the position limit. Sizes are never cut: a level either stands or does not, so that
 * a fill does not resize the whole side.
 */
function roomOf(
  { reading, fairTicks, positionLots, params }: QuoteContext,
  side: Side,
): { takes: (quote: DesiredQuote) => boolean } {
  let sweep = sweepRoomLots(side, positionLots, fairTicks, reading, params);
  let all = bandLots(reading, fairTicks, side, params) - sideSign(side) * positionLots;
  const takes = ({ pxTicks, sizeLots: lots }: DesiredQuote): boolean => {
    const isReached = Math.abs(1e4 * (pxTicks / fairTicks - 1)) <= params.sweepBps;
    if (lots > all || (isReached && lots > sweep)) return false;
    all -= lots;
    if (isReached) sweep -= lots;
    return true;
  };
  return { takes };
}

type LevelPlace = Placement & { readonly offsetBps: number };

/** Legal prices from best to worst: each behind the one before, never on or beyond the others' far touch. */
function distinctPlaces(
  context: QuoteContext,
  { side, model }: SideView,
  offsets: readonly number[],
): readonly LevelPlace[] {
  const { others, spec, fairTicks, params } = context;
  const rules: PlacementRules = {
    szDecimals: spec.szDecimals,
    minQueueLots: params.minQueueContracts * 10 ** spec.szDecimals,
    reachSteps: params.placementReachSteps,
    edgeBpsMin: params.edgeBpsMin,
  };
  const far = (side === "bid" ? others.asks : others.bids)[0]?.pxTicks ?? null;
  const places: LevelPlace[] = [];
  for (const offsetBps of offsets) {
    const target = model.reservationTicks - (sideSign(side) * offsetBps * fairTicks) / 1e4;
    const front = places.at(-1)?.pxTicks ?? null;
    const own = behind(passivePx(others, side, target, spec.szDecimals), front, side, spec);
    const place = params.smartPlacement
      ? placeLevel(others, side, own, front ?? far, model, rules)
      : ({ pxTicks: own, kind: "ladder", queueLots: othersLotsAt(others, side, own) } as const);
    const { pxTicks, kind, queueLots } = place;
    places.push({ pxTicks, kind, queueLots, offsetBps });
  }
  return places;
}

/** Where the grid is coarser than the ladder, each level stands one step behind the one before. */
function behind(
  pxTicks: PxTicks,
  front: PxTicks | null,
  side: Side,
  { szDecimals }: QuoteContext["spec"],
): PxTicks {
  if (front === null) return pxTicks;
  const isBehind = side === "bid" ? pxTicks < front : pxTicks > front;
  return isBehind ? pxTicks : snapPassive(front - sideSign(side), side, szDecimals);
}

function quoteAt(
  context: QuoteContext,
  { side, spread, shiftBps, widening, inventoryRiskBps, model }: SideView,
  { pxTicks, kind, queueLots, offsetBps }: LevelPlace,
  level: number,
  lots: number,
): DesiredQuote {
  const { fairTicks, spec, params } = context;
  const away = (1e4 * sideSign(side) * (model.reservationTicks - pxTicks)) / fairTicks;
  // Rounding to the grid only adds distance; a price chosen from the book counts as what it is.
  const distanceBps = kind === "ladder" ? offsetBps : away;
  const adverseBps = spread.adverseBaseBps + extraAdverseBps(model.profile, distanceBps);
  const step = stepTicks(pxTicks, spec.szDecimals);
  return {
    side,
    pxTicks,
    sizeLots: sizeLots(lots),
    reduceOnly: false,
    tif: "Alo",
    toleranceTicks:
      params.priceToleranceSteps * step * Math.max(1, offsetBps / spread.halfSpreadBps),
    reason: {
      level,
      fairTicks,
      halfSpreadBps: distanceBps,
      feeBps: spread.feeBps,
      adverseBps,
      volatilityBps: spread.volatilityBps,
      inventoryShiftBps: -sideSign(side) * shiftBps,
      edgeBps: distanceBps - spread.feeBps - adverseBps,
      fadeBps: spread.fadeBps,
      sessionFactor: widening.session,
      oracleFactor: widening.oracle,
      modeFactor: widening.mode,
      inventoryRiskBps,
      fillsPerSec: model.intensity.perSec,
      fillDecayPerBp: model.intensity.decayPerBp,
      queueLots,
      placement: kind,
    },
  };
}

function noEdgeText(spread: HalfSpread, params: Params): string {
  const edge = spread.edgeBps.toFixed(2);
  return (
    `noEdge: ${edge} bp left at ${spread.halfSpreadBps.toFixed(2)} bp after ` +
    `${spread.feeBps.toFixed(2)} bp fee and ${spread.adverseBps.toFixed(2)} bp adverse selection, ` +
    `least ${params.edgeBpsMin} bp`
  );
}
