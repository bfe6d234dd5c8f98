import type { Actors } from "./actors.ts";
import { COIN, orderOf, touchOf } from "./actors.ts";
import type { NamedCheck } from "./checks.ts";

const WAIT_MS = 15_000;

type Listen = (listener: (data: unknown) => void) => Promise<{ unsubscribe: () => Promise<void> }>;

/** Each method of the subscription client: confirmed, and (where something happens here) told something. */
export function subscriptionChecks(actors: Actors): readonly NamedCheck[] {
  const { subscriptions: on, user } = actors;
  const of = { user };
  const dex = "km";
  const told: Readonly<Record<string, Listen>> = {
    activeAssetCtx: (tell) => on.activeAssetCtx({ coin: COIN }, tell),
    activeAssetData: (tell) => on.activeAssetData({ user, coin: COIN }, tell),
    activeSpotAssetCtx: (tell) => on.activeSpotAssetCtx({ coin: "@230" }, tell),
    allDexsAssetCtxs: (tell) => on.allDexsAssetCtxs(tell),
    allDexsClearinghouseState: (tell) => on.allDexsClearinghouseState(of, tell),
    allMids: (tell) => on.allMids({ dex }, tell),
    assetCtxs: (tell) => on.assetCtxs({ dex }, tell),
    bbo: (tell) => on.bbo({ coin: COIN }, tell),
    candle: (tell) => on.candle({ coin: COIN, interval: "1m" }, tell),
    clearinghouseState: (tell) => on.clearinghouseState({ user, dex }, tell),
    fastAssetCtxs: (tell) => on.fastAssetCtxs(tell),
    l2Book: (tell) => on.l2Book({ coin: COIN }, tell),
    openOrders: (tell) => on.openOrders({ user, dex }, tell),
    orderUpdates: (tell) => on.orderUpdates(of, tell),
    spotAssetCtxs: (tell) => on.spotAssetCtxs(tell),
    spotState: (tell) => on.spotState(of, tell),
    trades: (tell) => on.trades({ coin: "BTC" }, tell),
    twapStates: (tell) => on.twapStates({ user, dex }, tell),
    userEvents: (tell) => on.userEvents(of, tell),
    userFills: (tell) => on.userFills(of, tell),
    userFundings: (tell) => on.userFundings(of, tell),
    userHistoricalOrders: (tell) => on.userHistoricalOrders(of, tell),
    userNonFundingLedgerUpdates: (tell) => on.userNonFundingLedgerUpdates(of, tell),
    userTwapHistory: (tell) => on.userTwapHistory(of, tell),
    userTwapSliceFills: (tell) => on.userTwapSliceFills(of, tell),
    webData3: (tell) => on.webData3(of, tell),
  };
  const silent: Readonly<Record<string, Listen>> = {
    notification: (tell) => on.notification(of, tell),
    outcomeMetaUpdates: (tell) => on.outcomeMetaUpdates(tell),
  };
  const stir = () => stirUp(actors);
  return [
    ...Object.entries(told).map(
      ([name, listen]) => [`subscriptions.${name}`, () => hear(listen, name, stir)] as const,
    ),
    ...Object.entries(silent).map(
      ([name, listen]) =>
        [`subscriptions.${name}`, async () => (await listen(() => {})).unsubscribe()] as const,
    ),
  ];
}

/** Channels that speak only when the account trades. */
const NEEDS_TRADE = new Set(["orderUpdates", "userEvents"]);

async function hear(listen: Listen, name: string, stir: () => Promise<void>): Promise<void> {
  const first = Promise.withResolvers<unknown>();
  const subscription = await listen(first.resolve);
  if (NEEDS_TRADE.has(name)) await stir();
  const timer = setTimeout(() => first.reject(new Error("nothing came")), WAIT_MS);
  await first.promise;
  clearTimeout(timer);
  await subscription.unsubscribe();
}

async function stirUp({ info, exchange }: Actors): Promise<void> {
  const { bid, ask } = await touchOf(info, COIN);
  await exchange.order({ orders: [orderOf(true, ask + 5, "Ioc")], grouping: "na" });
  await exchange.order({ orders: [orderOf(false, bid - 5, "Ioc")], grouping: "na" });
}
