import type { CommandOutcome, EventOf } from "../messages/events.ts";
import type { Cloid, OwnFill, WorkingOrder } from "../messages/orders.ts";
import type { OrdersSlice } from "../messages/state.ts";
import { sizeLots } from "../units/numbers.ts";
import { signalOrder, withoutOrder } from "./orderPhase.ts";

type Working = OrdersSlice["working"];

/** The venue's words for an order that is no longer there (error texts of cancel and modify). */
const GONE_TEXT = /never placed, already canceled, or filled|cannot modify canceled or filled/i;
const CROSSING_TEXT = /would have immediately matched/i;

/** True when the words say that the order named rests no longer. */
export function saysGone(text: string): boolean {
  return GONE_TEXT.test(text);
}

/** True when the refusal says that time alone may not cure it: everything but a price that crossed. */
export function asksForPatience(outcome: CommandOutcome): boolean {
  if (outcome.result !== "rejected" || outcome.op === "cancel") return false;
  return !CROSSING_TEXT.test(outcome.text) && !GONE_TEXT.test(outcome.text);
}

/** The same for a status of the venue's order stream. */
export function statusAsksForPatience(status: string): boolean {
  return status.endsWith("Rejected") && !/^(badAloPx|iocCancel)Rejected$/.test(status);
}

/** Answer to one command. Applying it twice, or after the stream has said more, changes nothing. */
export function applyOutcome(working: Working, outcome: CommandOutcome): Working {
  return outcome.op === "cancel"
    ? applyCancelOutcome(working, outcome)
    : applyPlaceOutcome(working, outcome);
}

function applyCancelOutcome(working: Working, outcome: CommandOutcome): Working {
  const { cloid } = outcome;
  switch (outcome.result) {
    case "cancelled":
      return gone(working, cloid);
    case "rejected":
      if (GONE_TEXT.test(outcome.text)) return gone(working, cloid);
      return signalOrder(working, cloid, "cancelFailed");
    case "unresolved":
      return signalOrder(working, cloid, "cancelUnanswered");
    case "neverActed":
      return signalOrder(working, cloid, "cancelFailed");
    case "resting":
    case "filled":
      return working;
  }
}

function applyPlaceOutcome(working: Working, outcome: CommandOutcome): Working {
  const { cloid } = outcome;
  switch (outcome.result) {
    case "resting":
      return acknowledge(working, cloid, outcome.oid);
    case "filled":
      return gone(acknowledge(working, cloid, outcome.oid), cloid);
    case "rejected":
      return failPlace(working, cloid, GONE_TEXT.test(outcome.text));
    case "neverActed":
      return failPlace(working, cloid, false);
    case "unresolved": {
      const replaces = working[cloid]?.replaces ?? null;
      const next = signalOrder(working, cloid, "placeUnanswered");
      return replaces === null ? next : signalOrder(next, replaces, "cancelUnanswered");
    }
    case "cancelled":
      return working;
  }
}

/** Shown resting. A late word about an order that was acknowledged before and has since become uncertain adds nothing. */
function acknowledge(working: Working, cloid: Cloid, oid: number): Working {
  const order = working[cloid];
  if (order === undefined) return working;
  if (order.phase === "unresolved" && order.oid !== null) return working;
  const next = signalOrder(working, cloid, "acknowledged", { oid, replaces: null });
  return order.replaces === null ? next : gone(next, order.replaces);
}

/** No longer resting. Kept until its executions are all known, unless it can only reduce: then nothing hangs on it. */
function gone(working: Working, cloid: Cloid): Working {
  const reducing = working[cloid]?.reduceOnly === true;
  return signalOrder(working, cloid, reducing ? "ended" : "gone");
}

function failPlace(working: Working, cloid: Cloid, oldIsGone: boolean): Working {
  const replaces = working[cloid]?.replaces ?? null;
  const next = signalOrder(working, cloid, "placeFailed");
  if (replaces === null || next[cloid] !== undefined) return next;
  return oldIsGone ? gone(next, replaces) : signalOrder(next, replaces, "cancelFailed");
}

/** Our order by its own id, or by the venue's where the id is not ours. */
export function findOrder(
  working: Working,
  cloid: Cloid | null,
  oid: number,
): WorkingOrder | undefined {
  if (cloid !== null) return working[cloid];
  return Object.values(working).find((order) => order.oid === oid);
}

/** Word of the venue's order stream. Statuses that neither open nor end an order are left to reconciliation. */
export function applyOrderUpdate(working: Working, update: EventOf<"orderUpdate">): Working {
  const order = findOrder(working, update.cloid, update.oid);
  if (order === undefined) return working;
  const { status } = update;
  if (status === "open") return acknowledge(working, order.cloid, update.oid);
  if (status.endsWith("Rejected")) return failPlace(working, order.cloid, false);
  if (status === "filled" || /cancel/i.test(status)) return applyEnd(working, order, update);
  return working;
}

/**
 * The venue's final word. What it has filled and we have not seen yet stays open as unresolved, so that the worst case
 * still counts it; the fill events close it.
 */
function applyEnd(working: Working, order: WorkingOrder, update: EventOf<"orderUpdate">): Working {
  const opened = order.replaces === null ? working : acknowledge(working, order.cloid, update.oid);
  const filledLots =
    update.status === "filled" ? update.origLots : update.origLots - update.leavesLots;
  const seenLots = order.origLots - order.leavesLots;
  const missingLots = filledLots - seenLots;
  if (order.reduceOnly || missingLots <= 0) return withoutOrder(opened, order.cloid);
  return signalOrder(opened, order.cloid, "gone", {
    oid: update.oid,
    origLots: sizeLots(filledLots),
    leavesLots: sizeLots(missingLots),
  });
}

/** An execution takes its size off the order, in whatever phase; with nothing left the order is closed. */
export function applyFill(working: Working, fill: OwnFill): Working {
  const order = findOrder(working, fill.cloid, fill.oid);
  if (order === undefined) return working;
  const leavesLots = sizeLots(Math.max(0, order.leavesLots - fill.sizeLots));
  // A modify that filled has acted, whether or not its answer has arrived.
  const known = order.replaces === null ? working : acknowledge(working, order.cloid, fill.oid);
  const current = known[order.cloid] ?? order;
  if (leavesLots === 0) return withoutOrder(known, order.cloid);
  return { ...known, [order.cloid]: { ...current, leavesLots } };
}
