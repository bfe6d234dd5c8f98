import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  ApiRequestError,
  ExchangeClient,
  HttpTransport,
  InfoClient,
  SubscriptionClient,
  WebSocketTransport,
} from "@nktkas/hyperliquid";
import { formatPrice, SymbolConverter } from "@nktkas/hyperliquid/utils";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { startExchangeProcess } from "../support/exchangeProcess.ts";
import type { ExchangeProcess } from "../support/exchangeProcess.ts";

/*
 * The public TypeScript client, unmodified, against `exchange` in a process of its own. It checks its own side of the protocol:
 * content types, confirmations of subscriptions, shapes of requests, signatures.
 */

const COIN = "km:US500";
const account = privateKeyToAccount(
  "0x0123456789012345678901234567890123456789012345678901234567890123",
);
const user = account.address.toLowerCase() as `0x${string}`;

let venue: ExchangeProcess;
let http: HttpTransport;
let sockets: WebSocketTransport;
let info: InfoClient;
let exchange: ExchangeClient;
let subscriptions: SubscriptionClient;
let asset: number;

beforeAll(async () => {
  venue = await startExchangeProcess(["--market", COIN, "--seed", "1"]);
  http = new HttpTransport({ apiUrl: venue.url });
  sockets = new WebSocketTransport({ url: `${venue.url.replace("http", "ws")}/ws` });
  info = new InfoClient({ transport: http });
  exchange = new ExchangeClient({ transport: http, wallet: account });
  subscriptions = new SubscriptionClient({ transport: sockets });
  const funded = await fetch(`${venue.url}/local/faucet`, {
    method: "POST",
    body: JSON.stringify({ user, dex: "km", usd: "10000" }),
  });
  expect(funded.status).toBe(200);
  const converter = await SymbolConverter.create({ transport: http, dexs: ["km", "mkts"] });
  asset = converter.getAssetId(COIN) ?? Number.NaN;
  expect(converter.getSzDecimals(COIN)).toBe(3);
  expect(converter.getAssetId("mkts:USTECH")).toBe(120_001);
  expect(converter.getAssetId("BTC")).toBe(0);
});

afterAll(async () => {
  sockets.close();
  await venue.stop();
});

type Touch = { readonly bid: number; readonly ask: number };

/** The next touch with both sides. */
function touch(): Promise<Touch> {
  return new Promise((resolve, reject) => {
    const subscribed = subscriptions.bbo({ coin: COIN }, ({ bbo: [bid, ask] }) => {
      if (bid === null || ask === null) return;
      resolve({ bid: Number(bid.px), ask: Number(ask.px) });
      void subscribed.then((subscription) => subscription.unsubscribe());
    });
    subscribed.catch(reject);
  });
}

function order(isBuy: boolean, px: number, c?: `0x${string}`) {
  return {
    a: asset,
    b: isBuy,
    p: formatPrice(px, 3),
    s: "0.1",
    r: false,
    t: { limit: { tif: "Alo" as const } },
    ...(c === undefined ? {} : { c }),
  };
}

/** Far beyond 2^53: this client sends a cloid that is a small number as that number. */
const cloid = (n: number) => `0xa500${n.toString(16).padStart(28, "0")}` as const;

/** What an action that is refused throws. */
async function refusal(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof ApiRequestError) return error.message;
    throw error;
  }
  throw new Error("expected to be refused");
}

