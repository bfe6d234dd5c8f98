import { initialState } from "../../lib/core/initialState.ts";
import type { PlannedBatch } from "../../lib/messages/audit.ts";
import type { Approved, OrderCommand } from "../../lib/messages/commands.ts";
import type { BookEvent, CommandOutcome, EventOf } from "../../lib/messages/events.ts";
import type { MarketView } from "../../lib/messages/market.ts";
import type { OwnFill, QuoteReason, WorkingOrder } from "../../lib/messages/orders.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { FLAT, ZERO_USD, microUsd, ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";

/** A state as it is before the first event. */
export function blankState(): BotState {
  return {
    run: {
      runId: 0,
      spec: null,
      phase: "starting",
      orderSeq: 0,
      feeds: { market: "lost", account: "lost" },
      reconcileFailure: null,
      reconciledMs: null,
    },
    orders: { working: {}, strays: [], lastQuoteMs: ms(0), holdPlacesUntilMs: ms(0) },
    ledger: {
      positionLots: FLAT,
      cashMicroUsd: ZERO_USD,
      feesMicroUsd: ZERO_USD,
      fundingMicroUsd: ZERO_USD,
      pnl: { spread: 0, adverse: 0, inventory: 0 },
      markX2Ticks: null,
      pending: [],
      markoutBps: { bid: null, ask: null },
      toxicity: initialState.ledger.toxicity,
      fills: { count: 0, maker: 0, taker: 0 },
      notionalMicroUsd: { maker: ZERO_USD, taker: ZERO_USD },
      recent: { roles: "", hours: [] },
      roundTripMicroUsd: ZERO_USD,
      lossStreak: 0,
      fillWatermarkMs: ms(0),
      fundingWatermarkMs: ms(0),
      baseline: null,
    },
    risk: {
      mode: "normal",
      reason: "",
      sinceMs: ms(0),
      operatorReduceOnly: null,
      haltReason: null,
      equityPeakDayMicroUsd: ZERO_USD,
      equityPeakRunMicroUsd: ZERO_USD,
      peakDay: 0,
    },
    account: { reading: null, readMs: ms(0), failure: null, budget: null, usedSinceRead: 0 },
    quality: initialState.quality,
    vol: initialState.vol,
  };
}

/** A state that differs from `state` in its run slice alone. */
export function countUp(state: BotState): BotState {
  return { ...state, run: { ...state.run, orderSeq: state.run.orderSeq + 1 } };
}

export function viewAround(midTicks: number, levels = 1): MarketView {
  const rungs = Array.from({ length: levels }, (_, i) => i);
  return {
    bookVenueMs: ms(1000),
    bookRecvMs: ms(1100),
    bids: rungs.map((i) => ({ pxTicks: pxTicks(midTicks - 10 - i * 10), sizeLots: sizeLots(500) })),
    asks: rungs.map((i) => ({ pxTicks: pxTicks(midTicks + 10 + i * 10), sizeLots: sizeLots(500) })),
    sigmaBpsPerSqrtSec: 0.4,
    flowImbalance: 0.1,
    oraclePxTicks: null,
    markPxTicks: null,
  };
}

export function bookEvent(id: string, atMs = 1000, midTicks = 690_000): BookEvent {
  return { kind: "book", id, atMs: ms(atMs), view: viewAround(midTicks) };
}

function ownFill(tid: number, venueMs = 5000): OwnFill {
  return {
    tid,
    oid: 77,
    cloid: null,
    venueMs: ms(venueMs),
    side: "bid",
    pxTicks: pxTicks(690_000),
    sizeLots: sizeLots(20),
    taker: false,
    feeMicroUsd: microUsd(414),
    startPositionLots: FLAT,
  };
}

export function fillEvent(tid: number, id = `fill:${tid}`): EventOf<"fill"> {
  return { kind: "fill", id, atMs: ms(5100), view: viewAround(690_000), fill: ownFill(tid) };
}

/** An answer to the batch with this nonce; only the results matter. */
export function outcomeEvent(
  nonce: number,
  ...results: readonly CommandOutcome["result"][]
): EventOf<"outcome"> {
  const outcomes = results.map((result, i) => outcomeOf(cloidOf(i), result));
  const id = `outcome:${nonce}`;
  return { kind: "outcome", id, atMs: ms(7000), view: null, nonce, outcomes, roundTripMs: 20 };
}

function outcomeOf(cloid: string, result: CommandOutcome["result"]): CommandOutcome {
  switch (result) {
    case "resting":
    case "filled":
      return { cloid, op: "place", result, oid: 1 };
    case "rejected":
    case "unresolved":
      return { cloid, op: "place", result, text: "why" };
    case "cancelled":
      return { cloid, op: "cancel", result };
    case "neverActed":
      return { cloid, op: "place", result };
  }
}

export function cloidOf(n: number): string {
  return `0xa500${n.toString(16).padStart(28, "0")}`;
}

const REASON: QuoteReason = {
  level: 3,
  fairTicks: 690_001.25,
  halfSpreadBps: 1.75,
  feeBps: 0.3,
  adverseBps: 0.42,
  volatilityBps: 0.8,
  inventoryShiftBps: -0.11,
  edgeBps: 0.61,
  placement: "ladder",
};

/** Commands as the risk check would let them pass. */
function approve<C extends OrderCommand>(command: C): Approved<C> {
  return command as Approved<C>;
}

export function place(n: number, expiresMs = 60_000): Approved<OrderCommand> {
  return approve({
    kind: "place",
    cloid: cloidOf(n),
    side: "bid",
    pxTicks: pxTicks(690_000 - n * 10),
    sizeLots: sizeLots(20),
    tif: "Alo",
    reduceOnly: false,
    expiresMs: ms(expiresMs),
    reason: REASON,
  });
}

function cancel(n: number): Approved<OrderCommand> {
  return approve({ kind: "cancel", cloid: cloidOf(n) });
}

export function placeBatch(nonce: number, count = 1, expiresMs = 60_000): PlannedBatch {
  const commands = Array.from({ length: count }, (_, i) => place(nonce * 100 + i, expiresMs));
  return { nonce, lane: "quotes", kind: "place", commands, expiresMs };
}

export function cancelBatch(nonce: number, ...orders: readonly number[]): PlannedBatch {
  return { nonce, lane: "urgent", kind: "cancel", commands: orders.map(cancel), expiresMs: null };
}

/** `count` resting orders on both sides, with everything that a real one carries. */
export function restingOrders(count: number): BotState["orders"] {
  const working: Record<string, WorkingOrder> = {};
  for (let n = 0; n < count; n++)
    working[cloidOf(n)] = {
      cloid: cloidOf(n),
      oid: 400_000_000_000 + n,
      side: n % 2 === 0 ? "bid" : "ask",
      pxTicks: pxTicks(690_000 + (n % 2 === 0 ? -10 : 10) * n),
      origLots: sizeLots(20),
      leavesLots: sizeLots(20),
      reduceOnly: false,
      tif: "Alo",
      phase: "resting",
      placedMs: ms(1000),
      expiresMs: ms(6000),
      replaces: null,
      queueAheadLots: sizeLots(480),
      reason: REASON,
    };
  return { working, strays: [], lastQuoteMs: ms(1000), holdPlacesUntilMs: ms(0) };
}
