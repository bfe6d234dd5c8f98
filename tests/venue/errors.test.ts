import { describe, expect, test } from "bun:test";
import type { VenueAction, WireOrder } from "../../lib/venue/rules/types.ts";
import {
  ALICE,
  ASSET,
  BLOCK,
  BOB,
  CAROL,
  errorText,
  Exchange,
  START,
  statuses,
} from "./exchange.ts";

/** A market at 689.90 @ 690.10 with the mark at 690. */
function quoted(): Exchange {
  const exchange = new Exchange();
  exchange.market(
    exchange.oracle("690"),
    exchange.agent(1, "bid", "689.9", "5"),
    exchange.agent(2, "ask", "690.1", "5"),
  );
  return exchange;
}

function placing(...orders: readonly WireOrder[]): VenueAction {
  return { type: "order", orders, grouping: "na" };
}

const wire = (p: string, s: string, more: Partial<WireOrder> = {}): WireOrder => ({
  a: ASSET,
  b: true,
  p,
  s,
  r: false,
  t: { limit: { tif: "Alo" } },
  ...more,
});
const IOC = { t: { limit: { tif: "Ioc" } } } as const;

describe("static refusals stand for the whole batch and place nothing", () => {
  const tick = `Price must be divisible by tick size. asset=${ASSET}`;
  const band = "Order price cannot be more than 80% away from the reference price";
  test.each<[string, WireOrder, string]>([
    ["zero price", wire("0", "1"), "Order has invalid price."],
    ["too many price decimals", wire("689.9001", "1"), "Order has invalid price."],
    ["price is no decimal", wire("1e3", "1"), "Order has invalid price."],
    ["six significant figures", wire("689.905", "1"), tick],
    ["more decimals than the lot", wire("689.9", "0.0001"), "Order has invalid size."],
    ["negative size", wire("689.9", "-1"), "Order has invalid size."],
    ["zero size", wire("689.9", "0"), "Order has zero size."],
    ["a fifth of the reference", wire("138", "1"), band],
    ["above five times the reference", wire("3451", "1"), band],
    ["price before size", wire("0", "0"), "Order has invalid price."],
    ["size before tick", wire("689.905", "0"), "Order has zero size."],
    ["tick before band", wire("100.005", "1"), tick],
  ])("%s", (_name, order, text) => {
    const exchange = quoted();
    const reply = exchange.act(ALICE, placing(wire("689.8", "1"), order, wire("689.7", "1")));
    expect(statuses(reply)).toEqual([{ error: text }]);
    expect(exchange.venue.openOrders(ALICE)).toEqual([]);
    expect(exchange.venue.historicalOrders(ALICE)).toEqual([]);
  });

  test("the band's edges are 0.2 exclusive and 5 inclusive", () => {
    const exchange = quoted();
    expect(exchange.place(ALICE, wire("138.01", "1"))).toHaveProperty("resting");
    expect(exchange.place(ALICE, { ...wire("3450", "1"), b: false })).toHaveProperty("resting");
  });

  test("an empty batch", () => {
    expect(statuses(quoted().act(ALICE, placing()))).toEqual([{ error: "Orders are empty." }]);
  });

  test("an unknown asset refuses the envelope", () => {
    const reply = quoted().act(ALICE, placing(wire("689.8", "1"), wire("1", "1", { a: 7 })));
    expect(reply).toEqual({ status: "err", response: "Invalid perp asset: 7" });
    const spot = quoted().act(ALICE, placing(wire("690", "1", { a: 10_107 })));
    expect(spot).toEqual({ status: "err", response: "Invalid spot" });
  });

  test("201 items", () => {
    const reply = quoted().act(
      ALICE,
      placing(...Array.from({ length: 201 }, () => wire("600", "1"))),
    );
    expect(reply).toEqual({
      status: "err",
      response: "Signed action over weight limit of 200.",
    });
  });
});

