import { ms } from "../../../units/numbers.ts";
import { twapEventRow, twapFillRows, twapStateRow } from "../twapRows.ts";
import { unsignedAt } from "../shape.ts";
import { timeRangeOf, userOf } from "./context.ts";
import type { InfoContext, InfoHandler } from "./context.ts";

const FILLS_KEPT = 10_000;
const FILLS_MAX = 2_000;

/** What became of the user's TWAPs, newest first. */
export const twapHistory: InfoHandler = (request, { venue }) => {
  const user = userOf(request);
  return venue
    .twapEvents(user)
    .toReversed()
    .map((event) => twapEventRow(event, user, venue));
};

/** Fills of TWAP suborders, newest first. */
export const userTwapSliceFills: InfoHandler = (request, { venue }) =>
  twapFillRows(venue.latestFills(userOf(request), FILLS_KEPT), venue).slice(0, FILLS_MAX);

/** The same from a time on, oldest first. */
export const userTwapSliceFillsByTime: InfoHandler = (request, { venue }) => {
  const user = userOf(request);
  unsignedAt(request["startTime"], "startTime");
  const { fromMs, toMs } = timeRangeOf(request);
  const found = venue.fills(user, { fromMs: ms(fromMs), toMs: ms(toMs), limit: FILLS_KEPT });
  return twapFillRows(found, venue).slice(0, FILLS_MAX);
};

/** Running TWAPs in a dex, as pairs of number and state. */
export function twapStates(
  user: string,
  dex: string,
  { venue }: InfoContext,
): readonly (readonly [number, object])[] {
  return venue
    .twaps(user)
    .filter(({ state }) => venue.market(state.coin)?.dex === dex)
    .map(({ twapId, state }) => [twapId, twapStateRow(state, user, venue)]);
}
