import { describe, expect, test } from "bun:test";
import type { PositionView } from "../../lib/venue/rules/views.ts";
import { ALICE, ASSET, BLOCK, BOB, CAROL, COIN, Exchange } from "./exchange.ts";

const FREE = { baseMakerMillionths: 0, baseTakerMillionths: 0 };

function onlyPosition(exchange: Exchange, address: string): PositionView {
  const [position] = exchange.venue.account(address, exchange.def.dex).positions;
  if (position === undefined) throw new Error("the account has a position");
  return position;
}

describe("account numbers", () => {
  test("reproduce a captured clearinghouseState (BTC 4.5 long, cross 10x, mark 83926)", () => {
    const exchange = new Exchange({ coin: "BTC", config: FREE, usd: "26368.2" });
    exchange.fund(BOB, "1000000");
    exchange.trade(ALICE, BOB, "bid", "81285", "4.5");
    exchange.market(exchange.agent(1, "bid", "83925", "1"), exchange.agent(2, "ask", "83927", "1"));
    // The last trade is a median input until one happens at the new price; a mark moves 1 % an update.
    exchange.market(exchange.agent(3, "ask", "83926", "1"));
    exchange.market(exchange.agent(4, "bid", "83926", "1", "Ioc"));
    for (let update = 0; update < 8; update += 1) exchange.market(exchange.oracle("83926"));
    const setting = { type: "updateLeverage", asset: 0, isCross: true, leverage: 10 } as const;
    expect(exchange.act(ALICE, setting).status).toBe("ok");
    expect(exchange.venue.account(ALICE, "")).toMatchObject({
      accountValueMicroUsd: 38_252_700_000,
      totalNtlPosMicroUsd: 377_667_000_000,
      totalRawUsdMicroUsd: -339_414_300_000,
      totalMarginUsedMicroUsd: 37_766_700_000,
      crossMaintenanceMicroUsd: 4_720_837_500,
      withdrawableMicroUsd: 486_000_000,
    });
    // 83926 - (38252.7 - 4720.8375) / 4.5 / (1 - 1/80), the formula for an account whose money is all in this dex.
    expect(onlyPosition(exchange, ALICE).liquidationPxTicks).toBeCloseTo(763_801.5189, 3);
    expect(onlyPosition(exchange, ALICE).marginUsedMicroUsd).toBe(37_766_700_000 as never);
  });

  test("an account never seen is all zeros", () => {
    const exchange = new Exchange();
    const view = exchange.venue.account("0x00", "km");
    expect(view).toMatchObject({ accountValueMicroUsd: 0, withdrawableMicroUsd: 0, positions: [] });
  });

  test("dexes are separate purses", () => {
    const exchange = new Exchange({ usd: "100" });
    exchange.fund(ALICE, "5000", "");
    exchange.market(exchange.oracle("690"));
    expect(exchange.venue.account(ALICE, "").accountValueMicroUsd).toBe(5_000_000_000 as never);
    expect(exchange.place(ALICE, exchange.order("bid", "690", "3"))).toEqual({
      error: `Insufficient margin to place order. asset=${ASSET}`,
    });
    expect(exchange.venue.transfers(ALICE)).toMatchObject([
      { dex: "km", kind: "deposit", microUsd: 100_000_000 },
      { dex: "", kind: "deposit", microUsd: 5_000_000_000 },
    ]);
  });

  test("a well-funded long has no liquidation price, a short always has", () => {
    const exchange = new Exchange();
    exchange.market(exchange.oracle("690"));
    exchange.trade(ALICE, BOB, "bid", "690", "1");
    expect(onlyPosition(exchange, ALICE).liquidationPxTicks).toBeNull();
    expect(onlyPosition(exchange, BOB).liquidationPxTicks).toBeGreaterThan(690_000);
  });

  test("a short's value counts like a long's", () => {
    const exchange = new Exchange({ config: FREE });
    exchange.market(exchange.oracle("690"));
    exchange.trade(ALICE, BOB, "bid", "690", "1");
    for (const account of [ALICE, BOB])
      expect(exchange.venue.account(account, "km")).toMatchObject({
        totalNtlPosMicroUsd: 690_000_000,
        crossNtlPosMicroUsd: 690_000_000,
        totalMarginUsedMicroUsd: 34_500_000,
      });
  });

  test("what is said to be tradable is, and not a lot more", () => {
    for (const [held, resting] of [
      ["bid", "ask"],
      ["bid", "bid"],
      ["ask", "bid"],
      ["ask", "ask"],
    ] as const)
      for (const side of ["bid", "ask"] as const) {
        const exchange = new Exchange({ usd: "100", config: FREE });
        exchange.fund(BOB, "100000");
        exchange.market(exchange.oracle("690"));
        exchange.trade(ALICE, BOB, held, "690", "1");
        exchange.rest(ALICE, resting, resting === "bid" ? "680" : "700", "0.5");
        const lots = exchange.venue.assetData(ALICE, COIN).maxTradeLots[side === "bid" ? 0 : 1];
        const order = (more: number) =>
          exchange.order(side, "690", ((lots + more) / 1000).toFixed(3));
        expect(exchange.place(ALICE, order(1))).toHaveProperty("error");
        expect(exchange.place(ALICE, order(0))).toHaveProperty("resting");
      }
  });

  test("what may still be traded, both ways: cross, and isolated beyond the position", () => {
    const held = (isCross: boolean) => {
      const exchange = new Exchange({ usd: "100", config: FREE });
      exchange.fund(BOB, "100000");
      exchange.market(exchange.oracle("690"));
      exchange.act(ALICE, { type: "updateLeverage", asset: ASSET, isCross, leverage: 10 });
      exchange.trade(ALICE, BOB, "bid", "690", "1");
      exchange.rest(ALICE, "ask", "700", "0.5");
      return exchange.venue.assetData(ALICE, COIN);
    };
    // 1000 of notional less 690 held; the other way what closes comes on top, less 350 that rest.
    expect(held(true)).toMatchObject({
      isolatedRawMicroUsd: null,
      maxTradeLots: [449, 1942],
      availableMicroUsd: [31_000_000, 134_000_000],
    });
    // Isolated: 31 of free cash, and the position is behind it already.
    expect(held(false)).toMatchObject({
      isolatedRawMicroUsd: 69_000_000 - 690_000_000,
      maxTradeLots: [449, 1942],
      availableMicroUsd: [31_000_000, 134_000_000],
    });
  });
});

