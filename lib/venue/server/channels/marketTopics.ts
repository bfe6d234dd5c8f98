import { ms } from "../../../units/numbers.ts";
import type { DexDef, MarketDef, VenueOutput } from "../../rules/types.ts";
import { LevelTexts } from "../levelTexts.ts";
import type { Aggregation } from "../bookView.ts";
import type { InfoContext } from "../info/context.ts";
import { INTERVAL_MS } from "../info/markets.ts";
import type { Interval } from "../info/markets.ts";
import { assetContexts, midsOf } from "../info/meta.ts";
import { assetContextRow, candleRow, tradeRow } from "../rows.ts";
import { rawSpread } from "../bookView.ts";
import { eventTopic, frame, frameOf, periodicTopic, silentWhile, stateTopic } from "./topic.ts";
import type { Topic } from "./topic.ts";

/** Twenty levels every five seconds, or five every half second (documented by the SDK since June 2026). */
const SLOW_BOOK = { levels: 20, periodMs: 5_000 };
const FAST_BOOK = { levels: 5, periodMs: 500 };
/** How often the rest is sent at most; assumed. */
const STATE_PERIOD_MS = 1_000;
const RECENT_TRADES = 30;

function coinField({ coin }: MarketDef): string {
  return `"coin":${JSON.stringify(coin)}`;
}

function concerns(coin: string): (output: VenueOutput) => boolean {
  return (output) =>
    (output.kind === "bookChanged" || output.kind === "trades" || output.kind === "priceUpdate") &&
    output.coin === coin;
}

/** Whole snapshots, changed or not (documented): a client tells a quiet market from a dead feed by them. */
export function l2BookTopic(
  { venue }: InfoContext,
  market: MarketDef,
  aggregation: Aggregation,
  fast: boolean,
): Topic {
  const { levels, periodMs } = fast ? FAST_BOOK : SLOW_BOOK;
  const book = venue.book(market.coin);
  const texts = new LevelTexts(market);
  const coin = coinField(market);
  const topic = periodicTopic(
    periodMs,
    () => false,
    (time) => {
      const spread = aggregation.nSigFigs === null ? null : rawSpread(book, market);
      const bids = texts.side(book, "bid", levels, aggregation);
      const asks = texts.side(book, "ask", levels, aggregation);
      const rest =
        (spread === null ? "" : `,"spread":${JSON.stringify(spread)}`) +
        (fast ? `,"fast":true` : "");
      return frameOf("l2Book", `{${coin},"time":${time},"levels":[${bids},${asks}]${rest}}`);
    },
  );
  return silentWhile(() => venue.isSilent(market.coin), topic);
}

/** Best bid and ask, on each block that changed either. */
export function bboTopic({ venue }: InfoContext, market: MarketDef): Topic {
  const book = venue.book(market.coin);
  const texts = new LevelTexts(market);
  const coin = coinField(market);
  const topic = stateTopic(
    0,
    (output) => output.kind === "bookChanged" && output.touchChanged && output.coin === market.coin,
    () => `[${texts.level("bid", book.bestBid())},${texts.level("ask", book.bestAsk())}]`,
    (bbo, time) => frameOf("bbo", `{${coin},"time":${time},"bbo":${bbo}}`),
  );
  return silentWhile(() => venue.isSilent(market.coin), topic);
}

/** Recent history first (oldest first, captured), then what each block traded. */
export function tradesTopic({ venue }: InfoContext, market: MarketDef): Topic {
  const rows = (trades: ReturnType<typeof venue.lastTrades>): readonly string[] =>
    trades.length === 0
      ? []
      : [
          frame(
            "trades",
            trades.map((trade) => tradeRow(trade, market.szDecimals)),
          ),
        ];
  return eventTopic(
    () => rows(venue.lastTrades(market.coin, RECENT_TRADES).toReversed()),
    (outputs) =>
      rows(
        outputs.flatMap((output) =>
          output.kind === "trades" && output.coin === market.coin ? output.trades : [],
        ),
      ),
  );
}

/** @param named the dex as the client named it: the key is absent from the data when it was absent in the request */
export function allMidsTopic(context: InfoContext, dex: DexDef, named: string | null): Topic {
  const coins = new Set(dex.markets.map((market) => market.coin));
  return stateTopic(
    STATE_PERIOD_MS,
    (output) =>
      (output.kind === "bookChanged" || output.kind === "trades") && coins.has(output.coin),
    () => JSON.stringify(midsOf(dex, context)),
    (mids) =>
      frameOf(
        "allMids",
        `{"mids":${mids}${named === null ? "" : `,"dex":${JSON.stringify(named)}`}}`,
      ),
  );
}

/** The forming candle, after each block that traded. */
export function candleTopic({ venue }: InfoContext, market: MarketDef, interval: Interval): Topic {
  const lengthMs = INTERVAL_MS[interval];
  const forming = (nowMs: number): readonly string[] => {
    const startMs = Math.floor(nowMs / lengthMs) * lengthMs;
    const candle = venue.candles(market.coin, lengthMs, ms(startMs), ms(startMs + lengthMs)).at(-1);
    return candle === undefined ? [] : [frame("candle", candleRow(candle, market, interval))];
  };
  return {
    snapshot: forming,
    frames: (nowMs, outputs) =>
      outputs.some((output) => output.kind === "trades" && output.coin === market.coin)
        ? forming(nowMs)
        : [],
    nextMs: () => Infinity,
  };
}

export function activeAssetCtxTopic({ venue }: InfoContext, market: MarketDef): Topic {
  const coin = coinField(market);
  return stateTopic(
    STATE_PERIOD_MS,
    concerns(market.coin),
    () => JSON.stringify(assetContextRow(venue.assetContext(market.coin), market)),
    (ctx) => frameOf("activeAssetCtx", `{${coin},"ctx":${ctx}}`),
  );
}

export function assetCtxsTopic(context: InfoContext, dex: DexDef): Topic {
  return periodicTopic(
    STATE_PERIOD_MS,
    () => false,
    () => frame("assetCtxs", { dex: dex.name, ctxs: assetContexts(dex, context) }),
  );
}

export function allDexsAssetCtxsTopic(context: InfoContext): Topic {
  return periodicTopic(
    STATE_PERIOD_MS,
    () => false,
    () =>
      frame("allDexsAssetCtxs", {
        ctxs: context.venue.config.dexes.map((dex) => [dex.name, assetContexts(dex, context)]),
      }),
  );
}
