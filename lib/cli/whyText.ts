import {
  bpsText,
  dateTimeText,
  moneyText,
  priceText,
  sizeText,
  spanText,
} from "../dashboard/format.ts";
import type { QuoteReason } from "../messages/orders.ts";
import type { MomentStory } from "../runtime/why/momentStory.ts";
import type { OrderStory } from "../runtime/why/orderStory.ts";
import type { MarketThen, SentOrder } from "../runtime/why/stored.ts";
import { pairLines, textTable } from "./table.ts";

/** To the millisecond: what happened in a second matters here. */
function momentText(atMs: number): string {
  return `${dateTimeText(atMs)}.${String(Math.floor(atMs) % 1000).padStart(3, "0")}`;
}

const signed = (bps: number): string => `${bps > 0 ? "+" : ""}${bpsText(bps)}`;

/** One order: what the market was, each adjustment in basis points, what was sent, and what became of it. */
export function orderStoryText(story: OrderStory, sz: number): string {
  const { order, cause, market, fills, happenings } = story;
  const head = `order ${story.oid ?? "without a number of the exchange"}  ${story.cloid ?? "not one of ours"}`;
  const parts = [head];
  if (order !== null) parts.push(orderLines(order, story.distanceBps, sz));
  if (cause !== null) {
    const lines = [`caused by  ${cause.kind} at ${momentText(cause.atMs)} UTC`];
    if (market !== null) lines.push(marketLines(market, sz));
    parts.push(lines.join("\n"));
  }
  if (happenings.length > 0)
    parts.push(happenings.map(({ atMs, text }) => `${momentText(atMs)}  ${text}`).join("\n"));
  if (fills.length > 0)
    parts.push(
      fills
        .map(
          (fill) =>
            `filled ${sizeText(fill.sizeLots, sz)} at ${priceText(fill.pxTicks, sz)} as ${fill.taker ? "taker" : "maker"}, fee ${moneyText(fill.feeMicroUsd)}, at ${momentText(fill.venueMs)}`,
        )
        .join("\n"),
    );
  for (const text of story.missing) parts.push(`note: ${text}`);
  return parts.join("\n\n");
}

function orderLines(order: SentOrder, distance: number | null, sz: number): string {
  const what = `${order.side} ${sizeText(order.sizeLots, sz)} at ${priceText(order.pxTicks, sz)}, ${order.tif === "Alo" ? "post-only" : "immediate or cancel"}${order.reduceOnly ? ", reduce-only" : ""}`;
  if (order.reason === null) return `${what}\nno reason was recorded`;
  const { reason } = order;
  return `${what}\n\n${reasonLines(reason, distance, sz)}`;
}

/** From fair value to the price, step by step. */
function reasonLines(reason: QuoteReason, distance: number | null, sz: number): string {
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
  pairs.push(["  inventory", `${signed(reason.inventoryShiftBps)} bp`]);
  if (rest !== null) pairs.push(["  placement and price grid", `${signed(rest)} bp`]);
  if (distance !== null) pairs.push(["distance from fair value", `${signed(distance)} bp`]);
  pairs.push(
    ["expected edge", `${signed(reason.edgeBps)} bp per fill`],
    ["level", `${reason.level + 1}, placed as "${reason.placement}"`],
  );
  if (reason.queueLots !== undefined)
    pairs.push([
      "others at the price",
      reason.queueLots === null ? "behind the displayed depth" : sizeText(reason.queueLots, sz),
    ]);
  return pairLines(pairs);
}

function marketLines(market: MarketThen, sz: number): string {
  const sigma = market.sigmaBpsPerSqrtSec;
  return pairLines([
    [
      "touch",
      `${priceText(market.bidPxTicks, sz)} / ${priceText(market.askPxTicks, sz)}, book ${spanOrMs(market.bookAgeMs)} old`,
    ],
    ["volatility", sigma === null ? "not known" : `${sigma.toFixed(3)} bp per √s`],
    ["taker flow", market.flowImbalance.toFixed(2)],
    [
      "mark, oracle",
      `${priceText(market.markPxTicks, sz)}, ${priceText(market.oraclePxTicks, sz)}`,
    ],
  ]);
}

function spanOrMs(spanMs: number): string {
  return spanMs < 1000 ? `${spanMs} ms` : spanText(spanMs);
}

/** One moment and side: what stood there, or the gate that kept it empty. */
export function momentStoryText(story: MomentStory, sz: number): string {
  const { side, atMs, silence, mode, market, refusals, orders } = story;
  const parts = [`${side} at ${momentText(atMs)} UTC`];
  if (silence !== null)
    parts.push(
      `no ${side} was wanted: ${silence.text}\nsince ${momentText(silence.sinceMs)}${silence.untilMs === null ? ", to the end of what is stored" : ` until ${momentText(silence.untilMs)}`}`,
    );
  parts.push(orders.length === 0 ? `no ${side} of ours rested` : ordersTable(orders, sz));
  const pairs: [string, string][] = [];
  if (mode !== null)
    pairs.push(["risk", `${mode.mode}: ${mode.reason} (since ${momentText(mode.sinceMs)})`]);
  else pairs.push(["risk", "no change of the risk mode is recorded before: normal"]);
  for (const row of refusals)
    pairs.push([
      "not sent",
      `${row.count} × ${row.reason}: ${row.detail} (${momentText(row.atMs)})`,
    ]);
  parts.push(pairLines(pairs));
  if (market !== null) parts.push(marketLines(market, sz));
  for (const text of story.missing) parts.push(`note: ${text}`);
  return parts.join("\n\n");
}

function ordersTable(orders: readonly SentOrder[], sz: number): string {
  const head = ["price", "size", "half-spread", "inventory", "edge bp", "placement", "cloid"];
  const rows = orders.map(({ pxTicks, sizeLots, reason, cloid }) => [
    priceText(pxTicks, sz),
    sizeText(sizeLots, sz),
    bpsText(reason?.halfSpreadBps ?? null),
    bpsText(reason?.inventoryShiftBps ?? null),
    bpsText(reason?.edgeBps ?? null),
    reason?.placement ?? "–",
    cloid,
  ]);
  return textTable(head, rows, ["right", "right", "right", "right", "right", "left", "left"]);
}
