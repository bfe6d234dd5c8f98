import { NO_AGGREGATION } from "../bookView.ts";
import { coinOf, dexOf, InfoRefusal, switchOf, userOf } from "../info/context.ts";
import type { InfoContext } from "../info/context.ts";
import { aggregationOf, intervalAt } from "../info/markets.ts";
import { ShapeError, stringAt } from "../shape.ts";
import type { JsonObject } from "../shape.ts";
import * as account from "./accountTopics.ts";
import { spotContexts } from "../info/spot.ts";
import * as market from "./marketTopics.ts";
import * as other from "./otherTopics.ts";
import type { Topic } from "./topic.ts";

/** A subscription understood: the same key is the same topic. */
export type Subscription = {
  readonly key: string;
  /** Whose data it is; null for public data. */
  readonly user: string | null;
  readonly create: () => Topic;
  /** Fields that the confirmation shows even when they were left out (captured). */
  readonly defaults?: JsonObject;
};

type Parser = (raw: JsonObject, context: InfoContext) => Subscription;

function subscription(
  create: () => Topic,
  user: string | null,
  ...parts: readonly (string | number | boolean | null)[]
): Subscription {
  return { key: JSON.stringify([...parts, user]), user, create };
}

function perUser(type: string, make: (context: InfoContext, user: string) => Topic): Parser {
  return (raw, context) => {
    const user = userOf(raw);
    return subscription(() => make(context, user), user, type);
  };
}

const l2Book: Parser = (raw, context) => {
  const asset = coinOf(raw, context);
  const aggregation = aggregationOf(raw);
  const fast = raw["fast"] === null ? false : switchOf(raw, "fast");
  const { nSigFigs, mantissa } = aggregation ?? NO_AGGREGATION;
  return {
    ...subscription(
      () => market.l2BookTopic(context, asset, aggregation, fast),
      null,
      "l2Book",
      asset.coin,
      nSigFigs,
      mantissa,
      fast,
    ),
    defaults: { nSigFigs, mantissa, fast },
  };
};

const allMids: Parser = (raw, context) => {
  const dex = dexOf(raw, context);
  const named = typeof raw["dex"] === "string" ? raw["dex"] : null;
  return subscription(() => market.allMidsTopic(context, dex, named), null, "allMids", named);
};

const candle: Parser = (raw, context) => {
  const asset = coinOf(raw, context);
  const interval = intervalAt(raw["interval"], "interval");
  return subscription(
    () => market.candleTopic(context, asset, interval),
    null,
    "candle",
    asset.coin,
    interval,
  );
};

const userFills: Parser = (raw, context) => {
  const user = userOf(raw);
  const aggregate = switchOf(raw, "aggregateByTime");
  return {
    ...subscription(
      () => account.userFillsTopic(context, user, aggregate),
      user,
      "userFills",
      aggregate,
    ),
    defaults: { aggregateByTime: aggregate },
  };
};

const activeAssetData: Parser = (raw, context) => {
  const user = userOf(raw);
  const asset = coinOf(raw, context);
  return subscription(
    () => account.activeAssetDataTopic(context, user, asset),
    user,
    "activeAssetData",
    asset.coin,
  );
};

function perCoin(
  type: string,
  make: (context: InfoContext, asset: ReturnType<typeof coinOf>) => Topic,
): Parser {
  return (raw, context) => {
    const asset = coinOf(raw, context);
    return subscription(() => make(context, asset), null, type, asset.coin);
  };
}

function perUserAndDex(
  type: string,
  make: (context: InfoContext, user: string, dex: ReturnType<typeof dexOf>) => Topic,
): Parser {
  return (raw, context) => {
    const user = userOf(raw);
    const dex = dexOf(raw, context);
    return subscription(() => make(context, user, dex), user, type, dex.name);
  };
}

/** A spot pair has a channel of its own. */
const activeAssetCtx: Parser = (raw, context) => {
  const coin = raw["coin"];
  const pair = spotContexts(context).find((row) => "coin" in row && row.coin === coin);
  return pair === undefined
    ? perCoin("activeAssetCtx", market.activeAssetCtxTopic)(raw, context)
    : subscription(
        () => other.stillTopic("activeSpotAssetCtx", { coin, ctx: pair }),
        null,
        "activeAssetCtx",
        String(coin),
      );
};

const PARSERS: Readonly<Record<string, Parser>> = {
  l2Book,
  bbo: perCoin("bbo", market.bboTopic),
  trades: perCoin("trades", market.tradesTopic),
  allMids,
  candle,
  activeAssetCtx,
  assetCtxs: (raw, context) => {
    const dex = dexOf(raw, context);
    return subscription(() => market.assetCtxsTopic(context, dex), null, "assetCtxs", dex.name);
  },
  allDexsAssetCtxs: (_raw, context) =>
    subscription(() => market.allDexsAssetCtxsTopic(context), null, "allDexsAssetCtxs"),
  orderUpdates: perUser("orderUpdates", account.orderUpdatesTopic),
  userEvents: perUser("userEvents", account.userEventsTopic),
  /** As one widespread client asks for `userEvents`. */
  user: perUser("userEvents", account.userEventsTopic),
  userFills,
  userFundings: perUser("userFundings", account.userFundingsTopic),
  userNonFundingLedgerUpdates: perUser("userNonFundingLedgerUpdates", account.ledgerTopic),
  clearinghouseState: perUserAndDex("clearinghouseState", account.clearinghouseStateTopic),
  allDexsClearinghouseState: perUser(
    "allDexsClearinghouseState",
    account.allDexsClearinghouseStateTopic,
  ),
  openOrders: perUserAndDex("openOrders", account.openOrdersTopic),
  spotState: perUser("spotState", account.spotStateTopic),
  activeAssetData,
  webData2: perUser("webData2", account.webData2Topic),
  webData3: perUser("webData3", account.webData3Topic),
  notification: perUser("notification", account.silentTopic),
  userHistoricalOrders: perUser("userHistoricalOrders", other.userHistoricalOrdersTopic),
  userTwapHistory: perUser("userTwapHistory", other.userTwapHistoryTopic),
  userTwapSliceFills: perUser("userTwapSliceFills", other.userTwapSliceFillsTopic),
  twapStates: perUserAndDex("twapStates", other.twapStatesTopic),
  spotAssetCtxs: (_raw, context) =>
    subscription(() => other.spotAssetCtxsTopic(context), null, "spotAssetCtxs"),
  fastAssetCtxs: (_raw, context) =>
    subscription(() => other.fastAssetCtxsTopic(context), null, "fastAssetCtxs"),
  outcomeMetaUpdates: () => subscription(account.silentTopic, null, "outcomeMetaUpdates"),
};

export type ParsedSubscription =
  | { readonly outcome: "ok"; readonly subscription: Subscription }
  /** Not a subscription at all: unknown type or wrong fields. */
  | { readonly outcome: "unreadable" }
  /** Well-formed, but names something that does not exist. */
  | { readonly outcome: "invalid" };

/** Reads what a client wants to follow. */
export function parseSubscription(raw: JsonObject, context: InfoContext): ParsedSubscription {
  try {
    const type = stringAt(raw["type"], "type");
    const parse = Object.hasOwn(PARSERS, type) ? PARSERS[type] : undefined;
    if (parse === undefined) return { outcome: "unreadable" };
    return { outcome: "ok", subscription: parse(raw, context) };
  } catch (error) {
    if (error instanceof ShapeError) return { outcome: "unreadable" };
    if (error instanceof InfoRefusal) return { outcome: "invalid" };
    throw error;
  }
}
