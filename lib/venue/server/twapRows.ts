import { wireSide, size, usd } from "./format.ts";
import { fillRow, marketOf } from "./rows.ts";
import type { VenueFill } from "../rules/types.ts";
import type { TwapEvent, TwapState } from "../rules/views.ts";
import type { Venue } from "../rules/venue.ts";

/** What a TWAP wants and has reached, as the info types and channels show it (the SDKs' types). */
export function twapStateRow(state: TwapState, user: string, venue: Venue): object {
  const { szDecimals } = marketOf(venue, state.coin);
  return {
    coin: state.coin,
    user,
    side: wireSide(state.side),
    sz: size(state.sizeLots, szDecimals),
    executedSz: size(state.executedLots, szDecimals),
    executedNtl: usd(state.executedMicroUsd),
    minutes: state.minutes,
    reduceOnly: state.reduceOnly,
    randomize: state.randomize,
    timestamp: state.startMs,
    stopPx: null,
    trigger: null,
  };
}

/** A row of the history; its time is in seconds. */
export function twapEventRow(event: TwapEvent, user: string, venue: Venue): object {
  return {
    time: Math.floor(event.venueMs / 1000),
    state: twapStateRow(event.state, user, venue),
    status: { status: event.status },
    twapId: event.twapId,
  };
}

/** Fills of suborders with the number of their TWAP. */
export function twapFillRows(fills: readonly VenueFill[], venue: Venue): readonly object[] {
  return fills.flatMap((fill) =>
    fill.twapId === undefined
      ? []
      : [{ fill: fillRow(fill, marketOf(venue, fill.coin).szDecimals), twapId: fill.twapId }],
  );
}
