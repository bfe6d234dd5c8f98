import { z } from "zod";
import type { Audit } from "../messages/audit.ts";
import type { ReadModel } from "../store/readModel.ts";
import type { Store } from "../store/store.ts";
import type { VolPrior } from "../vol/prior.ts";

const KEEP_EVERY_MS = 60_000;

const keyOf = (market: string): string => `lastVolatility ${market}`;

const Stored = z.object({ bps: z.number().positive(), venueMs: z.number() });

/** Follows the steps and stores the forecast of volatility for the next run: once a minute, and when the run stops. */
export function volatilityKeeper(
  store: Pick<Store, "putMeta">,
  market: string,
): (audit: Audit) => void {
  let keptMs = Number.NEGATIVE_INFINITY;
  return ({ event }) => {
    const isDue = event.kind === "margin" && event.atMs - keptMs >= KEEP_EVERY_MS;
    if (!isDue && event.kind !== "runStopping") return;
    const bps = event.view?.sigmaBpsPerSqrtSec ?? 0;
    const source = event.view?.vol?.source ?? "prior";
    if (event.view === null || bps <= 0 || source === "prior" || source === "lastRun") return;
    keptMs = event.atMs;
    store.putMeta(keyOf(market), JSON.stringify({ bps, venueMs: event.view.bookVenueMs }));
  };
}

/** Null when no run on the market has known it in this folder. */
export function readLastVolatility(read: ReadModel, market: string): VolPrior["lastRun"] {
  const text = read.meta(keyOf(market));
  return text === null ? null : Stored.parse(JSON.parse(text));
}
