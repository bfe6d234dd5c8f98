import { describe, expect, test } from "bun:test";
import { ms } from "../../lib/units/numbers.ts";
import { liquidationPx, maintenanceMargin } from "../../lib/venue/rules/marginTables.ts";
import { ALICE, ASSET, BOB, CAROL, COIN, CONFIG, Exchange, withMarket } from "./exchange.ts";

const FREE = { baseMakerMillionths: 0, baseTakerMillionths: 0 };
/** 25x below 20,000, 10x below 50,000, then 5x: the venue's test network has such tables. */
const TIERS = {
  id: 60,
  description: "tiered 25x",
  tiers: [
    { lowerBoundUsd: 0, maxLeverage: 25 },
    { lowerBoundUsd: 20_000, maxLeverage: 10 },
    { lowerBoundUsd: 50_000, maxLeverage: 5 },
  ],
};

describe("margin tables", () => {
  const tiered = () =>
    new Exchange({ config: { ...FREE, ...withMarket(COIN, { marginTable: TIERS }) } });

  test("maintenance is the tier's rate less its deduction, as measured", () => {
    const { def } = tiered();
    // 12073.655 x 0.02 - 75 = 166.4731: 40x up to 10,000 (1.25 %), then 25x (2 %).
    const measured = {
      ...def,
      marginTable: {
        ...TIERS,
        tiers: [
          { lowerBoundUsd: 0, maxLeverage: 40 },
          { lowerBoundUsd: 10_000, maxLeverage: 25 },
        ],
      },
    };
    expect(maintenanceMargin(measured, 12_073_655_000)).toBe(166_473_100);
    expect(maintenanceMargin(def, 60_000_000_000)).toBe(400e6 + 1_500e6 + 1_000e6);
  });

  test("the liquidation price is taken at the tier of its own position value", () => {
    const { def } = tiered();
    const equity = 40_000_000_000;
    const position = { lots: 100_000, pxTicks: 690_000 };
    const liq = liquidationPx(def, position, equity, maintenanceMargin(def, 69_000_000_000)) ?? 0;
    const left = equity + position.lots * (liq - position.pxTicks);
    expect(left).toBeCloseTo(maintenanceMargin(def, Math.round(position.lots * liq)), -2);
    expect(position.lots * liq).toBeLessThan(50_000_000_000);
  });

  test("an order may not make a position that its leverage is too high for", () => {
    const exchange = tiered();
    exchange.market(exchange.oracle("690"));
    const order = exchange.order("bid", "690", "30");
    expect(exchange.place(ALICE, order)).toEqual({
      error: `Order would cause position to exceed margin tier limit at current leverage asset=${ASSET}`,
    });
    expect(exchange.updates(ALICE).at(-1)?.[1]).toBe("perpMaxPositionRejected");
    exchange.act(ALICE, { type: "updateLeverage", asset: ASSET, isCross: true, leverage: 10 });
    expect(exchange.place(ALICE, order)).toHaveProperty("resting");
  });
});