describe("the public client", () => {
  test("places, reads back, modifies, cancels", async () => {
    const { bid, ask } = await touch();
    const placed = await exchange.order({
      orders: [order(true, bid - 5, cloid(1)), order(false, ask + 5, cloid(2))],
      grouping: "na",
    });
    const oids = placed.response.data.statuses.map((status) =>
      typeof status === "object" && "resting" in status ? status.resting.oid : null,
    );
    expect(oids).toEqual([expect.any(Number), expect.any(Number)]);
    const resting = await info.openOrders({ user, dex: "km" });
    expect(resting.map(({ oid }) => oid)).toEqual(oids as number[]);
    expect(await info.orderStatus({ user, oid: cloid(1) })).toMatchObject({
      status: "order",
      order: { order: { oid: oids[0], cloid: cloid(1), tif: "Alo" }, status: "open" },
    });
    await exchange.modify({ oid: oids[0] ?? 0, order: order(true, bid - 6, cloid(3)) });
    const both = await exchange.batchModify({
      modifies: [
        { oid: cloid(3), order: order(true, bid - 7, cloid(4)) },
        { oid: oids[1] ?? 0, order: order(false, ask + 7, cloid(5)) },
      ],
    });
    expect(both.response.data.statuses).toMatchObject([
      { resting: { cloid: cloid(4) } },
      { resting: { cloid: cloid(5) } },
    ]);
    const [left, right] = await info.frontendOpenOrders({ user, dex: "km" });
    expect(left?.cloid).toBe(cloid(4));
    await exchange.cancel({ cancels: [{ a: asset, o: left?.oid ?? 0 }] });
    await exchange.cancelByCloid({ cancels: [{ asset, cloid: right?.cloid ?? cloid(0) }] });
    expect(await info.openOrders({ user, dex: "km" })).toEqual([]);
    const history = await info.historicalOrders({ user });
    expect(history.filter(({ status }) => status === "canceled")).toHaveLength(5);
  });

  test("is told why a post-only order is refused, with the touch", async () => {
    const { ask } = await touch();
    const text = await refusal(exchange.order({ orders: [order(true, ask + 5)], grouping: "na" }));
    expect(text).toMatch(
      /Post only order would have immediately matched, bbo was [\d.]+@[\d.]+\. asset=110000/,
    );
  });

  test("sets leverage, and may not schedule cancels without volume", async () => {
    await exchange.updateLeverage({ asset, isCross: true, leverage: 10 });
    const data = await info.activeAssetData({ user, coin: COIN });
    expect(data.leverage).toEqual({ type: "cross", value: 10 });
    expect(await refusal(exchange.scheduleCancel({ time: Date.now() + 60_000 }))).toMatch(
      /^Cannot set scheduled cancel time until enough volume traded\. Required: \$1000000\./,
    );
    expect(await refusal(exchange.updateLeverage({ asset, isCross: true, leverage: 40 }))).toBe(
      "Invalid leverage value",
    );
  });

  test("follows the market and its own fills", async () => {
    const book = Promise.withResolvers<unknown>();
    const trades = Promise.withResolvers<unknown>();
    const updates = Promise.withResolvers<void>();
    const fill = Promise.withResolvers<unknown>();
    const statuses: string[] = [];
    const followed = await Promise.all([
      subscriptions.l2Book({ coin: COIN }, (data) =>
        book.resolve(data.levels.map((side) => side.length)),
      ),
      subscriptions.trades({ coin: COIN }, (data) => trades.resolve(data[0]?.coin)),
      subscriptions.orderUpdates({ user }, (data) => {
        statuses.push(...data.map(({ status }) => status));
        if (statuses.includes("filled")) updates.resolve();
      }),
      subscriptions.userFills({ user }, (data) => {
        if (data.isSnapshot !== true) fill.resolve(data.fills[0]);
      }),
    ]);
    const { ask } = await touch();
    const taking = { ...order(true, ask * 1.01), t: { limit: { tif: "Ioc" as const } } };
    const answer = await exchange.order({ orders: [taking], grouping: "na" });
    expect(answer.response.data.statuses).toMatchObject([{ filled: { totalSz: "0.1" } }]);
    expect(await fill.promise).toMatchObject({
      coin: COIN,
      side: "B",
      crossed: true,
      feeToken: "USDH",
    });
    await updates.promise;
    expect(statuses.at(-1)).toBe("filled");
    expect(await trades.promise).toBe(COIN);
    expect(await book.promise).toEqual([expect.any(Number), expect.any(Number)]);
    await Promise.all(followed.map((subscription) => subscription.unsubscribe()));
    const state = await info.clearinghouseState({ user, dex: "km" });
    expect(state.assetPositions[0]?.position).toMatchObject({ coin: COIN, szi: "0.1" });
  });

  test("asks over the socket as over HTTP", async () => {
    const overSocket = new InfoClient({ transport: sockets });
    expect(await overSocket.perpDexs()).toEqual(await info.perpDexs());
    expect(await overSocket.l2Book({ coin: "km:NOPE" })).toBeNull();
    const trading = new ExchangeClient({ transport: sockets, wallet: account });
    expect(await trading.noop({ nonce: Date.now() })).toEqual({
      status: "ok",
      response: { type: "default" },
    });
  });

  test("trades through an agent that the account approved for its own chain", async () => {
    const wallet = privateKeyToAccount(generatePrivateKey());
    await exchange.approveAgent({ agentAddress: wallet.address, agentName: "mm1" });
    const agent = new ExchangeClient({ transport: http, wallet });
    const { bid } = await touch();
    await agent.order({ orders: [order(true, bid - 5, cloid(9))], grouping: "na" });
    await agent.cancelByCloid({ cancels: [{ asset, cloid: cloid(9) }] });
    expect(await info.extraAgents({ user })).toMatchObject([
      { name: "mm1", address: wallet.address.toLowerCase() },
    ]);
  });

  test("signs for testnet just as well", async () => {
    const transport = new HttpTransport({ apiUrl: venue.url, isTestnet: true });
    await new ExchangeClient({ transport, wallet: account }).noop({ nonce: Date.now() });
  });

  test("gets every other answer in a shape that it can use", async () => {
    expect(await info.userFees({ user })).toMatchObject({ userAddRate: "0.00015" });
    expect((await info.userRateLimit({ user })).nRequestsCap).toBeGreaterThanOrEqual(10_000);
    expect(await info.userAbstraction({ user })).toBe("default");
    expect(await info.userRole({ user })).toEqual({ role: "user" });
    expect(await info.maxBuilderFee({ user, builder: user })).toBe(0);
    expect(await info.userFunding({ user, startTime: 0 })).toEqual([]);
    expect(await info.userNonFundingLedgerUpdates({ user })).toHaveLength(1);
    expect(await info.fundingHistory({ coin: COIN, startTime: 0 })).toEqual([]);
    expect((await info.exchangeStatus()).specialStatuses).toBeNull();
    const [, contexts] = await info.metaAndAssetCtxs({ dex: "km" });
    expect(contexts[0]?.markPx).toMatch(/^\d+\.\d+$/);
  });
});
