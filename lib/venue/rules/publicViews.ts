import { microUsd, pxTicks, sizeLots } from "../../units/numbers.ts";
import type { PxTicks } from "../../units/numbers.ts";
import { midTicks } from "./book.ts";
import { fundingRatePpb, impactPrices, premium } from "./funding.ts";
import type { Market, World } from "./model.ts";
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
    openInterestLots: sizeLots(openInterest(world, market)),
    prevDayPxTicks: day.firstPx,
    dayNtlMicroUsd: microUsd(day.ntl),
    dayBaseLots: sizeLots(day.lots),
    premium: premium(market),
    impactPxTicks: impactPrices(market),
  };
}

/** Sum of long positions, the house's net one included (its members' positions against each other are not kept). */
function openInterest(world: World, market: Market): number {
  let longs = Math.max(0, world.house.lots.get(market.def.coin) ?? 0);
  for (const account of world.accounts.values()) {
    const position = account.ledgers.get(market.def.dex)?.positions.get(market.def.coin);
    longs += Math.max(0, position?.lots ?? 0);
  }
  return longs;
}
