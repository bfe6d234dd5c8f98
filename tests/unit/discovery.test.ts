import { describe, expect, test } from "bun:test";
import { discoverMarket } from "../../lib/hyperliquid/discovery.ts";
import { effectiveFees } from "../../lib/hyperliquid/fees.ts";
import { InfoClient, InfoError } from "../../lib/hyperliquid/infoClient.ts";
import { WireError } from "../../lib/hyperliquid/schemas/wire.ts";
import type { Transport } from "../../lib/hyperliquid/transport.ts";

const ACCOUNT = "0x5e9ee1089755c3435139848e47e6635505d5a13a";

type Asset = { readonly name: string; readonly [key: string]: unknown };
const asset = (name: string, more: object = {}): Asset => ({
  szDecimals: 3,
  name,
  maxLeverage: 25,
  marginTableId: 25,
  ...more,
});
const growth = { growthMode: "enabled", deployerFeeScale: "1.0" };

const metas: { readonly [dex: string]: { universe: Asset[]; collateralToken: number } } = {
  "": {
    universe: [asset("BTC", { szDecimals: 5, maxLeverage: 40 }), asset("ETH", { szDecimals: 4 })],
    collateralToken: 0,
  },
  xyz: { universe: [asset("xyz:XYZ100", { deployerFeeScale: "0.1111" })], collateralToken: 0 },
  km: {
    universe: [
      asset("km:US500", growth),
      asset("km:BABA", { isDelisted: true, onlyIsolated: true, marginMode: "strictIsolated" }),
      asset("km:SMALL2000", { ...growth, isDelisted: true }),
      asset("km:GOLD", { marginMode: "noCross" }),
    ],
    collateralToken: 360,
  },
  mkts: {
    universe: [asset("mkts:US500", growth), asset("mkts:SMALL2000", growth)],
    collateralToken: 0,
  },
};
const fees = {
  userCrossRate: "0.00045",
  userAddRate: "0.00015",
  activeReferralDiscount: "0.0",
};
const tokens = [
  { index: 0, name: "USDC" },
  { index: 360, name: "USDH" },
];

function venue(change: { delistKm?: boolean; noTokens?: boolean } = {}): InfoClient {
  const answer = (request: { type: string; dex?: string }): unknown => {
    switch (request.type) {
      case "perpDexs":
        return [null, { name: "xyz", fullName: "XYZ" }, { name: "km" }, { name: "mkts" }];
      case "meta": {
        const meta = metas[request.dex ?? ""];
        if (request.dex !== "km" || change.delistKm !== true) return meta;
        return { ...meta, universe: meta?.universe.map((row) => ({ ...row, isDelisted: true })) };
      }
      case "spotMeta":
        return { tokens: change.noTokens === true ? [] : tokens, universe: [] };
      default:
        return fees;
    }
  };
  const transport = {
    info: (body: string) =>
      Promise.resolve({
        status: 200,
        text: JSON.stringify(answer(JSON.parse(body) as { type: string })),
      }),
  } as unknown as Transport;
  return new InfoClient(transport);
}

const find = (symbol: string, info = venue()) => discoverMarket(info, symbol, ACCOUNT);
const failure = async (symbol: string, info = venue()): Promise<string> =>
  find(symbol, info).then(
    (spec) => `found ${spec.market}`,
    (error: unknown) => String(error),
  );

