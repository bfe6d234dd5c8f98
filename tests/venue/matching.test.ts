import { describe, expect, test } from "bun:test";
import { ms } from "../../lib/units/numbers.ts";
import { ALICE, ASSET, BLOCK, BOB, CAROL, COIN, Exchange, START, statuses } from "./exchange.ts";

describe("price-time priority", () => {
  test("better prices first, then first in first out, with partial fills", () => {
    const exchange = new Exchange();
    const first = exchange.rest(ALICE, "ask", "690.1", "1");
    const second = exchange.rest(BOB, "ask", "690.1", "1");
    const better = exchange.rest(BOB, "ask", "690", "0.5");
    const status = exchange.place(CAROL, exchange.order("bid", "690.2", "1.75", "Ioc"));
    expect(status).toEqual({
      filled: { totalSz: "1.75", avgPx: "690.071", oid: expect.any(Number) },
    });
    expect(exchange.fills(CAROL).map((fill) => [fill.pxTicks, fill.sizeLots])).toEqual([
      [690_000, 500],
      [690_100, 1000],
      [690_100, 250],
    ] as never);
    expect(exchange.venue.orderByOid(BOB, better)?.status).toBe("filled");
    expect(exchange.venue.orderByOid(ALICE, first)?.status).toBe("filled");
    expect(exchange.venue.orderByOid(BOB, second)).toMatchObject({
      status: "open",
      leavesLots: 750,
      origLots: 1000,
    });
  });

  test("an IOC drops its rest, a GTC rests it", () => {
    const exchange = new Exchange();
    exchange.rest(BOB, "ask", "690", "1");
    const ioc = exchange.place(ALICE, exchange.order("bid", "690", "3", "Ioc"));
    expect(ioc).toMatchObject({ filled: { totalSz: "1.0" } });
    expect(exchange.levels("bid")).toEqual([]);
    exchange.rest(BOB, "ask", "690", "1");
    const gtc = exchange.place(ALICE, exchange.order("bid", "690", "3", "Gtc"));
    expect(gtc).toMatchObject({ filled: { totalSz: "1.0", avgPx: "690.0" } });
    expect(exchange.levels("bid")).toEqual([[690_000, 2000, 1]]);
    expect(exchange.venue.openOrders(ALICE)).toMatchObject([{ leavesLots: 2000, status: "open" }]);
  });

  test("the account's own resting orders expire instead of trading", () => {
    const exchange = new Exchange();
    const own = exchange.rest(ALICE, "ask", "690", "1");
    exchange.rest(BOB, "ask", "690.1", "1");
    const status = exchange.place(ALICE, exchange.order("bid", "690.1", "1", "Ioc"));
    expect(status).toMatchObject({ filled: { avgPx: "690.1" } });
    expect(exchange.venue.orderByOid(ALICE, own)?.status).toBe("selfTradeCanceled");
    expect(exchange.venue.lastTrades(COIN, 10)).toHaveLength(1);
    exchange.rest(ALICE, "ask", "690", "1");
    expect(exchange.place(ALICE, exchange.order("bid", "690", "1", "Ioc"))).toEqual({
      error: `Order could not immediately match against any resting orders. asset=${ASSET}`,
    });
    expect(exchange.levels("ask")).toEqual([]);
  });
});