describe("initial margin with resting orders", () => {
  /** 100 USDH at 20x carry 2000 of notional; the mark is 690. */
  function small(): Exchange {
    const exchange = new Exchange({ usd: "100", config: FREE });
    exchange.fund(BOB, "100000");
    exchange.market(exchange.oracle("690"));
    return exchange;
  }
  const refused = { error: `Insufficient margin to place order. asset=${ASSET}` };

  test("orders on one side add up, the two sides do not", () => {
    const exchange = small();
    exchange.rest(ALICE, "bid", "680", "1.4");
    exchange.rest(ALICE, "bid", "670", "1.5");
    expect(exchange.place(ALICE, exchange.order("bid", "660", "0.1"))).toEqual(refused);
    exchange.rest(ALICE, "ask", "700", "1.4");
    exchange.rest(ALICE, "ask", "710", "1.4");
    expect(exchange.place(ALICE, exchange.order("ask", "700", "0.1"))).toEqual(refused);
    const view = exchange.venue.account(ALICE, "km");
    expect(view.initialMarginMicroUsd).toBe(98_700_000 as never);
    expect(view.withdrawableMicroUsd).toBe(1_300_000 as never);
  });

  test("a closing order is free until it flips the position", () => {
    const exchange = small();
    exchange.trade(ALICE, BOB, "bid", "690", "2.8");
    expect(exchange.place(ALICE, exchange.order("bid", "680", "0.2"))).toEqual(refused);
    exchange.rest(ALICE, "ask", "691", "2.8");
    exchange.rest(ALICE, "ask", "692", "2.7");
    expect(exchange.place(ALICE, exchange.order("ask", "693", "0.3"))).toEqual(refused);
    const data = exchange.venue.assetData(ALICE, COIN);
    expect(data.maxTradeLots[0]).toBe(98 as never);
  });

  test("what a maker gains by a price better than the mark counts at its match", () => {
    const exchange = small();
    exchange.fund(CAROL, "100000");
    exchange.rest(ALICE, "bid", "600", "3");
    expect(exchange.place(CAROL, exchange.order("ask", "600", "3", "Ioc"))).toHaveProperty(
      "filled",
    );
  });

  test("cancelling frees it", () => {
    const exchange = small();
    const oid = exchange.rest(ALICE, "bid", "680", "2.9");
    exchange.cancel(ALICE, oid);
    exchange.rest(ALICE, "bid", "680", "2.9");
  });

  test("a maker without the margin at its match is cancelled, not filled", () => {
    const exchange = small();
    exchange.fund(CAROL, "100000");
    exchange.trade(ALICE, BOB, "bid", "690", "1");
    const bid = exchange.rest(ALICE, "bid", "640", "1.5");
    for (let update = 0; update < 8; update += 1) exchange.market(exchange.oracle("645"));
    // Equity is 55; 2.5 contracts at 645 would need 80.6.
    const status = exchange.place(CAROL, exchange.order("ask", "640", "1.5", "Ioc"));
    const ended = exchange.venue.orderByOid(ALICE, bid)?.status;
    expect([status, ended]).toEqual([
      { error: `Order could not immediately match against any resting orders. asset=${ASSET}` },
      "marginCanceled",
    ]);
  });
});

