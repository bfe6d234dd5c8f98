import type { Params } from "../messages/params.ts";
import type { BotState } from "../messages/state.ts";
import { sideSign, stepTicks } from "../units/grid.ts";
import type { Side } from "../units/grid.ts";
import type { PxTicks } from "../units/numbers.ts";
import { sizeLots } from "../units/numbers.ts";
import { fairValue } from "./fairValue.ts";
import { inventoryShiftBps } from "./inventory.ts";
import { ladderOffsetsBps, sizeLadder } from "./ladder.ts";
import { takeOutOwn } from "./othersBook.ts";
import { passivePx } from "./passivePx.ts";
import type { DesiredQuote, QuoteContext, QuotePlan } from "./quotePlan.ts";
import { reduceQuotes } from "./reduceQuotes.ts";
import { quoteBlock } from "./safety.ts";
import type { Moment } from "./safety.ts";
import { capacityMicroUsd, positionLimitLots, skewShare } from "./sizing.ts";
import { halfSpread, hasEdge } from "./spread.ts";
import type { HalfSpread } from "./spread.ts";

/** What should rest now, and why what does not rest does not. Pure: the same state and moment give the same plan. */
export function planQuotes(state: BotState, moment: Moment, params: Params): QuotePlan {
  const block = quoteBlock(state, moment, params);
  const { view } = moment;
  const { spec } = state.run;
  const { reading } = state.account;
  if (block !== null || view === null || spec === null || reading === null)
    return { quotes: [], notes: [], block };
  const others = takeOutOwn(view, state.orders.working);
  const fair = fairValue(others);
  if (!fair.ok)
    return { quotes: [], notes: [{ side: "both", text: `no fair value: ${fair.reason}` }], block };
  const { fairTicks } = fair;
  const { positionLots } = state.ledger;
  const context = { view, spec, reading, others, fairTicks, positionLots, params };
  if (state.risk.mode === "reduceOnly" || state.risk.mode === "flatten")
    return { ...reduceQuotes(context, state.risk.mode), block };
  const sides = ladderQuotes(context, state);
  return {
    quotes: sides.flatMap((side) => side.quotes),
    notes: sides.flatMap((side) => side.notes),
    block,
  };
}

type SidePlan = Pick<QuotePlan, "quotes" | "notes">;

function ladderQuotes(context: QuoteContext, state: BotState): readonly SidePlan[] {
  const { view, spec, reading, fairTicks, positionLots, params } = context;
  const share = skewShare(positionLots, fairTicks, reading, params);
  const widened = state.risk.mode === "widened";
  const spreads = (["bid", "ask"] as const).map((side) => {
    const reducing = sideSign(side) * positionLots < 0;
    const spread = halfSpread(
      {
        side,
        makerFeeBps: spec.makerFeeBps,
        markoutBps: state.ledger.markoutBps[side],
        sigmaBpsPerSqrtSec: view.sigmaBpsPerSqrtSec,
        flowImbalance: view.flowImbalance,
        widening: widened && !reducing ? params.widenedFactor : 1,
      },
      params,
    );
    return { side, spread };
  });
  const narrower = Math.min(...spreads.map(({ spread }) => spread.halfSpreadBps));
  const shiftBps = inventoryShiftBps(share, narrower, params.inventoryShiftFraction);
  return spreads.map(({ side, spread }) => sideQuotes(context, side, spread, shiftBps, share));
}

function sideQuotes(
  context: QuoteContext,
  side: Side,
  spread: HalfSpread,
  shiftBps: number,
  share: number,
): SidePlan {
  const { params } = context;
  if (!hasEdge(spread.edgeBps, params))
    return {
      quotes: [],
      notes: [{ side, text: noEdgeText(spread, params) }],
    };
  const reservation = context.fairTicks * (1 + shiftBps / 1e4);
  const offsets = ladderOffsetsBps(
    spread.halfSpreadBps,
    params.spreadBpsMax / 2,
    params.orderLevels,
  );
  const prices = distinctPrices(context, side, reservation, offsets);
  const ladder = sizeLadder(
    prices.map(({ pxTicks }) => pxTicks),
    sideLots(context, side, share),
    params.topFiveShare,
  );
  const quotes = ladder.levels.map(({ level, pxTicks, lots }): DesiredQuote => {
    const offsetBps = prices[level]?.offsetBps ?? spread.halfSpreadBps;
    return {
      side,
      pxTicks,
      sizeLots: sizeLots(lots),
      reduceOnly: false,
      tif: "Alo",
      toleranceTicks: toleranceTicks(context, pxTicks, offsetBps / spread.halfSpreadBps),
      reason: {
        level,
        fairTicks: context.fairTicks,
        halfSpreadBps: offsetBps,
        feeBps: spread.feeBps,
        adverseBps: spread.adverseBps,
        volatilityBps: spread.volatilityBps,
        inventoryShiftBps: -sideSign(side) * shiftBps,
        edgeBps: offsetBps - spread.feeBps - spread.adverseBps,
        placement: "ladder",
      },
    };
  });
  const notes = ladder.dropped.map(({ level, reason }) => ({
    side,
    text: `level ${level + 1}: ${reason}`,
  }));
  return { quotes, notes };
}

function noEdgeText(spread: HalfSpread, params: Params): string {
  const edge = spread.edgeBps.toFixed(2);
  return (
    `noEdge: ${edge} bp left at ${spread.halfSpreadBps.toFixed(2)} bp after ` +
    `${spread.feeBps.toFixed(2)} bp fee and ${spread.adverseBps.toFixed(2)} bp adverse selection, ` +
    `least ${params.edgeBpsMin} bp`
  );
}

type LevelPrice = { readonly pxTicks: PxTicks; readonly offsetBps: number };

/** Legal prices from best to worst: rounded away from the market, never on or beyond the others' far touch. */
function distinctPrices(
  context: QuoteContext,
  side: Side,
  reservation: number,
  offsets: readonly number[],
): readonly LevelPrice[] {
  const { szDecimals } = context.spec;
  const prices: LevelPrice[] = [];
  for (const offsetBps of offsets) {
    const target = reservation * (1 - (sideSign(side) * offsetBps) / 1e4);
    const pxTicks = passivePx(context.others, side, target, szDecimals);
    if (prices.at(-1)?.pxTicks !== pxTicks) prices.push({ pxTicks, offsetBps });
  }
  return prices;
}

/** Tolerance of a level: the same share of its distance for every level, so that far ones seldom move. */
function toleranceTicks(context: QuoteContext, pxTicks: number, distance: number): number {
  const step = stepTicks(pxTicks, context.spec.szDecimals);
  return context.params.priceToleranceSteps * step * Math.max(1, distance);
}

/**
 * Lots of a whole side: its share of what capital and leverage carry; the side that would increase the position
 * shrinks by up to half on the way to the skew limit, and never beyond the room left by the position limit.
 */
function sideLots(context: QuoteContext, side: Side, share: number): number {
  const { reading, fairTicks, positionLots, params } = context;
  const sign = sideSign(side);
  const increasing = Math.max(0, Math.min(1, sign * share));
  const full = params.sideNotionalFraction * capacityMicroUsd(reading, params);
  const lots = Math.floor((full * (1 - increasing / 2)) / fairTicks);
  const room = positionLimitLots(reading, fairTicks, params) - sign * positionLots;
  return Math.max(0, Math.min(lots, room));
}
