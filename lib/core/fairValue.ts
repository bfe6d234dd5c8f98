import type { Level } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import type { OthersBook } from "./othersBook.ts";

export type FairValue =
  | { readonly ok: true; readonly fairTicks: number }
  | { readonly ok: false; readonly reason: string };

export type FairWeights = Pick<
  Params,
  "fairTouchWeight" | "fairDepthWeight" | "fairFlowBps" | "fairOracleWeight"
>;

/** Levels a side that the depth-weighted mid looks at, and the weight of each against the one before. */
const DEPTH_LEVELS = 5;
const DEPTH_DECAY = 0.6;

/**
 * Fair value in ticks: the mid of the others' touch, moved by parts of
 * - the touch microprice, (bid px x ask size + ask px x bid size) / (bid size + ask size), which leans towards the
 *   thinner side (Stoikov, "The micro-price", 2018, first-order form);
 * - the same with sizes summed over five levels, nearer ones counting more;
 * - signed taker flow, in bps per unit;
 * - the way from the mid to the oracle's price, where there is one.
 * It never leaves the touch. Mirroring book, flow and oracle mirrors the value. There is no substitute: with a side
 * missing, or a crossed touch, the value is unknown and nothing is quoted.
 */
export function fairValue(
  book: OthersBook,
  flowImbalance: number,
  oraclePxTicks: number | null,
  weights: FairWeights,
): FairValue {
  const bid = book.bids[0];
  const ask = book.asks[0];
  if (bid === undefined) return { ok: false, reason: "nobody else bids" };
  if (ask === undefined) return { ok: false, reason: "nobody else offers" };
  if (bid.pxTicks >= ask.pxTicks) return { ok: false, reason: "the others' touch is crossed" };
  const half = (ask.pxTicks - bid.pxTicks) / 2;
  const mid = bid.pxTicks + half;
  const touch = half * leaning(bid.sizeLots, ask.sizeLots);
  const depth = half * leaning(depthLots(book.bids), depthLots(book.asks));
  const flow = (mid * weights.fairFlowBps * flowImbalance) / 1e4;
  const anchor = oraclePxTicks === null ? 0 : weights.fairOracleWeight * (oraclePxTicks - mid);
  const { fairTouchWeight, fairDepthWeight } = weights;
  const value = mid + fairTouchWeight * touch + fairDepthWeight * depth + flow + anchor;
  return { ok: true, fairTicks: Math.max(bid.pxTicks, Math.min(ask.pxTicks, value)) };
}

/** -1 (all size is offered) to 1 (all is bid). */
function leaning(bidLots: number, askLots: number): number {
  return (bidLots - askLots) / (bidLots + askLots);
}

function depthLots(levels: readonly Level[]): number {
  let lots = 0;
  for (let i = 0; i < Math.min(DEPTH_LEVELS, levels.length); i++)
    lots += (levels[i]?.sizeLots ?? 0) * DEPTH_DECAY ** i;
  return lots;
}
