import type { Params } from "../messages/params.ts";
import { microUsd, ms } from "../units/numbers.ts";
import { FAIR_WEIGHTS } from "./fairWeights.ts";

/**
 * Defaults of everything that handlers are told. Settings overwrite those that have a name there.
 *
 * Sizing. Capital of $1,000 at leverage 10 carries $10,000; the skew limit of 1.5 % of it is $150 of position. A side
 * shows 1.6 % ($160), 70 % of it ($112) in the five best levels, which grow from $15 to $30 with the distance, and the
 * rest in four levels of $12, just above the venue's minimum of $10. The widths are geometric from the half-spread to
 * the widest allowed: at 1.5 bp the five best stand at 1.5, 2.1, 3.0, 4.3 and 6.1 bp, the others from 8.7 to 25 bp. A
 * taker in a hurry is expected to reach 8 bp, so one sweep takes the five best at most: $112, three quarters of the
 * skew limit. With a position on, the side that adds to it keeps, of the levels within that reach, what such a sweep may
 * still take, best first; those behind stay. The worst case is a position at the skew limit ($150) with the old and the
 * new ladder of a side both possibly resting during a replacement ($320): $470, so the hard limit at 7 % ($700) leaves
 * room.
 *
 * Distance. Fee (0.3 bp in growth mode), adverse selection and edge ask for less than `spreadBpsMin` while the mid's
 * standard deviation over 30 s is at most some 2 bp, so the best quotes of a new bot stand 1.5 bp away; at 2.7 bp, as
 * `VOL_PRIOR_BPS` has it, they stand 1.9. The priors are below what was measured on purpose: docs/QUOTING.md says why.
 *
 * Actions. The address budget is the scarce good: 10,000 to begin with, a tenth of an action per dollar traded in
 * growth mode. An order is replaced when the gain expected of it beats the price of an action (budget). Two cases do
 * not ask for the price: an order that would leave less than `edgeBpsMin` goes, and the two best of a side follow the
 * market. Half a second passes between replacements. The fixed price tolerance of three grid steps (0.4 bp on US500) is
 * for orders that reduce, and for runs without that economy.
 */
export const defaultParams: Params = {
  leverage: 10,
  capitalMicroUsd: microUsd(1_000_000_000),
  spreadBpsMin: 3,
  spreadBpsMax: 50,
  orderLevels: 15,
  edgeBpsMin: 0.2,
  edgeCushionBps: 0.25,
  topFiveShare: 0.7,
  sideNotionalFraction: 0.016,
  positionLimitFraction: 0.07,
  marginCap: 0.9,
  autoReduceOnly: true,
  reduceOnlyMargin: 0.8,
  reduceOnlySkew: 0.015,
  reduceOnlyLosses: 10,
  reduceOnlyDrawdown: 0.02,
  maxDrawdown: 0.05,
  takerRatioCap: 0.1,
  priceToleranceSteps: 3,
  sizeToleranceFraction: 0.3,
  requoteMinMs: ms(500),
  orderExpiryMs: ms(5_000),
  bookStaleMs: ms(5_000),
  marginStaleMs: ms(60_000),
  markoutHorizonMs: ms(10_000),
  cancelReserve: 500,
  forcedReduceOnly: false,
  batchSize: 10,
  adverseBpsFloor: 0.5,
  flowAdverseBps: 0.5,
  volatilityMultiple: 0.5,
  holdingMs: ms(30_000),
  inventoryShiftFraction: 0.5,
  widenedFactor: 2,
  lossCooldownMs: ms(1_800_000),
  flattenSlippageBps: 20,
  rejectHoldMs: ms(10_000),
  smartPlacement: true,
  minQueueContracts: 0.5,
  placementReachSteps: 5,
  fairTouchWeight: FAIR_WEIGHTS.touch,
  fairDepthWeight: FAIR_WEIGHTS.depth,
  fairFlowBps: FAIR_WEIGHTS.flowBps,
  fairOracleWeight: FAIR_WEIGHTS.oracle,
  adverseVolatilityShare: 0.4,
  adverseDistanceShare: 0.3,
  adversePriorFills: 5,
  adverseHalfLifeMs: ms(6 * 3_600_000),
  adverseBpsCap: 8,
  markoutHalfLifeMs: ms(3_600_000),
  markoutPriorFills: 2,
  fadeShare: 0,
  fadeBpsMax: 3,
  fadeHalfLifeMs: ms(60_000),
  sessionAware: false,
  oracleWidening: 1.5,
  sweepBps: 8,
  sweepShare: 0.75,
  linearLadder: false,
  sizeGrowth: 2,
  budgetEconomics: true,
  actionPriceMicroUsd: 20,
  budgetHorizonMs: ms(72 * 3_600_000),
  intensityOnline: true,
  inventoryAversion: 0.001,
  inventoryEdgeShare: 0,
  fillsPerSec: 0.004,
  fillReachBps: 0.5,
  fillReachVolatility: 1.2,
  staleFillsPerSec: 0.2,
  staleReachBps: 0.25,
  longBandFraction: 0.07,
  shortBandFraction: 0.07,
  liquidationDistanceMin: 0.05,
  thinBookMicroUsd: microUsd(1_000_000_000),
  oracleStaleMs: ms(30_000),
  oracleDriftBps: 5,
  lagMsMax: 1_000,
  riskDwellMs: ms(10_000),
  pullDwellMs: ms(2_000),
  flattenPassiveMs: ms(2_000),
  flattenBoundBps: 100,
  flattenSliceFraction: 0.25,
  closingActionsMax: 60,
  closingSlowMs: ms(10_000),
  closingAlarmMs: ms(120_000),
  reducePatienceMs: ms(60_000),
  reduceTakeAfterMs: ms(300_000),
};