describe("fills and trades", () => {
  test("both sides see the same trade, with fee, pnl without fee, and direction", () => {
    const exchange = new Exchange();
    const maker = exchange.rest(BOB, "ask", "690", "1", { c: "0xb1" });
    exchange.place(ALICE, exchange.order("bid", "690", "1", "Ioc"));
    const [taken] = exchange.fills(ALICE);
    const [made] = exchange.fills(BOB);
    // Growth mode, scale 1: taker 45 x 2 x 0.1 = 0.9 bp, maker 0.3 bp of 690 USDH.
    expect(taken).toMatchObject({
      side: "bid",
      dir: "Open Long",
      crossed: true,
      cause: "taker",
      feeMicroUsd: 62_100,
      feeToken: "USDH",
      startPositionLots: 0,
      closedPnlMicroUsd: 0,
    });
    expect(made).toMatchObject({
      side: "ask",
      dir: "Open Short",
      crossed: false,
      cause: "queue",
      feeMicroUsd: 20_700,
      oid: maker,
      cloid: "0xb1",
      tid: taken?.tid,
      hash: taken?.hash,
    });
    expect(taken?.hash).toMatch(/^0x[0-9a-f]{64}$/);
    expect(exchange.venue.lastTrades(COIN, 5)).toMatchObject([
      { side: "bid", pxTicks: 690_000, sizeLots: 1000, buyer: ALICE, seller: BOB, tid: taken?.tid },
    ]);
    exchange.trade(ALICE, BOB, "ask", "691", "1.5");
    expect(exchange.fills(ALICE)[1]).toMatchObject({
      dir: "Long > Short",
      startPositionLots: 1000,
      closedPnlMicroUsd: 1_000_000,
    });
    exchange.trade(ALICE, BOB, "bid", "691", "0.5");
    expect(exchange.fills(ALICE)[2]).toMatchObject({ dir: "Close Short", closedPnlMicroUsd: 0 });
    expect(exchange.venue.account(ALICE, "km").positions).toEqual([]);
  });

  test("closing keeps the entry price, adding averages it", () => {
    const exchange = new Exchange();
    exchange.trade(ALICE, BOB, "bid", "690", "1");
    exchange.trade(ALICE, BOB, "bid", "693", "2");
    const entry = (): number | undefined =>
      exchange.venue.account(ALICE, "km").positions[0]?.entryPxTicks;
    expect(entry()).toBe(692_000);
    exchange.trade(ALICE, BOB, "ask", "695", "1");
    expect(entry()).toBe(692_000);
    expect(exchange.fills(ALICE)[2]?.closedPnlMicroUsd).toBe(3_000_000 as never);
  });

  test("a maker's cause: its turn in the queue, or the sweep went beyond its price", () => {
    const exchange = new Exchange();
    exchange.rest(ALICE, "ask", "690", "1");
    exchange.rest(BOB, "ask", "690.1", "1");
    exchange.market(exchange.agent(1, "bid", "690.2", "1.5", "Ioc"));
    expect(exchange.fills(ALICE).map((fill) => fill.cause)).toEqual(["through"]);
    expect(exchange.fills(BOB).map((fill) => fill.cause)).toEqual(["queue"]);
  });
});