describe("isolated margin", () => {
  test("collateral moves in on opening and out on closing; free cash is untouched by its losses", () => {
    const exchange = new Exchange({ coin: "km:OIL", config: FREE, usd: "1000" });
    exchange.market(exchange.oracle("100"));
    exchange.trade(ALICE, BOB, "bid", "100", "20");
    // Default leverage of a 10x market is 10x: 200 of collateral.
    expect(onlyPosition(exchange, ALICE)).toMatchObject({
      leverage: { isCross: false, leverage: 10 },
      marginUsedMicroUsd: 200_000_000,
      isolatedRawMicroUsd: -1_800_000_000,
    });
    expect(exchange.venue.account(ALICE, "km")).toMatchObject({
      accountValueMicroUsd: 1_000_000_000,
      crossAccountValueMicroUsd: 800_000_000,
      withdrawableMicroUsd: 800_000_000,
    });
    exchange.trade(ALICE, BOB, "ask", "101", "10");
    // Equity at 101 was 220: half of it is released.
    expect(exchange.venue.account(ALICE, "km").crossAccountValueMicroUsd).toBe(
      910_000_000 as never,
    );
    exchange.trade(ALICE, BOB, "ask", "101", "10");
    expect(exchange.venue.account(ALICE, "km")).toMatchObject({
      accountValueMicroUsd: 1_020_000_000,
      crossAccountValueMicroUsd: 1_020_000_000,
      positions: [],
    });
  });

  test("needs the collateral in free cash", () => {
    const exchange = new Exchange({ coin: "km:OIL", config: FREE, usd: "100" });
    exchange.market(exchange.oracle("100"));
    expect(exchange.place(ALICE, exchange.order("bid", "100", "10.1"))).toHaveProperty("error");
    expect(exchange.place(ALICE, exchange.order("bid", "100", "10"))).toHaveProperty("resting");
  });
});

