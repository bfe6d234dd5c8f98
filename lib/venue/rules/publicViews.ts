import { microUsd, pxTicks, sizeLots } from "../../units/numbers.ts";
import type { PxTicks } from "../../units/numbers.ts";
import { midTicks } from "./book.ts";
import { fundingRatePpb, impactPrices, premium } from "./funding.ts";
import type { Market, World } from "./model.ts";
import { openInterestLots } from "./openInterest.ts";
import type { AssetContextView, PriceView } from "./views.ts";

const DAY_MS = 86_400_000;

function orNull(px: number | null): PxTicks | null {
  return px === null ? null : pxTicks(px);
}

export function priceView(market: Market): PriceView {
  const { oracle, mark, lastTrade } = market.prices;
  return {
    oraclePxTicks: orNull(oracle),
    markPxTicks: orNull(mark),
    midPxTicks: midTicks(market.book) ?? lastTrade,
    lastTradePxTicks: orNull(lastTrade),
  };
}

/** `prevDayPx` is the first trade of the trailing day. */
export function assetContext(world: World, market: Market): AssetContextView {
  const day = market.candles.since(world.nowMs - DAY_MS);
  return {
    ...priceView(market),
    fundingPpb: fundingRatePpb(market),
    openInterestLots: sizeLots(openInterestLots(world, market)),
    prevDayPxTicks: day.firstPx,
    dayNtlMicroUsd: microUsd(day.ntl),
    dayBaseLots: sizeLots(day.lots),
    premium: premium(market),
    impactPxTicks: impactPrices(market),
  };
}