describe("inside a block", () => {
  test("post-only first, then cancels, then takers, whatever the arrival", () => {
    const exchange = new Exchange();
    const stale = exchange.rest(ALICE, "ask", "690", "1");
    const taker = exchange.queue(BOB, {
      type: "order",
      orders: [exchange.order("bid", "690.2", "1", "Ioc")],
      grouping: "na",
    });
    const cancel = exchange.queue(ALICE, { type: "cancel", cancels: [{ a: ASSET, o: stale }] });
    exchange.queue(ALICE, {
      type: "order",
      orders: [exchange.order("ask", "690.2", "1")],
      grouping: "na",
    });
    exchange.block();
    expect(cancel[0]).toMatchObject({ response: { data: { statuses: ["success"] } } });
    expect(taker[0] && statuses(taker[0])).toMatchObject([{ filled: { avgPx: "690.2" } }]);
  });

  test("a batch with one GTC among post-only orders goes with the takers", () => {
    const exchange = new Exchange();
    const mixed = exchange.queue(ALICE, {
      type: "order",
      orders: [exchange.order("bid", "689", "1"), exchange.order("bid", "688", "1", "Gtc")],
      grouping: "na",
    });
    const ask = exchange.queue(BOB, {
      type: "order",
      orders: [exchange.order("ask", "689", "1")],
      grouping: "na",
    });
    exchange.block();
    expect(ask[0] && statuses(ask[0])).toMatchObject([{ resting: {} }]);
    expect(mixed[0] && statuses(mixed[0])[0]).toHaveProperty("error");
  });

  test("the crowd's cancels and post-only orders come before its takers", () => {
    const exchange = new Exchange();
    exchange.market(exchange.agent(1, "ask", "690", "1"));
    exchange.market(
      exchange.agent(2, "bid", "690.5", "1", "Ioc"),
      { kind: "agentCancel", agentOrderId: 1 },
      exchange.agent(3, "ask", "690.2", "1"),
    );
    expect(exchange.venue.lastTrades(COIN, 5).map((trade) => trade.pxTicks)).toEqual([
      690_200 as never,
    ]);
  });

  test("actions take effect on the next multiple of the block time", () => {
    const exchange = new Exchange();
    const times: number[] = [];
    const submit = (arrivedMs: number, nonce: number): void =>
      exchange.venue.submit(
        {
          account: ALICE,
          signer: ALICE,
          nonce: START + nonce,
          expiresAfterMs: null,
          action: { type: "noop" },
        },
        ms(arrivedMs),
        (_reply, blockMs) => times.push(blockMs),
      );
    const grid = Math.ceil(START / BLOCK) * BLOCK;
    submit(grid + 1, 1);
    submit(grid + BLOCK, 2);
    submit(grid + BLOCK + 1, 3);
    expect(exchange.venue.nextWorkMs()).toBe(ms(grid + BLOCK));
    exchange.venue.advanceTo(ms(grid + BLOCK - 1));
    expect(times).toEqual([]);
    exchange.venue.advanceTo(ms(grid + 2 * BLOCK));
    expect(times).toEqual([grid + BLOCK, grid + BLOCK, grid + 2 * BLOCK]);
    submit(grid, 4);
    exchange.venue.advanceTo(ms(grid + 3 * BLOCK));
    expect(times.at(-1)).toBe(grid + 3 * BLOCK);
  });

  test("one book and one price message a block, told before the block ends", () => {
    const exchange = new Exchange();
    exchange.outputs.length = 0;
    exchange.market(
      exchange.oracle("690"),
      exchange.agent(1, "bid", "689.9", "1"),
      exchange.agent(2, "ask", "690.1", "1"),
    );
    expect(exchange.outputs).toMatchObject([
      { kind: "bookChanged", coin: COIN, touchChanged: true },
      { kind: "priceUpdate", coin: COIN },
      { kind: "block" },
    ]);
    exchange.outputs.length = 0;
    exchange.market(exchange.agent(3, "bid", "689", "1"));
    expect(exchange.outputs[0]).toMatchObject({ kind: "bookChanged", touchChanged: false });
    for (const input of [
      exchange.agent(4, "ask", "690.05", "1"),
      exchange.agent(5, "ask", "690.05", "1"),
      exchange.agent(6, "bid", "689.95", "1"),
      exchange.agent(7, "bid", "689.95", "1"),
    ]) {
      exchange.outputs.length = 0;
      exchange.market(input);
      expect(exchange.outputs[0]).toMatchObject({ kind: "bookChanged", touchChanged: true });
    }
    exchange.outputs.length = 0;
    exchange.act(ALICE, { type: "noop" });
    expect(exchange.outputs.map(({ kind }) => kind)).toEqual(["block"]);
  });
});

