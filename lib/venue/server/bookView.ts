import type { Side } from "../../units/grid.ts";
import type { BookLevel, BookReader, MarketDef } from "../rules/types.ts";
import { px, size } from "./format.ts";

export type WireLevel = { readonly px: string; readonly sz: string; readonly n: number };

export type Aggregation = {
  readonly nSigFigs: 2 | 3 | 4 | 5 | null;
  /** Only with five significant figures: 2 or 5 (measured). */
  readonly mantissa: 2 | 5 | null;
};

export const NO_AGGREGATION: Aggregation = { nSigFigs: null, mantissa: null };

/** More raw levels than any book here holds: an aggregated level may swallow many. */
const RAW_LEVELS_MAX = 5_000;

export function wireLevel(level: BookLevel, market: MarketDef): WireLevel {
  return {
    px: px(level.pxTicks, market.szDecimals),
    sz: size(level.sizeLots, market.szDecimals),
    n: level.orders,
  };
}

/** Levels of a side as they are sent, best first. Aggregation rounds bids down and asks up (documented). */
export function wireLevels(
  book: BookReader,
  market: MarketDef,
  side: Side,
  count: number,
  aggregation: Aggregation,
): readonly WireLevel[] {
  const { nSigFigs } = aggregation;
  if (nSigFigs === null) return book.levels(side, count).map((level) => wireLevel(level, market));
  const merged: { pxTicks: number; sizeLots: number; orders: number }[] = [];
  for (const level of book.levels(side, RAW_LEVELS_MAX)) {
    const pxTicks = roundToFigures(level.pxTicks, side, nSigFigs, aggregation.mantissa ?? 1);
    const last = merged.at(-1);
    if (last !== undefined && last.pxTicks === pxTicks) {
      last.sizeLots += level.sizeLots;
      last.orders += level.orders;
    } else if (merged.length === count) break;
    else merged.push({ pxTicks, sizeLots: level.sizeLots, orders: level.orders });
  }
  return merged.map((level) => ({
    px: px(level.pxTicks, market.szDecimals),
    sz: size(level.sizeLots, market.szDecimals),
    n: level.orders,
  }));
}

/** Price with so many significant figures, the last one a multiple of `mantissa`. */
function roundToFigures(ticks: number, side: Side, figures: number, mantissa: number): number {
  const step = Math.max(1, 10 ** (String(ticks).length - figures) * mantissa);
  return side === "bid" ? Math.floor(ticks / step) * step : Math.ceil(ticks / step) * step;
}

/** Raw distance between the best prices as the answers carry it beside aggregated levels (measured); null if one side is empty. */
export function rawSpread(book: BookReader, market: MarketDef): string | null {
  const bid = book.bestBid();
  const ask = book.bestAsk();
  return bid === null || ask === null ? null : px(ask.pxTicks - bid.pxTicks, market.szDecimals);
}
