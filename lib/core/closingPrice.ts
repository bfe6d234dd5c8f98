import type { MarketSpec } from "../messages/market.ts";
import type { QuoteReason } from "../messages/orders.ts";
import type { Params } from "../messages/params.ts";
import { opposite, sideSign, snapDown, snapPassive, snapUp, stepTicks } from "../units/grid.ts";
import type { Side } from "../units/grid.ts";
import type { PxTicks } from "../units/numbers.ts";
import type { OthersBook } from "./othersBook.ts";
import { passivePx } from "./passivePx.ts";

/** Orders that take go deeper with each that did not close the position: quarters of the allowed slippage. */
const RUNGS = 4;

/** How urgent the way out is: rest at the touch, rest in front of it, or take up to a number of rungs deep. */
export type ClosingStage =
  { readonly kind: "join" | "improve" } | { readonly kind: "take"; readonly rung: number };

export type ClosingMarket = {
  readonly others: OthersBook;
  readonly spec: MarketSpec;
  /** Mark, or what stands for it; 0 when unknown. */
  readonly referenceTicks: number;
};

export type ClosingPrice =
  | { readonly pxTicks: null; readonly obstacle: string }
  | {
      readonly pxTicks: PxTicks;
      readonly stepTicks: number;
      readonly taking: boolean;
      /** Why it does not take although it should. */
      readonly obstacle: string | null;
    };

/**
 * Price of the order that closes. Taking: beyond others' far touch by the rung's share of the slippage, and never
 * further from the reference than the bound; where nothing is offered within the bound it rests instead.
 */
export function closingPrices(
  market: ClosingMarket,
  side: Side,
  stage: ClosingStage,
  params: Params,
): ClosingPrice {
  const { others, spec } = market;
  const own = touch(others, side);
  const far = touch(others, opposite(side));
  if (own !== null && far !== null && sideSign(side) * (far - own) <= 0)
    return { pxTicks: null, obstacle: "the book is crossed" };
  if (stage.kind !== "take") return resting(market, side, stage.kind, null, params);
  const bound = boundTicks(market, side, params);
  if (far === null || (bound !== null && sideSign(side) * (far - bound) > 0)) {
    const why = `nothing is offered within ${params.flattenBoundBps} bp of the mark`;
    return resting(market, side, "improve", why, params);
  }
  const share = Math.min(RUNGS, stage.rung + 1) / RUNGS;
  const slipped = far * (1 + (sideSign(side) * params.flattenSlippageBps * share) / 1e4);
  const limited = bound === null ? slipped : nearer(side, slipped, bound);
  const snapped =
    side === "bid" ? snapDown(limited, spec.szDecimals) : snapUp(limited, spec.szDecimals);
  // Rounding towards us may not lose the touch itself.
  const pxTicks = nearer(side, snapped, far) === snapped ? far : snapped;
  return {
    pxTicks: pxTicks as PxTicks,
    stepTicks: stepTicks(pxTicks, spec.szDecimals),
    taking: true,
    obstacle: null,
  };
}

function touch(others: OthersBook, side: Side): number | null {
  return (side === "bid" ? others.bids : others.asks)[0]?.pxTicks ?? null;
}

/** The less generous of two prices. */
function nearer(side: Side, a: number, b: number): number {
  return side === "bid" ? Math.min(a, b) : Math.max(a, b);
}

function boundTicks(market: ClosingMarket, side: Side, params: Params): number | null {
  const { referenceTicks } = market;
  if (referenceTicks <= 0) return null;
  return referenceTicks * (1 + (sideSign(side) * params.flattenBoundBps) / 1e4);
}

/** At others' touch, or one step in front of it, but no further from the middle than the widest quote. */
function resting(
  market: ClosingMarket,
  side: Side,
  kind: "join" | "improve",
  obstacle: string | null,
  params: Params,
): ClosingPrice {
  const { others, spec, referenceTicks } = market;
  const own = touch(others, side);
  const middle = middleOf(market);
  if (middle === null) return { pxTicks: null, obstacle: obstacle ?? "the book shows no price" };
  const sign = sideSign(side);
  const widest = middle * (1 - (sign * params.spreadBpsMax) / 2e4);
  const least =
    own === null ? widest : side === "bid" ? Math.max(own, widest) : Math.min(own, widest);
  const step = stepTicks(least, spec.szDecimals);
  const target = kind === "improve" ? least + sign * step : least;
  const bounded =
    referenceTicks <= 0 ? target : nearer(side, target, boundTicks(market, side, params) ?? target);
  const snapped = snapPassive(Math.max(1, bounded), side, spec.szDecimals);
  const pxTicks = passivePx(others, side, snapped, spec.szDecimals);
  return { pxTicks, stepTicks: step, taking: false, obstacle };
}

function middleOf({ others, referenceTicks }: ClosingMarket): number | null {
  const bid = touch(others, "bid");
  const ask = touch(others, "ask");
  if (bid !== null && ask !== null) return (bid + ask) / 2;
  return referenceTicks > 0 ? referenceTicks : (bid ?? ask);
}

/** What is expected of the order, against the middle of the book. */
export function reduceReason(
  market: ClosingMarket,
  side: Side,
  pxTicks: number,
  taking: boolean,
  params: Params,
): QuoteReason {
  const { spec } = market;
  const fairTicks = middleOf(market) ?? pxTicks;
  const distanceBps = (sideSign(side) * 1e4 * (fairTicks - pxTicks)) / fairTicks;
  const feeBps = taking ? spec.takerFeeBps : spec.makerFeeBps;
  const adverse = taking ? 0 : params.adverseBpsFloor;
  return {
    level: 0,
    fairTicks,
    halfSpreadBps: distanceBps,
    feeBps,
    adverseBps: adverse,
    volatilityBps: 0,
    inventoryShiftBps: 0,
    edgeBps: distanceBps - feeBps - adverse,
    placement: taking ? "flatten" : "reduce",
  };
}