describe("open-interest caps", () => {
  /** ALICE is long 10 contracts against BOB: 6,900 of a cap of 6,900. */
  function capped(): Exchange {
    const config = { ...FREE, ...withMarket(COIN, { openInterestCapUsd: 6_900 }) };
    const exchange = new Exchange({ config });
    exchange.market(exchange.oracle("690"));
    exchange.trade(ALICE, BOB, "bid", "690", "10");
    return exchange;
  }
  const text = `Order would increase open interest while open interest is capped asset=${ASSET}`;

  test("at the cap nobody opens or turns a position", () => {
    const exchange = capped();
    expect(exchange.venue.atOpenInterestCap("km")).toEqual([COIN]);
    expect(exchange.place(CAROL, exchange.order("bid", "690", "1"))).toEqual({ error: text });
    expect(exchange.place(ALICE, exchange.order("ask", "690", "25"))).toEqual({ error: text });
    expect(exchange.updates(CAROL).at(-1)?.[1]).toBe("positionIncreaseAtOpenInterestCapRejected");
    expect(exchange.updates(ALICE).at(-1)?.[1]).toBe("positionFlipAtOpenInterestCapRejected");
    expect(exchange.place(ALICE, exchange.order("ask", "691", "5"))).toHaveProperty("resting");
  });

  test("a short may not grow or turn either, and closes no lower than the oracle", () => {
    const exchange = capped();
    expect(exchange.place(BOB, exchange.order("ask", "690", "1"))).toEqual({ error: text });
    expect(exchange.place(BOB, exchange.order("bid", "690", "25"))).toEqual({ error: text });
    expect(exchange.place(BOB, exchange.order("bid", "691", "5"))).toEqual({
      error: `Order rejected due to price more aggressive than oracle while at open interest cap asset=${ASSET}`,
    });
    expect(exchange.place(BOB, exchange.order("bid", "680", "5"))).toEqual({
      error: `Price too far from oracle asset=${ASSET}`,
    });
    expect(exchange.place(BOB, exchange.order("bid", "689", "5"))).toHaveProperty("resting");
  });

  test("a dex has a cap for all its markets together, and for no other's", () => {
    const at = (openInterestCapUsd: number) => {
      const dexes = CONFIG.dexes.map((dex) =>
        dex.name === "km" ? { ...dex, openInterestCapUsd } : dex,
      );
      const exchange = new Exchange({ config: { ...FREE, dexes } });
      exchange.market(exchange.oracle("690"));
      for (const account of [ALICE, BOB]) exchange.fund(account, "10000", "");
      exchange.trade(ALICE, BOB, "bid", "690", "10");
      const other = (asset: number, side: "bid" | "ask", p: string, s: string, tif?: "Ioc") => ({
        ...exchange.order(side, p, s, tif),
        a: asset,
      });
      for (const [asset, p, s] of [
        [110_002, "100", "20"],
        [0, "80000", "0.1"],
      ] as const) {
        exchange.place(BOB, other(asset, "ask", p, s));
        expect(exchange.place(ALICE, other(asset, "bid", p, s, "Ioc"))).toHaveProperty("filled");
      }
      return exchange.venue.atOpenInterestCap("km");
    };
    // 6,900 and 2,000 in the dex; 8,000 in another.
    expect(at(8_900)).toEqual(expect.arrayContaining([COIN, "km:OIL"]));
    expect(at(8_901)).toEqual([]);
  });

  test("a closing order is not more aggressive than the oracle and not far from it", () => {
    const exchange = capped();
    expect(exchange.place(ALICE, exchange.order("ask", "689", "5"))).toEqual({
      error: `Order rejected due to price more aggressive than oracle while at open interest cap asset=${ASSET}`,
    });
    expect(exchange.place(ALICE, exchange.order("ask", "699", "5"))).toEqual({
      error: `Price too far from oracle asset=${ASSET}`,
    });
    const reducing = { ...exchange.order("ask", "699", "5"), r: true };
    expect(exchange.place(ALICE, reducing)).toHaveProperty("resting");
  });

  test("what rests further than one percent from the oracle goes", () => {
    const config = { ...FREE, ...withMarket(COIN, { openInterestCapUsd: 6_900 }) };
    const exchange = new Exchange({ config });
    exchange.market(exchange.oracle("690"));
    const [near, far] = [
      exchange.rest(CAROL, "bid", "685", "1"),
      exchange.rest(CAROL, "bid", "680", "1"),
    ];
    exchange.trade(ALICE, BOB, "bid", "690", "10");
    exchange.market(exchange.oracle("690"));
    const status = (oid: number) => exchange.venue.orderByOid(CAROL, oid)?.status;
    expect([status(near), status(far)]).toEqual(["open", "openInterestCapCanceled"]);
  });
});

