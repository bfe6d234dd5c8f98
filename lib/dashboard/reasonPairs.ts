import type { QuoteReason } from "../messages/orders.ts";
import { bpsText, priceText, sizeText, spanText } from "./format.ts";
import type { MarketThen } from "./stories.ts";
import { volSourceText } from "./volView.ts";

const signed = (bps: number): string => `${bps > 0 ? "+" : ""}${bpsText(bps)}`;

/** From fair value to the price, step by step; rows that are part of the row before begin with more spaces. */
export function reasonPairs(
  reason: QuoteReason,
  distance: number | null,
  sz: number,
): [string, string][] {
  const rest =
    distance === null ? null : distance - reason.halfSpreadBps - reason.inventoryShiftBps;
  const pairs: [string, string][] = [
    ["fair value", priceText(reason.fairTicks, sz)],
    ["  half-spread of the level", `${signed(reason.halfSpreadBps)} bp`],
    ["    maker fee", `${bpsText(reason.feeBps)} bp of it`],
    ["    adverse selection", `${bpsText(reason.adverseBps)} bp of it`],
    ["    volatility asks for", `${bpsText(reason.volatilityBps)} bp at least`],
  ];
  if (reason.fadeBps !== undefined)
    pairs.push(["    after bad fills", `${bpsText(reason.fadeBps)} bp of it`]);
  if (reason.sessionFactor !== undefined)
    pairs.push(["    time of the week", `× ${reason.sessionFactor.toFixed(2)}`]);
  if (reason.oracleFactor !== undefined)
    pairs.push(["    lag of the oracle", `× ${reason.oracleFactor.toFixed(2)}`]);
  if (reason.modeFactor !== undefined)
    pairs.push(["    risk mode", `× ${reason.modeFactor.toFixed(2)}`]);
  if (reason.inventoryRiskBps !== undefined)
    pairs.push(["    risk of holding asks for", `${bpsText(reason.inventoryRiskBps)} bp of edge`]);
  pairs.push(["  inventory", `${signed(reason.inventoryShiftBps)} bp`]);
  if (rest !== null) pairs.push(["  placement and price grid", `${signed(rest)} bp`]);
  if (distance !== null) pairs.push(["distance from fair value", `${signed(distance)} bp`]);
  pairs.push(
    ["expected edge", `${signed(reason.edgeBps)} bp per fill`],
    ["level", `${reason.level + 1}, placed as "${reason.placement}"`],
  );
  if (reason.fillsPerSec !== undefined && reason.fillDecayPerBp !== undefined)
    pairs.push([
      "takers expected",
      `A ${(3600 * reason.fillsPerSec).toFixed(1)} an hour at fair value, k ${reason.fillDecayPerBp.toFixed(2)} per bp`,
    ]);
  if (reason.queueLots !== undefined)
    pairs.push([
      "others at the price",
      reason.queueLots === null ? "behind the displayed depth" : sizeText(reason.queueLots, sz),
    ]);
  return pairs;
}

/** The market as it was known, in the few figures that people ask for. */
export function marketPairs(market: MarketThen, sz: number): [string, string][] {
  const sigma = market.sigmaBpsPerSqrtSec;
  const by = market.volSource === null ? "" : `, by ${volSourceText(market.volSource)}`;
  return [
    [
      "touch",
      `${priceText(market.bidPxTicks, sz)} / ${priceText(market.askPxTicks, sz)}, book ${spanOrMs(market.bookAgeMs)} old`,
    ],
    ["volatility", sigma === null ? "not known" : `${sigma.toFixed(3)} bp per √s${by}`],
    ["taker flow", market.flowImbalance.toFixed(2)],
    [
      "mark, oracle",
      `${priceText(market.markPxTicks, sz)}, ${priceText(market.oraclePxTicks, sz)}`,
    ],
  ];
}

function spanOrMs(spanMs: number): string {
  return spanMs < 1000 ? `${spanMs} ms` : spanText(spanMs);
}
