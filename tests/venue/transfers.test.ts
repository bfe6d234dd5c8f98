import { describe, expect, test } from "bun:test";
import { chargeDay, newBudget } from "../../lib/venue/rules/budget.ts";
import type { Side } from "../../lib/units/grid.ts";
import type { Tif, VenueAction } from "../../lib/venue/rules/types.ts";
import { ALICE, BOB, CAROL, COIN, CONFIG, Exchange, closes, errorText } from "./exchange.ts";

const USDH = "USDH:0x1";
const STRANGER = "0x00000000000000000000000000000000000000ff";

function balanceOf(exchange: Exchange, account: string, token = "USDH") {
  const found = exchange.venue.spotBalances(account).find((each) => each.token.name === token);
  return found === undefined ? null : [Number(found.totalMicroUsd), Number(found.holdMicroUsd)];
}

function send(more: Partial<Extract<VenueAction, { readonly type: "sendAsset" }>> = {}) {
  const places = { sourceDex: "km", destinationDex: "spot" };
  const rest = { token: USDH, amount: "100", fromSubAccount: "", byAgent: false };
  return { type: "sendAsset", destination: ALICE, ...places, ...rest, ...more } as const;
}

describe("transfers", () => {
  test("between a dex and spot, and the money of the dex still closes", () => {
    const exchange = new Exchange();
    expect(exchange.act(ALICE, send()).status).toBe("ok");
    expect(balanceOf(exchange, ALICE)).toEqual([100_000_000, 0]);
    const back = send({ sourceDex: "spot", destinationDex: "km", amount: "40" });
    expect(exchange.act(ALICE, back).status).toBe("ok");
    expect(balanceOf(exchange, ALICE)).toEqual([60_000_000, 0]);
    expect(Number(exchange.venue.account(ALICE, "km").accountValueMicroUsd)).toBe(999_940_000_000);
    expect(closes(exchange, "km")).toBe(true);
  });

  test("between the main dex and spot, each way", () => {
    const exchange = new Exchange();
    exchange.fund(ALICE, "100", "");
    const move = (amount: string, toPerp: boolean) =>
      exchange.act(ALICE, { type: "usdClassTransfer", amount, toPerp });
    expect(errorText(move("10", true))).toBe("Insufficient balance for token transfer");
    expect(move("30", false).status).toBe("ok");
    expect(balanceOf(exchange, ALICE, "USDC")).toEqual([30_000_000, 0]);
    expect(move("10", true).status).toBe("ok");
    expect(balanceOf(exchange, ALICE, "USDC")).toEqual([20_000_000, 0]);
    expect(Number(exchange.venue.account(ALICE, "").accountValueMicroUsd)).toBe(80_000_000);
    expect(closes(exchange, "")).toBe(true);
  });

  test.each([
    [send({ amount: "0" }), "Send amount cannot be zero"],
    [send({ amount: "1e3" }), "Invalid decimal number"],
    [send({ amount: "0.0000001" }), "Invalid number of decimals"],
    [send({ token: "GOLD:0x9" }), "Unknown token GOLD:0x9"],
    [send({ destinationDex: "nope" }), "Invalid perp DEX"],
    [send({ destinationDex: "km" }), "Invalid send"],
    [send({ amount: "2000000" }), "Insufficient balance for withdrawal"],
    [send({ sourceDex: "spot", destinationDex: "km" }), "Insufficient balance for token transfer"],
    [send({ destinationDex: "" }), "Token USDH is not the collateral of the perp DEX"],
    [send({ byAgent: true, destination: BOB }), "Invalid send"],
    [send({ fromSubAccount: BOB }), "Sub-account does not exist."],
  ])("%o is refused: %s", (action, text) => {
    const exchange = new Exchange();
    expect(errorText(exchange.act(ALICE, action))).toBe(text);
    expect(closes(exchange, "km")).toBe(true);
  });

  test("margin in use does not leave", () => {
    const exchange = new Exchange({ usd: "1000" });
    exchange.market(exchange.oracle("690"));
    exchange.trade(ALICE, BOB, "bid", "690", "10");
    expect(errorText(exchange.act(ALICE, send({ amount: "500" })))).toBe(
      "Insufficient balance for withdrawal",
    );
  });

  test("a first transfer to a stranger costs one and makes it known", () => {
    const exchange = new Exchange();
    exchange.fund(ALICE, "100", "");
    const action = { type: "usdSend", destination: STRANGER, amount: "10" } as const;
    expect(exchange.act(ALICE, action).status).toBe("ok");
    expect(exchange.venue.signerToAccount(STRANGER)).toBe(STRANGER);
    expect(Number(exchange.venue.account(ALICE, "").accountValueMicroUsd)).toBe(89_000_000);
    expect(exchange.venue.transfers(STRANGER)[0]?.delta).toMatchObject({
      type: "internalTransfer",
      user: ALICE,
      feeMicroUsd: 1_000_000,
    });
    expect(closes(exchange, "")).toBe(true);
  });

  test("a withdrawal costs one, and an agent may not ask for it", () => {
    const exchange = new Exchange();
    exchange.fund(ALICE, "100", "");
    const action = { type: "withdraw3", destination: ALICE, amount: "50" } as const;
    exchange.act(ALICE, { type: "approveAgent", agentAddress: STRANGER, agentName: "" });
    expect(errorText(exchange.act(ALICE, action, { signer: STRANGER }))).toContain("Must deposit");
    expect(exchange.act(ALICE, action).status).toBe("ok");
    expect(Number(exchange.venue.account(ALICE, "").accountValueMicroUsd)).toBe(50_000_000);
    expect(exchange.venue.transfers(ALICE).at(-1)).toMatchObject({
      microUsd: -50_000_000,
      delta: { type: "withdraw", microUsd: 49_000_000, feeMicroUsd: 1_000_000 },
    });
    expect(closes(exchange, "")).toBe(true);
  });
});

