import { describe, expect, test } from "bun:test";
import type { Grouping, WireOrder } from "../../lib/venue/rules/types.ts";
import { ALICE, ASSET, BOB, Exchange, statuses } from "./exchange.ts";

/** Mark at 690 with room on both sides; the oracle, and so the mark, is moved in steps that the clamp allows. */
function market(usd?: string): Exchange {
  const exchange = new Exchange(usd === undefined ? {} : { usd });
  exchange.market(exchange.oracle("690"));
  exchange.rest(BOB, "bid", "680", "20");
  exchange.rest(BOB, "ask", "700", "20");
  return exchange;
}

function trigger(
  exchange: Exchange,
  side: "bid" | "ask",
  triggerPx: string,
  tpsl: "tp" | "sl",
  more: Partial<WireOrder> = {},
): WireOrder {
  const p = side === "ask" ? "650" : "730";
  const t = { trigger: { isMarket: true, triggerPx, tpsl } };
  return { ...exchange.order(side, p, "1"), t, ...more };
}

function placeAll(exchange: Exchange, orders: readonly WireOrder[], grouping: Grouping) {
  return statuses(exchange.act(ALICE, { type: "order", orders, grouping }));
}

/** Brings the mark to about `px`, with the book around it. */
function move(exchange: Exchange, px: number): void {
  exchange.market(
    { kind: "agentPlace", agentOrderId: px, side: "bid", ...sized(exchange, px - 1) },
    { kind: "agentPlace", agentOrderId: px + 1, side: "ask", ...sized(exchange, px + 1) },
    exchange.oracle(String(px)),
  );
}

function sized(exchange: Exchange, px: number) {
  return { pxTicks: exchange.px(String(px)), sizeLots: exchange.lots("50"), tif: "Alo" } as const;
}

