import { pxDecimalsOf } from "../../units/decimal.ts";
import type { Venue } from "../rules/venue.ts";
import type {
  AssetContextView,
  CandleView,
  FundingView,
  SpotBalanceView,
  TransferView,
} from "../rules/views.ts";
import { deltaRow } from "./ledgerRows.ts";
import type {
  MarketDef,
  OrderRecord,
  OrderTrigger,
  VenueFill,
  VenueTrade,
} from "../rules/types.ts";
import { assert } from "../../units/assert.ts";
import { backstopAddress } from "../rules/ids.ts";
import { px, size, statistic, usd, wireSide } from "./format.ts";

/** Sender of what the local faucet gives. */
const FAUCET = `0x${"0".repeat(40)}`;

export function marketOf(venue: Venue, coin: string): MarketDef {
  const market = venue.market(coin);
  assert(market !== null, `${coin} is listed`);
  return market;
}

/** A row of `openOrders` and `orderUpdates`: `cloid` and `reduceOnly` only when set. */
export function openOrderRow(order: OrderRecord, szDecimals: number): object {
  return {
    coin: order.coin,
    side: wireSide(order.side),
    limitPx: px(order.pxTicks, szDecimals),
    sz: size(order.leavesLots, szDecimals),
    oid: order.oid,
    timestamp: order.placedMs,
    origSz: size(order.origLots, szDecimals),
    ...(order.cloid === null ? {} : { cloid: order.cloid }),
    ...(order.reduceOnly ? { reduceOnly: true } : {}),
  };
}

/** A row of `frontendOpenOrders`, `orderStatus` and `historicalOrders`: every key is there, `cloid` may be null. */
export function frontendOrderRow(order: OrderRecord, szDecimals: number): object {
  return {
    coin: order.coin,
    side: wireSide(order.side),
    limitPx: px(order.pxTicks, szDecimals),
    sz: size(order.leavesLots, szDecimals),
    oid: order.oid,
    timestamp: order.placedMs,
    triggerCondition: triggerCondition(order.trigger, szDecimals),
    isTrigger: order.trigger !== undefined,
    triggerPx: px(order.trigger?.pxTicks ?? 0, szDecimals),
    children: [],
    isPositionTpsl: order.trigger?.isPositionTpsl ?? false,
    reduceOnly: order.reduceOnly,
    orderType: orderType(order),
    origSz: size(order.origLots, szDecimals),
    tif: order.trigger?.isMarket === true ? null : order.tif,
    cloid: order.cloid,
  };
}

/** "Price above 103", as whole prices are written there (captured). */
function triggerCondition(trigger: OrderTrigger | undefined, szDecimals: number): string {
  if (trigger === undefined) return "N/A";
  const price = px(trigger.pxTicks, szDecimals).replace(/\.0$/, "");
  return `Price ${trigger.above ? "above" : "below"} ${price}`;
}

function orderType({ trigger, tif, isTwapSlice }: OrderRecord): string {
  if (isTwapSlice === true) return "Twap Slice";
  if (trigger === undefined) return tif === "FrontendMarket" ? "Market" : "Limit";
  const kind = trigger.tpsl === "tp" ? "Take Profit" : "Stop";
  return `${kind} ${trigger.isMarket ? "Market" : "Limit"}`;
}

export function orderUpdateRow(order: OrderRecord, szDecimals: number): object {
  return {
    order: openOrderRow(order, szDecimals),
    status: order.status,
    statusTimestamp: order.statusMs,
  };
}

export function fillRow(fill: VenueFill, szDecimals: number): object {
  return {
    coin: fill.coin,
    px: px(fill.pxTicks, szDecimals),
    sz: size(fill.sizeLots, szDecimals),
    side: wireSide(fill.side),
    time: fill.venueMs,
    startPosition: size(fill.startPositionLots, szDecimals),
    dir: fill.dir,
    closedPnl: usd(fill.closedPnlMicroUsd),
    hash: fill.hash,
    oid: fill.oid,
    crossed: fill.crossed,
    fee: usd(fill.feeMicroUsd),
    ...(fill.builderFeeMicroUsd === undefined ? {} : { builderFee: usd(fill.builderFeeMicroUsd) }),
    tid: fill.tid,
    ...(fill.cloid === null ? {} : { cloid: fill.cloid }),
    ...liquidationOf(fill, szDecimals),
    feeToken: fill.feeToken,
    twapId: fill.twapId ?? null,
  };
}

function liquidationOf({ liquidation }: VenueFill, szDecimals: number): object {
  if (liquidation === undefined) return {};
  const { liquidatedUser, markPxTicks, method } = liquidation;
  return { liquidation: { liquidatedUser, markPx: px(markPxTicks, szDecimals), method } };
}

