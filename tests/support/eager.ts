import type { Params } from "../../lib/messages/params.ts";

/** Near the touch, so that a stretch of minutes sees fills. */
export const EAGER: Partial<Params> = {
  spreadBpsMin: 0.4,
  edgeBpsMin: -5,
  adverseBpsFloor: 0.1,
  adverseDistanceShare: 0,
  volatilityMultiple: 0,
};

/** At the touch, whatever that costs. */
export const CARELESS: Partial<Params> = {
  spreadBpsMin: 0.2,
  edgeBpsMin: -10,
  adverseBpsFloor: 0,
  adverseVolatilityShare: 0,
  volatilityMultiple: 0,
  flowAdverseBps: 0,
  markoutPriorFills: 1e9,
  budgetEconomics: false,
};
