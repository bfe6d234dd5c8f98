import { deflateRawSync } from "node:zlib";
import type { DexDef, VenueOutput } from "../../rules/types.ts";
import type { TwapEvent } from "../../rules/views.ts";
import type { InfoContext } from "../info/context.ts";
import { assetContexts } from "../info/meta.ts";
import { orderHistoryRow } from "../info/orders.ts";
import { spotContexts } from "../info/spot.ts";
import { twapStates } from "../info/twaps.ts";
import { twapEventRow, twapFillRows } from "../twapRows.ts";
import { eventTopic, frame, periodicTopic } from "./topic.ts";
import type { Topic } from "./topic.ts";

const HISTORY_MAX = 2000;
const STATE_PERIOD_MS = 1_000;

/** All orders of the user that the venue remembers, then each that ends or changes. */
export function userHistoricalOrdersTopic(context: InfoContext, user: string): Topic {
  const channel = "userHistoricalOrders";
  return eventTopic(
    () => {
      const orders = context.venue.historicalOrders(user).slice(0, HISTORY_MAX);
      const orderHistory = orders.map((order) => orderHistoryRow(order, context));
      return [frame(channel, { isSnapshot: true, user, orderHistory })];
    },
    (outputs) => {
      const orderHistory = outputs.flatMap((output) =>
        output.kind === "orderUpdate" && output.order.account === user
          ? [orderHistoryRow(output.order, context)]
          : [],
      );
      return orderHistory.length === 0 ? [] : [frame(channel, { user, orderHistory })];
    },
  );
}

/** A snapshot and never anything more: nothing of the kind happens here. */
export function stillTopic(channel: string, data: object): Topic {
  return eventTopic(
    () => [frame(channel, data)],
    () => [],
  );
}

/** Running TWAPs of a dex: at once, and whenever one starts, fills or ends. */
export function twapStatesTopic(context: InfoContext, user: string, dex: DexDef): Topic {
  const states = () =>
    frame("twapStates", { dex: dex.name, user, states: twapStates(user, dex.name, context) });
  return eventTopic(
    () => [states()],
    (outputs) => (outputs.some((output) => concernsTwap(output, user)) ? [states()] : []),
  );
}

function concernsTwap(output: VenueOutput, user: string): boolean {
  if (output.kind === "twap") return output.account === user;
  return output.kind === "fill" && output.fill.account === user && output.fill.twapId !== undefined;
}

export function userTwapHistoryTopic({ venue }: InfoContext, user: string): Topic {
  const channel = "userTwapHistory";
  const rows = (events: readonly TwapEvent[]) =>
    events.map((event) => twapEventRow(event, user, venue));
  return eventTopic(
    () => {
      const history = rows(venue.twapEvents(user).toReversed());
      return [frame(channel, { isSnapshot: true, user, history })];
    },
    (outputs) => {
      const events = outputs.flatMap((output) =>
        output.kind === "twap" && output.account === user ? [output.event] : [],
      );
      return events.length === 0 ? [] : [frame(channel, { user, history: rows(events) })];
    },
  );
}

export function userTwapSliceFillsTopic({ venue }: InfoContext, user: string): Topic {
  const channel = "userTwapSliceFills";
  return eventTopic(
    () => {
      const twapSliceFills = twapFillRows(venue.latestFills(user, HISTORY_MAX), venue);
      return [frame(channel, { isSnapshot: true, user, twapSliceFills })];
    },
    (outputs) => {
      const fills = outputs.flatMap((output) =>
        output.kind === "fill" && output.fill.account === user ? [output.fill] : [],
      );
      const twapSliceFills = twapFillRows(fills, venue);
      return twapSliceFills.length === 0 ? [] : [frame(channel, { user, twapSliceFills })];
    },
  );
}

export function spotAssetCtxsTopic(context: InfoContext): Topic {
  return periodicTopic(
    STATE_PERIOD_MS,
    () => false,
    () => frame("spotAssetCtxs", spotContexts(context)),
  );
}

type FastContext = { readonly markPx?: unknown; readonly midPx?: unknown };

/** Marks and mids of every coin: all of them first, then what changed, as base64 of raw deflate (documented by the SDK). */
export function fastAssetCtxsTopic(context: InfoContext): Topic {
  let sent = new Map<string, FastContext>();
  const now = (): Map<string, FastContext> => {
    const rows = new Map<string, FastContext>();
    for (const dex of context.venue.config.dexes) {
      assetContexts(dex, context).forEach((row, i) => {
        const { markPx, midPx } = row as FastContext;
        const coin = dex.markets[i]?.coin;
        if (coin !== undefined) rows.set(coin, { markPx, midPx });
      });
    }
    return rows;
  };
  const packed = (rows: Map<string, FastContext>): string =>
    frame(
      "fastAssetCtxs",
      deflateRawSync(JSON.stringify(Object.fromEntries(rows))).toString("base64"),
    );
  let dueMs = Infinity;
  return {
    snapshot: (nowMs) => {
      if (sent.size === 0) sent = now();
      dueMs = Math.min(dueMs, nowMs + STATE_PERIOD_MS);
      return [packed(now())];
    },
    frames: (nowMs) => {
      if (nowMs < dueMs) return [];
      dueMs = nowMs + STATE_PERIOD_MS;
      const rows = now();
      const changed = new Map(
        [...rows].filter(([coin, row]) => JSON.stringify(row) !== JSON.stringify(sent.get(coin))),
      );
      sent = rows;
      return changed.size === 0 ? [] : [packed(changed)];
    },
    nextMs: () => dueMs,
  };
}
