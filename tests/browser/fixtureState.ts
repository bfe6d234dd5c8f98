import { initialState } from "../../lib/core/initialState.ts";
import type { VolView } from "../../lib/dashboard/volView.ts";
import type { RunInfo } from "../../lib/dashboard/types.ts";
import type { MarketSpec } from "../../lib/messages/market.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { FLAT, microUsd, ms, ZERO_USD } from "../../lib/units/numbers.ts";

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

export const START_MS = Date.UTC(2026, 10, 23, 14, 30);

export const RUN: RunInfo = {
  mode: "paper",
  feed: "simulated market",
  source: "simulated",
  seed: 7,
  spec: SPEC,
  startedMs: START_MS,
  speed: 1,
  fillModel:
    "Our orders wait behind everything that the book shows at their price; only trades at or through the price fill them.",
  limits: {
    leverage: 10,
    positionLimitFraction: 0.25,
    reduceOnlySkew: 0.015,
    reduceOnlyMargin: 0.8,
    marginCap: 0.9,
    reduceOnlyDrawdown: 0.02,
    maxDrawdown: 0.05,
    cancelReserve: 200,
    orderLevels: 15,
    bookStaleMs: ms(3000),
  },
};

export function emptyState(): BotState {
  return {
    run: {
      runId: START_MS,
      spec: SPEC,
      phase: "quoting",
      orderSeq: 0,
      feeds: { market: "live", account: "live" },
      reconcileFailure: null,
      reconciledMs: ms(START_MS),
    },
    orders: { working: {}, strays: [], lastQuoteMs: ms(START_MS), holdPlacesUntilMs: ms(0) },
    ledger: {
      positionLots: FLAT,
      cashMicroUsd: ZERO_USD,
      feesMicroUsd: ZERO_USD,
      fundingMicroUsd: ZERO_USD,
      pnl: { spread: 0, adverse: 0, inventory: 0 },
      markX2Ticks: null,
      pending: [],
      markoutBps: { bid: -0.31, ask: -0.27 },
      toxicity: initialState.ledger.toxicity,
      fills: { count: 0, maker: 0, taker: 0 },
      notionalMicroUsd: { maker: ZERO_USD, taker: ZERO_USD },
      recent: { roles: "", hours: [] },
      roundTripMicroUsd: ZERO_USD,
      lossStreak: 0,
      fillWatermarkMs: ms(START_MS),
      fundingWatermarkMs: ms(START_MS),
      baseline: null,
    },
    risk: {
      mode: "normal",
      reason: "all limits kept",
      sinceMs: ms(START_MS),
      operatorReduceOnly: null,
      haltReason: null,
      equityPeakDayMicroUsd: microUsd(1000e6),
      equityPeakRunMicroUsd: microUsd(1000e6),
      peakDay: Math.floor(START_MS / 86_400_000),
    },
    account: {
      reading: null,
      readMs: ms(START_MS),
      failure: null,
      budget: { used: 312, cap: 10_482 },
      usedSinceRead: 0,
    },
    quality: initialState.quality,
    vol: initialState.vol,
  };
}

/** A forecast by the HAR on the market's own minutes, and what came of the one before. */
export function volView(nowMs: number, realised: number): VolView {
  const band = { low: 0.3, high: 0.7 };
  return {
    sigmaBpsPerSqrtSec: 0.5,
    band,
    source: "localHar",
    ageMs: 12_000,
    confidence: 0.88,
    why: "no model is published",
    model: null,
    horizonMs: 300_000,
    minutes: { lstm: 0, har: 0, localHar: 40, ewma: 3, lastRun: 0, prior: 0 },
    backfill: { bars: 5000, failure: null },
    score: {
      windows: 40,
      qlike: 0.31,
      qlikeOfAverage: 0.44,
      covered: 0.78,
      last: { endMs: nowMs, source: "localHar", forecast: 0.5, band, realised },
    },
    jobs: [],
  };
}
