import type { Approved, Command } from "../messages/commands.ts";
import type { Cloid, OrderPhase, WorkingOrder } from "../messages/orders.ts";
import type { BotState, OrdersSlice } from "../messages/state.ts";
import type { Ms } from "../units/numbers.ts";
import { addActions } from "./pace.ts";

/** What can be learnt about an order. */
export type OrderSignal =
  /** The venue showed it resting. */
  | "acknowledged"
  /** A snapshot of open orders contains it. */
  | "listed"
  /** It was refused, or it never acted and never will. */
  | "placeFailed"
  /** The place or modify that carries it has no answer. */
  | "placeUnanswered"
  | "cancelSent"
  /** The cancel, or the modify that should have replaced it, was refused or never acted; the order still rests. */
  | "cancelFailed"
  | "cancelUnanswered"
  /** It rests no longer, but executions of it may still be on their way to us. */
  | "gone"
  /** It rests no longer and every execution of it has been seen. */
  | "ended";

type NextPhase = OrderPhase | "closed";

/**
 * The closed life of an order: every phase, every signal. Signals arrive in any order and more than once, so later
 * knowledge is never undone by an older message: an acknowledgement does not revive an order being cancelled.
 * "unresolved" counts as possibly resting until a report or a reconciliation settles it.
 */
const TRANSITIONS: Record<OrderPhase, Record<OrderSignal, NextPhase>> = {
  opening: {
    acknowledged: "resting",
    listed: "resting",
    placeFailed: "closed",
    placeUnanswered: "unresolved",
    cancelSent: "cancelling",
    cancelFailed: "opening",
    cancelUnanswered: "opening",
    gone: "unresolved",
    ended: "closed",
  },
  resting: {
    acknowledged: "resting",
    listed: "resting",
    placeFailed: "resting",
    placeUnanswered: "resting",
    cancelSent: "cancelling",
    cancelFailed: "resting",
    cancelUnanswered: "resting",
    gone: "unresolved",
    ended: "closed",
  },
  cancelling: {
    acknowledged: "cancelling",
    listed: "cancelling",
    placeFailed: "cancelling",
    placeUnanswered: "cancelling",
    cancelSent: "cancelling",
    cancelFailed: "resting",
    cancelUnanswered: "unresolved",
    gone: "unresolved",
    ended: "closed",
  },
  unresolved: {
    acknowledged: "resting",
    listed: "resting",
    placeFailed: "closed",
    placeUnanswered: "unresolved",
    cancelSent: "cancelling",
    cancelFailed: "resting",
    cancelUnanswered: "unresolved",
    gone: "unresolved",
    ended: "closed",
  },
};

/** The phase that follows; "closed" means that the order is forgotten. */
export function nextPhase(phase: OrderPhase, signal: OrderSignal): NextPhase {
  return TRANSITIONS[phase][signal];
}

type Working = OrdersSlice["working"];

/**
 * Applies a signal to one order, with what the report says about it. Unknown orders, and reports that add nothing,
 * leave the same reference.
 */
export function signalOrder(
  working: Working,
  cloid: Cloid,
  signal: OrderSignal,
  facts: Partial<Pick<WorkingOrder, "oid" | "replaces" | "leavesLots" | "origLots">> = {},
): Working {
  const order = working[cloid];
  if (order === undefined) return working;
  const next = signalled(order, signal, facts);
  if (next === null) return withoutOrder(working, cloid);
  return next === order ? working : { ...working, [cloid]: next };
}

/** The order after a signal, the same reference when nothing changes; null when it is forgotten. */
function signalled(
  order: WorkingOrder,
  signal: OrderSignal,
  facts: Partial<Pick<WorkingOrder, "oid" | "replaces" | "leavesLots" | "origLots">>,
): WorkingOrder | null {
  const phase = nextPhase(order.phase, signal);
  if (phase === "closed") return null;
  const next: WorkingOrder = { ...order, ...facts, phase };
  const same =
    next.phase === order.phase &&
    next.oid === order.oid &&
    next.replaces === order.replaces &&
    next.leavesLots === order.leavesLots &&
    next.origLots === order.origLots;
  return same ? order : next;
}

export function withoutOrder(working: Working, cloid: Cloid): Working {
  const { [cloid]: gone, ...rest } = working;
  return gone === undefined ? working : rest;
}

/**
 * Enters approved commands as in flight, so that a refused order never haunts the state: places and modifies open,
 * cancelled and replaced orders are cancelling. Counts the actions against the address budget.
 * @param event the input that caused them; its time is their time of placing
 */
export function recordInFlight(
  state: BotState,
  approved: readonly Approved[],
  event: { readonly atMs: Ms },
): BotState {
  if (approved.length === 0) return state;
  // One copy for all: with two hundred orders a copy for each would take longer than everything else.
  const working: { [cloid: Cloid]: WorkingOrder } = { ...state.orders.working };
  const leaves = (cloid: Cloid): void => {
    const order = working[cloid];
    const next = order === undefined ? null : signalled(order, "cancelSent", {});
    if (next !== null) working[cloid] = next;
  };
  let actions = 0;
  for (const command of approved) {
    if (command.kind === "readMargin" || command.kind === "reconcile") continue;
    actions++;
    if (command.kind === "cancelOid") continue;
    if (command.kind === "cancel") leaves(command.cloid);
    else {
      const replaces = command.kind === "modify" ? command.replaces : null;
      if (replaces !== null) leaves(replaces);
      working[command.cloid] = opening(command, replaces, event.atMs);
    }
  }
  if (actions === 0) return state;
  return {
    ...state,
    orders: { ...state.orders, working },
    account: {
      ...state.account,
      usedSinceRead: state.account.usedSinceRead + actions,
      pace: addActions(state.account.pace, actions, event.atMs),
    },
  };
}

function opening(
  command: Extract<Command, { kind: "place" | "modify" }>,
  replaces: Cloid | null,
  placedMs: Ms,
): WorkingOrder {
  return {
    cloid: command.cloid,
    oid: null,
    side: command.side,
    pxTicks: command.pxTicks,
    origLots: command.sizeLots,
    leavesLots: command.sizeLots,
    reduceOnly: command.reduceOnly,
    tif: command.tif,
    phase: "opening",
    placedMs,
    expiresMs: command.expiresMs,
    replaces,
    queueAheadLots: null,
    reason: command.reason,
  };
}
