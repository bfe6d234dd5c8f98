import type { MicroUsd, Ms } from "../units/numbers.ts";

/** Settings as the handlers see them: plain numbers with their units, validated at the edge. */
export type Params = {
  readonly leverage: number;
  readonly capitalMicroUsd: MicroUsd;
  /** Full quoted width, bid to ask, in basis points. */
  readonly spreadBpsMin: number;
  readonly spreadBpsMax: number;
  readonly orderLevels: number;
  /** Least expected gain per fill after fee and adverse selection. */
  readonly edgeBpsMin: number;
  /** Share of a side's size in its five best levels. */
  readonly topFiveShare: number;
  /** Ladder notional per side as a fraction of equity x leverage. */
  readonly sideNotionalFraction: number;
  /** Worst-case position as a fraction of equity x leverage, all resting orders filled. */
  readonly positionLimitFraction: number;
  readonly marginCap: number;
  readonly autoReduceOnly: boolean;
  readonly reduceOnlyMargin: number;
  readonly reduceOnlySkew: number;
  readonly reduceOnlyLosses: number;
  readonly reduceOnlyDrawdown: number;
  readonly maxDrawdown: number;
  readonly takerRatioCap: number;
  /** A resting order is left alone while it is within this many grid steps of where it should be. */
  readonly priceToleranceSteps: number;
  readonly sizeToleranceFraction: number;
  readonly requoteMinMs: Ms;
  /** Places expire so that a late one cannot act. */
  readonly orderExpiryMs: Ms;
  readonly bookStaleMs: Ms;
  readonly marginStaleMs: Ms;
  readonly markoutHorizonMs: Ms;
  /** Actions kept back for cancels. */
  readonly cancelReserve: number;
  readonly forcedReduceOnly: boolean;
  /** Most commands in one signed action. */
  readonly batchSize: number;
  /** Expected adverse selection is never taken to be below this, whatever own markouts say. */
  readonly adverseBpsFloor: number;
  /** Adverse selection added on the side that one-sided taker flow runs against, at full imbalance. */
  readonly flowAdverseBps: number;
  /** The half-spread is at least this many standard deviations of the move over the holding time. */
  readonly volatilityMultiple: number;
  readonly holdingMs: Ms;
  /** Reservation shift at the skew limit, as a fraction of the half-spread. */
  readonly inventoryShiftFraction: number;
  /** In mode "widened" the half-spread of the side that does not reduce is multiplied by this. */
  readonly widenedFactor: number;
  /** Reduce-only after a loss streak ends this long after it began, once flat. */
  readonly lossCooldownMs: Ms;
  /** How far beyond the far touch an order that flattens may trade. */
  readonly flattenSlippageBps: number;
  /** No order is placed for this long after the venue refused one for another reason than a crossing price. */
  readonly rejectHoldMs: Ms;
};
