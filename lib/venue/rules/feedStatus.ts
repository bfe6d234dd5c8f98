import { ms } from "../../units/numbers.ts";
import type { Market } from "./model.ts";
import type { FeedStatus } from "./views.ts";

/** Where a market's feed stands; null for a market without one. */
export function feedStatus(market: Market, nowMs: number): FeedStatus | null {
  if (market.feed === null) return null;
  const { feed, startMs, gapCount, gaps } = market.feed;
  const { info } = feed;
  const elapsedMs = Math.max(0, nowMs - startMs);
  return {
    coin: market.def.coin,
    info,
    startMs,
    positionMs: ms(Math.min(elapsedMs, info.durationMs)),
    // A mirror that has nothing to say now may have later.
    ended: info.source !== "mirrored" && feed.nextMs() === Infinity,
    gapCount,
    gaps: [...gaps],
    bookKnown: market.tape?.unknown !== true,
    ...(feed.link === undefined ? {} : { link: feed.link() }),
  };
}
