import { describe, expect, test } from "bun:test";
import { bookLines, shortLines } from "../../lib/dashboard/page/bookLines.ts";
import type { BookRow, OrderRow } from "../../lib/dashboard/types.ts";
import { pxTicks, sizeLots } from "../../lib/units/numbers.ts";

function level(px: number, size: number, ownLots = 0): BookRow {
  return { pxTicks: pxTicks(px), sizeLots: sizeLots(size), ownLots };
}

function order(side: "bid" | "ask", px: number, more: Partial<OrderRow> = {}): OrderRow {
  return {
    cloid: `${side}${px}`,
    oid: 1,
    side,
    pxTicks: px,
    leavesLots: 5,
    origLots: 5,
    phase: "resting",
    reduceOnly: false,
    placedMs: 0,
    queueAheadLots: 40,
    why: null,
    ...more,
  };
}

describe("the book with our orders in it", () => {
  test("what the venue shows less what is ours is others'", () => {
    const [line] = bookLines([level(100, 45, 5)], [order("bid", 100)], "bid");
    expect(line).toEqual({
      px: 100,
      others: 40,
      own: 5,
      ahead: 40,
      pending: false,
      cloid: "bid100",
    });
  });

  test("our orders beyond what the venue shows are there too, best first on either side", () => {
    const orders = [order("bid", 90), order("bid", 95, { phase: "opening" }), order("ask", 120)];
    const bids = bookLines([level(100, 45), level(99, 3)], orders, "bid");
    expect(bids.map((line) => line.px)).toEqual([100, 99, 95, 90]);
    expect(bids[2]?.pending).toBe(true);
    const asks = bookLines([level(110, 1)], orders, "ask");
    expect(asks.map((line) => line.px)).toEqual([110, 120]);
  });

  test("the short form always has some of ours, and never more rows than fit", () => {
    const levels = Array.from({ length: 14 }, (_, i) => level(100 - i, 10));
    const orders = [order("bid", 95), order("bid", 80), order("bid", 70), order("bid", 60)];
    const short = shortLines(bookLines(levels, orders, "bid"));
    expect(short).toHaveLength(11);
    expect(short.filter((line) => line.own > 0).map((line) => line.px)).toEqual([95, 80, 70]);
    expect(short[0]?.px).toBe(100);
    expect(shortLines(bookLines(levels, [], "bid"))).toHaveLength(11);
    expect(shortLines(bookLines([], [order("bid", 1)], "bid"))).toHaveLength(1);
  });
});
