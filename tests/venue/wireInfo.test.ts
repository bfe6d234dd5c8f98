import { describe, expect, test } from "bun:test";
import {
  ALICE,
  alo,
  ASSET,
  BOB,
  COIN,
  EPOCH_MS,
  ladderFeed,
  placing,
  TestExchange,
} from "../support/testExchange.ts";

const exchange = new TestExchange(
  ladderFeed().take(60_000, "ask", 690_000, 300).take(61_000, "bid", 690_100, 500),
);
exchange.fund(ALICE.address, 10_000);
exchange.act(
  placing(alo(true, "690.05", "0.2", `0x${"1".repeat(32)}`), alo(false, "691.5", "0.2")),
);
exchange.advance(120_000);
const user = ALICE.address;

describe("metadata", () => {
  test("dexes, universes and asset numbers agree", () => {
    const dexs = exchange.info({ type: "perpDexs" }) as ({ name: string } | null)[];
    expect(dexs.map((dex) => dex?.name ?? null)).toEqual([null, "km", "mkts"]);
    const metas = exchange.info({ type: "allPerpMetas" }) as { universe: { name: string }[] }[];
    expect(metas.map(({ universe }) => universe.map(({ name }) => name))).toEqual([
      ["BTC", "ETH"],
      ["km:US500", "km:BABA"],
      ["mkts:US500", "mkts:USTECH"],
    ]);
    expect(exchange.info({ type: "meta", dex: "km" })).toEqual(metas[1]);
    expect(exchange.info({ type: "meta" })).toEqual(metas[0]);
    expect(exchange.info({ type: "meta", dex: "" })).toEqual(metas[0]);
    for (const dex of exchange.gateway.venue.config.dexes) {
      for (const market of dex.markets) {
        const base = dex.index === 0 ? 0 : 100_000 + 10_000 * dex.index;
        expect(market.assetId).toBe(base + market.index);
        expect(metas[dex.index]?.universe[market.index]?.name).toBe(market.coin);
      }
    }
  });

  test("a growth-mode market and its delisted neighbour", () => {
    expect(exchange.info({ type: "meta", dex: "km" })).toEqual({
      universe: [
        {
          szDecimals: 3,
          name: "km:US500",
          maxLeverage: 25,
          marginTableId: 25,
          growthMode: "enabled",
          lastFeeScaleChangeTime: "1970-01-01T00:00:00",
          deployerFeeScale: "1.0",
        },
        {
          szDecimals: 3,
          name: "km:BABA",
          maxLeverage: 10,
          marginTableId: 10,
          onlyIsolated: true,
          isDelisted: true,
          marginMode: "strictIsolated",
          growthMode: "enabled",
          lastFeeScaleChangeTime: "1970-01-01T00:00:00",
          deployerFeeScale: "1.0",
        },
      ],
      marginTables: [],
      collateralToken: 360,
    });
  });

  test("contexts stand in the order of the universe, prices with a decimal point", () => {
    const [meta, contexts] = exchange.info({ type: "metaAndAssetCtxs", dex: "km" }) as [
      { universe: unknown[] },
      Record<string, string>[],
    ];
    expect(contexts).toHaveLength(meta.universe.length);
    expect(contexts[0]).toMatchObject({ oraclePx: "690.05", dayBaseVlm: "0.8" });
    for (const key of ["markPx", "oraclePx", "prevDayPx", "funding", "openInterest", "dayNtlVlm"])
      expect(contexts[0]?.[key]).toMatch(/^-?\d+\.\d+$/);
  });

  test("mids of a dex", () => {
    expect(exchange.info({ type: "allMids", dex: "km" })).toEqual({ "km:US500": "690.05" });
    expect(exchange.info({ type: "allMids" })).toEqual({});
  });

  test("spot tokens resolve, outcomes are none", () => {
    const spot = exchange.info({ type: "spotMeta" }) as {
      tokens: { index: number; name: string }[];
      universe: { tokens: number[] }[];
    };
    const known = new Set(spot.tokens.map(({ index }) => index));
    for (const pair of spot.universe)
      for (const token of pair.tokens) expect(known.has(token)).toBe(true);
    expect(exchange.info({ type: "outcomeMeta" })).toEqual({ outcomes: [], questions: [] });
    expect(exchange.info({ type: "marginTable", id: 25 })).toEqual({
      description: "",
      marginTiers: [{ lowerBound: "0.0", maxLeverage: 25 }],
    });
    expect(exchange.info({ type: "perpDexStatus", dex: "km" })).toEqual({
      totalNetDeposit: "10000.0",
    });
  });

  test("margin tables: in meta, and by id", () => {
    const table = {
      description: "tiered 40x",
      marginTiers: [
        { lowerBound: "0.0", maxLeverage: 40 },
        { lowerBound: "150000000.0", maxLeverage: 20 },
      ],
    };
    expect(exchange.info({ type: "marginTable", id: 56 })).toEqual(table);
    const main = exchange.info({ type: "meta" }) as {
      universe: { marginTableId: number }[];
      marginTables: unknown[];
    };
    expect(main.universe.map(({ marginTableId }) => marginTableId)).toEqual([56, 55]);
    expect(main.marginTables[0]).toEqual([56, table]);
  });

  test("open-interest caps of a builder's dex", () => {
    expect(exchange.info({ type: "perpDexLimits", dex: "km" })).toEqual({
      totalOiCap: "500000000.0",
      oiSzCapPerPerp: "1000000000.0",
      maxTransferNtl: "100000000.0",
      coinToOiCap: [
        ["km:US500", "100000000.0"],
        ["km:BABA", "100000000.0"],
      ],
    });
    expect(exchange.info({ type: "perpsAtOpenInterestCap", dex: "km" })).toEqual([]);
  });
});

