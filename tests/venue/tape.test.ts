import { describe, expect, test } from "bun:test";
import type { Side } from "../../lib/units/grid.ts";
import type { FeedInput } from "../../lib/venue/rules/types.ts";
import { ALICE, ASSET, BOB, COIN, Exchange, statuses } from "./exchange.ts";

const replayed = (): Exchange => new Exchange({ source: "replayed" });

/** A recorded book from [price, size] texts, best first. */
function book(
  exchange: Exchange,
  bids: readonly (readonly [string, string])[] | null,
  asks: readonly (readonly [string, string])[] | null,
  depth = true,
): FeedInput {
  const flat = (levels: readonly (readonly [string, string])[] | null): number[] | null =>
    levels?.flatMap(([p, s]) => [exchange.px(p), exchange.lots(s)]) ?? null;
  return { kind: "tapeBook", bids: flat(bids), asks: flat(asks), depth };
}

function print(
  exchange: Exchange,
  side: Side,
  p: string,
  s: string,
  more: { readonly late?: true } = {},
): FeedInput {
  return { kind: "tapePrint", side, pxTicks: exchange.px(p), sizeLots: exchange.lots(s), ...more };
}

/** Bids 690 x 10, 689.9 x 20; asks 690.1 x 10, 690.2 x 20. */
function opened(): Exchange {
  const exchange = replayed();
  exchange.market(
    exchange.oracle("690"),
    book(
      exchange,
      [
        ["690", "10"],
        ["689.9", "20"],
      ],
      [
        ["690.1", "10"],
        ["690.2", "20"],
      ],
    ),
  );
  return exchange;
}

describe("our place in a recorded queue", () => {
  test("we join behind the recorded size; prints use it up before us", () => {
    const exchange = opened();
    const oid = exchange.rest(ALICE, "bid", "690", "2");
    exchange.market(print(exchange, "ask", "690", "10"));
    expect(exchange.fills(ALICE)).toEqual([]);
    exchange.market(print(exchange, "ask", "690", "0.5"));
    expect(exchange.fills(ALICE)).toMatchObject([
      { sizeLots: 500, cause: "queue", crossed: false },
    ]);
    expect(exchange.venue.orderByOid(ALICE, oid)).toMatchObject({ leavesLots: 1500 });
  });

  test("growth goes behind us", () => {
    const exchange = opened();
    exchange.rest(ALICE, "bid", "690", "2");
    exchange.market(book(exchange, [["690", "30"]], null));
    exchange.market(print(exchange, "ask", "690", "11"));
    expect(exchange.fills(ALICE)).toMatchObject([{ sizeLots: 1000 }]);
  });

  test("a decrease comes off behind us first, then ahead: ahead = min(ahead, new)", () => {
    const exchange = opened();
    exchange.rest(ALICE, "bid", "690", "2");
    exchange.market(book(exchange, [["690", "15"]], null));
    exchange.market(book(exchange, [["690", "10"]], null));
    exchange.market(print(exchange, "ask", "690", "9"));
    expect(exchange.fills(ALICE)).toEqual([]);
    exchange.market(book(exchange, [["690", "10"]], null));
    exchange.market(book(exchange, [["690", "4"]], null));
    exchange.market(print(exchange, "ask", "690", "1.5"));
    expect(exchange.fills(ALICE)).toMatchObject([{ sizeLots: 500 }]);
  });

  test("a print explains the decrease that follows it", () => {
    const exchange = opened();
    exchange.rest(ALICE, "bid", "690", "2");
    exchange.market(print(exchange, "ask", "690", "4"), book(exchange, [["690", "6"]], null));
    exchange.market(print(exchange, "ask", "690", "6.5"));
    expect(exchange.fills(ALICE)).toMatchObject([{ sizeLots: 500 }]);
  });

  test("and takes nothing more off what stands behind us", () => {
    const exchange = opened();
    exchange.rest(ALICE, "bid", "690", "2");
    exchange.market(book(exchange, [["690", "15"]], null));
    exchange.market(print(exchange, "ask", "690", "4"), book(exchange, [["690", "11"]], null));
    exchange.market(print(exchange, "ask", "690", "6.5"));
    expect(exchange.fills(ALICE)).toMatchObject([{ sizeLots: 500 }]);
    expect(exchange.levels("bid")[0]).toEqual([690_000, 6_500, 2]);
  });

  test("levels beyond the recorded depth are frozen, levels inside it that are missing are gone", () => {
    const exchange = opened();
    exchange.rest(ALICE, "bid", "689.9", "2");
    exchange.market(book(exchange, [["690", "10"]], null));
    expect(exchange.levels("bid")).toEqual([
      [690_000, 10_000, 1],
      [689_900, 22_000, 2],
    ]);
    exchange.market(book(exchange, [["689.8", "5"]], null));
    expect(exchange.levels("bid")).toEqual([
      [689_900, 2_000, 1],
      [689_800, 5_000, 1],
    ]);
  });

  test("a touch-only update moves the touch and leaves the rest", () => {
    const exchange = opened();
    exchange.market(book(exchange, [["689.95", "3"]], null, false));
    expect(exchange.levels("bid")).toEqual([
      [689_950, 3_000, 1],
      [689_900, 20_000, 1],
    ]);
  });
});

