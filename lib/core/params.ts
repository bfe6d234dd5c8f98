import type { Params } from "../messages/params.ts";
import { microUsd, ms } from "../units/numbers.ts";

/**
 * Defaults of everything that handlers are told. Settings overwrite those that have a name there.
 *
 * Sizing. Capital of $1,000 at leverage 10 carries $10,000; the skew limit of 1.5 % of it is $150 of position.
 * A side shows 2.5 % ($250): 70 % of it in the five best levels is $35 each, so four of them may fill before the
 * skew limit, and the rest makes seven levels of $10.7, above the venue's minimum of $10. The worst case is a
 * position at the skew limit ($150) with the old and the new ladder of a side both possibly resting during a
 * replacement ($500): $650, so the hard limit stands at 7 % ($700).
 *
 * Actions. The address budget is the scarce good: three grid steps (0.4 bp on US500) of price tolerance at the first
 * level, growing with the distance of a level, and half a second between replacements.
 */
export const defaultParams: Params = {
  leverage: 10,
  capitalMicroUsd: microUsd(1_000_000_000),
  spreadBpsMin: 3,
  spreadBpsMax: 50,
  orderLevels: 15,
  edgeBpsMin: 0.2,
  topFiveShare: 0.7,
  sideNotionalFraction: 0.025,
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
  volatilityMultiple: 1,
  holdingMs: ms(30_000),
  inventoryShiftFraction: 0.5,
  widenedFactor: 2,
  lossCooldownMs: ms(1_800_000),
  flattenSlippageBps: 20,
  rejectHoldMs: ms(10_000),
};
