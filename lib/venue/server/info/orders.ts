import { ms } from "../../../units/numbers.ts";
import { frontendOrderRow, marketOf, openOrderRow } from "../rows.ts";
import { orderIdAt } from "../canonicalOrder.ts";
import type { OrderRecord } from "../../rules/types.ts";
import { aggregateFills, fillsRows } from "../fillsView.ts";
import { unsignedAt } from "../shape.ts";
import { dexOf, switchOf, timeRangeOf, userOf } from "./context.ts";
import type { InfoContext, InfoHandler } from "./context.ts";

const FILLS_MAX = 2000;
/** The latest fills that any query reaches (documented). */
const FILLS_KEPT = 10_000;

function decimalsOf(order: OrderRecord, { venue }: InfoContext): number {
  return marketOf(venue, order.coin).szDecimals;
}

export const openOrders: InfoHandler = (request, context) =>
  context.venue
    .openOrders(userOf(request), dexOf(request, context).name)
    .map((order) => openOrderRow(order, decimalsOf(order, context)));

export const frontendOpenOrders: InfoHandler = (request, context) =>
  context.venue
    .openOrders(userOf(request), dexOf(request, context).name)
    .map((order) => frontendOrderRow(order, decimalsOf(order, context)));

/** An order with its state, as `orderStatus` and the histories show it. */
export function orderHistoryRow(order: OrderRecord, context: InfoContext): object {
  return {
    order: frontendOrderRow(order, decimalsOf(order, context)),
    status: order.status,
    statusTimestamp: order.statusMs,
  };
}

/** By the venue's id, or by cloid: the newest order that carries it. */
export const orderStatus: InfoHandler = (request, context) => {
  const user = userOf(request);
  const id = orderIdAt(request["oid"], "oid");
  const order =
    typeof id === "string"
      ? context.venue.orderByCloid(user, id)
      : context.venue.orderByOid(user, id);
  return order === null
    ? { status: "unknownOid" }
    : { status: "order", order: orderHistoryRow(order, context) };
};

/** Newest first. */
export const historicalOrders: InfoHandler = (request, context) =>
  context.venue.historicalOrders(userOf(request)).map((order) => orderHistoryRow(order, context));

/** Newest first, at most 2000. */
export const userFills: InfoHandler = (request, { venue }) => {
  const user = userOf(request);
  if (!switchOf(request, "aggregateByTime"))
    return fillsRows(venue, venue.latestFills(user, FILLS_MAX));
  const all = aggregateFills(venue.latestFills(user, FILLS_KEPT).toReversed());
  return fillsRows(venue, all.slice(-FILLS_MAX).toReversed());
};

/** Oldest first unless `reversed`, bounds inclusive, at most 2000. */
export const userFillsByTime: InfoHandler = (request, { venue }) => {
  const user = userOf(request);
  unsignedAt(request["startTime"], "startTime");
  const { fromMs, toMs } = timeRangeOf(request);
  const found = venue.fills(user, { fromMs: ms(fromMs), toMs: ms(toMs), limit: FILLS_KEPT });
  const fills = switchOf(request, "aggregateByTime") ? aggregateFills(found) : found;
  const ordered = switchOf(request, "reversed") ? fills.toReversed() : fills;
  return fillsRows(venue, ordered.slice(0, FILLS_MAX));
};
