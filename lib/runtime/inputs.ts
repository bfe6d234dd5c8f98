import type { EventInput } from "./eventInput.ts";
import type { MarketInput } from "../core/marketView.ts";
import type { AccountMessage } from "../hyperliquid/feeds.ts";
import type { FundingPayment, OrderUpdate } from "../hyperliquid/schemas/account.ts";
import type { MarketMessage } from "../messages/marketStream.ts";
import type { OwnFill } from "../messages/orders.ts";
import type { Ms } from "../units/numbers.ts";

/** A message of the market's stream as the estimators take it. */
export function marketInput(message: MarketMessage, recvMs: Ms): MarketInput {
  switch (message.kind) {
    case "bbo":
      return { ...message, recvMs };
    case "book":
      return { ...message, kind: "l2", recvMs };
    case "trades":
      return { ...message, recvMs };
    case "context":
      return {
        kind: "context",
        recvMs,
        oraclePxTicks: message.oraclePxTicks,
        markPxTicks: message.markPxTicks,
      };
  }
}

/**
 * Ids of what the venue tells are made of the venue's own words, so that the same fill from the stream and from a
 * question is one event.
 */
export function fillInput(fill: OwnFill): EventInput {
  return { kind: "fill", id: `fill:${fill.venueMs}:${fill.tid}:${fill.oid}`, fill };
}

export function fundingInput(funding: FundingPayment): EventInput {
  return { kind: "funding", id: `funding:${funding.venueMs}`, ...funding };
}

function updateInput(update: OrderUpdate): EventInput {
  const { oid, status, statusMs, leavesLots } = update;
  return {
    kind: "orderUpdate",
    id: `update:${oid}:${status}:${statusMs}:${leavesLots}`,
    ...update,
  };
}

/** Oldest first; the venue lists snapshots newest first. */
export function accountInputs(message: AccountMessage): readonly EventInput[] {
  switch (message.kind) {
    case "fills":
      return message.fills
        .toSorted((a, b) => a.venueMs - b.venueMs || a.oid - b.oid)
        .map(fillInput);
    case "fundings":
      return message.fundings.toSorted((a, b) => a.venueMs - b.venueMs).map(fundingInput);
    case "orderUpdates":
      return message.updates.map(updateInput);
  }
}