describe("refusals of a single order leave a record", () => {
  test.each<[string, WireOrder, string, string]>([
    [
      "post-only that would match",
      wire("690.1", "1"),
      `Post only order would have immediately matched, bbo was 689.9@690.1. asset=${ASSET}`,
      "badAloPxRejected",
    ],
    [
      "IOC that does not cross, even when too small",
      wire("690", "0.001", IOC),
      `Order could not immediately match against any resting orders. asset=${ASSET}`,
      "iocCancelRejected",
    ],
    [
      "less than $10",
      wire("689.9", "0.014"),
      `Order must have minimum value of $10. asset=${ASSET}`,
      "minTradeNtlRejected",
    ],
    [
      "IOC of less than $10",
      wire("690.1", "0.014", IOC),
      `Order must have minimum value of $10. asset=${ASSET}`,
      "minTradeNtlRejected",
    ],
    [
      "margin",
      wire("689.9", "30000"),
      `Insufficient margin to place order. asset=${ASSET}`,
      "perpMarginRejected",
    ],
    [
      "reduce-only without a position",
      wire("689.9", "1", { r: true }),
      `Reduce only order would increase position. asset=${ASSET}`,
      "reduceOnlyRejected",
    ],
    [
      "delisted market",
      wire("100", "1", { a: 110_001 }),
      "Market is delisted. asset=110001",
      "rejected",
    ],
  ])("%s", (_name, order, text, status) => {
    const exchange = quoted();
    expect(exchange.place(ALICE, order)).toEqual({ error: text });
    expect(exchange.venue.historicalOrders(ALICE)[0]).toMatchObject({ status });
    expect(exchange.updates(ALICE)).toEqual([[expect.any(Number), status]]);
    expect(exchange.venue.openOrders(ALICE)).toEqual([]);
  });

  test("a market order into an empty book", () => {
    const exchange = new Exchange();
    exchange.market(exchange.oracle("690"));
    const order = wire("690", "1", { t: { limit: { tif: "FrontendMarket" } } });
    expect(exchange.place(ALICE, order)).toEqual({
      error: `No liquidity available for market order. asset=${ASSET}`,
    });
    expect(exchange.venue.historicalOrders(ALICE)[0]?.status).toBe(
      "marketOrderNoLiquidityRejected",
    );
  });

  test("one bad order does not stop its neighbours", () => {
    const exchange = quoted();
    const reply = exchange.act(
      ALICE,
      placing(wire("689.8", "1"), wire("690.2", "1"), wire("689.7", "1")),
    );
    expect(statuses(reply).map((status) => Object.keys(status)[0])).toEqual([
      "resting",
      "error",
      "resting",
    ]);
  });

  test("the open-order cap is 1000", () => {
    const exchange = quoted();
    for (let batch = 0; batch < 5; batch += 1) {
      const orders = Array.from({ length: 200 }, () => wire("600", "0.02"));
      const reply = exchange.act(ALICE, placing(...orders));
      expect(
        statuses(reply).every((status) => typeof status === "object" && "resting" in status),
      ).toBe(true);
    }
    expect(exchange.place(ALICE, wire("600", "0.02"))).toEqual({
      error: `Too many open orders. asset=${ASSET}`,
    });
    expect(exchange.venue.historicalOrders(ALICE)[0]?.status).toBe("tooManyOpenOrdersRejected");
  });
});

describe("cancels and modifies of what is gone", () => {
  const gone = `Order was never placed, already canceled, or filled. asset=${ASSET}`;

  test("cancel and cancelByCloid answer per item", () => {
    const exchange = quoted();
    const oid = exchange.rest(ALICE, "bid", "689.8", "1", { c: "0x01" });
    const cancels = [
      { a: ASSET, o: oid },
      { a: ASSET, o: oid },
      { a: ASSET, o: 9999 },
    ];
    expect(exchange.act(ALICE, { type: "cancel", cancels })).toEqual({
      status: "ok",
      response: {
        type: "cancel",
        data: { statuses: ["success", { error: gone }, { error: gone }] },
      },
    });
    const byCloid = exchange.act(ALICE, {
      type: "cancelByCloid",
      cancels: [{ asset: ASSET, cloid: "0x01" }],
    });
    expect(errorText(byCloid)).toBe(gone);
  });

  test("nobody cancels another's order", () => {
    const exchange = quoted();
    const oid = exchange.rest(ALICE, "bid", "689.8", "1");
    expect(errorText(exchange.cancel(BOB, oid))).toBe(gone);
    expect(exchange.venue.openOrders(ALICE)).toHaveLength(1);
  });

  test("modify refuses the envelope, batchModify the item", () => {
    const exchange = quoted();
    const order = wire("689.8", "1");
    const text = "Cannot modify canceled or filled order";
    expect(exchange.act(ALICE, { type: "modify", oid: 77, order })).toEqual({
      status: "err",
      response: text,
    });
    const batch = exchange.act(ALICE, { type: "batchModify", modifies: [{ oid: "0x02", order }] });
    expect(statuses(batch)).toEqual([{ error: text }]);
  });
});

