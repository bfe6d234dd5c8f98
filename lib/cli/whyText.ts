import { bpsText, dateTimeText, moneyText, priceText, sizeText } from "../dashboard/format.ts";
import { marketPairs, reasonPairs } from "../dashboard/reasonPairs.ts";
import type { MomentStory, OrderStory, SentOrder } from "../dashboard/stories.ts";
import { pairLines, textTable } from "./table.ts";

/** To the millisecond: what happened in a second matters here. */
function momentText(atMs: number): string {
  return `${dateTimeText(atMs)}.${String(Math.floor(atMs) % 1000).padStart(3, "0")}`;
}

/** One order: what the market was, each adjustment in basis points, what was sent, and what became of it. */
export function orderStoryText(story: OrderStory, sz: number): string {
  const { order, cause, market, fills, happenings } = story;
  const head = `order ${story.oid ?? "without a number of the exchange"}  ${story.cloid ?? "not one of ours"}`;
  const parts = [head];
  if (order !== null) parts.push(orderLines(order, story.distanceBps, sz));
  if (cause !== null) {
    const lines = [`caused by  ${cause.kind} at ${momentText(cause.atMs)} UTC`];
    if (market !== null) lines.push(pairLines(marketPairs(market, sz)));
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
  return `${what}\n\n${pairLines(reasonPairs(reason, distance, sz))}`;
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
  if (market !== null) parts.push(pairLines(marketPairs(market, sz)));
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
