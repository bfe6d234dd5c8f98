import { describe, expect, test } from "bun:test";
import { FEE_TIERS, newTraded, noteTraded, tierOf } from "../../lib/venue/rules/feeTiers.ts";
import { ALICE, BOB, CAROL, Exchange } from "./exchange.ts";

const DAY_MS = 86_400_000;

describe("fee tiers", () => {
  test.each([
    [5_000_000, 0],
    [5_000_001, 1],
    [25_000_001, 2],
    [100_000_001, 3],
    [500_000_001, 4],
    [2_000_000_001, 5],
    [7_000_000_001, 6],
  ])(
    "%p dollars in a fortnight are tier %p from the next day on, for fourteen days",
    (usd, tier) => {
      const traded = newTraded();
      noteTraded(traded, usd * 1e6, 100 * DAY_MS + 5);
      const tiers = [100, 101, 114, 115].map((day) => tierOf(traded, day * DAY_MS));
      expect(tiers).toEqual([0, tier, tier, 0]);
    },
  );

  test("days add up, and those that no longer count are forgotten", () => {
    const traded = newTraded();
    for (let day = 0; day < 60; day++) noteTraded(traded, 2_000_000e6, day * DAY_MS);
    expect(traded.usdByDay.size).toBe(15);
    expect(tierOf(traded, 60 * DAY_MS)).toBe(2);
  });

  test("rates fall with the day, growth mode counts a tenth, and the account is told", () => {
    const exchange = new Exchange({ usd: "100000000" });
    exchange.market(exchange.oracle("690"));
    const feeOf = (account: string) => exchange.venue.latestFills(account, 1)[0]?.feeMicroUsd;
    exchange.trade(ALICE, BOB, "bid", "690", "80000");
    exchange.trade(ALICE, BOB, "bid", "690", "1");
    expect([feeOf(ALICE), feeOf(BOB)] as number[]).toEqual([62_100, 20_700]);
    exchange.wait(DAY_MS);
    exchange.trade(ALICE, BOB, "bid", "690", "1");
    expect([feeOf(ALICE), feeOf(BOB)] as number[]).toEqual([55_200, 16_560]);
    expect(exchange.venue.baseRates(ALICE)).toEqual({
      baseMakerMillionths: 120,
      baseTakerMillionths: 400,
    });
    expect(exchange.venue.baseRates(CAROL)).toMatchObject({ baseTakerMillionths: 450 });
  });

  test("a sub-account pays its master's rates", () => {
    const exchange = new Exchange({ usd: "100000000", config: { limits: false } });
    exchange.market(exchange.oracle("690"));
    const made = exchange.act(ALICE, { type: "createSubAccount", name: "maker" });
    const sub =
      made.status === "ok" && made.response.type === "createSubAccount" ? made.response.data : "";
    exchange.trade(ALICE, BOB, "bid", "690", "80000");
    exchange.wait(DAY_MS);
    expect(exchange.venue.baseRates(sub)).toMatchObject({ baseTakerMillionths: 400 });
  });

  test("a venue whose base rates are lower stays at them", () => {
    const exchange = new Exchange({
      usd: "100000000",
      config: { baseMakerMillionths: 0, baseTakerMillionths: 100 },
    });
    exchange.market(exchange.oracle("690"));
    exchange.trade(ALICE, BOB, "bid", "690", "80000");
    exchange.wait(DAY_MS);
    expect(exchange.venue.baseRates(ALICE)).toEqual({
      baseMakerMillionths: 0,
      baseTakerMillionths: 100,
    });
    expect(FEE_TIERS).toHaveLength(6);
  });
});