describe("prints", () => {
  test("a print beyond our price fills us through, without touching the stale size at our price", () => {
    const exchange = opened();
    exchange.rest(ALICE, "bid", "690", "2");
    exchange.market(print(exchange, "ask", "689.9", "3"));
    expect(exchange.fills(ALICE)).toMatchObject([
      { pxTicks: 690_000, sizeLots: 2000, cause: "through" },
    ]);
    expect(exchange.levels("bid")).toEqual([[689_900, 19_000, 1]]);
  });

  test("all our orders share one print", () => {
    const exchange = opened();
    exchange.rest(ALICE, "bid", "690", "2");
    exchange.rest(BOB, "bid", "690", "2");
    exchange.rest(ALICE, "bid", "690.05", "1");
    exchange.market(print(exchange, "ask", "690", "12.5"));
    const bought = [...exchange.fills(ALICE), ...exchange.fills(BOB)];
    expect(bought.map((fill) => [fill.pxTicks, fill.sizeLots, fill.cause])).toEqual([
      [690_050, 1000, "through"],
      [690_000, 1500, "queue"],
    ] as never);
  });

  test("the public trades of a print add up to it", () => {
    const exchange = opened();
    exchange.rest(ALICE, "bid", "690", "2");
    exchange.market(print(exchange, "ask", "690", "15"));
    const trades = exchange.venue.lastTrades(COIN, 10);
    expect(trades.reduce((sum, trade) => sum + trade.sizeLots, 0)).toBe(15_000);
    expect(exchange.fills(ALICE)).toMatchObject([{ sizeLots: 2000 }]);
    expect(exchange.venue.prices(COIN).lastTradePxTicks).toBe(690_000 as never);
  });

  test("a print that comes late fills only better prices, and takes nothing off the queues", () => {
    const exchange = opened();
    exchange.rest(ALICE, "bid", "690", "2");
    exchange.rest(BOB, "bid", "690.05", "1");
    const before = exchange.levels("bid").slice(1);
    exchange.market(print(exchange, "ask", "690", "30", { late: true }));
    expect(exchange.fills(ALICE)).toEqual([]);
    expect(exchange.fills(BOB)).toMatchObject([
      { pxTicks: 690_050, sizeLots: 1000, cause: "through" },
    ]);
    expect(exchange.levels("bid")).toEqual(before);
    const told = exchange.venue.lastTrades(COIN, 10).map(({ sizeLots }) => Number(sizeLots));
    expect(told.toSorted((a, b) => a - b)).toEqual([1_000, 29_000]);
    exchange.market(print(exchange, "ask", "689.9", "1.5", { late: true }));
    expect(exchange.fills(ALICE)).toMatchObject([{ sizeLots: 1500, cause: "through" }]);
  });

  test("a print on our own side does nothing to us", () => {
    const exchange = opened();
    exchange.rest(ALICE, "bid", "690.05", "2");
    exchange.market(print(exchange, "bid", "690.1", "50"));
    expect(exchange.fills(ALICE)).toEqual([]);
  });
});