describe("envelope", () => {
  test("unknown signer and another's agent", () => {
    const exchange = quoted();
    const stranger = "0x00000000000000000000000000000000000000ff";
    const reply = exchange.act(ALICE, { type: "noop" }, { signer: stranger });
    expect(reply).toEqual({
      status: "err",
      response: `User or API Wallet ${stranger} does not exist.`,
    });
  });

  test("nonces: consumed even by a refused order, once only", () => {
    const exchange = quoted();
    const nonce = START + 500;
    exchange.act(ALICE, placing(wire("0", "1")), { nonce });
    expect(errorText(exchange.act(ALICE, { type: "noop" }, { nonce }))).toBe(
      `Invalid nonce: duplicate nonce ${nonce}`,
    );
    expect(exchange.act(BOB, { type: "noop" }, { nonce }).status).toBe("ok");
  });

  test("a noop with the nonce of an in-flight order kills it", () => {
    const exchange = quoted();
    const nonce = START + 500;
    const noop = exchange.queue(ALICE, { type: "noop" }, { nonce });
    const order = exchange.queue(ALICE, placing(wire("689.8", "1")), { nonce });
    exchange.block();
    expect(noop[0]?.status).toBe("ok");
    expect(order[0] && errorText(order[0])).toBe(`Invalid nonce: duplicate nonce ${nonce}`);
  });

  test("stale expiry consumes the nonce and costs five requests an item", () => {
    const exchange = quoted();
    const nonce = START + 900;
    const expiresAfterMs = exchange.nowMs + BLOCK - 1;
    const action = placing(wire("689.8", "1"), wire("689.7", "1"));
    const reply = exchange.act(ALICE, action, { nonce, expiresAfterMs });
    expect(errorText(reply)).toBe("Action already expired");
    expect(exchange.venue.rateLimit(ALICE).used).toBe(10);
    expect(errorText(exchange.act(ALICE, { type: "noop" }, { nonce }))).toContain("duplicate");
  });

  test("an expiry at the block's own time still acts", () => {
    const exchange = quoted();
    const expiresAfterMs = exchange.nowMs + BLOCK;
    expect(exchange.act(ALICE, { type: "noop" }, { expiresAfterMs }).status).toBe("ok");
  });
});

describe("leverage", () => {
  const set = (leverage: number, isCross = true, asset = ASSET): VenueAction => ({
    type: "updateLeverage",
    asset,
    isCross,
    leverage,
  });

  test.each<[VenueAction, string]>([
    [set(26), "Invalid leverage value"],
    [set(0), "Invalid leverage value"],
    [set(2.5), "Invalid leverage value"],
    [set(5, true, 110_002), "Cross margin is not allowed for this asset."],
    [set(5, true, 7), "Invalid perp asset: 7"],
  ])("%j", (action, text) => {
    expect(quoted().act(ALICE, action)).toEqual({ status: "err", response: text });
  });

  test("the mode is fixed while a position is open", () => {
    const exchange = quoted();
    exchange.place(ALICE, wire("690.1", "1", IOC));
    expect(errorText(exchange.act(ALICE, set(10, false)))).toBe(
      "Cannot switch leverage type with open position.",
    );
    expect(exchange.act(ALICE, set(10)).status).toBe("ok");
  });

  test("an isolated position keeps its collateral; a decrease it cannot carry is refused", () => {
    const exchange = quoted();
    const dave = "0x000000000000000000000000000000000000da4e";
    exchange.fund(dave, "40");
    exchange.act(dave, set(20, false));
    exchange.place(dave, wire("690.1", "1", IOC));
    const margin = (): number | undefined =>
      exchange.venue.account(dave, "km").positions[0]?.isolatedRawMicroUsd ?? undefined;
    const before = margin();
    expect(exchange.act(dave, set(25, false)).status).toBe("ok");
    expect(margin()).toBe(before);
    expect(errorText(exchange.act(dave, set(2, false)))).toBe(
      "Isolated position does not have sufficient margin available to decrease leverage. To decrease leverage, add margin to the position.",
    );
    expect(exchange.venue.assetData(dave, "km:US500").leverage.leverage).toBe(25);
  });

  test("free cash carries a decrease too, and the same leverage again asks for nothing", () => {
    const exchange = new Exchange({ usd: "140" });
    for (const account of [BOB, CAROL]) exchange.fund(account, "10000");
    exchange.market(exchange.oracle("690"));
    exchange.act(ALICE, set(20, false));
    exchange.trade(ALICE, BOB, "bid", "690", "1");
    // 34.5 of collateral and 105 beside it: enough for 690 at 5x, and after a loss of 20 not for 670.
    expect(exchange.act(ALICE, set(5, false)).status).toBe("ok");
    exchange.trade(CAROL, BOB, "ask", "670", "0.1");
    for (let update = 0; update < 4; update += 1) exchange.market(exchange.oracle("670"));
    expect(exchange.act(ALICE, set(5, false)).status).toBe("ok");
    expect(errorText(exchange.act(ALICE, set(4, false)))).toContain("sufficient margin");
  });
});