export function tradeRow(trade: VenueTrade, szDecimals: number): object {
  return {
    coin: trade.coin,
    side: wireSide(trade.side),
    px: px(trade.pxTicks, szDecimals),
    sz: size(trade.sizeLots, szDecimals),
    time: trade.venueMs,
    hash: trade.hash,
    tid: trade.tid,
    users: [trade.buyer, trade.seller],
  };
}

export function candleRow(candle: CandleView, market: MarketDef, interval: string): object {
  const { szDecimals } = market;
  return {
    t: candle.startMs,
    T: candle.endMs,
    s: market.coin,
    i: interval,
    o: px(candle.openPxTicks, szDecimals),
    c: px(candle.closePxTicks, szDecimals),
    h: px(candle.highPxTicks, szDecimals),
    l: px(candle.lowPxTicks, szDecimals),
    v: size(candle.volumeLots, szDecimals),
    n: candle.trades,
  };
}

/** Hourly rate in parts per billion as the wire's fraction: 12 500 is "0.0000125". */
export function rate(ppb: number): string {
  return statistic(ppb / 1e9, 10);
}

/** Price in float ticks with `extra` decimals beyond the market's own. */
export function averagePx(ticks: number, szDecimals: number, extra: number): string {
  const decimals = pxDecimalsOf(szDecimals);
  return statistic(ticks / 10 ** decimals, decimals + extra);
}

/** Public numbers of a market. A market that never had a price shows zeros, as an empty one does. */
export function assetContextRow(view: AssetContextView, market: MarketDef): object {
  const { szDecimals } = market;
  const mark = view.markPxTicks ?? 0;
  return {
    funding: rate(view.fundingPpb),
    openInterest: size(view.openInterestLots, szDecimals),
    prevDayPx: px(view.prevDayPxTicks ?? mark, szDecimals),
    dayNtlVlm: usd(view.dayNtlMicroUsd),
    premium: view.premium === null ? null : statistic(view.premium, 10),
    oraclePx: px(view.oraclePxTicks ?? mark, szDecimals),
    markPx: px(mark, szDecimals),
    midPx: view.midPxTicks === null ? null : averagePx(view.midPxTicks, szDecimals, 1),
    impactPxs:
      view.impactPxTicks === null
        ? null
        : view.impactPxTicks.map((ticks) => averagePx(ticks, szDecimals, 0)),
    dayBaseVlm: size(view.dayBaseLots, szDecimals),
  };
}

/** A row of `userFunding`; the `userFundings` channel flattens the delta. */
export function fundingDelta(funding: FundingView, szDecimals: number): object {
  return {
    coin: funding.coin,
    usdc: usd(funding.microUsd),
    szi: size(funding.positionLots, szDecimals),
    fundingRate: rate(funding.ratePpb),
    nSamples: null,
  };
}

/** A row of `spotClearinghouseState`; there is no cost basis, as nothing is traded for it. */
function spotRow({ token, totalMicroUsd, holdMicroUsd }: SpotBalanceView): object {
  return {
    coin: token.name,
    token: token.index,
    total: usd(totalMicroUsd),
    hold: usd(holdMicroUsd),
    entryNtl: "0.0",
  };
}

export function spotStateOf(venue: Venue, user: string): { readonly balances: readonly object[] } {
  return { balances: venue.spotBalances(user).map(spotRow) };
}

/** A row of `userNonFundingLedgerUpdates`: transfers, what the faucet gave, and what a liquidation moved. */
export function transferRow(transfer: TransferView, account: string, venue: Venue): object {
  if (transfer.delta !== undefined) {
    const { venueMs, hash, delta } = transfer;
    return { time: venueMs, hash, delta: deltaRow(delta, venueMs) };
  }
  const dex = venue.dex(transfer.dex);
  const token = venue.config.tokens.find(({ index }) => index === dex?.collateralToken);
  assert(dex !== null && token !== undefined, `dex ${transfer.dex} is listed`);
  const head = { time: transfer.venueMs, hash: transfer.hash };
  if (transfer.kind === "deposit" && transfer.dex === "")
    return { ...head, delta: { type: "deposit", usdc: usd(transfer.microUsd) } };
  const other = transfer.kind === "deposit" ? FAUCET : backstopAddress(dex.index);
  const amount = usd(Math.abs(transfer.microUsd));
  const incoming = transfer.microUsd >= 0;
  return {
    ...head,
    delta: {
      type: "send",
      user: incoming ? other : account,
      destination: incoming ? account : other,
      sourceDex: transfer.kind === "deposit" ? "spot" : dex.name,
      destinationDex: dex.name,
      token: token.name,
      amount,
      usdcValue: amount,
      fee: "0.0",
      nativeTokenFee: "0.0",
      nonce: transfer.venueMs,
      feeToken: "",
    },
  };
}
