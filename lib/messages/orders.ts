import type { Side } from "../units/grid.ts";
import type { MicroUsd, Ms, PositionLots, PxTicks, SizeLots } from "../units/numbers.ts";

/** Our own id of an order: "0x" and 32 lower-case hex digits, derived from market, run and sequence. */
export type Cloid = string;

/** Where an order is on its way. "unresolved": sent, unanswered; the venue is being asked. */
export type OrderPhase = "opening" | "resting" | "cancelling" | "unresolved";

/** Why a quote stands where it stands. Figures in basis points of fair value, positive when they widen the quote. */
export type QuoteReason = {
  readonly level: number;
  readonly fairTicks: number;
  readonly halfSpreadBps: number;
  readonly feeBps: number;
  readonly adverseBps: number;
  readonly volatilityBps: number;
  readonly inventoryShiftBps: number;
  /** Expected gain per fill after fee and adverse selection. */
  readonly edgeBps: number;
  /** Part of the half-spread that is there because fills of this side have lately gone wrong, and fades. */
  readonly fadeBps?: number;
  /** Factor on the half-spread for the time of the week; 1 changes nothing. */
  readonly sessionFactor?: number;
  /** The same for an oracle that lags behind the mid, and for the risk mode. */
  readonly oracleFactor?: number;
  readonly modeFactor?: number;
  /** Edge that the closed form of Gueant, Lehalle and Fernandez-Tapia asks for, and its share in the half-spread. */
  readonly inventoryRiskBps?: number;
  /** Rate of fills at fair value, per second, and its decay per bp of distance: A and k. */
  readonly fillsPerSec?: number;
  readonly fillDecayPerBp?: number;
  /** Others' displayed lots at the price when it was chosen; null behind the displayed depth. */
  readonly queueLots?: number | null;
  /**
   * How the price was found: "ladder" is the level's own distance, "gap" one step in front of a level behind a gap of
   * the book, "queue" a level that few others stand at; "reduce" and "flatten" only take the position down.
   */
  readonly placement: "ladder" | "gap" | "queue" | "reduce" | "flatten";
};

export type WorkingOrder = {
  readonly cloid: Cloid;
  /** Known once the venue has answered. */
  readonly oid: number | null;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  /** Size when placed. */
  readonly origLots: SizeLots;
  /** What is still unfilled as far as we know. */
  readonly leavesLots: SizeLots;
  readonly reduceOnly: boolean;
  readonly tif: "Alo" | "Ioc";
  readonly phase: OrderPhase;
  readonly placedMs: Ms;
  readonly expiresMs: Ms;
  /** The order that this one replaces by a modify, until the venue has confirmed. */
  readonly replaces: Cloid | null;
  /** Others' lots in front of us at our price, estimated pessimistically; null while unknown. */
  readonly queueAheadLots: SizeLots | null;
  readonly reason: QuoteReason | null;
};

/** One execution of ours. `feeMicroUsd` is the venue's own number. */
export type OwnFill = {
  readonly tid: number;
  readonly oid: number;
  readonly cloid: Cloid | null;
  readonly venueMs: Ms;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  readonly sizeLots: SizeLots;
  /** True when we took liquidity. */
  readonly taker: boolean;
  /** Positive is paid by us. */
  readonly feeMicroUsd: MicroUsd;
  readonly startPositionLots: PositionLots;
  /** Whose position the venue closed with it, lower case: ours, or the other side's; absent in ordinary fills. */
  readonly liquidatedUser?: string;
};

/** An order of ours as the venue lists it. */
export type VenueOrder = {
  readonly oid: number;
  readonly cloid: Cloid | null;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  readonly leavesLots: SizeLots;
  readonly origLots: SizeLots;
  readonly reduceOnly: boolean;
  readonly placedMs: Ms;
};

/** Margin account of one dex. */
export type AccountReading = {
  readonly venueMs: Ms;
  readonly equityMicroUsd: MicroUsd;
  /** Initial margin in use by positions. */
  readonly marginUsedMicroUsd: MicroUsd;
  readonly withdrawableMicroUsd: MicroUsd;
  readonly positionLots: PositionLots;
  /** Absolute value of the position at mark. */
  readonly positionValueMicroUsd: MicroUsd;
};
