import { describe, expect, test } from "bun:test";
import { ALICE, ASSET, BOB, closes, Exchange, errorText, withMarket } from "./exchange.ts";

describe("isolated margin", () => {
  function isolated(): Exchange {
    const exchange = new Exchange({ usd: "10000" });
    exchange.market(exchange.oracle("690"));
    exchange.act(ALICE, { type: "updateLeverage", asset: ASSET, isCross: false, leverage: 10 });
    exchange.trade(ALICE, BOB, "bid", "690", "10");
    return exchange;
  }
  const change = (exchange: Exchange, ntli: number) =>
    errorText(exchange.act(ALICE, { type: "updateIsolatedMargin", asset: ASSET, ntli }));
  const used = (exchange: Exchange) =>
    Number(exchange.venue.account(ALICE, "km").positions[0]?.marginUsedMicroUsd);

  test("is added from what is withdrawable and taken down to the initial margin", () => {
    const exchange = isolated();
    expect(change(exchange, 100_000_000)).toBe("");
    expect(used(exchange)).toBe(790_000_000);
    expect(change(exchange, -100_000_000)).toBe("");
    expect(change(exchange, -1)).not.toBe("");
    expect(change(exchange, 20_000_000_000)).not.toBe("");
    expect(used(exchange)).toBe(690_000_000);
    expect(closes(exchange, "km")).toBe(true);
  });

  test("comes off where only cross is missing, and never from a strictly isolated position", () => {
    for (const [isMarginRemovable, text] of [
      [true, ""],
      [undefined, "Margin cannot be removed from a strictly isolated position."],
    ] as const) {
      const changes = isMarginRemovable === undefined ? {} : { isMarginRemovable };
      const exchange = new Exchange({ coin: "km:OIL", config: withMarket("km:OIL", changes) });
      exchange.market(exchange.oracle("100"));
      exchange.trade(ALICE, BOB, "bid", "100", "20");
      const move = (ntli: number) =>
        errorText(
          exchange.act(ALICE, {
            type: "updateIsolatedMargin",
            asset: exchange.def.assetId,
            ntli,
          }),
        );
      expect(move(50_000_000)).toBe("");
      expect(move(-50_000_000)).toBe(text);
    }
  });

  test("is topped up to a wished leverage where nothing else is allowed, and no further", () => {
    const exchange = new Exchange({ coin: "km:OIL", usd: "10000" });
    exchange.market(exchange.oracle("100"));
    exchange.trade(ALICE, BOB, "bid", "100", "20");
    const topUp = (leverage: string, asset = exchange.def.assetId) =>
      errorText(exchange.act(ALICE, { type: "topUpIsolatedOnlyMargin", asset, leverage }));
    // 2000 at 10x: 200 are there, of 400 at 5x and 667 at 3x.
    expect(topUp("5")).toBe("");
    expect(used(exchange)).toBe(400_000_000);
    expect(topUp("3")).toBe("");
    expect(used(exchange)).toBe(666_666_667);
    expect(topUp("8")).toBe("");
    expect(used(exchange)).toBe(666_666_667);
    expect(topUp("0")).toBe("Invalid leverage value");
    expect(topUp("0.1")).toBe("Insufficient margin for the isolated position.");
    expect(closes(exchange, "km")).toBe(true);
  });

  test("a fee beyond the free cash comes out of it", () => {
    const exchange = new Exchange({ usd: "69.01" });
    exchange.fund(BOB, "10000");
    exchange.market(exchange.oracle("690"));
    exchange.act(ALICE, { type: "updateLeverage", asset: ASSET, isCross: false, leverage: 10 });
    exchange.trade(ALICE, BOB, "bid", "690", "1");
    // 69 of collateral leave a cent for a taker's 0.0621.
    expect(Number(exchange.fills(ALICE)[0]?.feeMicroUsd)).toBe(62_100);
    expect(used(exchange)).toBe(69_000_000 - 52_100);
    expect(Number(exchange.venue.account(ALICE, "km").crossRawUsdMicroUsd)).toBe(0);
    expect(closes(exchange, "km")).toBe(true);
  });

  test("needs an isolated position", () => {
    expect(change(new Exchange(), 1)).toContain("No isolated position");
  });
});