describe("scheduled cancel", () => {
  test("needs a million of volume, five seconds, and fires at most ten times a day", () => {
    const exchange = quoted();
    const at = (ahead: number): VenueAction => ({
      type: "scheduleCancel",
      time: exchange.nowMs + ahead,
    });
    expect(errorText(exchange.act(ALICE, at(10_000)))).toBe(
      "Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $0",
    );
    expect(exchange.act(ALICE, { type: "scheduleCancel" }).status).toBe("ok");
    // Growth mode counts a tenth: ten million dollars of trades between the two.
    exchange.fund(CAROL, "2000000");
    exchange.fund(ALICE, "2000000");
    exchange.trade(ALICE, CAROL, "bid", "690", "7500");
    exchange.trade(ALICE, CAROL, "ask", "690", "7500");
    expect(exchange.venue.rateLimit(ALICE).cumVlmMicroUsd).toBe(1_035_000_000_000 as never);
    expect(errorText(exchange.act(ALICE, at(5_000)))).toBe(
      "Scheduled cancel time too early, must be at least 5 seconds from now.",
    );
    const kept = exchange.rest(ALICE, "bid", "680", "1");
    expect(exchange.act(ALICE, at(5_100)).status).toBe("ok");
    expect(exchange.act(ALICE, { type: "scheduleCancel" }).status).toBe("ok");
    exchange.wait(5_200);
    expect(exchange.venue.orderByOid(ALICE, kept)?.status).toBe("open");
    for (let firing = 0; firing < 10; firing += 1) {
      const oid = exchange.rest(ALICE, "bid", "680", "1");
      expect(exchange.act(ALICE, at(5_100)).status).toBe("ok");
      exchange.wait(5_200);
      expect(exchange.venue.orderByOid(ALICE, oid)?.status).toBe("scheduledCancel");
    }
    // What was fired is over: an order made later stays.
    const later = exchange.rest(ALICE, "bid", "680", "1");
    exchange.wait(1_000);
    expect(exchange.venue.orderByOid(ALICE, later)?.status).toBe("open");
    expect(errorText(exchange.act(ALICE, at(6_000)))).toBe(
      "Too many scheduled cancel triggers today",
    );
  });
});

test("a scheduled cancel is ahead of the takers of its block", () => {
  const exchange = quoted();
  exchange.fund(ALICE, "2000000");
  exchange.fund(CAROL, "2000000");
  exchange.trade(ALICE, CAROL, "bid", "690", "7500");
  exchange.trade(ALICE, CAROL, "ask", "690", "7500");
  const oid = exchange.rest(ALICE, "bid", "690", "1");
  const time = Math.ceil((exchange.nowMs + 5_100) / BLOCK) * BLOCK;
  exchange.act(ALICE, { type: "scheduleCancel", time });
  exchange.wait(time - BLOCK - exchange.nowMs);
  exchange.queue(BOB, placing({ ...wire("690", "1", IOC), b: false }));
  exchange.block();
  expect(exchange.nowMs).toBe(time);
  expect(exchange.venue.orderByOid(ALICE, oid)?.status).toBe("scheduledCancel");
  expect(exchange.fills(BOB)).toEqual([]);
});
