import { describe, expect, test } from "bun:test";
import { ALICE, BOB, CAROL, Exchange } from "./exchange.ts";

const FREE = { baseMakerMillionths: 0, baseTakerMillionths: 0 };

/** The mark when ALICE was deleveraged is 1 % below the one before. */
function marks(exchange: Exchange): { readonly previous: number } {
  const now = exchange.venue.prices(exchange.def.coin).markPxTicks ?? 0;
  return { previous: Math.round(now / 0.99) };
}

/** ALICE holds 200 contracts (138,000) at 20x with 7,000 of equity; BOB is the other side and rich. */
function leveraged(options: { coin?: string; lots?: string; usd?: string } = {}): Exchange {
  const exchange = new Exchange({
    config: FREE,
    usd: options.usd ?? "7000",
    ...(options.coin === undefined ? {} : { coin: options.coin }),
  });
  exchange.fund(BOB, "1000000");
  exchange.fund(CAROL, "1000000");
  exchange.market(exchange.oracle("690"));
  exchange.trade(ALICE, BOB, "bid", "690", options.lots ?? "200");
  return exchange;
}

function push(exchange: Exchange, px: string, updates = 1): void {
  for (let update = 0; update < updates; update += 1) exchange.market(exchange.oracle(px));
}

function liquidations(exchange: Exchange): number {
  return exchange.outputs.filter(({ kind }) => kind === "liquidation").length;
}

const sold = (exchange: Exchange): readonly number[] =>
  exchange
    .fills(ALICE)
    .slice(1)
    .map((fill) => fill.sizeLots);

describe("partial liquidation", () => {
  test("of a position worth more than 100k a fifth is sold first", () => {
    const exchange = leveraged();
    exchange.rest(CAROL, "bid", "668", "1000");
    push(exchange, "668", 4);
    expect(sold(exchange)[0]).toBe(40_000);
    expect(exchange.fills(ALICE)[1]).toMatchObject({
      dir: "Liquidated Cross Long",
      liquidation: { liquidatedUser: ALICE, method: "market" },
    });
  });

  test("in the thirty seconds after it the whole rest is sold", () => {
    const exchange = leveraged();
    exchange.rest(CAROL, "bid", "650", "1000");
    push(exchange, "668", 4);
    // A fifth at 650 loses more than it frees: the next block looks again.
    expect(sold(exchange)).toEqual([40_000]);
    exchange.market();
    expect(sold(exchange)).toEqual([40_000, 160_000]);
    expect(exchange.position(ALICE)).toBe(0);
  });

  test("an isolated one goes the same way: a fifth, then the rest in the next block", () => {
    const exchange = new Exchange({ config: FREE, usd: "7000" });
    for (const account of [BOB, CAROL]) exchange.fund(account, "1000000");
    exchange.market(exchange.oracle("690"));
    const setting = { type: "updateLeverage", isCross: false, leverage: 20 } as const;
    exchange.act(ALICE, { ...setting, asset: exchange.def.assetId });
    exchange.trade(ALICE, BOB, "bid", "690", "200");
    exchange.rest(CAROL, "bid", "650", "1000");
    push(exchange, "668", 4);
    expect(sold(exchange)).toEqual([40_000]);
    exchange.market();
    expect(sold(exchange)).toEqual([40_000, 160_000]);
  });

  test("once they are over it is a fifth again", () => {
    const exchange = leveraged({ lots: "1000", usd: "35000" });
    exchange.rest(CAROL, "bid", "660", "2000");
    push(exchange, "668", 4);
    expect(sold(exchange)).toEqual([200_000]);
    for (let step = 0; step < 11; step += 1) {
      exchange.wait(3_000);
      push(exchange, "668");
    }
    expect(sold(exchange)).toEqual([200_000]);
    push(exchange, "664");
    expect(sold(exchange)).toEqual([200_000, 160_000]);
  });

  test("a position of 100k or less is sold whole", () => {
    const exchange = leveraged({ lots: "100", usd: "3450" });
    exchange.rest(CAROL, "bid", "668", "1000");
    push(exchange, "668", 4);
    expect(sold(exchange)).toEqual([100_000]);
  });

  test("what meets the requirement again stays with the trader", () => {
    const exchange = leveraged();
    exchange.rest(CAROL, "bid", "668", "1000");
    push(exchange, "668", 4);
    exchange.market();
    exchange.market();
    expect(exchange.position(ALICE)).toBe(160_000);
    expect(liquidations(exchange)).toBe(1);
    const view = exchange.venue.account(ALICE, "km");
    expect(view.accountValueMicroUsd).toBeGreaterThanOrEqual(view.crossMaintenanceMicroUsd);
  });
});

