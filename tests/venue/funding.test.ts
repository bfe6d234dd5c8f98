import { describe, expect, test } from "bun:test";
import { ms } from "../../lib/units/numbers.ts";
import { ALICE, ASSET, BLOCK, BOB, COIN, Exchange, START } from "./exchange.ts";

const FREE = { baseMakerMillionths: 0, baseTakerMillionths: 0 };

const positionOf = (exchange: Exchange) => exchange.venue.account(ALICE, "km").positions[0];

describe("funding", () => {
  function hour(oracle: string, mid: readonly [string, string]): Exchange {
    const exchange = new Exchange({ config: FREE });
    exchange.market(
      exchange.oracle(oracle),
      exchange.agent(1, "bid", mid[0], "50"),
      exchange.agent(2, "ask", mid[1], "50"),
    );
    exchange.place(ALICE, exchange.order("bid", mid[1], "10", "Ioc"));
    exchange.wait(3_600_000);
    return exchange;
  }

  test("without premium an hour costs longs 0.00125 %", () => {
    const exchange = hour("690", ["689", "691"]);
    const [paid] = exchange.venue.fundings(ALICE);
    // 10 x 690 x 0.0000125, the oracle prices it.
    expect(paid).toMatchObject({
      coin: COIN,
      microUsd: -86_250,
      positionLots: 10_000,
      ratePpb: 12_500,
    });
    expect(Number(paid?.venueMs) - START).toBeGreaterThanOrEqual(3_600_000);
    expect(Number(paid?.venueMs) - START).toBeLessThan(3_600_070);
    expect(exchange.outputs.filter((output) => output.kind === "funding")).toHaveLength(1);
    expect(positionOf(exchange)).toMatchObject({
      fundingAllTimeMicroUsd: -86_250,
      fundingSinceOpenMicroUsd: -86_250,
    });
    expect(exchange.venue.fundingHistory(COIN, START, ms(START + 4_000_000))).toHaveLength(1);
  });

  test("a book 1 % above the oracle: (premium - 0.05 %) / 8 an hour", () => {
    const exchange = hour("690", ["696", "697.8"]);
    const [paid] = exchange.venue.fundings(ALICE);
    expect(paid?.ratePpb).toBeCloseTo(((0.01 - 0.0005) / 8) * 1e9, -4);
    const [told] = exchange.venue.fundingHistory(COIN, START, ms(START + 4_000_000));
    expect(told?.premium).toBeCloseTo(0.01, 4);
    expect(told?.ratePpb).toBe(paid?.ratePpb ?? 0);
    const { houseMicroUsd, accountsMicroUsd, depositsMicroUsd } = exchange.venue.money("km");
    expect(houseMicroUsd + accountsMicroUsd).toBe(depositsMicroUsd);
  });

  test("the cap is 4 % an hour", () => {
    const exchange = hour("400", ["690", "691"]);
    expect(exchange.venue.fundings(ALICE)[0]?.ratePpb).toBe(40_000_000);
  });

  test("an isolated position pays from its collateral", () => {
    const exchange = new Exchange({ config: FREE, usd: "10000" });
    exchange.market(
      exchange.oracle("690"),
      exchange.agent(1, "bid", "689", "50"),
      exchange.agent(2, "ask", "691", "50"),
    );
    exchange.act(ALICE, { type: "updateLeverage", asset: ASSET, isCross: false, leverage: 10 });
    exchange.place(ALICE, exchange.order("bid", "691", "10", "Ioc"));
    const before = Number(positionOf(exchange)?.isolatedRawMicroUsd);
    const free = () => Number(exchange.venue.account(ALICE, "km").crossRawUsdMicroUsd);
    const freeBefore = free();
    exchange.wait(3_600_000);
    const paid = Number(exchange.venue.fundings(ALICE)[0]?.microUsd);
    expect(paid).toBe(-86_250);
    expect(Number(positionOf(exchange)?.isolatedRawMicroUsd) - before).toBe(paid);
    expect(free()).toBe(freeBefore);
  });

  test("on the main dex the premium is what the impact prices leave of the oracle, of 20k for BTC", () => {
    const rate = (bid: string, ask: string, size: string) => {
      const exchange = new Exchange({ coin: "BTC", config: FREE, usd: "10000000" });
      exchange.market(
        exchange.oracle("100000"),
        exchange.agent(1, "bid", bid, size),
        exchange.agent(2, "ask", ask, size),
      );
      exchange.wait(3_600_000 + BLOCK);
      return exchange.venue.fundingHistory("BTC", START, ms(START + 4_000_000))[0]?.premium;
    };
    expect(rate("100500", "100600", "1")).toBeCloseTo(0.005, 9);
    expect(rate("99400", "99500", "1")).toBeCloseTo(-0.005, 9);
    expect(rate("99500", "100600", "1")).toBe(0);
    // 10k on a side say nothing where 20k are asked for.
    expect(rate("100500", "100600", "0.1")).toBe(0);
  });

  test("a flat account pays nothing", () => {
    const exchange = hour("690", ["689", "691"]);
    expect(exchange.venue.fundings(BOB)).toEqual([]);
  });
});
