import { describe, expect, test } from "bun:test";
import { ms } from "../../lib/units/numbers.ts";
import { ALICE, ASSET, BOB, Exchange } from "./exchange.ts";

const ORDER = { a: ASSET, b: true, s: "10", r: false, m: 5, t: false };

function start(exchange: Exchange, changes: Partial<typeof ORDER> = {}): unknown {
  const reply = exchange.act(ALICE, { type: "twapOrder", twap: { ...ORDER, ...changes } });
  return reply.status === "ok" && reply.response.type === "twapOrder"
    ? reply.response.data.status
    : reply;
}

/** A market with asks at 690 as wanted. */
function market(asks = "1000"): Exchange {
  const exchange = new Exchange({ config: { limits: false } });
  exchange.market(exchange.oracle("690"), exchange.agent(1, "bid", "689", "1000"));
  if (asks !== "0") exchange.market(exchange.agent(2, "ask", "690", asks));
  return exchange;
}

const sizes = (exchange: Exchange): readonly number[] =>
  exchange.fills(ALICE).map((fill) => fill.sizeLots);
const events = (exchange: Exchange): readonly string[] =>
  exchange.venue.twapEvents(ALICE).map(({ status }) => status);

describe("TWAP orders", () => {
  test("a suborder every thirty seconds, each its share, then it is finished", () => {
    const exchange = market();
    expect(start(exchange)).toEqual({ running: { twapId: 1 } });
    expect(sizes(exchange)).toEqual([1_000]);
    exchange.wait(29_000);
    expect(sizes(exchange)).toHaveLength(1);
    exchange.wait(300_000);
    expect(sizes(exchange)).toEqual(Array.from({ length: 10 }, () => 1_000));
    expect(exchange.fills(ALICE)[0]?.twapId).toBe(1);
    expect(events(exchange)).toEqual(["activated", "finished"]);
    expect(exchange.venue.twaps(ALICE)).toEqual([]);
  });

  test("what was missed is caught up with three times a suborder at most", () => {
    const exchange = market("0");
    start(exchange);
    exchange.wait(100_000);
    expect(sizes(exchange)).toEqual([]);
    exchange.market(exchange.agent(2, "ask", "690", "1000"));
    exchange.wait(30_000);
    expect(sizes(exchange)).toEqual([3_000]);
    exchange.wait(300_000);
    expect(exchange.position(ALICE)).toBe(10_000);
  });

  test("nothing is taken beyond three percent of the middle", () => {
    const exchange = market("0");
    exchange.market(
      exchange.agent(2, "ask", "691", "0.1"),
      exchange.agent(3, "ask", "720", "1000"),
    );
    start(exchange);
    expect(sizes(exchange)).toEqual([100]);
    expect(exchange.fills(ALICE)[0]?.pxTicks).toBe(691_000 as never);
  });

  test("randomised suborders differ by a fifth at most and add up", () => {
    const exchange = market();
    start(exchange, { t: true, s: "100", m: 30 });
    exchange.wait(1_801_000);
    const all = sizes(exchange);
    expect(new Set(all).size).toBeGreaterThan(5);
    expect(all.reduce((sum, lots) => sum + lots, 0)).toBe(100_000);
    expect(exchange.venue.twaps(ALICE)).toEqual([]);
  });

  test("reduce-only stops at flat", () => {
    const exchange = market();
    exchange.trade(BOB, ALICE, "bid", "689.5", "2");
    start(exchange, { r: true });
    exchange.wait(301_000);
    expect(exchange.position(ALICE)).toBe(0);
  });

  test("is stopped on demand, once, and by nobody else", () => {
    const exchange = market();
    start(exchange);
    const gone = { error: "TWAP was never placed, already canceled, or filled." };
    const stop = (account: string) => {
      const reply = exchange.act(account, { type: "twapCancel", a: ASSET, t: 1 });
      return reply.status === "ok" && reply.response.type === "twapCancel"
        ? reply.response.data.status
        : reply;
    };
    expect([stop(BOB), stop(ALICE), stop(ALICE)]).toEqual([gone, "success", gone]);
    exchange.wait(60_000);
    expect(sizes(exchange)).toHaveLength(1);
    expect(events(exchange)).toEqual(["activated", "terminated"]);
  });

  test("duration, size and market are checked", () => {
    const exchange = market();
    expect(start(exchange, { m: 1 })).toEqual({ error: "Invalid TWAP duration: 1 min(s)" });
    expect(start(exchange, { s: "0.1" })).toHaveProperty("error");
    expect(start(exchange, { s: "0" })).toEqual({ error: "Order has zero size." });
    expect(start(exchange, { a: 7 })).toEqual({ error: "Invalid perp asset: 7" });
  });

  test("suborders do not fill while only post-only orders are taken", () => {
    const exchange = market();
    exchange.venue.takeOnlyPostOnly(ms(exchange.nowMs + 40_000));
    start(exchange);
    exchange.wait(30_000);
    expect(sizes(exchange)).toEqual([]);
    exchange.wait(31_000);
    expect(sizes(exchange)).toEqual([3_000]);
  });

  test("ends with its market", () => {
    const exchange = market();
    start(exchange);
    exchange.venue.haltTrading(exchange.def.coin, true);
    exchange.market(exchange.oracle("690"));
    expect(events(exchange)).toEqual(["activated", "terminated"]);
  });
});
