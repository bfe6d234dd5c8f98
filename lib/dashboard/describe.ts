import type { QuoteReason } from "../messages/orders.ts";
import { bpsText, priceText, sizeText } from "./format.ts";
import type { Decision, QuoteGroup } from "./types.ts";

const VERBS: Readonly<Record<string, string>> = {
  place: "Placed",
  modify: "Moved",
  cancel: "Cancelled",
};

function quotesText(group: QuoteGroup | null, noun: string, szDecimals: number): string | null {
  if (group === null) return null;
  const plural = group.count === 1 ? noun : `${noun}s`;
  const best = priceText(group.bestPxTicks, szDecimals);
  const far = priceText(group.farPxTicks, szDecimals);
  const range = group.bestPxTicks === null ? "" : best === far ? ` ${best}` : ` ${best} … ${far}`;
  return `${group.count} ${plural}${range} (${sizeText(group.lots, szDecimals)})`;
}

/** One line of the log in words and market units. */
export function decisionText(decision: Decision, szDecimals: number): string {
  const verb = VERBS[decision.kind];
  const groups = [
    quotesText(decision.bid, "bid", szDecimals),
    quotesText(decision.ask, "ask", szDecimals),
  ].filter((text) => text !== null);
  if (verb !== undefined) return `${verb} ${groups.join(", ")}`;
  return groups.length === 0 ? decision.text : `${decision.text} – ${groups.join(", ")}`;
}

const sign = (bps: number): string => (bps > 0 ? "+" : "") + bpsText(bps);

/** The figures behind a quote, in basis points. */
function reasonText(why: QuoteReason, szDecimals: number): string {
  return [
    `fair ${priceText(Math.round(why.fairTicks), szDecimals)}`,
    `half-spread ${bpsText(why.halfSpreadBps)}`,
    `fee ${bpsText(why.feeBps)}`,
    `adverse ${bpsText(why.adverseBps)}`,
    `volatility ${bpsText(why.volatilityBps)}`,
    `inventory ${sign(why.inventoryShiftBps)}`,
    `edge ${sign(why.edgeBps)} bp`,
  ].join(" · ");
}

/** Reason figures of both sides of a decision, each with its side's name; empty when there are none. */
export function decisionReasons(decision: Decision, szDecimals: number): readonly string[] {
  const out: string[] = [];
  if (decision.bid?.why) out.push(`bid: ${reasonText(decision.bid.why, szDecimals)}`);
  if (decision.ask?.why) out.push(`ask: ${reasonText(decision.ask.why, szDecimals)}`);
  return out;
}
