import { dispatch } from "../../functions/index.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { initialState } from "../../lib/core/initialState.ts";
import type { MarketSpec, MarketView } from "../../lib/messages/market.ts";
import type {
  AccountReading,
  OwnFill,
  QuoteReason,
  WorkingOrder,
} from "../../lib/messages/orders.ts";
import type { BotState } from "../../lib/messages/state.ts";
import type { Params } from "../../lib/messages/params.ts";
import { microUsd, ms, positionLots, pxTicks, sizeLots } from "../../lib/units/numbers.ts";

/** US500-like: price near 770, px ticks of 0.001, grid steps of 0.01, lots of 0.001. */
export const SPEC: MarketSpec = {
  market: "km:US500",
  dex: "km",
  assetId: 110_000,
  szDecimals: 3,
  maxLeverage: 25,
  onlyIsolated: false,
  collateralToken: 360,
  collateralName: "USDH",
  growthMode: true,
  deployerFeeScale: 1,
  makerFeeBps: 0.3,
  takerFeeBps: 0.9,
};

export const BID = 770_000;
export const ASK = 770_020;
export const START_MS = 1_760_000_000_000;

export function view(changes: Partial<MarketView> = {}): MarketView {
  const level = (px: number, lots: number) => ({ pxTicks: pxTicks(px), sizeLots: sizeLots(lots) });
  return {
    bookVenueMs: ms(START_MS),
    bookRecvMs: ms(START_MS),
    bids: [0, 1, 2, 3, 4].map((i) => level(BID - 10 * i, 5_000)),
    asks: [0, 1, 2, 3, 4].map((i) => level(ASK + 10 * i, 5_000)),
    sigmaBpsPerSqrtSec: 0.1,
    flowImbalance: 0,
    oraclePxTicks: null,
    markPxTicks: null,
    ...changes,
  };
}

export function reading(changes: Partial<AccountReading> = {}): AccountReading {
  return {
    venueMs: ms(START_MS - 1_000),
    equityMicroUsd: microUsd(1_000_000_000),
    marginUsedMicroUsd: microUsd(0),
    withdrawableMicroUsd: microUsd(1_000_000_000),
    positionLots: positionLots(0),
    positionValueMicroUsd: microUsd(0),
    ...changes,
  };
}

/** A bot that has reconciled and may quote. */
export function quotingState(lots = 0): BotState {
  const value = microUsd(Math.abs(lots) * BID);
  const account = reading({ positionLots: positionLots(lots), positionValueMicroUsd: value });
  return {
    ...initialState,
    run: {
      runId: 1_760_000_000_000,
      spec: SPEC,
      phase: "quoting",
      orderSeq: 0,
      feeds: { market: "live", account: "live" },
      reconcileFailure: null,
      reconciledMs: ms(START_MS),
    },
    ledger: {
      ...initialState.ledger,
      positionLots: positionLots(lots),
      markX2Ticks: BID + ASK,
      baseline: { ...account },
    },
    account: {
      reading: account,
      readMs: ms(START_MS),
      failure: null,
      budget: { used: 0, cap: 10_000 },
      usedSinceRead: 0,
    },
  };
}

export const REASON: QuoteReason = {
  level: 0,
  fairTicks: BID + 10,
  halfSpreadBps: 1.5,
  feeBps: 0.3,
  adverseBps: 0.5,
  volatilityBps: 0,
  inventoryShiftBps: 0,
  edgeBps: 0.7,
  placement: "ladder",
};

export function order(changes: Partial<WorkingOrder> = {}): WorkingOrder {
  return {
    cloid: "0xa500aaaaaaaa00000000000100000001",
    oid: 7,
    side: "bid",
    pxTicks: pxTicks(BID - 100),
    origLots: sizeLots(40),
    leavesLots: sizeLots(40),
    reduceOnly: false,
    tif: "Alo",
    phase: "resting",
    placedMs: ms(START_MS - 10_000),
    expiresMs: ms(START_MS - 5_000),
    replaces: null,
    queueAheadLots: null,
    reason: REASON,
    ...changes,
  };
}

export function withOrders(state: BotState, orders: readonly WorkingOrder[]): BotState {
  const working = Object.fromEntries(orders.map((entry) => [entry.cloid, entry]));
  return { ...state, orders: { ...state.orders, working } };
}

export function ownFill(changes: Partial<OwnFill> = {}): OwnFill {
  return {
    tid: 1,
    oid: 7,
    cloid: null,
    venueMs: ms(START_MS),
    side: "bid",
    pxTicks: pxTicks(BID),
    sizeLots: sizeLots(40),
    taker: false,
    feeMicroUsd: microUsd(924),
    startPositionLots: positionLots(0),
    ...changes,
  };
}

/** What every event carries. */
export function at(atMs = START_MS, changes: Partial<MarketView> = {}) {
  return {
    id: `event-${atMs}`,
    atMs: ms(atMs),
    view: view({ bookRecvMs: ms(atMs), bookVenueMs: ms(atMs), ...changes }),
  };
}

export function params(changes: Partial<Params> = {}): Params {
  return { ...defaultParams, ...changes };
}

export { dispatch };
