import { parsePx, parseSize } from "../../units/decimal.ts";
import { onGrid } from "../../units/grid.ts";
import type { Side } from "../../units/grid.ts";
import type { PxTicks, SizeLots } from "../../units/numbers.ts";
import type { Market, World } from "./model.ts";
import type { Tif, WireOrder, WireTrigger } from "./types.ts";

/** An order in exact units that passed the static rules; `lots` 0 with reduce-only means the whole position. */
export type CheckedOrder = {
  readonly market: Market;
  readonly side: Side;
  readonly px: PxTicks;
  readonly lots: SizeLots;
  readonly reduceOnly: boolean;
  readonly tif: Tif;
  readonly cloid: string | null;
  readonly trigger: CheckedTrigger | null;
};

type CheckedTrigger = {
  readonly px: PxTicks;
  readonly isMarket: boolean;
  readonly tpsl: "tp" | "sl";
};

/** Static refusal of a whole batch: `asEnvelope` becomes {status:"err"}, else one status stands for all items. */
type Refusal = { readonly text: string; readonly asEnvelope: boolean };

export type Checked = { readonly orders: readonly CheckedOrder[] } | { readonly refusal: Refusal };

const BAND_TEXT = "Order price cannot be more than 80% away from the reference price";

/**
 * Static validation of a batch, before any order is looked at by the book: one refusal for all of them, nothing placed
 * (error-responses; measured). Precedence within an order: asset, price, size, zero, tick, band.
 */
export function checkOrders(world: World, orders: readonly WireOrder[]): Checked {
  if (orders.length === 0) return refuse("Orders are empty.");
  const checked: CheckedOrder[] = [];
  for (const wire of orders) {
    const market = world.byAssetId.get(wire.a);
    if (market === undefined) return refuseEnvelope(unknownAsset(wire.a));
    const one = checkOrder(market, wire);
    if (typeof one === "string") return refuse(one);
    checked.push(one);
  }
  return { orders: checked };
}

/** A spot pair's number that nobody trades under (measured), or a perp's (the venue's words are not known). */
export function unknownAsset(asset: number): string {
  return asset >= 10_000 && asset < 100_000 ? "Invalid spot" : `Invalid perp asset: ${asset}`;
}

function refuse(text: string): Checked {
  return { refusal: { text, asEnvelope: false } };
}

function refuseEnvelope(text: string): Checked {
  return { refusal: { text, asEnvelope: true } };
}

function checkOrder(market: Market, wire: WireOrder): CheckedOrder | string {
  const { szDecimals, assetId } = market.def;
  const px = parsePx(wire.p, szDecimals);
  if (px === null) return "Order has invalid price.";
  const lots = parseSize(wire.s, szDecimals);
  if (lots === null) return "Order has invalid size.";
  if (lots === 0 && !wire.r) return "Order has zero size.";
  if (!onGrid(px, szDecimals)) return `Price must be divisible by tick size. asset=${assetId}`;
  if (!Number.isSafeInteger(px * lots)) return "Order has invalid size.";
  if (!insideBand(market, px)) return BAND_TEXT;
  const trigger = "trigger" in wire.t ? checkTrigger(wire.t.trigger, market) : null;
  if (typeof trigger === "string") return trigger;
  return {
    market,
    side: wire.b ? "bid" : "ask",
    px,
    lots,
    reduceOnly: wire.r,
    tif: "limit" in wire.t ? wire.t.limit.tif : wire.t.trigger.isMarket ? "Ioc" : "Gtc",
    cloid: wire.c ?? null,
    trigger,
  };
}

/** The trigger's price obeys the same grid as a limit (assumed). */
function checkTrigger(wire: WireTrigger, market: Market): CheckedTrigger | string {
  const { szDecimals, assetId } = market.def;
  const px = parsePx(wire.triggerPx, szDecimals);
  if (px === null) return "Order has invalid price.";
  if (!onGrid(px, szDecimals)) return `Price must be divisible by tick size. asset=${assetId}`;
  return { px, isMarket: wire.isMarket, tpsl: wire.tpsl };
}

/** 0.2 * reference < px <= 5 * reference (measured); the reference is the mark. Without any price there is no band. */
function insideBand(market: Market, px: number): boolean {
  const reference = market.prices.mark ?? market.prices.oracle;
  return reference === null || (5 * px > reference && px <= 5 * reference);
}