/** A second dex with the collateral and the market of the first. */
const TWIN = 120_000;
const TWINS = CONFIG.dexes.flatMap((dex) => {
  if (dex.name !== "km") return [dex];
  const markets = dex.markets
    .slice(0, 1)
    .map((each) => ({ ...each, coin: "twin:US500", dex: "twin", assetId: TWIN }));
  return [dex, { ...dex, name: "twin", index: 2, markets }];
});

function unify(exchange: Exchange): void {
  const action = { type: "setAbstraction", user: ALICE, abstraction: "unifiedAccount" } as const;
  expect(exchange.act(ALICE, action).status).toBe("ok");
}

describe("unified mode", () => {
  function unified(): Exchange {
    const exchange = new Exchange({ usd: "1000" });
    exchange.market(exchange.oracle("690"));
    unify(exchange);
    return exchange;
  }

  test("one balance carries the positions of the dex, its margin is on hold", () => {
    const exchange = unified();
    expect(balanceOf(exchange, ALICE)).toEqual([1_000_000_000, 0]);
    exchange.rest(ALICE, "bid", "680", "10");
    expect(balanceOf(exchange, ALICE)).toEqual([1_000_000_000, 340_000_000]);
    const over = exchange.place(ALICE, exchange.order("bid", "680", "20"));
    expect(over).toMatchObject({ error: expect.stringContaining("Insufficient margin") });
    expect(errorText(exchange.act(ALICE, send()))).toBe(
      "Unified account only supports sending assets through spot",
    );
  });

  test("is not left with orders or positions", () => {
    const exchange = unified();
    const leave = { type: "setAbstraction", user: ALICE, abstraction: "disabled" } as const;
    const oid = exchange.rest(ALICE, "bid", "680", "1");
    expect(errorText(exchange.act(ALICE, leave))).toBe("Abstraction transition not allowed");
    exchange.cancel(ALICE, oid);
    expect(exchange.act(ALICE, leave).status).toBe("ok");
  });

  test("takes fifty thousand actions a day", () => {
    const budget = newBudget();
    const day = 86_400_000;
    for (let n = 0; n < 50_000; n += 1) expect(chargeDay(budget, day, true)).toBeNull();
    expect(chargeDay(budget, 2 * day - 1, true)).toContain("at most 50000");
    expect(chargeDay(budget, 2 * day, true)).toBeNull();
    const exchange = unified();
    const before = exchange.venue.stateHash();
    expect(exchange.act(ALICE, { type: "noop" }).status).toBe("ok");
    expect(exchange.venue.stateHash()).not.toBe(before);
  });

  test("the balance answers for losses before the house does", () => {
    const exchange = unified();
    exchange.fund(BOB, "100000");
    exchange.trade(ALICE, BOB, "bid", "690", "20");
    for (let px = 684; px > 600; px -= 6) {
      exchange.queueMarket(exchange.oracle(String(px)));
      exchange.wait(3_000);
    }
    expect(exchange.position(ALICE)).toBe(0);
    expect(closes(exchange, "km")).toBe(true);
    expect(exchange.outputs.filter(({ kind }) => kind === "liquidation")).toHaveLength(1);
  });

  test("the backstop takes the balance with the positions", () => {
    const exchange = unified();
    exchange.fund(BOB, "100000");
    exchange.trade(ALICE, BOB, "bid", "690", "20");
    // Equity of 1000 less 760: 240 are less than two thirds of the maintenance of 652 x 20 / 50, with no buyer in sight.
    while (exchange.position(ALICE) !== 0) {
      const px = (exchange.venue.prices(COIN).markPxTicks ?? 0) - 1_000;
      exchange.market(exchange.oracle((px / 1000).toFixed(2)));
    }
    expect(exchange.fills(ALICE).at(-1)?.liquidation?.method).toBe("backstop");
    expect(balanceOf(exchange, ALICE)).toEqual([0, 0]);
    const taken = exchange.venue.transfers(ALICE).at(-1);
    expect(taken?.kind).toBe("backstop");
    expect(Number(taken?.microUsd)).toBeWithin(-240_000_000, 0);
    expect(closes(exchange, "km")).toBe(true);
  });

  test("what another dex of the same collateral holds carries too, less what it needs itself", () => {
    const exchange = new Exchange({ usd: "1000", config: { dexes: TWINS } });
    exchange.market(exchange.oracle("690"));
    const twin = (p: string, s: string) => ({ ...exchange.order("bid", p, s), a: TWIN });
    unify(exchange);
    // 680 x 20 at 20x in one dex leave 320 of 1000 for the other.
    expect(exchange.place(ALICE, twin("680", "20"))).toHaveProperty("resting");
    expect(exchange.place(ALICE, exchange.order("bid", "640", "10.001"))).toMatchObject({
      error: expect.stringContaining("Insufficient margin"),
    });
    expect(exchange.place(ALICE, exchange.order("bid", "640", "10"))).toHaveProperty("resting");
  });

  test("the balance carries a maker's fill, less what positions elsewhere need, without orders", () => {
    for (const [px, end] of [
      ["684", "filled"],
      ["640", "marginCanceled"],
    ] as const) {
      const free = { baseMakerMillionths: 0, baseTakerMillionths: 0 };
      const exchange = new Exchange({ usd: "1000", config: { ...free, dexes: TWINS } });
      for (const account of [BOB, CAROL])
        for (const dex of ["km", "twin"]) exchange.fund(account, "100000", dex);
      exchange.market(exchange.oracle("690"));
      unify(exchange);
      const twin = (account: string, side: Side, p: string, s: string, tif: Tif = "Alo") =>
        exchange.place(account, { ...exchange.order(side, p, s, tif), a: TWIN });
      twin(BOB, "ask", "690", "10");
      expect(twin(ALICE, "bid", "690", "10", "Ioc")).toHaveProperty("filled");
      // 345 for the position, 210 for an order there and 414 for this one: of 1000.
      expect(twin(ALICE, "bid", "600", "7")).toHaveProperty("resting");
      const oid = exchange.rest(ALICE, "bid", "690", "12");
      // The position loses 60 or 500; 598 or 180 are left for 414.
      twin(BOB, "bid", px, "0.1");
      expect(twin(CAROL, "ask", px, "0.1", "Ioc")).toHaveProperty("filled");
      exchange.place(CAROL, exchange.order("ask", "690", "12", "Ioc"));
      expect([px, exchange.venue.orderByOid(ALICE, oid)?.status]).toEqual([px, end]);
    }
  });

  test("what a position has lost is not there to be sent", () => {
    const free = { baseMakerMillionths: 0, baseTakerMillionths: 0 };
    const exchange = new Exchange({ usd: "1000", config: free });
    exchange.fund(BOB, "100000");
    exchange.market(exchange.oracle("690"));
    unify(exchange);
    exchange.trade(ALICE, BOB, "bid", "690", "10");
    for (let update = 0; update < 8; update += 1) exchange.market(exchange.oracle("650"));
    // 400 of 1000 are lost, and 325 of what is left are margin.
    expect(balanceOf(exchange, ALICE)).toEqual([1_000_000_000, 325_000_000]);
    const sent = (amount: string) =>
      errorText(
        exchange.act(
          ALICE,
          send({ sourceDex: "spot", destinationDex: "spot", destination: BOB, amount }),
        ),
      );
    expect(sent("275.000001")).toBe("Insufficient balance for token transfer");
    expect(sent("275")).toBe("");
    expect(closes(exchange, "km")).toBe(true);
  });

  test("what is sent comes from the balance first, then from each dex what it can spare", () => {
    const exchange = new Exchange({ usd: "1000", config: { dexes: TWINS } });
    exchange.market(exchange.oracle("690"));
    unify(exchange);
    for (const [dex, usd] of [
      ["", "5000"],
      ["km", "300"],
      ["twin", "250"],
    ] as const)
      exchange.fund(ALICE, usd, dex);
    exchange.rest(ALICE, "bid", "680", "3");
    const left = () => [
      ...["", "km", "twin"].map(
        (dex) => Number(exchange.venue.account(ALICE, dex).totalRawUsdMicroUsd) / 1e6,
      ),
      balanceOf(exchange, ALICE),
    ];
    const sent = (amount: string) =>
      errorText(
        exchange.act(
          ALICE,
          send({ sourceDex: "spot", destinationDex: "spot", destination: BOB, amount }),
        ),
      );
    expect(left()).toEqual([5000, 300, 250, [1_550_000_000, 102_000_000]]);
    expect(sent("900")).toBe("");
    expect(left()).toEqual([5000, 300, 250, [650_000_000, 102_000_000]]);
    expect(sent("150")).toBe("");
    expect(left()).toEqual([5000, 250, 250, [500_000_000, 102_000_000]]);
    // 148 of the 250, as 102 are behind the order, and 52 of the other's.
    expect(sent("200")).toBe("");
    expect(left()).toEqual([5000, 102, 198, [300_000_000, 102_000_000]]);
    expect(sent("198.000001")).toBe("Insufficient balance for token transfer");
    expect(sent("198")).toBe("");
    expect(left()).toEqual([5000, 102, 0, [102_000_000, 102_000_000]]);
  });
});