describe("recorded quotes that cross us", () => {
  test("do not fill us, are not shown while they cross, and refuse post-only orders", () => {
    const exchange = opened();
    const oid = exchange.rest(ALICE, "bid", "690", "2");
    exchange.market(
      book(
        exchange,
        [["689.8", "5"]],
        [
          ["689.9", "7"],
          ["690.1", "9"],
        ],
      ),
    );
    expect(exchange.fills(ALICE)).toEqual([]);
    expect(exchange.levels("bid")).toEqual([
      [690_000, 2_000, 1],
      [689_800, 5_000, 1],
    ]);
    expect(exchange.levels("ask")[0]).toEqual([690_100, 9_000, 1]);
    expect(exchange.place(BOB, exchange.order("bid", "689.95", "1"))).toEqual({
      error: `Post only order would have immediately matched, bbo was 690.0@689.9. asset=${ASSET}`,
    });
    exchange.cancel(ALICE, oid);
    expect(exchange.levels("ask").slice(0, 2)).toEqual([
      [689_900, 7_000, 1],
      [690_100, 9_000, 1],
    ]);
  });

  /** Our bid of 690 and recorded asks of 689.9, not shown. */
  function crossed(): { readonly exchange: Exchange; readonly oid: number } {
    const exchange = opened();
    const oid = exchange.rest(ALICE, "bid", "690", "2");
    const asks = [["689.9", "7"] as const, ["690.1", "9"] as const];
    exchange.market(book(exchange, [["689.8", "5"]], asks));
    return { exchange, oid };
  }

  test("come back without what was printed meanwhile", () => {
    const { exchange, oid } = crossed();
    exchange.market(print(exchange, "bid", "689.9", "3"));
    exchange.cancel(ALICE, oid);
    expect(exchange.levels("ask")[0]).toEqual([689_900, 4_000, 1]);
  });

  test("are gone when all of them was printed, for the orders of the same block already", () => {
    for (const [size, status] of [
      ["6.999", "error"],
      ["7", "resting"],
      ["8", "resting"],
    ] as const) {
      const { exchange, oid } = crossed();
      // With an order that takes, a post-only one comes after the print.
      const orders = [
        exchange.order("bid", "689.95", "1"),
        exchange.order("bid", "689.7", "1", "Ioc"),
      ];
      const replies = exchange.queue(BOB, { type: "order", orders, grouping: "na" });
      exchange.queueMarket(print(exchange, "bid", "689.9", size));
      exchange.block();
      expect(statuses(replies[0]!)[0]).toHaveProperty(status);
      exchange.cancel(ALICE, oid);
      const best = exchange.levels("ask")[0];
      expect(best).toEqual(size === "6.999" ? [689_900, 1, 1] : [690_100, 9_000, 1]);
    }
  });

  test("a one-sided update clears recorded size of the other side that it crosses", () => {
    const exchange = opened();
    exchange.market(book(exchange, null, [["689.95", "4"]], false));
    expect(exchange.levels("bid")).toEqual([[689_900, 20_000, 1]]);
    expect(exchange.levels("ask")[0]).toEqual([689_950, 4_000, 1]);
  });
});

