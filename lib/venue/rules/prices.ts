import { midTicks } from "./book.ts";
import { median } from "./integers.ts";
import type { Market } from "./model.ts";
import { clampMarkStep, clampToDay } from "./priceClamps.ts";

/** Without an oracle update for this long the mark follows the local book, and that counts as an update (hip-3-deployer-actions). */
export const ORACLE_SILENCE_MS = 10_000;
const BASIS_MS = 150_000;

/** Local mark: median of best bid, best ask and last trade; null while the book is unknown. */
function localMark(market: Market): number | null {
  if (market.tape?.unknown === true) return null;
  const bid = market.book.best("bid")?.pxTicks;
  const ask = market.book.best("ask")?.pxTicks;
  const { lastTrade } = market.prices;
  const values = [bid, ask, lastTrade].filter((value) => value !== undefined && value !== null);
  return median(values);
}

/**
 * Oracle update: the new mark is the median of oracle, oracle + average basis, and local mark. The first two stand for the
 * deployer's two mark lists, as one venue's published specification has them: basis is a 150 s average of mid - oracle, at most
 * oracle / maxLeverage (assumed for US500).
 */
export function updateOracle(market: Market, pushed: number, nowMs: number): void {
  const { prices } = market;
  const px = Math.max(1, Math.round(clampToDay(market, pushed, nowMs)));
  prices.oracle = px;
  updateBasis(market, px, nowMs);
  const bound = px / market.def.maxLeverage;
  const basis = Math.max(-bound, Math.min(bound, prices.basis));
  const inputs = [px, px + basis];
  const local = localMark(market);
  if (local !== null) inputs.push(local);
  setMark(market, median(inputs) ?? px, nowMs);
  prices.updatedMs = nowMs;
  market.pricesChanged = true;
}

function updateBasis(market: Market, oracle: number, nowMs: number): void {
  const mid = market.tape?.unknown === true ? null : midTicks(market.book);
  if (mid === null) return;
  const { prices } = market;
  const basis = mid - oracle;
  if (prices.basisMs === null) prices.basis = basis;
  else prices.basis += (basis - prices.basis) * (1 - Math.exp((prices.basisMs - nowMs) / BASIS_MS));
  prices.basisMs = nowMs;
}

/** After ten silent seconds the mark moves towards the local mark; without one it stays. */
export function fallBackToLocal(market: Market, nowMs: number): void {
  const local = localMark(market);
  market.prices.updatedMs = nowMs;
  if (local === null) return;
  setMark(market, local, nowMs);
  market.pricesChanged = true;
}

/** The first mark of a market, before any oracle: the local mark (assumed). */
export function firstMark(market: Market, nowMs: number): void {
  if (market.prices.mark !== null) return;
  const local = localMark(market);
  if (local === null) return;
  setMark(market, local, nowMs);
  market.pricesChanged = true;
}

function setMark(market: Market, wanted: number, nowMs: number): void {
  const { prices } = market;
  const bounded = clampMarkStep(prices.mark, clampToDay(market, wanted, nowMs));
  prices.previousMark = prices.mark;
  prices.mark = Math.max(1, Math.round(bounded));
}
