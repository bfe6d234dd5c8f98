import { describe, expect, test } from "bun:test";
import type { WireOrder } from "../../lib/venue/rules/types.ts";
import { ALICE, ASSET, BOB, CAROL, Exchange } from "./exchange.ts";

/** Alice long 1, Bob short 1, at 690. */
function positioned(): Exchange {
  const exchange = new Exchange();
  exchange.market(exchange.oracle("690"));
  exchange.trade(ALICE, BOB, "bid", "690", "1");
  return exchange;
}

function reduce(
  exchange: Exchange,
  p: string,
  s: string,
  tif: "Alo" | "Ioc" | "Gtc" = "Alo",
): WireOrder {
  return { ...exchange.order("ask", p, s, tif), r: true };
}

describe("reduce-only as measured", () => {
  test("too big is shrunk to the position, the request is kept as origSz", () => {
    const exchange = positioned();
    const status = exchange.place(ALICE, reduce(exchange, "691", "5"));
    expect(status).toHaveProperty("resting");
    expect(exchange.venue.openOrders(ALICE)).toMatchObject([{ origLots: 5000, leavesLots: 1000 }]);
    exchange.rest(CAROL, "bid", "690.5", "5");
    expect(exchange.place(ALICE, reduce(exchange, "690.5", "5", "Ioc"))).toMatchObject({
      filled: { totalSz: "1.0" },
    });
    expect(exchange.position(ALICE)).toBe(0);
  });

  test("size zero means the whole position", () => {
    const exchange = positioned();
    expect(exchange.place(ALICE, reduce(exchange, "691", "0"))).toHaveProperty("resting");
    expect(exchange.venue.openOrders(ALICE)).toMatchObject([{ origLots: 1000, leavesLots: 1000 }]);
  });

  test("flat or wrong side is refused per order", () => {
    const exchange = positioned();
    const error = { error: `Reduce only order would increase position. asset=${ASSET}` };
    expect(exchange.place(CAROL, reduce(exchange, "691", "1"))).toEqual(error);
    expect(exchange.place(ALICE, { ...exchange.order("bid", "689", "1"), r: true })).toEqual(error);
    expect(exchange.venue.historicalOrders(CAROL)[0]?.status).toBe("reduceOnlyRejected");
  });

  test("a resting one shrinks with the position and ends as reduceOnlyCanceled", () => {
    const exchange = positioned();
    const oid = exchange.rest(ALICE, "ask", "691", "1", { r: true });
    exchange.trade(ALICE, BOB, "ask", "690", "0.4");
    expect(exchange.venue.orderByOid(ALICE, oid)).toMatchObject({
      leavesLots: 600,
      status: "open",
    });
    expect(exchange.levels("ask")).toEqual([[691_000, 600, 1]]);
    exchange.trade(ALICE, BOB, "ask", "690", "0.6");
    expect(exchange.venue.orderByOid(ALICE, oid)?.status).toBe("reduceOnlyCanceled");
    expect(exchange.levels("ask")).toEqual([]);
  });

  test("it goes when the position flips", () => {
    const exchange = positioned();
    const oid = exchange.rest(ALICE, "ask", "691", "1", { r: true });
    exchange.trade(ALICE, BOB, "ask", "690", "2");
    expect(exchange.position(ALICE)).toBe(-1000);
    expect(exchange.venue.orderByOid(ALICE, oid)?.status).toBe("reduceOnlyCanceled");
  });

  test("of two that exceed the position together the older is cancelled", () => {
    const exchange = positioned();
    const older = exchange.rest(ALICE, "ask", "691", "0.6", { r: true });
    const newer = exchange.rest(ALICE, "ask", "692", "0.6", { r: true });
    expect(exchange.venue.orderByOid(ALICE, older)?.status).toBe("reduceOnlyCanceled");
    expect(exchange.venue.orderByOid(ALICE, newer)?.status).toBe("open");
    exchange.rest(ALICE, "ask", "693", "0.4", { r: true });
    expect(exchange.venue.openOrders(ALICE)).toHaveLength(2);
  });

  test("of several the older ones give way to a smaller position, and no more than it takes", () => {
    const exchange = positioned();
    const sizes = ["0.3", "0.4", "0.3"];
    const oids = sizes.map((size, i) =>
      exchange.rest(ALICE, "ask", String(691 + i), size, { r: true }),
    );
    exchange.trade(ALICE, BOB, "ask", "690", "0.5");
    const left = oids.map((oid) => {
      const order = exchange.venue.orderByOid(ALICE, oid);
      return [order?.status, Number(order?.leavesLots)];
    });
    expect(left).toEqual([
      ["reduceOnlyCanceled", expect.anything()],
      ["open", 200],
      ["open", 300],
    ]);
  });

  test("filling one leaves the others that still fit", () => {
    const exchange = positioned();
    exchange.rest(ALICE, "ask", "691", "0.5", { r: true });
    const second = exchange.rest(ALICE, "ask", "692", "0.5", { r: true });
    exchange.place(CAROL, exchange.order("bid", "691", "0.5", "Ioc"));
    expect(exchange.venue.orderByOid(ALICE, second)).toMatchObject({
      status: "open",
      leavesLots: 500,
    });
  });

  test("the $10 minimum holds for partial closes only", () => {
    const exchange = positioned();
    const small = `Order must have minimum value of $10. asset=${ASSET}`;
    expect(exchange.place(ALICE, reduce(exchange, "691", "0.01"))).toEqual({ error: small });
    exchange.trade(ALICE, BOB, "ask", "690", "0.99");
    expect(exchange.position(ALICE)).toBe(10);
    expect(exchange.place(ALICE, reduce(exchange, "691", "0.005"))).toEqual({ error: small });
    expect(exchange.place(ALICE, reduce(exchange, "691", "0.01"))).toHaveProperty("resting");
    expect(exchange.place(ALICE, exchange.order("ask", "692", "0.01"))).toHaveProperty("resting");
  });

  test("needs no margin", () => {
    const exchange = new Exchange({ usd: "30" });
    exchange.fund(BOB, "1000");
    exchange.market(exchange.oracle("690"));
    exchange.trade(ALICE, BOB, "bid", "690", "0.86");
    expect(exchange.place(ALICE, exchange.order("bid", "680", "0.1"))).toHaveProperty("error");
    expect(exchange.place(ALICE, reduce(exchange, "700", "0.86"))).toHaveProperty("resting");
  });
});