describe("modify", () => {
  test("a new oid, atomic, new order told first", () => {
    const exchange = new Exchange();
    const oid = exchange.rest(ALICE, "bid", "689", "1", { c: "0x01" });
    exchange.outputs.length = 0;
    const order = { ...exchange.order("bid", "689.5", "2"), c: "0x02" };
    expect(exchange.act(ALICE, { type: "modify", oid: "0x01", order })).toEqual({
      status: "ok",
      response: { type: "default" },
    });
    const next = exchange.venue.orderByCloid(ALICE, "0x02");
    expect(next).toMatchObject({ status: "open", pxTicks: 689_500, origLots: 2000 });
    expect(next?.oid).not.toBe(oid);
    expect(exchange.updates(ALICE)).toEqual([
      [next?.oid ?? 0, "open"],
      [oid, "canceled"],
    ]);
  });

  test("frees the old order's margin for the new one", () => {
    const exchange = new Exchange({ usd: "700" });
    exchange.market(exchange.oracle("690"));
    const oid = exchange.rest(ALICE, "bid", "689", "20");
    const order = exchange.order("bid", "689.5", "20");
    const reply = exchange.act(ALICE, { type: "batchModify", modifies: [{ oid, order }] });
    expect(statuses(reply)).toMatchObject([{ resting: {} }]);
  });

  test("a new order that would match is refused and the old one is gone", () => {
    const exchange = new Exchange();
    exchange.rest(BOB, "ask", "690", "1");
    const oid = exchange.rest(ALICE, "bid", "689", "1");
    const order = exchange.order("bid", "690", "1", "Gtc");
    const reply = exchange.act(ALICE, { type: "batchModify", modifies: [{ oid, order }] });
    expect(statuses(reply)).toEqual([
      {
        error: `Post only order would have immediately matched, bbo was 0.0@690.0. asset=${ASSET}`,
      },
    ]);
    expect(exchange.venue.openOrders(ALICE)).toEqual([]);
    expect(exchange.fills(BOB)).toEqual([]);
  });

  test("an IOC is no modification; the old order stays", () => {
    const exchange = new Exchange();
    const oid = exchange.rest(ALICE, "bid", "689", "1");
    const order = exchange.order("bid", "690", "1", "Ioc");
    const reply = exchange.act(ALICE, { type: "modify", oid, order });
    expect(reply).toEqual({
      status: "err",
      response: `Modified order must be post-only. asset=${ASSET}`,
    });
    expect(exchange.venue.openOrders(ALICE)).toHaveLength(1);
  });
});

describe("what the venue remembers", () => {
  test("when an order got its last status, and its own id in the answer of one that fills", () => {
    const exchange = new Exchange();
    const oid = exchange.rest(ALICE, "bid", "690", "1");
    const placedMs = exchange.nowMs;
    expect(exchange.venue.orderByOid(ALICE, oid)?.statusMs).toBe(placedMs as never);
    exchange.wait(1_000);
    exchange.cancel(ALICE, oid);
    expect(exchange.venue.orderByOid(ALICE, oid)?.statusMs).toBe(exchange.nowMs as never);
    exchange.rest(BOB, "ask", "691", "1");
    const cloid = `0x${"7".repeat(32)}`;
    const taking = { ...exchange.order("bid", "691", "1", "Ioc"), c: cloid };
    expect(exchange.place(ALICE, taking)).toMatchObject({ filled: { cloid } });
  });

  test("a cloid used again finds the newest order", () => {
    const exchange = new Exchange();
    const first = exchange.rest(ALICE, "bid", "689", "1", { c: "0x01" });
    exchange.cancel(ALICE, first);
    const second = exchange.rest(ALICE, "bid", "688", "1", { c: "0x01" });
    expect(exchange.venue.orderByCloid(ALICE, "0x01")?.oid).toBe(second);
  });

  test("finished orders are forgotten by count, open ones and fills are not", () => {
    const exchange = new Exchange();
    const kept = exchange.rest(ALICE, "bid", "600", "1");
    const early = exchange.rest(ALICE, "bid", "601", "1", { c: "0xee" });
    exchange.cancel(ALICE, early);
    for (let round = 0; round < 13; round += 1) {
      const orders = Array.from({ length: 200 }, () => exchange.order("bid", "602", "1"));
      const reply = exchange.act(ALICE, { type: "order", orders, grouping: "na" });
      const cancels = statuses(reply).flatMap((status) =>
        typeof status === "object" && "resting" in status
          ? [{ a: ASSET, o: status.resting.oid }]
          : [],
      );
      exchange.act(ALICE, { type: "cancel", cancels });
    }
    expect(exchange.venue.orderByOid(ALICE, early)).toBeNull();
    expect(exchange.venue.orderByCloid(ALICE, "0xee")).toBeNull();
    expect(exchange.venue.orderByOid(ALICE, kept)?.status).toBe("open");
    expect(exchange.venue.historicalOrders(ALICE)).toHaveLength(2000);
  });
});
