import type { PastOrder, PastView, SentOrder } from "../../dashboard/stories.ts";
import type { FillRow, ReadModel } from "../../store/readModel.ts";
import { sideSign } from "../../units/grid.ts";
import { missingOf, modeAt, refusalsBefore, silenceAt } from "./momentStory.ts";
import type { RestingIndex } from "./restingIndex.ts";
import { eventOf, marketThen } from "./stored.ts";

const FILLS_SHOWN = 8;
/** More than the orders that can rest at once have. */
const FILLS_LOOKED_AT = 2000;
/** The account is read every few seconds; an older reading tells nothing of the moment. */
const READING_AGE_MS_MAX = 120_000;

/** Everything that is stored of one moment: book, quotes of both sides, position, account, mode. */
export function pastView(read: ReadModel, resting: RestingIndex, atMs: number): PastView {
  const row = read.eventBefore(atMs);
  const event = row === null ? null : eventOf(row);
  const view = event?.view ?? null;
  const fills = read.fillsUntil(atMs, FILLS_LOOKED_AT);
  const account = read.equityBefore(atMs);
  const known = account !== null && atMs - account.atMs <= READING_AGE_MS_MAX;
  return {
    atMs,
    book: view === null ? null : { recvMs: view.bookRecvMs, bids: view.bids, asks: view.asks },
    market: event === null ? null : marketThen(event),
    orders: resting.at(atMs).flatMap((order) => leftOf(order, fills)),
    silence: { bid: silenceAt(read, atMs, "bid"), ask: silenceAt(read, atMs, "ask") },
    mode: modeAt(read, atMs),
    refusals: refusalsBefore(read, atMs),
    positionLots: positionAfter(fills) ?? account?.ledgerLots ?? null,
    account: known
      ? {
          atMs: account.atMs,
          equityMicroUsd: account.equityMicroUsd,
          marginUsedMicroUsd: account.marginUsedMicroUsd,
        }
      : null,
    fills: fills.slice(0, FILLS_SHOWN),
    missing: missingOf(read, atMs, ["bid", "ask"]),
  };
}

/**
 * Position after the newest fill, null without one. Fills of one trade share a time, and their numbers do not say which
 * came last: it is the one whose end no other begins with.
 * @param fills newest first
 */
export function positionAfter(
  fills: readonly Pick<FillRow, "venueMs" | "side" | "sizeLots" | "startPositionLots">[],
): number | null {
  const newest = fills[0];
  if (newest === undefined) return null;
  const endOf = (fill: typeof newest): number =>
    fill.startPositionLots + sideSign(fill.side) * fill.sizeLots;
  const together = fills.filter(({ venueMs }) => venueMs === newest.venueMs);
  const begun = new Set(together.map(({ startPositionLots }) => startPositionLots));
  return endOf(together.find((fill) => !begun.has(endOf(fill))) ?? newest);
}

/** An order less what had traded of it; none when nothing was left. */
function leftOf(order: SentOrder, fills: readonly FillRow[]): readonly PastOrder[] {
  const { cloid, side, pxTicks, sizeLots } = order;
  const traded = fills
    .filter((fill) => fill.cloid === cloid)
    .reduce((sum, fill) => sum + fill.sizeLots, 0);
  const leavesLots = sizeLots - traded;
  return leavesLots > 0 ? [{ cloid, side, pxTicks, leavesLots, order }] : [];
}