describe("what else a liquidation ends", () => {
  const twap = (exchange: Exchange, account: string, asset: number) =>
    exchange.act(account, {
      type: "twapOrder",
      twap: { a: asset, b: false, s: "5", r: false, m: 30, t: false },
    });
  const running = (exchange: Exchange, account: string) =>
    exchange.venue.twapEvents(account).map(({ status }) => status);

  test.each([
    ["cross: orders and TWAPs of the whole dex", true, ["terminated", "terminated"], 0],
    ["isolated: those of the market alone", false, ["terminated"], 1],
  ] as const)("%s, and nobody else's", (_, isCross, ended, left) => {
    const exchange = new Exchange({ config: FREE, usd: "10000" });
    for (const account of [BOB, CAROL]) exchange.fund(account, "1000000");
    exchange.market(exchange.oracle("690"));
    const asset = exchange.def.assetId;
    const oil = 110_002;
    exchange.act(ALICE, { type: "updateLeverage", asset, isCross, leverage: 20 });
    exchange.trade(ALICE, BOB, "bid", "690", isCross ? "250" : "100");
    const other = { ...exchange.order("bid", "90", "1"), a: oil };
    exchange.place(BOB, { ...exchange.order("ask", "101", "1"), a: oil });
    exchange.place(CAROL, { ...exchange.order("bid", "101", "1", "Ioc"), a: oil });
    const here = exchange.rest(ALICE, "bid", "560", "1");
    expect(exchange.place(ALICE, other)).toHaveProperty("resting");
    for (const [account, on] of [
      [ALICE, asset],
      [ALICE, oil],
      [BOB, asset],
    ] as const)
      expect(twap(exchange, account, on)).toMatchObject({
        response: { data: { status: { running: expect.anything() } } },
      });
    push(exchange, "600", 16);
    expect(liquidations(exchange)).toBeGreaterThan(0);
    expect(exchange.venue.orderByOid(ALICE, here)?.status).toBe("liquidatedCanceled");
    expect(exchange.venue.openOrders(ALICE)).toHaveLength(left);
    expect(running(exchange, ALICE).filter((status) => status === "terminated")).toEqual([
      ...ended,
    ]);
    expect(running(exchange, BOB)).not.toContain("terminated");
  });
});

/** Sends money to a stranger, so that little is behind a position. */
function giveAway(exchange: Exchange, account: string, amount: string): void {
  const destination = "0x00000000000000000000000000000000000000dd";
  const places = { sourceDex: "km", destinationDex: "km", token: "USDH:0x1" };
  const how = { destination, amount, fromSubAccount: "", byAgent: false };
  expect(exchange.act(account, { type: "sendAsset", ...places, ...how }).status).toBe("ok");
}