describe("prices", () => {
  test("no price leaves ten times the start of day's, up or down", () => {
    const exchange = new Exchange();
    exchange.market(exchange.oracle("690"));
    exchange.market(exchange.oracle("7000"));
    expect(exchange.venue.prices(COIN).oraclePxTicks).toBe(6_900_000 as never);
    exchange.market(exchange.oracle("1"));
    expect(exchange.venue.prices(COIN).oraclePxTicks).toBe(69_000 as never);
    // The next day begins with the mark that stands then.
    exchange.wait(86_400_000);
    exchange.market(exchange.oracle("7000"));
    expect(exchange.venue.prices(COIN).oraclePxTicks).toBeGreaterThan(6_600_000);
    expect(exchange.venue.prices(COIN).oraclePxTicks).not.toBe(6_900_000 as never);
  });
});

describe("market states", () => {
  test("a delisting cancels orders, settles positions at mark, and stays", () => {
    const exchange = new Exchange({ config: FREE });
    exchange.market(exchange.oracle("690"));
    exchange.trade(ALICE, BOB, "bid", "690", "10");
    const resting = exchange.rest(CAROL, "bid", "680", "1");
    exchange.venue.delist(COIN);
    exchange.market(exchange.oracle("690"));
    expect(exchange.venue.orderByOid(CAROL, resting)?.status).toBe("delistedCanceled");
    expect(exchange.fills(ALICE).at(-1)).toMatchObject({ dir: "Settlement", feeMicroUsd: 0 });
    expect([exchange.position(ALICE), exchange.position(BOB)]).toEqual([0, 0]);
    expect(exchange.venue.isDelisted(COIN)).toBe(true);
    exchange.venue.haltTrading(COIN, false);
    expect(exchange.place(CAROL, exchange.order("bid", "680", "1"))).toHaveProperty("error");
  });

  test("while halted the crowd may rest and cancel, and takes nothing", () => {
    const exchange = new Exchange();
    exchange.market(exchange.oracle("690"), exchange.agent(1, "ask", "691", "5"));
    exchange.halt(true);
    exchange.market(exchange.agent(2, "bid", "691", "5", "Ioc"));
    expect(exchange.levels("ask")).toEqual([[691_000, 5_000, 1]]);
    exchange.market(exchange.agent(3, "bid", "689", "1"));
    expect(exchange.levels("bid")).toEqual([[689_000, 1_000, 1]]);
    exchange.market({ kind: "agentCancel", agentOrderId: 3 });
    expect(exchange.levels("bid")).toEqual([]);
    // An id that is gone is ignored, and may come again.
    exchange.market({ kind: "agentCancel", agentOrderId: 3 });
    exchange.market(exchange.agent(3, "bid", "688", "1"));
    expect(exchange.levels("bid")).toEqual([[688_000, 1_000, 1]]);
    exchange.halt(false);
    exchange.market();
    exchange.market(exchange.agent(4, "bid", "691", "2", "Ioc"));
    expect(exchange.levels("ask")).toEqual([[691_000, 3_000, 1]]);
  });

  test("a frozen oracle tells nothing, until it is thawed", () => {
    const exchange = new Exchange();
    exchange.market(exchange.oracle("690"));
    exchange.venue.freezeOracle(COIN, true);
    exchange.market(exchange.oracle("691"));
    expect(exchange.venue.prices(COIN).oraclePxTicks).toBe(690_000 as never);
    exchange.venue.freezeOracle(COIN, false);
    exchange.market(exchange.oracle("691"));
    expect(exchange.venue.prices(COIN).oraclePxTicks).toBe(691_000 as never);
  });

  test("after an upgrade only post-only orders are taken, for a while", () => {
    const exchange = new Exchange();
    exchange.market(exchange.oracle("690"), exchange.agent(1, "ask", "691", "5"));
    exchange.venue.takeOnlyPostOnly(ms(exchange.nowMs + 1_000));
    expect(exchange.place(ALICE, exchange.order("bid", "691", "1", "Ioc"))).toEqual({
      error: `Only post-only orders allowed immediately after network upgrade. asset=${ASSET}`,
    });
    expect(exchange.place(ALICE, exchange.order("bid", "690", "1"))).toHaveProperty("resting");
    exchange.wait(1_000);
    expect(exchange.place(ALICE, exchange.order("bid", "691", "1", "Ioc"))).toHaveProperty(
      "filled",
    );
  });
});