describe("books, trades, candles", () => {
  test("twenty levels a side, best first", () => {
    const book = exchange.info({ type: "l2Book", coin: COIN }) as Book & { time: number };
    expect(book).toMatchObject({ coin: COIN, time: exchange.nowMs });
    expect(book).not.toHaveProperty("spread");
    expect(book.levels.map((side) => side.slice(0, 2))).toEqual([
      [
        { px: "690.0", sz: "0.9", n: 1 },
        { px: "689.99", sz: "1.0", n: 1 },
      ],
      [
        { px: "690.1", sz: "0.5", n: 1 },
        { px: "690.11", sz: "1.0", n: 1 },
      ],
    ]);
  });

  test("aggregation rounds away from the middle and keeps all size", () => {
    const raw = exchange.info({ type: "l2Book", coin: COIN }) as Book;
    const rough = exchange.info({ type: "l2Book", coin: COIN, nSigFigs: 4 }) as Book;
    expect(rough.levels[0].map(({ px }) => px)).toEqual(["690.0", "689.9"]);
    expect(rough.levels[1].map(({ px }) => px)).toEqual(["690.1", "690.2", "691.5"]);
    expect(rough.spread).toBe("0.1");
    for (const side of [0, 1] as const)
      expect(total(rough.levels[side])).toBe(total(raw.levels[side]));
    const fives = exchange.info({ type: "l2Book", coin: COIN, nSigFigs: 5, mantissa: 5 }) as Book;
    expect(fives.levels[0].map(({ px }) => px)).toEqual(["690.0", "689.95", "689.9"]);
  });

  test("trades newest first, candles oldest first", () => {
    expect(exchange.info({ type: "recentTrades", coin: COIN })).toMatchObject([
      { side: "B", px: "690.1", sz: "0.5" },
      { side: "A", px: "690.0", sz: "0.1" },
      { side: "A", px: "690.05", sz: "0.2" },
    ]);
    const req = { coin: COIN, interval: "1m", startTime: EPOCH_MS, endTime: exchange.nowMs };
    expect(exchange.info({ type: "candleSnapshot", req })).toMatchObject([
      { s: COIN, i: "1m", o: "690.05", h: "690.1", l: "690.0", c: "690.1", v: "0.8", n: 3 },
    ]);
  });
});

type Book = { levels: [Level[], Level[]]; spread?: string };
type Level = { px: string; sz: string; n: number };
const total = (levels: readonly Level[]) =>
  Math.round(levels.reduce((sum, { sz }) => sum + Number(sz), 0) * 1000);

