import { expect, test } from "bun:test";
import { readLastVolatility, volatilityKeeper } from "../../lib/runtime/lastVolatility.ts";
import type { Audit } from "../../lib/messages/audit.ts";
import type { VolSource } from "../../lib/messages/market.ts";
import { initialState } from "../../lib/core/initialState.ts";
import { ms } from "../../lib/units/numbers.ts";
import { openUnreadStore } from "../../lib/store/store.ts";
import { START_MS, view } from "../support/coreFixtures.ts";

test("the last forecast is kept for the next run on the market, once a minute; an assumption is not", () => {
  const store = openUnreadStore();
  const keep = volatilityKeeper(store, "km:US500");
  const kept = (): ReturnType<typeof readLastVolatility> =>
    readLastVolatility(store.read, "km:US500");
  const tell = (atMs: number, sigma: number, source: VolSource): void => {
    const provenance = { source, ageMs: null, confidence: 1, band: null, model: null };
    const vol = { ...provenance, realisedBpsPerSqrtSec: null };
    const market = view({ bookVenueMs: ms(atMs - 5), sigmaBpsPerSqrtSec: sigma, vol });
    const event = { kind: "margin", id: `m${atMs}`, atMs: ms(atMs), view: market };
    const audit = { stepSeq: 1, event, before: initialState, after: initialState };
    keep({ ...audit, approved: [], refused: [], committed: true } as unknown as Audit);
  };
  expect(kept()).toBeNull();
  tell(START_MS, 1, "prior");
  tell(START_MS + 1, 0.7, "lastRun");
  expect(kept()).toBeNull();
  tell(START_MS + 2, 0.2, "ewma");
  tell(START_MS + 59_000, 0.3, "ewma");
  expect(kept()).toEqual({ bps: 0.2, venueMs: START_MS - 3 });
  tell(START_MS + 61_000, 0.4, "localHar");
  expect(kept()).toEqual({ bps: 0.4, venueMs: START_MS + 60_995 });
  expect(readLastVolatility(store.read, "mkts:US500")).toBeNull();
});
