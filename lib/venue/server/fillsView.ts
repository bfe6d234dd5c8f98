import { addLots, addMicroUsd, notionalMicroUsd, pxTicks } from "../../units/numbers.ts";
import type { VenueFill } from "../rules/types.ts";
import type { Venue } from "../rules/venue.ts";
import { fillRow, marketOf } from "./rows.ts";

export function fillsRows(venue: Venue, fills: readonly VenueFill[]): readonly object[] {
  return fills.map((fill) => fillRow(fill, marketOf(venue, fill.coin).szDecimals));
}

/** Joins the fills of one taker order at one time into one, at the average price (documented). Oldest first. */
export function aggregateFills(fills: readonly VenueFill[]): readonly VenueFill[] {
  const joined: VenueFill[] = [];
  for (const fill of fills) {
    const last = joined.at(-1);
    if (last !== undefined && isSameTake(last, fill)) joined[joined.length - 1] = join(last, fill);
    else joined.push(fill);
  }
  return joined;
}

function isSameTake(a: VenueFill, b: VenueFill): boolean {
  return a.crossed && b.crossed && a.oid === b.oid && a.venueMs === b.venueMs;
}

function join(a: VenueFill, b: VenueFill): VenueFill {
  const sizeLots = addLots(a.sizeLots, b.sizeLots);
  const value = notionalMicroUsd(a.pxTicks, a.sizeLots) + notionalMicroUsd(b.pxTicks, b.sizeLots);
  return {
    ...a,
    sizeLots,
    pxTicks: pxTicks(Math.floor(value / sizeLots)),
    closedPnlMicroUsd: addMicroUsd(a.closedPnlMicroUsd, b.closedPnlMicroUsd),
    feeMicroUsd: addMicroUsd(a.feeMicroUsd, b.feeMicroUsd),
  };
}
