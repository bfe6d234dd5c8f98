import type { VenueOrder, WorkingOrder } from "../messages/orders.ts";
import type { EventOf } from "../messages/events.ts";
import type { LedgerSlice, OrdersSlice } from "../messages/state.ts";
import { isOurCloid } from "./cloid.ts";
import { signalOrder, withoutOrder } from "./orderPhase.ts";

type Snapshot = NonNullable<EventOf<"reconciled">["snapshot"]>;
type Working = OrdersSlice["working"];

/** An order younger than this, seen from the snapshot, may rest without being listed yet. */
const SETTLED_MS = 2_000;

export type SettledOrders = {
  readonly working: Working;
  /** Orders that carry our id and that we have no record of, by the venue's id. */
  readonly strays: readonly number[];
};

/**
 * Compares our working orders with the venue's list. What is listed rests; what is not listed, is no longer in flight
 * and is old enough, is closed; what is listed, made by us and unknown is a stray. Others' orders are left alone.
 */
export function settleOrders(working: Working, snapshot: Snapshot, market: string): SettledOrders {
  const strays: number[] = [];
  const listed = new Set<string>();
  let next = working;
  for (const theirs of snapshot.openOrders) {
    const ours = findOurs(working, theirs);
    if (ours !== undefined) {
      listed.add(ours.cloid);
      next = signalOrder(next, ours.cloid, "listed", { oid: theirs.oid });
    } else if (isOurCloid(theirs.cloid, market)) strays.push(theirs.oid);
  }
  for (const order of Object.values(working)) {
    if (!listed.has(order.cloid) && isOver(order, snapshot)) next = withoutOrder(next, order.cloid);
  }
  return { working: next, strays };
}

function findOurs(working: Working, theirs: VenueOrder): WorkingOrder | undefined {
  if (theirs.cloid !== null) return working[theirs.cloid];
  return Object.values(working).find((order) => order.oid === theirs.oid);
}

function isOver(order: WorkingOrder, snapshot: Snapshot): boolean {
  if (order.phase === "opening" || order.phase === "cancelling") return false;
  if (order.placedMs >= snapshot.askedMs - SETTLED_MS) return false;
  // Sent and never answered: until it expires the venue may still act on it.
  return order.oid !== null || snapshot.askedMs > order.expiresMs;
}

/** Whether our position is the venue's: "later" when we know of a fill that its reading cannot contain. */
export function comparePosition(
  ledger: LedgerSlice,
  snapshot: Snapshot,
): "equal" | "later" | "different" {
  const { reading } = snapshot;
  if (ledger.positionLots === reading.positionLots) return "equal";
  return ledger.fillWatermarkMs > reading.venueMs ? "later" : "different";
}
