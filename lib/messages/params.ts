import type { MicroUsd, Ms } from "../units/numbers.ts";

/** Settings as the handlers see them: plain numbers with their units, validated at the edge. */
export type Params = {
  readonly leverage: number;
  readonly capitalMicroUsd: MicroUsd;
  /** Most that all orders and the position may claim as margin, whatever the account holds; absent: no such cap. */
  readonly capitalCapMicroUsd?: MicroUsd;
  /** Full quoted width, bid to ask, in basis points. */
  readonly spreadBpsMin: number;
  readonly spreadBpsMax: number;
  readonly orderLevels: number;
  /** Least expected gain per fill after fee and adverse selection. */
  readonly edgeBpsMin: number;
  /** A quote aims at this much more while actions last, so that the market may near an order before it has to go. */
  readonly edgeCushionBps: number;
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
  /** Choose each level's price by the book around it, see placement. */
  readonly smartPlacement: boolean;
  /** A displayed level with less than this, in contracts of others, is worth joining. */
  readonly minQueueContracts: number;
  /** How far, in grid steps, an order may be moved from its level's own price for a better place. */
  readonly placementReachSteps: number;
  /** Weights of the fair value: touch microprice and depth-weighted mid over the plain mid, and bps per unit of flow. */
  readonly fairTouchWeight: number;
  readonly fairDepthWeight: number;
  readonly fairFlowBps: number;
  /** Share of the way from the mid to the oracle's price. */
  readonly fairOracleWeight: number;
  /** Expected adverse selection before any fill, as a share of the mid's standard deviation over the holding time. */
  readonly adverseVolatilityShare: number;
  /** Before any fill it is expected to grow by this per bp of a level's distance; measured growth is weighed against it. */
  readonly adverseDistanceShare: number;
  readonly adversePriorFills: number;
  readonly adverseHalfLifeMs: Ms;
  /** Measured adverse selection never counts for more than this. */
  readonly adverseBpsCap: number;
  /** Measured markouts lose half their weight in this time, and weigh against a prior of so many fills. */
  readonly markoutHalfLifeMs: Ms;
  readonly markoutPriorFills: number;
  /** A side widens by this share of each markout worse than the prior, at most to the cap, and forgets by half in the time. */
  readonly fadeShare: number;
  readonly fadeBpsMax: number;
  readonly fadeHalfLifeMs: Ms;
  /** Widen by the time of the week, see session. */
  readonly sessionAware: boolean;
  /** Quotes are this much wider at most while the oracle lags behind the mid, just before they are pulled for it. */
  readonly oracleWidening: number;
  /** A taker in a hurry is expected to reach this far beyond fair value. */
  readonly sweepBps: number;
  /** Share of the skew limit that one such sweep may fill at most. */
  readonly sweepShare: number;
  /** Levels at equal steps instead of equal factors. */
  readonly linearLadder: boolean;
  /** The fifth level's size over the first one's. */
  readonly sizeGrowth: number;
  /** Replace by expected gain against the price of an action; false: by the fixed price tolerance. */
  readonly budgetEconomics: boolean;
  /** Price of an action while spending is in balance with the budget, micro-USD. */
  readonly actionPriceMicroUsd: number;
  /** What is left of the budget should last this long, earnings aside. */
  readonly budgetHorizonMs: Ms;
  /** Estimate the rate and the reach of fills from the sweeps seen; false: the two constants and volatility. */
  readonly intensityOnline: boolean;
  /** Aversion to inventory of the closed form, per bp and order, and how much of its half-spread is asked as edge. */
  readonly inventoryAversion: number;
  readonly inventoryEdgeShare: number;
  /** Fills of one order by takers who go through the book, per second at fair value. */
  readonly fillsPerSec: number;
  /** They become rarer by e over this multiple of the mid's standard deviation over the holding time, at least the bps. */
  readonly fillReachVolatility: number;
  readonly fillReachBps: number;
  /** Fills of an order that the market has come to, per second at fair value; rarer by e each `staleReachBps`. */
  readonly staleFillsPerSec: number;
  readonly staleReachBps: number;
  /** No order is placed for this long after the venue refused one for another reason than a crossing price. */
  readonly rejectHoldMs: Ms;
  /** Largest position long and short, as fractions of equity x leverage, all resting orders filled. */
  readonly longBandFraction: number;
  readonly shortBandFraction: number;
  /** Least distance of the liquidation price from the mark, as a fraction of the mark. */
  readonly liquidationDistanceMin: number;
  /** Less than this of others' orders shown on a side is a thin book; 0 never is. */
  readonly thinBookMicroUsd: MicroUsd;
  /** The oracle is stale when it has not changed for this long while the mid moved by the drift. */
  readonly oracleStaleMs: Ms;
  readonly oracleDriftBps: number;
  /** The program may be this late. */
  readonly lagMsMax: number;
  /** How long a value stays below what holds a level before the level is left: modes, and pulled quotes. */
  readonly riskDwellMs: Ms;
  readonly pullDwellMs: Ms;
  /** Flatten rests an order for this long before it takes. */
  readonly flattenPassiveMs: Ms;
  /** No order that takes is priced further from the mark than this. */
  readonly flattenBoundBps: number;
  /** Part of the position that one order takes where not all of it has to go. */
  readonly flattenSliceFraction: number;
  /** Orders that a position may cost to close before an alarm; then one per `closingSlowMs`. */
  readonly closingActionsMax: number;
  readonly closingSlowMs: Ms;
  /** A position that has to go and does not shrink for this long is an alarm. */
  readonly closingAlarmMs: Ms;
  /** Reduce-only without progress: after this long it goes in front of the touch, after that long it takes slices. */
  readonly reducePatienceMs: Ms;
  readonly reduceTakeAfterMs: Ms;
};