describe("accounts", () => {
  test("a maker's fill, its position and its margin", () => {
    expect(exchange.info({ type: "userFills", user })).toMatchObject([
      {
        coin: COIN,
        px: "690.05",
        sz: "0.2",
        side: "B",
        startPosition: "0.0",
        dir: "Open Long",
        closedPnl: "0.0",
        crossed: false,
        cloid: `0x${"1".repeat(32)}`,
        feeToken: "USDH",
        twapId: null,
      },
    ]);
    const state = exchange.info({ type: "clearinghouseState", user, dex: "km" }) as {
      assetPositions: { position: Record<string, unknown> }[];
    };
    expect(state.assetPositions[0]?.position).toMatchObject({
      coin: COIN,
      szi: "0.2",
      entryPx: "690.05",
      maxLeverage: 25,
      cumFunding: { allTime: "0.0", sinceOpen: "0.0", sinceChange: "0.0" },
    });
  });

  test("time ranges are inclusive and oldest first", () => {
    const [fill] = exchange.info({ type: "userFills", user }) as { time: number }[];
    const time = fill?.time ?? 0;
    const ask = (startTime: number, endTime: number | null) =>
      exchange.info({ type: "userFillsByTime", user, startTime, endTime });
    expect(ask(time, time)).toHaveLength(1);
    expect(ask(time, null)).toHaveLength(1);
    expect(ask(time + 1, null)).toEqual([]);
  });

  test("someone never seen has zeros", () => {
    expect(
      exchange.info({ type: "clearinghouseState", user: BOB.address, dex: "km" }),
    ).toMatchObject({
      marginSummary: { accountValue: "0.0" },
      withdrawable: "0.0",
      assetPositions: [],
    });
    expect(exchange.info({ type: "userRole", user: BOB.address })).toEqual({ role: "missing" });
    expect(exchange.info({ type: "openOrders", user: BOB.address })).toEqual([]);
    expect(exchange.info({ type: "orderStatus", user: BOB.address, oid: 1 })).toEqual({
      status: "unknownOid",
    });
  });

  test("fees, mode, budget and ledger", () => {
    expect(exchange.info({ type: "userFees", user })).toMatchObject({
      userCrossRate: "0.00045",
      userAddRate: "0.00015",
      activeReferralDiscount: "0.0",
    });
    const fees = exchange.info({ type: "userFees", user }) as {
      dailyUserVlm: { date: string; userAdd: string; exchange: string }[];
    };
    expect(fees.dailyUserVlm.at(-1)).toEqual({
      date: new Date(exchange.nowMs).toISOString().slice(0, 10),
      userCross: "0.0",
      userAdd: "138.01",
      exchange: "552.06",
    } as never);
    expect(exchange.info({ type: "userAbstraction", user })).toBe("default");
    expect(exchange.info({ type: "userRateLimit", user })).toMatchObject({
      nRequestsUsed: 2,
      nRequestsSurplus: 0,
    });
    expect(exchange.info({ type: "userNonFundingLedgerUpdates", user })).toMatchObject([
      {
        delta: {
          type: "send",
          destination: user,
          destinationDex: "km",
          token: "USDH",
          amount: "10000.0",
        },
      },
    ]);
    expect(exchange.info({ type: "maxBuilderFee", user, builder: BOB.address })).toBe(0);
  });

  test("rows of resting and of past orders", () => {
    expect(exchange.info({ type: "frontendOpenOrders", user, dex: "km" })).toEqual([
      expect.objectContaining({
        coin: COIN,
        side: "A",
        limitPx: "691.5",
        sz: "0.2",
        triggerCondition: "N/A",
        isTrigger: false,
        triggerPx: "0.0",
        children: [],
        isPositionTpsl: false,
        reduceOnly: false,
        orderType: "Limit",
        origSz: "0.2",
        tif: "Alo",
        cloid: null,
      }) as unknown,
    ]);
    expect(exchange.info({ type: "historicalOrders", user })).toMatchObject([
      { status: "open" },
      { status: "filled", order: { sz: "0.0", origSz: "0.2" } },
    ]);
  });
});

describe("requests that are wrong", () => {
  test.each([
    ["an unknown type", { type: "bogus" }, 422],
    ["a name from Object", { type: "constructor" }, 422],
    ["no type", {}, 422],
    ["a short address", { type: "openOrders", user: "0x12" }, 422],
    ["an upper-case 0X", { type: "openOrders", user: `0X${"ab".repeat(20)}` }, 422],
    ["a null switch", { type: "userFills", user, aggregateByTime: null }, 422],
    ["a missing start", { type: "userFillsByTime", user }, 422],
    ["too many positions", ["meta", "km", 1], 422],
    ["an unknown dex", { type: "metaAndAssetCtxs", dex: "nope" }, 500],
    ["one figure", { type: "l2Book", coin: COIN, nSigFigs: 1 }, 500],
    ["a mantissa of one", { type: "l2Book", coin: COIN, nSigFigs: 5, mantissa: 1 }, 500],
    ["a mantissa alone", { type: "l2Book", coin: COIN, mantissa: 2 }, 500],
    ["an end without a start", { type: "userNonFundingLedgerUpdates", user, endTime: 1 }, 500],
    ["limits of the main dex", { type: "perpDexLimits", dex: "" }, 500],
  ])("%s", (_what, request, status) => {
    const answer = new TestExchange(undefined, false).infoText(request);
    expect(answer.status).toBe(status);
    if (status === 500) expect(answer.body).toBe("null");
  });

  test("an unknown coin has no book, and says so with null", () => {
    expect(exchange.infoText({ type: "l2Book", coin: "xyz:NOPE" })).toEqual({
      status: 200,
      body: "null",
    });
  });

  test("the positional form, unknown fields and an address without 0x", () => {
    expect(exchange.info(["l2Book", COIN, 4])).toEqual(
      exchange.info({ type: "l2Book", coin: COIN, nSigFigs: 4, note: "x" }),
    );
    expect(exchange.info({ type: "userAbstraction", user: user.slice(2).toUpperCase() })).toBe(
      "default",
    );
  });
});

test("a client that asks too much is told so, and forgiven with time", () => {
  const busy = new TestExchange();
  const ask = () => busy.infoText({ type: "meta", dex: "km" });
  const answers = Array.from({ length: 61 }, ask);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(60);
  expect(answers.at(-1)).toEqual({ status: 429, body: "null" });
  busy.advance(1_000);
  expect(ask().status).toBe(200);
});

test("asset numbers that clients use", () => {
  expect(exchange.gateway.venue.marketByAssetId(ASSET)?.coin).toBe(COIN);
  expect(exchange.gateway.venue.marketByAssetId(120_001)?.coin).toBe("mkts:USTECH");
});
