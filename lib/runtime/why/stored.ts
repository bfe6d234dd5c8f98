import type { MarketThen, SentOrder } from "../../dashboard/stories.ts";
import type { PlannedBatch } from "../../messages/audit.ts";
import type { OrderCommand } from "../../messages/commands.ts";
import type { Event, EventOf } from "../../messages/events.ts";
import type { MarketView } from "../../messages/market.ts";
import type { InboxRow, OutboxRow } from "../../store/readModel.ts";

/** What the bot itself has written, read back. */
export function eventOf(row: InboxRow): Event {
  return JSON.parse(row.body) as Event;
}

export function outcomeOf(row: InboxRow): EventOf<"outcome"> {
  return eventOf(row) as EventOf<"outcome">;
}

export function commandsOf(row: OutboxRow): PlannedBatch["commands"] {
  return JSON.parse(row.body) as PlannedBatch["commands"];
}

export function sentOrder(command: OrderCommand): SentOrder | null {
  return command.kind === "place" || command.kind === "modify" ? command : null;
}

/** The figures of an event's market; null when it knew none. */
export function marketThen(event: {
  readonly atMs: number;
  readonly view: MarketView | null;
}): MarketThen | null {
  const { view, atMs } = event;
  if (view === null) return null;
  return {
    atMs,
    bidPxTicks: view.bids[0]?.pxTicks ?? null,
    askPxTicks: view.asks[0]?.pxTicks ?? null,
    bookAgeMs: atMs - view.bookRecvMs,
    sigmaBpsPerSqrtSec: view.sigmaBpsPerSqrtSec,
    volSource: view.vol?.source ?? null,
    flowImbalance: view.flowImbalance,
    oraclePxTicks: view.oraclePxTicks,
    markPxTicks: view.markPxTicks,
  };
}
