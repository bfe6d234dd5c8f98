import type { Params } from "../../lib/messages/params.ts";

/** One way to quote: what differs from the defaults, and whether a replacement counts as a cancel and a new order. */
export type Variant = {
  readonly about: string;
  readonly params: Partial<Params>;
  /** A modify counts two actions. */
  readonly cancelAndReplace?: boolean;
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
  "no fade": { about: "without widening after toxic fills", params: { fadeShare: 0 } },
  "no markouts": {
    about: "without own markouts in the spread",
    params: { markoutPriorFills: 1e9 },
  },
  session: { about: "wider by the time of the week", params: { sessionAware: true } },
  tolerance: {
    about: "a fixed price tolerance instead of the price of an action",
    params: { budgetEconomics: false },
  },
  "cancel and replace": {
    about: "every order is cancelled and placed anew when its price changes",
    params: { budgetEconomics: false, priceToleranceSteps: 0, sizeToleranceFraction: 0 },
    cancelAndReplace: true,
  },
};