describe("deleveraging", () => {
  test("an account below zero is closed at the previous mark against the other side", () => {
    const exchange = leveraged();
    // The only bid is far below: what is sold there takes the equity below zero.
    exchange.rest(CAROL, "bid", "500", "30");
    push(exchange, "600", 4);
    const { previous } = marks(exchange);
    const fills = exchange.fills(ALICE).slice(1);
    expect(fills[0]).toMatchObject({ dir: "Liquidated Cross Long", pxTicks: 500_000 });
    const closed = fills.find((fill) => fill.dir === "Auto-Deleveraging");
    expect(closed).toMatchObject({ feeMicroUsd: 0, sizeLots: 170_000, pxTicks: previous });
    const counter = exchange.fills(BOB).find((fill) => fill.dir === "Auto-Deleveraging");
    expect(counter).toMatchObject({ pxTicks: closed?.pxTicks, sizeLots: 170_000, side: "bid" });
    expect(exchange.position(ALICE)).toBe(0);
    expect(exchange.venue.account(ALICE, "km").accountValueMicroUsd).toBe(0 as never);
  });

  test("ranks the other side by profit and leverage", () => {
    const exchange = leveraged({ lots: "100", usd: "100000" });
    // CAROL is short as well, with less behind it: she comes first.
    exchange.trade(ALICE, CAROL, "bid", "690", "100");
    giveAway(exchange, CAROL, "1080000");
    giveAway(exchange, ALICE, "86000");
    exchange.rest(BOB, "bid", "400", "45");
    push(exchange, "600", 12);
    const hit = exchange.outputs.flatMap((output) =>
      output.kind === "fill" &&
      output.fill.dir === "Auto-Deleveraging" &&
      output.fill.account !== ALICE
        ? [output.fill.account]
        : [],
    );
    expect(hit).toEqual([CAROL, BOB]);
  });

  test("the one with the better entry comes first, among shorts and among longs", () => {
    for (const loser of ["bid", "ask"] as const) {
      const winner = loser === "bid" ? "ask" : "bid";
      const exchange = new Exchange({ config: FREE, usd: "100000" });
      exchange.market(exchange.oracle("690"));
      const [good, bad] = loser === "bid" ? ["700", "680"] : ["680", "700"];
      // ALICE, who will lose all, is the other side of both.
      exchange.trade(CAROL, ALICE, winner, good, "100");
      exchange.trade(BOB, ALICE, winner, bad, "100");
      giveAway(exchange, ALICE, "86000");
      const dan = "0x000000000000000000000000000000000000da40";
      exchange.fund(dan, "100000");
      exchange.rest(dan, loser, loser === "bid" ? "400" : "980", "45");
      push(exchange, loser === "bid" ? "600" : "780", 12);
      const hit = exchange.outputs.flatMap((output) =>
        output.kind === "fill" &&
        output.fill.dir === "Auto-Deleveraging" &&
        output.fill.account !== ALICE
          ? [output.fill.account]
          : [],
      );
      expect(hit[0]).toBe(CAROL);
    }
  });

  test.each(["bid", "ask"] as const)("an isolated %s is liquidated like any other", (side) => {
    const exchange = new Exchange({ config: FREE, usd: "10000" });
    exchange.market(exchange.oracle("690"));
    const setting = { type: "updateLeverage", isCross: false, leverage: 20 } as const;
    exchange.act(ALICE, { ...setting, asset: exchange.def.assetId });
    exchange.trade(ALICE, BOB, side, "690", "10");
    exchange.rest(CAROL, side, side === "bid" ? "660" : "720", "10");
    push(exchange, side === "bid" ? "675" : "705", 4);
    expect(exchange.position(ALICE)).not.toBe(0);
    // 345 of collateral less 10 x 22 is less than a fiftieth of the value.
    push(exchange, side === "bid" ? "668" : "713", 4);
    expect(exchange.position(ALICE)).toBe(0);
    expect(exchange.fills(ALICE).at(-1)?.dir).toContain("Liquidated Isolated");
  });

  test("the backstop does not buy where cross margin is not allowed", () => {
    const exchange = new Exchange({ coin: "km:OIL", config: FREE, usd: "1000" });
    exchange.market(exchange.oracle("100"));
    exchange.trade(ALICE, BOB, "bid", "100", "20");
    // Collateral 200: at 91 there are 20 left of a maintenance of 91, and nobody buys.
    push(exchange, "91", 12);
    expect(exchange.position(ALICE)).toBe(20_000);
    expect(liquidations(exchange)).toBeGreaterThan(0);
    push(exchange, "89", 4);
    expect(exchange.fills(ALICE).at(-1)?.dir).toBe("Auto-Deleveraging");
    expect(exchange.fills(BOB).at(-1)?.dir).toBe("Auto-Deleveraging");
    expect(exchange.position(ALICE)).toBe(0);
  });
});