describe("liquidation", () => {
  test("below maintenance: orders cancelled, closed at market, never below zero unseen", () => {
    const exchange = new Exchange({ usd: "100", config: FREE });
    exchange.fund(BOB, "1000000");
    exchange.market(exchange.oracle("690"));
    exchange.trade(ALICE, BOB, "bid", "690", "2.8");
    const resting = exchange.rest(ALICE, "ask", "750", "1");
    exchange.rest(CAROL, "bid", "665", "1");
    exchange.market(exchange.agent(1, "ask", "669", "1"));
    // Maintenance is 2 %: 38; equity 100 - 2.8 x 23 is below it at 667.
    for (let update = 0; update < 6; update += 1) exchange.market(exchange.oracle("667"));
    expect(exchange.venue.orderByOid(ALICE, resting)?.status).toBe("liquidatedCanceled");
    const [, closed, rest] = exchange.fills(ALICE);
    expect(closed).toMatchObject({ dir: "Liquidated Cross Long", pxTicks: 665_000, crossed: true });
    expect(rest).toBeUndefined();
    expect(exchange.position(ALICE)).toBe(1800);
    // Nobody bids for the rest: when equity falls below two thirds of maintenance the backstop takes it and its margin.
    for (let update = 0; update < 6; update += 1) exchange.market(exchange.oracle("655"));
    expect(exchange.position(ALICE)).toBe(0);
    const view = exchange.venue.account(ALICE, "km");
    expect(view.accountValueMicroUsd).toBe(0 as never);
    expect(exchange.venue.transfers(ALICE).at(-1)).toMatchObject({ kind: "backstop" });
  });

  test("a shortfall is made good by a visible transfer", () => {
    const exchange = new Exchange({ usd: "100", config: FREE });
    exchange.fund(BOB, "1000000");
    exchange.fund(CAROL, "1000000");
    exchange.market(exchange.oracle("690"));
    exchange.trade(ALICE, BOB, "bid", "690", "2.8");
    exchange.rest(CAROL, "bid", "600", "10");
    for (let update = 0; update < 8; update += 1) exchange.market(exchange.oracle("660"));
    expect(exchange.position(ALICE)).toBe(0);
    expect(exchange.venue.account(ALICE, "km").accountValueMicroUsd).toBe(0 as never);
    expect(exchange.venue.transfers(ALICE).at(-1)).toMatchObject({
      kind: "backstop",
      microUsd: 152_000_000,
    });
  });

  test("an isolated position takes only its own collateral with it", () => {
    const exchange = new Exchange({ config: FREE, usd: "1000" });
    exchange.market(exchange.oracle("100"));
    for (const account of [ALICE, BOB])
      exchange.act(account, {
        type: "updateLeverage",
        asset: ASSET,
        isCross: false,
        leverage: 10,
      });
    exchange.trade(ALICE, BOB, "bid", "100", "20");
    for (let update = 0; update < 12; update += 1) exchange.market(exchange.oracle("91"));
    expect(exchange.position(ALICE)).toBe(0);
    expect(exchange.venue.account(ALICE, "km").accountValueMicroUsd).toBe(800_000_000 as never);
    expect(exchange.fills(ALICE).at(-1)?.dir).toBe("Liquidated Isolated Long");
  });
});

describe("prices", () => {
  test("the first mark is the median of oracle, oracle with basis and local book", () => {
    const exchange = new Exchange();
    exchange.market(exchange.agent(1, "bid", "700", "1"), exchange.agent(2, "ask", "702", "1"));
    expect(exchange.venue.prices(COIN).markPxTicks).toBe(701_000 as never);
    exchange.market(exchange.oracle("697"));
    // Inputs 697, 697 + 4 and 701: the basis starts at the first mid.
    expect(exchange.venue.prices(COIN)).toMatchObject({
      oraclePxTicks: 697_000,
      markPxTicks: 701_000,
      midPxTicks: 701_000,
    });
  });

  test("the basis is an average over 150 s, and moves the mark", () => {
    const exchange = new Exchange();
    exchange.market(exchange.agent(1, "bid", "699", "1"), exchange.agent(2, "ask", "701", "1"));
    exchange.market(exchange.oracle("700"));
    const fromMs = exchange.nowMs;
    // The book goes up by two: 300 s later the basis is 2 x (1 - 1/e^2) over the oracle.
    exchange.market(
      { kind: "agentCancel", agentOrderId: 1 },
      { kind: "agentCancel", agentOrderId: 2 },
    );
    exchange.market(exchange.agent(3, "bid", "701", "1"), exchange.agent(4, "ask", "703", "1"));
    exchange.wait(300_000 - (exchange.nowMs - fromMs) - BLOCK);
    exchange.market(exchange.oracle("700"));
    const spanMs = exchange.nowMs - fromMs;
    const basis = 2_000 * (1 - Math.exp(-spanMs / 150_000));
    expect(exchange.venue.prices(COIN).markPxTicks).toBe(Math.round(700_000 + basis) as never);
  });

  test("a mark moves at most one percent an update", () => {
    const exchange = new Exchange();
    exchange.market(exchange.oracle("700"));
    exchange.market(exchange.oracle("770"));
    expect(exchange.venue.prices(COIN).markPxTicks).toBe(707_000 as never);
    exchange.market(exchange.oracle("770"));
    expect(exchange.venue.prices(COIN).markPxTicks).toBe(714_070 as never);
  });

  test("ten silent seconds hand the mark to the local book, and count as an update", () => {
    const exchange = new Exchange();
    exchange.market(exchange.oracle("700"));
    exchange.market(exchange.agent(1, "bid", "702", "1"), exchange.agent(2, "ask", "704", "1"));
    exchange.wait(9_000);
    expect(exchange.venue.prices(COIN).markPxTicks).toBe(700_000 as never);
    exchange.wait(1_500);
    expect(exchange.venue.prices(COIN).markPxTicks).toBe(703_000 as never);
    expect(exchange.venue.prices(COIN).oraclePxTicks).toBe(700_000 as never);
  });

  test("the mid of a one-sided book is the last trade", () => {
    const exchange = new Exchange();
    exchange.trade(ALICE, BOB, "bid", "690", "1");
    expect(exchange.venue.prices(COIN).midPxTicks).toBe(690_000);
  });

  test("asset context: impact prices for 6k, premium, day volume, open interest", () => {
    const exchange = new Exchange();
    exchange.market(
      exchange.oracle("690"),
      exchange.agent(1, "bid", "689", "5"),
      exchange.agent(2, "bid", "688", "50"),
      exchange.agent(3, "ask", "691", "50"),
    );
    exchange.place(ALICE, exchange.order("bid", "691", "2", "Ioc"));
    const context = exchange.venue.assetContext(COIN);
    expect(context.impactPxTicks?.[0]).toBeCloseTo(
      (6_000_000 / (5000 + (2_555_000 / 688_000) * 1000)) * 1000,
      3,
    );
    expect(context.impactPxTicks?.[1]).toBeCloseTo(691_000, 6);
    expect(context.premium).toBeCloseTo(-0.0003088, 6);
    expect(context).toMatchObject({
      openInterestLots: 2000,
      dayBaseLots: 2000,
      dayNtlMicroUsd: 1_382_000_000,
      prevDayPxTicks: 691_000,
    });
  });
});

