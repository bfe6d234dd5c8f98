import type { MarketFeed } from "../../../lib/venue/rules/types.ts";
import { runFeed } from "./runFeed.ts";

export type Measured = {
  readonly spreadBps: number;
  readonly oneTickShare: number;
  readonly touchContracts: number;
  readonly topTenUsd: number;
  readonly volBpsPerSqrtMin: number;
  readonly takersPerMin: number;
  readonly inputsPerSec: number;
  readonly crossedOrEmpty: number;
  readonly rejectedShare: number;
};

/** What a US500-like feed looks like, sampled every second; volatility from mids ten seconds apart. */
export function measureFeed(feed: MarketFeed, untilMs: number): Measured {
  const mids: number[] = [];
  let nextMs = 5000;
  let [spread, oneTick, touch, topTen, wrong] = [0, 0, 0, 0, 0];
  const { book, inputs } = runFeed(feed, untilMs, null, (timeMs, _, reader) => {
    for (; timeMs >= nextMs; nextMs += 1000) {
      const [bid, ask] = [reader.bestBid(), reader.bestAsk()];
      if (bid === null || ask === null || bid.pxTicks >= ask.pxTicks) {
        wrong++;
        continue;
      }
      const mid = (bid.pxTicks + ask.pxTicks) / 2;
      mids.push(mid);
      spread += ((ask.pxTicks - bid.pxTicks) / mid) * 1e4;
      if (ask.pxTicks - bid.pxTicks <= 10) oneTick++;
      touch += (bid.sizeLots + ask.sizeLots) / 2000;
      for (const side of ["bid", "ask"] as const)
        for (const level of reader.levels(side, 10))
          topTen += (level.sizeLots * level.pxTicks) / 2e6;
    }
  });
  let square = 0;
  for (let i = 10; i < mids.length; i += 10)
    square += (Math.log((mids[i] ?? 1) / (mids[i - 10] ?? 1)) * 1e4) ** 2;
  const takers = new Set(book.trades.map((trade) => `${trade.timeMs}${trade.side}`)).size;
  const rounded = (value: number): number => Number(value.toPrecision(3));
  return {
    spreadBps: rounded(spread / mids.length),
    oneTickShare: rounded(oneTick / mids.length),
    touchContracts: rounded(touch / mids.length),
    topTenUsd: rounded(topTen / mids.length),
    volBpsPerSqrtMin: rounded(Math.sqrt((square / mids.length) * 60)),
    takersPerMin: rounded((takers / untilMs) * 60_000),
    inputsPerSec: rounded((inputs / untilMs) * 1000),
    crossedOrEmpty: wrong,
    rejectedShare: rounded(book.rejected / book.placed),
  };
}