describe("trigger orders", () => {
  test("in a group they must be reduce-only", () => {
    const exchange = market();
    const parent = exchange.order("bid", "685", "1", "Gtc");
    const child = trigger(exchange, "ask", "660", "sl");
    expect(placeAll(exchange, [parent, child], "normalTpsl")).toEqual([
      { error: "TP/SL orders must be reduce-only." },
    ]);
    expect(exchange.venue.openOrders(ALICE)).toEqual([]);
  });

  test("wait outside the book, need no margin, and show as open", () => {
    const exchange = market();
    const [status] = placeAll(exchange, [trigger(exchange, "ask", "686", "sl")], "na");
    expect(status).toEqual({ resting: { oid: 6 } });
    expect(exchange.levels("ask")).toHaveLength(1);
    expect(exchange.venue.account(ALICE, "km").initialMarginMicroUsd).toBe(0 as never);
    expect(exchange.venue.openOrders(ALICE, "km")[0]).toMatchObject({
      status: "open",
      trigger: { tpsl: "sl", above: false, isMarket: true },
    });
  });

  test("from 1000 open orders on they are refused, and one that waits fires all the same", () => {
    const exchange = market("100000000");
    // Ten percent of its value count: enough for one order above the thousand.
    exchange.trade(ALICE, BOB, "bid", "691", "80000");
    const stop = trigger(exchange, "ask", "686", "sl", { r: true });
    expect(placeAll(exchange, [stop], "na")).toMatchObject([{ resting: {} }]);
    const orders = Array.from({ length: 200 }, () => exchange.order("bid", "600", "0.02"));
    for (let batch = 0; batch < 5; batch += 1) placeAll(exchange, orders, "na");
    expect(exchange.venue.openOrders(ALICE, "km")).toHaveLength(1001);
    expect(placeAll(exchange, [stop], "na")).toEqual([
      { error: `Too many open orders. asset=${ASSET}` },
    ]);
    move(exchange, 685);
    const statusesNow = exchange.updates(ALICE).map(([, status]) => status);
    expect(statusesNow.slice(-2)).toEqual(["triggered", "filled"]);
  });

  test("a halted market takes none", () => {
    const exchange = market();
    exchange.venue.haltTrading("km:US500", true);
    exchange.market();
    expect(placeAll(exchange, [trigger(exchange, "ask", "686", "sl")], "na")).toEqual([
      { error: `Trading is halted. asset=${ASSET}` },
    ]);
  });

  test.each([
    ["ask", "695", "sl"],
    ["ask", "685", "tp"],
    ["bid", "685", "sl"],
    ["bid", "695", "tp"],
  ] as const)("%s at %s as %s stands on the wrong side of the mark", (side, px, tpsl) => {
    const exchange = market();
    const [status] = placeAll(exchange, [trigger(exchange, side, px, tpsl)], "na");
    expect(status).toEqual({ error: `Invalid TP/SL price. asset=${ASSET}` });
    expect(exchange.updates(ALICE)).toEqual([[6, "badTriggerPxRejected"]]);
  });

  test("fire when the mark reaches them: triggered, then filled with the same oid", () => {
    const exchange = market();
    exchange.trade(ALICE, BOB, "bid", "691", "1");
    placeAll(exchange, [trigger(exchange, "ask", "688", "sl", { r: true })], "na");
    move(exchange, 687);
    expect(exchange.position(ALICE)).toBe(0);
    expect(exchange.updates(ALICE).slice(-3)).toEqual([
      [8, "open"],
      [8, "triggered"],
      [8, "filled"],
    ]);
  });

  test("are cancelled like others, and never enter the book", () => {
    const exchange = market();
    placeAll(exchange, [trigger(exchange, "ask", "686", "sl")], "na");
    exchange.cancel(ALICE, 6);
    expect(exchange.venue.openOrders(ALICE)).toEqual([]);
    move(exchange, 685);
    expect(exchange.updates(ALICE)).toEqual([
      [6, "open"],
      [6, "canceled"],
    ]);
  });

  test("children wait for the whole parent; of two, the one that fills ends the other", () => {
    const exchange = market();
    const parent = exchange.order("bid", "689", "1", "Gtc");
    const children = [
      trigger(exchange, "ask", "699", "tp", { r: true }),
      trigger(exchange, "ask", "686", "sl", { r: true }),
    ];
    const replies = placeAll(exchange, [parent, ...children], "normalTpsl");
    expect(replies.slice(1)).toEqual(["waitingForFill", "waitingForFill"]);
    const oids = exchange.venue.openOrders(ALICE).map(({ oid }) => oid);
    exchange.place(BOB, exchange.order("ask", "689", "1", "Ioc"));
    expect(exchange.position(ALICE)).toBe(1000);
    move(exchange, 685);
    expect(exchange.position(ALICE)).toBe(0);
    const ended = oids.map((oid) => exchange.venue.orderByOid(ALICE, oid)?.status);
    expect(ended).toEqual(["filled", "siblingFilledCanceled", "filled"]);
  });

  test("of two on the position the one that fills ends the other, and a position that went ends both", () => {
    const two = (exchange: Exchange) => {
      exchange.trade(ALICE, BOB, "bid", "691", "1");
      const orders = [
        trigger(exchange, "ask", "699", "tp", { r: true }),
        trigger(exchange, "ask", "686", "sl", { r: true }),
      ];
      placeAll(exchange, orders, "positionTpsl");
      const oids = exchange.venue.openOrders(ALICE).map(({ oid }) => oid);
      return () => oids.map((oid) => exchange.venue.orderByOid(ALICE, oid)?.status);
    };
    const stopped = market();
    const afterStop = two(stopped);
    move(stopped, 685);
    expect(afterStop()).toEqual(["siblingFilledCanceled", "filled"]);
    const gone = market();
    const afterClose = two(gone);
    gone.trade(ALICE, BOB, "ask", "691", "1");
    expect(afterClose()).toEqual(["reduceOnlyCanceled", "reduceOnlyCanceled"]);
  });

  test("two that fire in one block are two transactions; a limit rests where it is not met", () => {
    const exchange = market();
    exchange.trade(ALICE, BOB, "bid", "691", "2");
    const limit = { t: { trigger: { isMarket: false, triggerPx: "686", tpsl: "sl" as const } } };
    placeAll(
      exchange,
      [
        trigger(exchange, "ask", "688", "sl", { r: true }),
        trigger(exchange, "ask", "687", "sl", { r: true }),
        { ...trigger(exchange, "ask", "686", "sl"), ...limit, p: "710" },
      ],
      "na",
    );
    const before = exchange.fills(ALICE).length;
    move(exchange, 685);
    const fired = exchange.fills(ALICE).slice(before);
    expect(fired.map(({ sizeLots }) => Number(sizeLots))).toEqual([1000, 1000]);
    expect(new Set(fired.map(({ hash }) => hash)).size).toBe(2);
    expect(exchange.levels("ask").map(([px]) => px)).toContain(710_000);
  });

  test("children go with a parent that is cancelled", () => {
    const exchange = market();
    const parent = exchange.order("bid", "689", "1", "Gtc");
    const stop = trigger(exchange, "ask", "686", "sl", { r: true });
    const [first] = placeAll(exchange, [parent, stop], "normalTpsl");
    expect(first).toHaveProperty("resting");
    const oid = exchange.venue.openOrders(ALICE).find((order) => order.trigger === undefined)?.oid;
    exchange.cancel(ALICE, oid ?? 0);
    expect(exchange.venue.openOrders(ALICE)).toEqual([]);
  });

  test("children of a parent that was filled in part and then lost its margin are placed", () => {
    const exchange = new Exchange({ usd: "400" });
    exchange.fund(BOB, "100000");
    exchange.market(exchange.oracle("690"));
    const parent = exchange.order("bid", "689", "10", "Gtc");
    const stop = trigger(exchange, "ask", "620", "sl", { r: true, p: "600" });
    placeAll(exchange, [parent, stop], "normalTpsl");
    const [parentOid = 0, stopOid = 0] = exchange.venue.openOrders(ALICE).map(({ oid }) => oid);
    exchange.place(BOB, exchange.order("ask", "689", "4", "Ioc"));
    for (let update = 0; update < 8; update += 1) exchange.market(exchange.oracle("640"));
    exchange.place(BOB, exchange.order("ask", "689", "6", "Ioc"));
    const status = (oid: number) => exchange.venue.orderByOid(ALICE, oid)?.status;
    expect([status(parentOid), status(stopOid)]).toEqual(["marginCanceled", "open"]);
    exchange.rest(BOB, "bid", "610", "5");
    for (let update = 0; update < 5; update += 1) exchange.market(exchange.oracle("619"));
    expect(status(stopOid)).toBe("filled");
  });

  test("a stop on the position has its size when it fires", () => {
    const exchange = market();
    exchange.trade(ALICE, BOB, "bid", "691", "1");
    const stop = trigger(exchange, "ask", "686", "sl", { r: true, s: "0.2" });
    placeAll(exchange, [stop], "positionTpsl");
    exchange.trade(ALICE, BOB, "bid", "691", "2");
    move(exchange, 685);
    expect(exchange.position(ALICE)).toBe(0);
    expect(exchange.fills(ALICE).at(-1)).toMatchObject({ sizeLots: 3000, dir: "Close Long" });
  });
});