describe("address budget", () => {
  test("10000 plus one a dollar (a tenth in growth mode), cancels twice that, then one every ten seconds", () => {
    const exchange = new Exchange();
    exchange.market(exchange.oracle("690"));
    const orders = Array.from({ length: 200 }, () => exchange.order("bid", "600", "0.001"));
    for (let batch = 0; batch < 50; batch += 1) {
      exchange.act(ALICE, { type: "order", orders, grouping: "na" });
    }
    expect(exchange.venue.rateLimit(ALICE)).toMatchObject({ used: 10_000, cap: 10_000 });
    const single = { type: "order", orders: orders.slice(0, 1), grouping: "na" } as const;
    expect(exchange.act(ALICE, single).status).toBe("ok");
    const text =
      "Too many cumulative requests sent (10002 > 10000) for cumulative volume traded $0. Place taker orders to free up 1 request per USDC traded.";
    expect(exchange.act(ALICE, single)).toEqual({ status: "err", response: text });
    exchange.wait(5_000);
    expect(exchange.act(ALICE, single).status).toBe("err");
    exchange.wait(5_000);
    // The refusal in between neither counted nor restarted the window; a batch does not pass as one request.
    expect(exchange.act(ALICE, { ...single, orders: orders.slice(0, 2) }).status).toBe("err");
    expect(exchange.act(ALICE, single).status).toBe("ok");
    expect(exchange.venue.rateLimit(ALICE).used).toBe(10_002);
    const cancels = [{ a: ASSET, o: 1 }];
    expect(exchange.act(ALICE, { type: "cancel", cancels }).status).toBe("ok");
    expect(exchange.venue.rateLimit(ALICE).used).toBe(10_003);
  });

  test("is only counted when limits are off", () => {
    const exchange = new Exchange({ config: { limits: false } });
    const orders = Array.from({ length: 200 }, () => exchange.order("bid", "600", "0.001"));
    for (let batch = 0; batch < 51; batch += 1) {
      expect(exchange.act(ALICE, { type: "order", orders, grouping: "na" }).status).toBe("ok");
    }
    expect(exchange.venue.rateLimit(ALICE)).toMatchObject({ used: 10_200, cap: 10_000 });
  });
});
