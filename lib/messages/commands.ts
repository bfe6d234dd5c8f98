import type { Side } from "../units/grid.ts";
import type { Ms, PxTicks, SizeLots } from "../units/numbers.ts";
import type { Cloid, QuoteReason } from "./orders.ts";

export type PlaceCommand = {
  readonly kind: "place";
  readonly cloid: Cloid;
  readonly side: Side;
  readonly pxTicks: PxTicks;
  readonly sizeLots: SizeLots;
  readonly tif: "Alo" | "Ioc";
  readonly reduceOnly: boolean;
  /** The venue refuses the action after this time. */
  readonly expiresMs: Ms;
  readonly reason: QuoteReason | null;
};

/** Replaces a resting order in one action. The new order gets its own cloid; the queue place is lost. */
export type ModifyCommand = Omit<PlaceCommand, "kind"> & {
  readonly kind: "modify";
  readonly replaces: Cloid;
};

/** Cancels are delivered until the venue has answered; they carry no expiry. */
export type CancelCommand = { readonly kind: "cancel"; readonly cloid: Cloid };

/** An order of ours that the bot has no record of: known to the venue by oid only. */
export type CancelOidCommand = { readonly kind: "cancelOid"; readonly oid: number };

/** Ask the venue for the account's margin; the answer is a `margin` event. */
export type ReadMarginCommand = { readonly kind: "readMargin" };

/** Ask the venue for open orders, position, fills and margin; the answer is a `reconciled` event. */
export type ReconcileCommand = { readonly kind: "reconcile" };

export type OrderCommand = PlaceCommand | ModifyCommand | CancelCommand | CancelOidCommand;
export type Command = OrderCommand | ReadMarginCommand | ReconcileCommand;

export type RefusalReason =
  | "halted"
  | "feedUnsafe"
  | "notReconciled"
  | "expired"
  | "offGrid"
  | "belowMinimum"
  | "wouldCross"
  | "crossesOwn"
  | "wouldIncrease"
  | "positionLimit"
  | "margin"
  | "capital"
  | "budget"
  | "takers"
  | "noEdge";

/** Why something was not sent. Stored beside what was. */
export type Refusal = {
  readonly command: OrderCommand;
  readonly reason: RefusalReason;
  readonly detail: string;
};

declare const approved: unique symbol;
/** Made by the risk check alone; only these enter the outbox. */
export type Approved<C extends Command = Command> = C & { readonly [approved]: true };