describe("a market", () => {
  test("is found by its short name, on km before mkts", async () => {
    expect(await find("US500")).toEqual({
      market: "km:US500",
      dex: "km",
      assetId: 120_000,
      szDecimals: 3,
      maxLeverage: 25,
      onlyIsolated: false,
      collateralToken: 360,
      collateralName: "USDH",
      growthMode: true,
      deployerFeeScale: 1,
      makerFeeBps: 0.3,
      takerFeeBps: 0.9,
    });
    expect((await find("us500", venue({ delistKm: true }))).market).toBe("mkts:US500");
    expect(await find("SMALL2000")).toMatchObject({ assetId: 130_001, collateralName: "USDC" });
  });

  test("is found by its full name, and on the validator-run dex", async () => {
    expect(await find("mkts:US500")).toMatchObject({ market: "mkts:US500", assetId: 130_000 });
    expect(await find("ETH")).toMatchObject({
      market: "ETH",
      dex: "",
      assetId: 1,
      szDecimals: 4,
      deployerFeeScale: 0,
      makerFeeBps: 1.5,
      takerFeeBps: 4.5,
    });
    expect(await find(" xyz:xyz100 ")).toMatchObject({ market: "xyz:XYZ100", assetId: 110_000 });
  });

  test("that is delisted is refused, with what is live instead", async () => {
    expect(await failure("km:SMALL2000")).toBe(
      "MarketNotFound: km:SMALL2000 is delisted: it takes no orders; live instead: mkts:SMALL2000",
    );
    expect(await failure("BABA")).toBe(
      "MarketNotFound: km:BABA is delisted: it takes no orders; no other dex lists it live",
    );
    expect(await failure("km:US500", venue({ delistKm: true }))).toContain(
      "live instead: mkts:US500",
    );
  });

  test("that is unknown is refused, with close names", async () => {
    expect(await failure("US5OO")).toBe(
      'MarketNotFound: no market "US5OO" on 7 live listings; close names: km:US500, mkts:US500',
    );
    expect(await failure("km:US50")).toContain("close names: km:US500, mkts:US500");
    expect(await failure("nothing-like-it")).toMatch(/on 7 live listings; allowed: .*km:US500/);
  });

  test("whose fees or collateral cannot be known is not traded", async () => {
    expect(await failure("km:GOLD")).toContain("names no deployer fee scale for km:GOLD");
    expect(await failure("US500", venue({ noTokens: true }))).toContain("token 360");
  });
});

describe("fees", () => {
  const rates = (userAddRate: number, activeReferralDiscount = 0) => ({
    userCrossRate: 0.00045,
    userAddRate,
    activeReferralDiscount,
  });
  const table: readonly [string, ReturnType<typeof rates>, number, boolean, number, number][] = [
    ["validator-run dex", rates(0.00015), 0, false, 1.5, 4.5],
    ["scale 1", rates(0.00015), 1, false, 3, 9],
    ["scale 1, growth", rates(0.00015), 1, true, 0.3, 0.9],
    ["scale 0.1111", rates(0.00015), 0.1111, false, 1.66665, 4.99995],
    ["scale 3", rates(0.00015), 3, false, 9, 27],
    ["referral", rates(0.00015, 0.04), 1, true, 0.288, 0.864],
    ["rebate without the deployer's share", rates(-0.00001), 1, false, -0.1, 9],
    ["rebate in growth mode", rates(-0.00001), 1, true, -0.01, 0.9],
    ["free", rates(0), 1, false, 0, 9],
  ];
  test.each(table)("%s", (_, user, scale, growthMode, makerFeeBps, takerFeeBps) => {
    expect(effectiveFees(user, scale, growthMode)).toEqual({ makerFeeBps, takerFeeBps });
  });
});

describe("an answer that is none", () => {
  const client = (status: number, text: string) =>
    new InfoClient({ info: () => Promise.resolve({ status, text }) } as unknown as Transport);
  const caught = (asking: Promise<unknown>) => asking.catch((error: unknown) => error);
  test("is a typed error", async () => {
    const limited = await caught(client(429, "null").perpDexs());
    expect(limited).toBeInstanceOf(InfoError);
    expect(limited).toMatchObject({ status: 429 });
    expect(await caught(client(200, "<html>").perpDexs())).toBeInstanceOf(WireError);
    const missing = await caught(client(200, `{"universe":[{"name":"BTC"}]}`).meta(""));
    expect(String(missing)).toMatch(/meta of "": universe.0.szDecimals/);
  });
});
