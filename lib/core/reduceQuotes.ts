import type { QuoteReason } from "../messages/orders.ts";
import { sideSign, snapDown, snapUp, stepTicks } from "../units/grid.ts";
import type { Side } from "../units/grid.ts";
import type { PxTicks } from "../units/numbers.ts";
import { sizeLots } from "../units/numbers.ts";
import { passivePx, reducingSide } from "./passivePx.ts";
import type { DesiredQuote, QuoteContext, QuotePlan } from "./quotePlan.ts";
import { capacityMicroUsd, meetsMinimum } from "./sizing.ts";
import { adverseBps } from "./spread.ts";

/**
 * What rests when the position may only shrink: one reduce-only order on the reducing side, never larger than the
 * position (two that exceed it together make the venue cancel the older one). Mode "reduceOnly" joins the others'
 * touch passively; mode "flatten" takes liquidity at once, within the allowed slippage.
 */
export function reduceQuotes(
  context: QuoteContext,
  mode: "reduceOnly" | "flatten",
): Pick<QuotePlan, "quotes" | "notes"> {
  const side = reducingSide(context.positionLots);
  if (side === null)
    return { quotes: [], notes: [{ side: "both", text: `${mode}: the position is flat` }] };
  const taking = mode === "flatten";
  const pxTicks = taking ? takingPx(context, side) : joiningPx(context, side);
  const lots = taking ? Math.abs(context.positionLots) : reduceLots(context, pxTicks);
  const step = stepTicks(pxTicks, context.spec.szDecimals);
  const quote: DesiredQuote = {
    side,
    pxTicks,
    sizeLots: sizeLots(lots),
    reduceOnly: true,
    tif: taking ? "Ioc" : "Alo",
    toleranceTicks: context.params.priceToleranceSteps * step,
    reason: reduceReason(context, side, pxTicks, taking),
  };
  const other = side === "bid" ? "ask" : "bid";
  return {
    quotes: [quote],
    notes: [{ side: other, text: `${mode}: it would add to the position` }],
  };
}

/** The others' touch on our side, but no further from fair value than the widest quote, and never crossing. */
function joiningPx(context: QuoteContext, side: Side): PxTicks {
  const { others, fairTicks, params, spec } = context;
  const sign = sideSign(side);
  const touch = (side === "bid" ? others.bids : others.asks)[0]?.pxTicks ?? fairTicks;
  const widest = fairTicks * (1 - (sign * params.spreadBpsMax) / 2e4);
  const target = side === "bid" ? Math.max(touch, widest) : Math.min(touch, widest);
  return passivePx(others, side, target, spec.szDecimals);
}

/** Beyond the others' far touch by the allowed slippage, rounded towards it so that the allowance holds. */
function takingPx(context: QuoteContext, side: Side): PxTicks {
  const { others, fairTicks, params, spec } = context;
  const far = (side === "bid" ? others.asks : others.bids)[0]?.pxTicks ?? fairTicks;
  const slipped = far * (1 + (sideSign(side) * params.flattenSlippageBps) / 1e4);
  return side === "bid" ? snapDown(slipped, spec.szDecimals) : snapUp(slipped, spec.szDecimals);
}

/**
 * Lots to show: at most what a side normally shows, at most the position. The venue takes a partial close only from
 * $10 on, a whole close at any size; so a slice below the minimum becomes the whole position.
 */
function reduceLots(context: QuoteContext, pxTicks: number): number {
  const { reading, params } = context;
  const position = Math.abs(context.positionLots);
  const shown = Math.floor(
    (params.sideNotionalFraction * capacityMicroUsd(reading, params)) / pxTicks,
  );
  const slice = Math.min(position, Math.max(1, shown));
  return meetsMinimum(pxTicks, slice) ? slice : position;
}

function reduceReason(
  context: QuoteContext,
  side: Side,
  pxTicks: number,
  taking: boolean,
): QuoteReason {
  const { fairTicks, spec, view, params } = context;
  const distanceBps = (sideSign(side) * 1e4 * (fairTicks - pxTicks)) / fairTicks;
  const feeBps = taking ? spec.takerFeeBps : spec.makerFeeBps;
  const adverse = taking
    ? 0
    : adverseBps(
        { side, measuredBps: params.adverseBpsFloor, flowImbalance: view.flowImbalance },
        params,
      );
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
