import { describe, expect, test } from "bun:test";
import type { WireValue } from "../../lib/hyperliquid/signing/msgpack.ts";
import { ALICE, ASSET, COIN, EPOCH_MS, TestExchange } from "../support/testExchange.ts";
import type { Json } from "../support/testExchange.ts";

/*
 * What hummingbot's perpetual connector calls at its start, while it runs and to trade, in its own shapes, with the
 * fields that it reads of the answers. (It cannot be pointed at a local address without a patch of its constants.)
 */

const user = ALICE.address;
const CLOID = "0x48424f540000000000000000000000a1";
const BUILDER = "0xfa5d41c0a8a3bb3f1c4a5d0d1c2b3a4958670fed";

function funded(): TestExchange {
  const exchange = new TestExchange();
  exchange.fund(user, 10_000);
  return exchange;
}

function order(isBuy: boolean, p: string, tif: string, c: string): WireValue {
  return {
    type: "order",
    orders: [{ a: ASSET, b: isBuy, p, s: "0.1", r: false, t: { limit: { tif } }, c }],
    grouping: "na",
    builder: { b: BUILDER, f: 0 },
  };
}

function statusOf(reply: Json): Json {
  const { data } = reply["response"] as { data: { statuses: readonly Json[] } };
  return data.statuses[0] ?? {};
}

describe("a connector", () => {
  test("starts: contexts without a dex, all metas, contexts of each dex, network check, builder fee", () => {
    const exchange = funded();
    const [meta, contexts] = exchange.info({ type: "metaAndAssetCtxs" }) as [
      { universe: { name: string; szDecimals: number }[] },
      { markPx: string }[],
    ];
    expect(meta.universe).toHaveLength(contexts.length);
    const metas = exchange.info({ type: "allPerpMetas" }) as { universe: { name: string }[] }[];
    for (const { universe } of metas.slice(1)) {
      // Asset numbers count the metas that are not empty: none is.
      expect(universe.length).toBeGreaterThan(0);
      const dex = universe[0]?.name.split(":")[0];
      const [of, rows] = exchange.info({ type: "metaAndAssetCtxs", dex }) as [
        { universe: object[] },
        { markPx: string; openInterest: string }[],
      ];
      expect(rows).toHaveLength(of.universe.length);
      for (const { markPx } of rows) expect(markPx).toMatch(/^\d+\.\d+$/);
    }
    expect(exchange.info({ type: "meta" })).toHaveProperty("universe");
    expect(exchange.info({ type: "maxBuilderFee", user, builder: BUILDER })).toBe(0);
  });

  test("runs: balances, positions, mode, funding, fills", () => {
    const exchange = funded();
    for (const dex of [undefined, "km", "mkts"]) {
      const request = { type: "clearinghouseState", user, ...(dex === undefined ? {} : { dex }) };
      expect(exchange.info(request)).toMatchObject({
        crossMarginSummary: { accountValue: expect.any(String) },
        withdrawable: expect.any(String),
        assetPositions: [],
      });
    }
    expect(exchange.info({ type: "userAbstraction", user })).toBe("default");
    expect(exchange.info({ type: "spotClearinghouseState", user })).toEqual({ balances: [] });
    expect(exchange.info({ type: "userFills", user })).toEqual([]);
    expect(exchange.info({ type: "userFunding", user, startTime: EPOCH_MS })).toEqual([]);
    expect(exchange.info({ type: "l2Book", coin: COIN })).toMatchObject({
      coin: COIN,
      levels: expect.any(Array),
    });
  });

  test("trades: leverage, an order, its status by both ids, cancel by cloid, and again", () => {
    const exchange = funded();
    const leverage = { type: "updateLeverage", asset: ASSET, isCross: false, leverage: 5 };
    expect(exchange.act(leverage)).toEqual({ status: "ok", response: { type: "default" } });
    const { resting } = statusOf(exchange.act(order(true, "689.5", "Alo", CLOID))) as {
      resting: { oid: number; cloid: string };
    };
    expect(resting.cloid).toBe(CLOID);
    for (const oid of [resting.oid, CLOID])
      expect(exchange.info({ type: "orderStatus", user, oid })).toMatchObject({
        status: "order",
        order: { order: { cloid: CLOID, oid: resting.oid }, status: "open" },
      });
    const cancel = { type: "cancelByCloid", cancels: [{ asset: ASSET, cloid: CLOID }] };
    expect(statusOf(exchange.act(cancel))).toBe("success" as never);
    expect(statusOf(exchange.act(cancel))["error"]).toContain(
      "Order was never placed, already canceled, or filled.",
    );
    expect(exchange.info({ type: "orderStatus", user, oid: 1e9 })).toEqual({
      status: "unknownOid",
    });
  });

  test("listens: books, trades, contexts, orders, and events by the name that it uses", () => {
    const exchange = funded();
    const session = exchange.connect();
    for (const subscription of [
      { type: "trades", coin: COIN },
      { type: "l2Book", coin: COIN },
      { type: "activeAssetCtx", coin: COIN },
      { type: "orderUpdates", user },
      { type: "user", user },
    ])
      session.send({ method: "subscribe", subscription });
    exchange.act(order(true, "691", "Ioc", CLOID));
    session.send({ method: "ping" });
    exchange.advance(3_000);
    const channels = new Set(session.frames.map((frame) => frame["channel"]));
    for (const channel of ["trades", "l2Book", "activeAssetCtx", "orderUpdates", "user", "pong"])
      expect([...channels]).toContain(channel);
    const [events] = session.frames.filter((frame) => frame["channel"] === "user");
    expect(events?.["data"]).toMatchObject({
      fills: [{ cloid: CLOID, crossed: true, coin: COIN }],
    });
  });
});
