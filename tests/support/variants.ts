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
};

/** "as set" is the product; each other one leaves out or adds one part. */
export const VARIANTS: { readonly [name: string]: Variant } = {
  "as set": { about: "the defaults", params: {} },
  "plain ladder": { about: "without smart placement", params: { smartPlacement: false } },
  mid: { about: "the mid instead of the microprice", params: { fairTouchWeight: 0 } },
  depth: {
    about: "the depth-weighted mid beside the microprice",
    params: { fairTouchWeight: 0.5, fairDepthWeight: 0.5 },
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
  "touch quoter": {
    about: "reference: one order a side at the touch, whatever it costs",
    params: {
      ...WITHOUT_JUDGEMENT,
      orderLevels: 1,
      spreadBpsMin: 0.02,
      priceToleranceSteps: 0.5,
    },
  },
  "pure market making": {
    about: "reference: one order a side at a fixed 5 bp, replaced every 15 s",
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