describe("our takers", () => {
  test("use what is shown, and it stays used until the recording shows a change", () => {
    const exchange = opened();
    exchange.place(ALICE, exchange.order("bid", "690.1", "6", "Ioc"));
    expect(exchange.levels("ask")[0]).toEqual([690_100, 4_000, 1]);
    exchange.market(
      book(exchange, null, [
        ["690.1", "10"],
        ["690.2", "20"],
      ]),
    );
    expect(exchange.levels("ask")[0]).toEqual([690_100, 4_000, 1]);
    exchange.market(
      book(exchange, null, [
        ["690.1", "9"],
        ["690.2", "20"],
      ]),
    );
    expect(exchange.levels("ask")[0]).toEqual([690_100, 9_000, 1]);
  });

  test("a print that the next book shows is no such change", () => {
    const exchange = opened();
    const asks = (size: string) =>
      book(exchange, null, [
        ["690.1", size],
        ["690.2", "20"],
      ]);
    exchange.place(ALICE, exchange.order("bid", "690.1", "6", "Ioc"));
    exchange.market(print(exchange, "bid", "690.1", "3"), asks("7"));
    expect(exchange.levels("ask")[0]).toEqual([690_100, 1_000, 1]);
    exchange.market(print(exchange, "bid", "690.1", "3"), asks("4"));
    expect(exchange.levels("ask")[0]).toEqual([690_200, 20_000, 1]);
    exchange.market(asks("5"));
    expect(exchange.levels("ask")[0]).toEqual([690_100, 5_000, 1]);
  });

  test("come after what the recording says in the same block", () => {
    const exchange = opened();
    const order = exchange.order("bid", "690.1", "1", "Ioc");
    const replies = exchange.queue(ALICE, { type: "order", orders: [order], grouping: "na" });
    exchange.nowMs += 1;
    exchange.queueMarket(book(exchange, null, [["690.2", "20"]]));
    exchange.block();
    expect(replies[0]).toMatchObject({
      response: {
        data: {
          statuses: [
            {
              error: `Order could not immediately match against any resting orders. asset=${ASSET}`,
            },
          ],
        },
      },
    });
  });

  test("post-only orders are judged by the book of the block before", () => {
    const exchange = opened();
    const order = exchange.order("bid", "690.05", "1");
    const replies = exchange.queue(ALICE, { type: "order", orders: [order], grouping: "na" });
    exchange.queueMarket(
      book(exchange, null, [["690.05", "20"]]),
      print(exchange, "ask", "690.05", "1"),
    );
    exchange.block();
    expect(replies[0]).toMatchObject({ response: { data: { statuses: [{ resting: {} }] } } });
    expect(exchange.fills(ALICE)).toMatchObject([{ sizeLots: 1000, cause: "queue" }]);
  });
});

describe("gaps", () => {
  const gapText = `Recorded market data has a gap or ended, the book is unknown. asset=${ASSET}`;

  test("a replay begins unknown: orders are refused until the first book with depth", () => {
    const exchange = replayed();
    expect(exchange.place(ALICE, exchange.order("bid", "690", "1"))).toEqual({ error: gapText });
    exchange.market(book(exchange, [["690", "1"]], [["690.1", "1"]], false));
    expect(exchange.place(ALICE, exchange.order("bid", "690", "1"))).toEqual({ error: gapText });
    exchange.market(book(exchange, [["690", "1"]], [["690.1", "1"]]));
    expect(exchange.place(ALICE, exchange.order("bid", "690", "1"))).toHaveProperty("resting");
  });

  test("in a gap nothing fills, cancels work, orders stay; after it we are last in the queue", () => {
    const exchange = opened();
    const gone = exchange.rest(ALICE, "bid", "689.9", "1");
    exchange.rest(ALICE, "bid", "690", "2");
    exchange.market({ kind: "gap", untilMs: 60_000 });
    expect(exchange.levels("ask")).toEqual([]);
    exchange.market(print(exchange, "ask", "689", "50"));
    expect(exchange.fills(ALICE)).toEqual([]);
    expect(exchange.place(BOB, exchange.order("bid", "690", "1", "Ioc"))).toEqual({
      error: gapText,
    });
    exchange.cancel(ALICE, gone);
    expect(exchange.venue.openOrders(ALICE)).toHaveLength(1);
    exchange.market(book(exchange, [["690", "3"]], [["690.1", "5"]]));
    exchange.market(print(exchange, "ask", "690", "3"));
    expect(exchange.fills(ALICE)).toEqual([]);
    exchange.market(print(exchange, "ask", "690", "1"));
    expect(exchange.fills(ALICE)).toMatchObject([{ sizeLots: 1000 }]);
    expect(exchange.venue.feeds()).toMatchObject([{ coin: COIN, gapCount: 1, ended: true }]);
  });

  test("when the recording is over its book is closed", () => {
    const exchange = new Exchange({ source: "replayed", durationMs: 60_000 });
    exchange.queueMarket(book(exchange, [["690", "3"]], [["690.1", "5"]]));
    exchange.queueMarket(print(exchange, "bid", "690.1", "1"));
    exchange.block();
    expect(exchange.levels("ask")).toEqual([]);
    expect(exchange.place(BOB, exchange.order("bid", "690.1", "1", "Ioc"))).toEqual({
      error: gapText,
    });
    expect(exchange.venue.feeds()).toMatchObject([{ ended: true, gapCount: 0 }]);
  });
});
