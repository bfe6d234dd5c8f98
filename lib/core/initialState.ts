import type { BotState } from "../messages/state.ts";
import { FLAT, ZERO_USD, ms } from "../units/numbers.ts";

const NO_TOXICITY = { atMs: ms(0), weight: 0, bps: 0, fadeBps: 0 };

/** The state of a bot that has never run: nothing known, nothing trusted, nothing resting. */
export const initialState: BotState = {
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
    toxicity: { bid: NO_TOXICITY, ask: NO_TOXICITY },
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
    reason: "within limits",
    sinceMs: ms(0),
    operatorReduceOnly: null,
    haltReason: null,
    equityPeakDayMicroUsd: ZERO_USD,
    equityPeakRunMicroUsd: ZERO_USD,
    peakDay: 0,
  },
  account: { reading: null, readMs: ms(0), failure: null, budget: null, usedSinceRead: 0 },
  quality: { open: [], cells: [], dropped: 0 },
  vol: { model: null, lastAttempt: null, lastFetch: null, fetchFailures: 0 },
};