describe("what is bought and approved", () => {
  test("reserved requests are used before the allowance", () => {
    const exchange = new Exchange();
    exchange.fund(ALICE, "100", "");
    expect(exchange.act(ALICE, { type: "reserveRequestWeight", weight: 1000 }).status).toBe("ok");
    expect(Number(exchange.venue.account(ALICE, "").accountValueMicroUsd)).toBe(99_500_000);
    expect(exchange.venue.rateLimit(ALICE)).toMatchObject({ used: 0, surplus: 999, cap: 10_000 });
  });

  test("requests can be bought for somebody else, even for one not seen before", () => {
    const exchange = new Exchange();
    exchange.fund(ALICE, "100", "");
    const buy = (weight: number) =>
      errorText(
        exchange.act(ALICE, { type: "reserveRequestWeight", weight, destination: STRANGER }),
      );
    expect(buy(0)).toBe("Request weight cannot be zero");
    expect(buy(200_001)).toBe("Insufficient balance to reserve request weight");
    expect(buy(1000)).toBe("");
    expect(exchange.venue.rateLimit(STRANGER)).toMatchObject({ surplus: 1000 });
    expect(Number(exchange.venue.account(ALICE, "").accountValueMicroUsd)).toBe(99_500_000);
    expect(closes(exchange, "")).toBe(true);
  });

  test("a builder's share is on top of the fee, once approved", () => {
    const exchange = new Exchange();
    exchange.market(exchange.oracle("690"));
    exchange.rest(BOB, "ask", "690", "1");
    const orders = [exchange.order("bid", "690", "1", "Ioc")];
    const action = {
      type: "order",
      orders,
      grouping: "na",
      builder: { b: STRANGER, f: 10 },
    } as const;
    expect(errorText(exchange.act(ALICE, action))).toBe("Builder fee has not been approved");
    const approve = { type: "approveBuilderFee", builder: STRANGER, maxFeeRate: "0.01%" } as const;
    expect(exchange.act(ALICE, approve).status).toBe("ok");
    expect(errorText(exchange.act(ALICE, action))).toBe("");
    // One basis point of 690.
    expect(exchange.fills(ALICE)[0]).toMatchObject({ coin: COIN, builderFeeMicroUsd: 69_000 });
    expect(Number(exchange.venue.account(STRANGER, "km").accountValueMicroUsd)).toBe(69_000);
    expect(closes(exchange, "km")).toBe(true);
  });
});
