import { ms } from "../../../units/numbers.ts";
import { NO_AGGREGATION, rawSpread, wireLevels } from "../bookView.ts";
import type { Aggregation } from "../bookView.ts";
import { candleRow, rate, tradeRow } from "../rows.ts";
import { objectAt, optionalAt, stringAt, unsignedAt, wordAt } from "../shape.ts";
import type { JsonObject } from "../shape.ts";
import { statistic } from "../format.ts";
import type { MarketDef } from "../../rules/types.ts";
import type { Venue } from "../../rules/venue.ts";
import { coinOf, InfoRefusal, timeRangeOf } from "./context.ts";
import type { InfoHandler } from "./context.ts";

const BOOK_LEVELS = 20;
const RECENT_TRADES = 100;
const ROWS_MAX = 500;
const MINUTE_MS = 60_000;

/** Candle intervals and their lengths. */
export const INTERVAL_MS = {
  "1m": MINUTE_MS,
  "3m": 3 * MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "2h": 120 * MINUTE_MS,
  "4h": 240 * MINUTE_MS,
  "8h": 480 * MINUTE_MS,
  "12h": 720 * MINUTE_MS,
  "1d": 1440 * MINUTE_MS,
  "3d": 4320 * MINUTE_MS,
  "1w": 10_080 * MINUTE_MS,
  "1M": 43_200 * MINUTE_MS,
} as const;

export type Interval = keyof typeof INTERVAL_MS;

export function intervalAt(value: unknown, what: string): Interval {
  return wordAt(value, what, Object.keys(INTERVAL_MS) as Interval[]);
}

/** @throws InfoRefusal for figures or a mantissa that the venue does not aggregate by (measured). */
export function aggregationOf(request: JsonObject): Aggregation {
  const nSigFigs = optionalAt(request["nSigFigs"], "nSigFigs", unsignedAt);
  const mantissa = optionalAt(request["mantissa"], "mantissa", unsignedAt);
  if (nSigFigs === null && mantissa === null) return NO_AGGREGATION;
  const figures = ([2, 3, 4, 5] as const).find((allowed) => allowed === nSigFigs);
  if (figures === undefined) throw new InfoRefusal(`nSigFigs ${nSigFigs} is not allowed`);
  if (mantissa === null) return { nSigFigs: figures, mantissa: null };
  const step = ([2, 5] as const).find((allowed) => allowed === mantissa);
  if (step === undefined || figures !== 5)
    throw new InfoRefusal(`mantissa ${mantissa} with nSigFigs ${figures} is not allowed`);
  return { nSigFigs: figures, mantissa: step };
}

/** A book as it is sent: best first, bids then asks. */
function bookRow(
  venue: Venue,
  market: MarketDef,
  levels: number,
  aggregation: Aggregation,
): object {
  const book = venue.book(market.coin);
  const spread = aggregation.nSigFigs === null ? null : rawSpread(book, market);
  return {
    coin: market.coin,
    time: venue.nowMs(),
    levels: [
      wireLevels(book, market, "bid", levels, aggregation),
      wireLevels(book, market, "ask", levels, aggregation),
    ],
    ...(spread === null ? {} : { spread }),
  };
}

/** An unknown coin answers null with status 200 (captured). */
export const l2Book: InfoHandler = (request, { venue }) => {
  const aggregation = aggregationOf(request);
  const market = venue.market(stringAt(request["coin"], "coin"));
  return market === null ? null : bookRow(venue, market, BOOK_LEVELS, aggregation);
};

/** Newest first. */
export const recentTrades: InfoHandler = (request, context) => {
  const market = coinOf(request, context);
  return context.venue
    .lastTrades(market.coin, RECENT_TRADES)
    .map((trade) => tradeRow(trade, market.szDecimals));
};

export const candleSnapshot: InfoHandler = (request, context) => {
  const req = objectAt(request["req"], "req");
  const interval = intervalAt(req["interval"], "req.interval");
  unsignedAt(req["startTime"], "req.startTime");
  const market = coinOf(req, context);
  const { fromMs, toMs } = timeRangeOf(req);
  return context.venue
    .candles(market.coin, INTERVAL_MS[interval], ms(fromMs), ms(toMs))
    .map((candle) => candleRow(candle, market, interval));
};

export const fundingHistory: InfoHandler = (request, context) => {
  unsignedAt(request["startTime"], "startTime");
  const market = coinOf(request, context);
  const { fromMs, toMs } = timeRangeOf(request);
  return context.venue
    .fundingHistory(market.coin, ms(fromMs), ms(toMs))
    .slice(0, ROWS_MAX)
    .map((row) => ({
      coin: market.coin,
      fundingRate: rate(row.ratePpb),
      premium: statistic(row.premium, 10),
      time: row.venueMs,
    }));
};
