import { z } from "zod";
import type { OrderUpdateEvent } from "../../messages/events.ts";
import type { MarketSpec } from "../../messages/market.ts";
import type { AccountReading, OwnFill, VenueOrder } from "../../messages/orders.ts";
import { FLAT, ZERO_USD } from "../../units/numbers.ts";
import type { MicroUsd, Ms, PositionLots } from "../../units/numbers.ts";
import {
  cloidField,
  oidField,
  positionField,
  pxField,
  sideField,
  sizeField,
  timeField,
  usdField,
} from "./fields.ts";
import { parseWire } from "./wire.ts";

/** Word of the venue about an order of ours. */
export type OrderUpdate = Omit<OrderUpdateEvent, "kind" | "id" | "atMs" | "view">;

/** One hourly funding payment. Positive is received. */
export type FundingPayment = {
  readonly venueMs: Ms;
  readonly microUsd: MicroUsd;
  readonly positionLots: PositionLots;
};

/** Answer to `orderStatus`. Null: the venue knows no such order (any more, or not yet). */
export type OrderStatusAnswer = OrderUpdate | null;

/** Readers of account messages for one market: rows of other markets are left out, the rest must be exact. */
export type AccountSchemas = {
  readonly fills: (value: unknown) => readonly OwnFill[];
  readonly openOrders: (value: unknown) => readonly VenueOrder[];
  readonly orderStatus: (value: unknown) => OrderStatusAnswer;
  readonly clearinghouse: (value: unknown) => AccountReading;
  /** Rows of `userFunding` (delta inside) and of the stream `userFundings` (flat). */
  readonly fundings: (value: unknown) => readonly FundingPayment[];
  readonly orderUpdates: (value: unknown) => readonly OrderUpdate[];
};

const anyRow = z.looseObject({ coin: z.string() });
const anyRows = z.array(anyRow);
const anyUpdates = z.array(z.looseObject({ order: anyRow }));
const anyFundings = z.array(
  z.union([
    z
      .looseObject({ time: timeField, delta: z.looseObject({ coin: z.string() }) })
      .transform((row): z.output<typeof anyRow> => Object.assign(row.delta, { time: row.time })),
    anyRow,
  ]),
);

/** @param spec the market whose decimals make the numbers exact */
export function accountSchemas(spec: MarketSpec): AccountSchemas {
  const row = rowSchemas(spec);
  const rows = {
    fills: z.array(row.fill),
    openOrders: z.array(row.openOrder),
    fundings: z.array(row.funding),
    orderUpdates: z.array(row.orderUpdate),
  };
  const ours = (item: { readonly coin: string }): boolean => item.coin === spec.market;
  return {
    fills: (value) =>
      parseWire(rows.fills, parseWire(anyRows, value, "fills").filter(ours), "fills"),
    openOrders: (value) =>
      parseWire(
        rows.openOrders,
        parseWire(anyRows, value, "open orders").filter(ours),
        "open orders",
      ),
    orderStatus: (value) => parseWire(row.orderStatus, value, "order status"),
    clearinghouse: (value) => readClearinghouse(value, spec, row.position),
    fundings: (value) =>
      parseWire(rows.fundings, parseWire(anyFundings, value, "funding").filter(ours), "funding"),
    orderUpdates: (value) =>
      parseWire(
        rows.orderUpdates,
        parseWire(anyUpdates, value, "order updates").filter((item) => ours(item.order)),
        "order updates",
      ),
  };
}

function orderSchemas({ szDecimals }: MarketSpec) {
  const px = pxField(szDecimals);
  const size = sizeField(szDecimals);
  const order = z.object({
    oid: oidField,
    cloid: cloidField,
    side: sideField,
    limitPx: px,
    sz: size,
    origSz: size,
    timestamp: timeField,
    reduceOnly: z.boolean().default(false),
  });
  const openOrder = order.transform((item): VenueOrder => ({
    oid: item.oid,
    cloid: item.cloid,
    side: item.side,
    pxTicks: item.limitPx,
    leavesLots: item.sz,
    origLots: item.origSz,
    reduceOnly: item.reduceOnly,
    placedMs: item.timestamp,
  }));
  const orderUpdate = z
    .object({ order, status: z.string(), statusTimestamp: timeField })
    .transform(({ order: item, status, statusTimestamp }): OrderUpdate => ({
      oid: item.oid,
      cloid: item.cloid,
      side: item.side,
      pxTicks: item.limitPx,
      leavesLots: item.sz,
      origLots: item.origSz,
      status,
      statusMs: statusTimestamp,
    }));
  const orderStatus = z.union([
    z.object({ status: z.literal("unknownOid") }).transform(() => null),
    z.object({ status: z.literal("order"), order: orderUpdate }).transform((item) => item.order),
  ]);
  return { openOrder, orderUpdate, orderStatus };
}

function rowSchemas(spec: MarketSpec) {
  const px = pxField(spec.szDecimals);
  const size = sizeField(spec.szDecimals);
  const position = positionField(spec.szDecimals);
  const fill = z
    .object({
      tid: z.int(),
      oid: oidField,
      cloid: cloidField,
      time: timeField,
      side: sideField,
      px,
      sz: size,
      crossed: z.boolean(),
      fee: usdField,
      startPosition: position,
      liquidation: z.object({ liquidatedUser: z.string() }).nullish(),
    })
    .transform((item): OwnFill => ({
      tid: item.tid,
      oid: item.oid,
      cloid: item.cloid,
      venueMs: item.time,
      side: item.side,
      pxTicks: item.px,
      sizeLots: item.sz,
      taker: item.crossed,
      feeMicroUsd: item.fee,
      startPositionLots: item.startPosition,
      ...(item.liquidation === null || item.liquidation === undefined
        ? {}
        : { liquidatedUser: item.liquidation.liquidatedUser.toLowerCase() }),
    }));
  const funding = z
    .object({ time: timeField, usdc: usdField, szi: position })
    .transform((item): FundingPayment => ({
      venueMs: item.time,
      microUsd: item.usdc,
      positionLots: item.szi,
    }));
  const positionRow = z.object({ szi: position, positionValue: usdField });
  return { fill, funding, position: positionRow, ...orderSchemas(spec) };
}

const Clearinghouse = z.object({
  marginSummary: z.object({ accountValue: usdField, totalMarginUsed: usdField }),
  withdrawable: usdField,
  assetPositions: z.array(z.object({ position: anyRow })),
  time: timeField,
});

/** Closed positions are absent from the list: then the market is flat. */
function readClearinghouse(
  value: unknown,
  spec: MarketSpec,
  positionRow: ReturnType<typeof rowSchemas>["position"],
): AccountReading {
  const state = parseWire(Clearinghouse, value, "clearinghouse state");
  const held = state.assetPositions.find((item) => item.position.coin === spec.market);
  const position = held === undefined ? null : parseWire(positionRow, held.position, "position");
  return {
    venueMs: state.time,
    equityMicroUsd: state.marginSummary.accountValue,
    marginUsedMicroUsd: state.marginSummary.totalMarginUsed,
    withdrawableMicroUsd: state.withdrawable,
    positionLots: position?.szi ?? FLAT,
    positionValueMicroUsd: position?.positionValue ?? ZERO_USD,
  };
}
