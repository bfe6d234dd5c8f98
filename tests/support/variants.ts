import type { Params } from "../../lib/messages/params.ts";
import { ms } from "../../lib/units/numbers.ts";

/** One way to quote: what differs from the defaults, and whether a replacement counts as a cancel and a new order. */
export type Variant = {
  readonly about: string;
  readonly params: Partial<Params>;
  /** A modify counts two actions. */
  readonly cancelAndReplace?: boolean;
};

/** Neither edge nor volatility, markouts, inventory or the price of actions are looked at. */
const WITHOUT_JUDGEMENT: Partial<Params> = {
  smartPlacement: false,
  budgetEconomics: false,
  edgeBpsMin: -1_000,
  adverseBpsFloor: 0,
  adverseVolatilityShare: 0,
  markoutPriorFills: 1e9,
  fadeShare: 0,
  flowAdverseBps: 0,
  volatilityMultiple: 0,
  inventoryShiftFraction: 0,
  adverseDistanceShare: 0,
  adversePriorFills: 1e9,
  intensityOnline: false,
  oracleWidening: 1,
};

/** "as set" is the product; each other one leaves out or adds one part. */
export const VARIANTS: { readonly [name: string]: Variant } = {
  "as set": { about: "the defaults", params: {} },
  "plain ladder": { about: "without smart placement", params: { smartPlacement: false } },
  mid: {
    about: "the mid instead of the fitted microprices",
    params: { fairTouchWeight: 0, fairDepthWeight: 0 },
  },
  microprice: {
    about: "the microprice of the touch alone, as it is",
    params: { fairTouchWeight: 1, fairDepthWeight: 0 },
  },
  flow: { about: "fair value leans with taker flow", params: { fairFlowBps: 0.3 } },
  "no shift": { about: "without the inventory shift", params: { inventoryShiftFraction: 0 } },
  "no volatility": {
    about: "without volatility in the spread",
    params: { volatilityMultiple: 0, adverseVolatilityShare: 0 },
  },
  fade: { about: "widen a side for a while after toxic fills", params: { fadeShare: 0.2 } },
  "no markouts": {
    about: "without own markouts in the spread",
    params: { markoutPriorFills: 1e9 },
  },
  "wider edge": {
    about: "at least 1 bp of expected edge: a fixed markup as the closed form's 1/k",
    params: { edgeBpsMin: 1 },
  },
  "twice volatility": {
    about: "the first level at least two deviations of the holding time away",
    params: { volatilityMultiple: 2 },
  },
  session: { about: "wider by the time of the week", params: { sessionAware: true } },
  tolerance: {
    about: "a fixed price tolerance instead of the price of an action",
    params: { budgetEconomics: false },
  },
  "no distance": {
    about: "adverse selection that does not depend on the distance of the level",
    params: { adverseDistanceShare: 0, adversePriorFills: 1e9 },
  },
  "fixed intensity": {
    about: "constants for the rate and the reach of fills",
    params: { intensityOnline: false },
  },
  "closed form": {
    about: "the edge of the closed form of Gueant, Lehalle and Fernandez-Tapia asked in full",
    params: { inventoryEdgeShare: 1 },
  },
  "no oracle widening": {
    about: "not wider on the way to a stale oracle",
    params: { oracleWidening: 1 },
  },
  "oracle anchor": {
    about: "fair value a tenth of the way to the oracle",
    params: { fairOracleWeight: 0.1 },
  },
  "touch quoter": {
    about: "reference: one order a side at the touch, whatever it costs",
    params: {
      ...WITHOUT_JUDGEMENT,
      orderLevels: 1,
      spreadBpsMin: 0.02,
      priceToleranceSteps: 0.5,
    },
  },
  "linear ladder": {
    about:
      "reference: 100 equal orders a side at equal steps over 2 % either way, followed every second",
    params: {
      ...WITHOUT_JUDGEMENT,
      linearLadder: true,
      orderLevels: 100,
      // The best of a hundred equal steps of 2.02 bp.
      spreadBpsMin: 4.04,
      spreadBpsMax: 400,
      sideNotionalFraction: 0.105,
      topFiveShare: 0.05,
      sizeGrowth: 1,
      sweepBps: 0,
      positionLimitFraction: 1,
      longBandFraction: 1,
      shortBandFraction: 1,
      // A price within one basis point was left alone.
      priceToleranceSteps: 7,
      requoteMinMs: ms(1_000),
    },
    cancelAndReplace: true,
  },
  "pure market making": {
    about:
      "reference: one order a side at 1 % from the mid, replaced every 60 s, as its defaults are",
    params: {
      ...WITHOUT_JUDGEMENT,
      fairTouchWeight: 0,
      fairDepthWeight: 0,
      orderLevels: 1,
      spreadBpsMin: 200,
      spreadBpsMax: 200,
      priceToleranceSteps: 0,
      requoteMinMs: ms(60_000),
    },
    cancelAndReplace: true,
  },
  "pure market making near": {
    about: "the same at 5 bp, replaced every 15 s, so that it trades",
    params: {
      ...WITHOUT_JUDGEMENT,
      orderLevels: 1,
      spreadBpsMin: 10,
      spreadBpsMax: 10,
      priceToleranceSteps: 0,
      requoteMinMs: ms(15_000),
    },
    cancelAndReplace: true,
  },
  "cancel and replace": {
    about: "every order is cancelled and placed anew when its price changes",
    params: { budgetEconomics: false, priceToleranceSteps: 0, sizeToleranceFraction: 0 },
    cancelAndReplace: true,
  },
};
