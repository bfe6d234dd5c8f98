import { describe, expect, test } from "bun:test";
import {
  ALICE,
  alo,
  ASSET,
  BOB,
  COIN,
  ladderFeed,
  placing,
  TestExchange,
} from "../support/testExchange.ts";
import type { Json } from "../support/testExchange.ts";

const user = ALICE.address;

function follow(exchange: TestExchange, ...subscriptions: readonly Json[]) {
  const session = exchange.connect();
  for (const subscription of subscriptions) session.send({ method: "subscribe", subscription });
  return session;
}

function funded(feed = ladderFeed()): TestExchange {
  const exchange = new TestExchange(feed);
  exchange.fund(user);
  return exchange;
}

describe("control messages", () => {
  test("a ping is answered at once", () => {
    const session = new TestExchange().connect();
    session.send({ method: "ping" });
    expect(session.frames).toEqual([{ channel: "pong" }]);
  });

  test("the echo repeats what was sent, whatever it was, and shows defaults", () => {
    const exchange = new TestExchange();
    const subscription = { type: "l2Book", coin: COIN, nSigFigs: null, mantissa: null, extra: 1 };
    const echo = { ...subscription, fast: false };
    const session = follow(exchange, subscription);
    expect(session.frames[0]).toEqual({
      channel: "subscriptionResponse",
      data: { method: "subscribe", subscription: echo },
    });
    session.send({ method: "unsubscribe", subscription });
    expect(session.frames.at(-1)).toEqual({
      channel: "subscriptionResponse",
      data: { method: "unsubscribe", subscription: echo },
    });
  });

  test.each([
    ["no JSON", "hello"],
    ["an unknown method", '{"method":"shout"}'],
    [
      "an unknown subscription",
      '{"method":"subscribe","subscription":{"type":"noSuchType","coin":"BTC"}}',
    ],
    [
      "a list of coins",
      '{"method":"subscribe","subscription":{"type":"bbo","coin":["BTC","ETH"]}}',
    ],
    ["a post without an id", '{"method":"post","request":{"type":"info","payload":{}}}'],
    ["an explorer request", '{"method":"post","id":1,"request":{"type":"explorer","payload":{}}}'],
  ])("%s", (_what, text) => {
    const session = new TestExchange().connect();
    session.sendText(text);
    expect(session.frames).toEqual([
      { channel: "error", data: `Error parsing JSON into valid websocket request: ${text}` },
    ]);
  });

  test("twice the same, an unknown coin, and leaving what one does not follow", () => {
    const bbo = { type: "bbo", coin: COIN };
    const session = follow(new TestExchange(), bbo);
    session.take("none");
    session.send({ method: "subscribe", subscription: bbo });
    const unknown = { type: "bbo", coin: "km:NOPE" };
    session.send({ method: "subscribe", subscription: unknown });
    const trades = { type: "trades", coin: COIN };
    session.send({ method: "unsubscribe", subscription: trades });
    expect(session.take("error")).toEqual([
      `Already subscribed: ${JSON.stringify(bbo)}`,
      `Invalid subscription ${JSON.stringify(unknown)}`,
      `Already unsubscribed: ${JSON.stringify(trades)}`,
    ]);
  });

  test("limits of connections and users", () => {
    const exchange = new TestExchange();
    const sessions = Array.from({ length: 11 }, () => exchange.connect());
    expect(sessions.map(({ closed }) => closed?.code ?? null)).toEqual([
      ...Array.from({ length: 10 }, () => null),
      1008,
    ]);
    const users = Array.from({ length: 11 }, (_, i) => `0x${String(i).padStart(40, "0")}`);
    for (const each of users)
      sessions[0]?.send({ method: "subscribe", subscription: { type: "userFills", user: each } });
    expect(sessions[0]?.take("error")).toEqual(["Cannot track more than 10 total users."]);
  });

  test("a connection to which nothing was sent for a minute is closed", () => {
    const exchange = new TestExchange();
    const silent = exchange.connect();
    const pinging = exchange.connect();
    exchange.advance(30_000);
    pinging.send({ method: "ping" });
    exchange.advance(30_001);
    expect(silent.closed).not.toBeNull();
    expect(pinging.closed).toBeNull();
  });
});

describe("posts", () => {
  test("an info request", () => {
    const exchange = new TestExchange();
    const session = exchange.connect();
    const payload = { type: "l2Book", coin: "km:NOPE" };
    session.send({ method: "post", id: 7, request: { type: "info", payload } });
    expect(session.frames).toEqual([
      {
        channel: "post",
        data: { id: 7, response: { type: "info", payload: { type: "l2Book", data: null } } },
      },
    ]);
  });

  test("an action, answered after its block, and one that is malformed", () => {
    const exchange = funded();
    const session = exchange.connect();
    const payload = exchange.sign(placing(alo(true, "689", "0.1")));
    session.send({ method: "post", id: 8, request: { type: "action", payload } });
    expect(session.frames).toEqual([]);
    exchange.advance(300);
    expect(session.take("post")).toMatchObject([
      {
        id: 8,
        response: { type: "action", payload: { status: "ok", response: { type: "order" } } },
      },
    ]);
    session.send({ method: "post", id: 9, request: { type: "action", payload: {} } });
    expect(session.take("post")).toEqual([
      {
        id: 9,
        response: {
          type: "error",
          payload: "422 Failed to deserialize the JSON body into the target type",
        },
      },
    ]);
  });
});

describe("market channels", () => {
  test("books: whole, every half second or every five, changed or not", () => {
    const feed = ladderFeed();
    for (let i = 1; i <= 20; i++) feed.rest(3_000 + 100 * i, "bid", 680_000 + 10 * i, 100);
    feed.rest(20_000, "bid", 690_020, 100);
    const exchange = new TestExchange(feed);
    const session = follow(
      exchange,
      { type: "l2Book", coin: COIN },
      { type: "l2Book", coin: COIN, fast: true },
    );
    exchange.advance(200);
    const [slow, fast] = session.take("l2Book") as { levels: unknown[][]; fast?: true }[];
    expect(slow?.levels.map((side) => side.length)).toEqual([10, 10]);
    expect(fast).toMatchObject({ fast: true });
    expect(fast?.levels.map((side) => side.length)).toEqual([5, 5]);
    exchange.advance(15_000);
    const later = session.take("l2Book") as { time: number; fast?: true }[];
    expect(later.filter((book) => book.fast === true)).toHaveLength(30);
    expect(later.filter((book) => book.fast !== true)).toHaveLength(3);
    exchange.advance(10_000);
    const touched = session.take("l2Book") as { fast?: true; levels: { px: string }[][] }[];
    expect(touched.at(-1)?.levels[0]?.[0]?.px).toBe("690.02");
  });

  test("the touch, when it changes", () => {
    const feed = ladderFeed().rest(5_000, "bid", 689_000, 100).rest(6_000, "ask", 690_050, 100);
    const exchange = new TestExchange(feed);
    const session = follow(exchange, { type: "bbo", coin: COIN });
    exchange.advance(20_000);
    expect(session.take("bbo")).toMatchObject([
      { coin: COIN, bbo: [{ px: "690.0", sz: "1.0", n: 1 }, { px: "690.1" }] },
      { coin: COIN, bbo: [{ px: "690.0" }, { px: "690.05", sz: "0.1", n: 1 }] },
    ]);
  });

  test("trades: history first, oldest first, then each block's", () => {
    const feed = ladderFeed()
      .take(100, "ask", 690_000, 100)
      .take(300, "bid", 690_100, 200)
      .take(5_000, "ask", 690_000, 300);
    const exchange = new TestExchange(feed);
    const session = follow(exchange, { type: "trades", coin: COIN });
    exchange.advance(10_000);
    expect(session.take("trades")).toMatchObject([
      [
        { side: "A", sz: "0.1" },
        { side: "B", sz: "0.2" },
      ],
      [{ coin: COIN, side: "A", px: "690.0", sz: "0.3" }],
    ]);
  });

  test("mids carry the dex as it was asked for", () => {
    const exchange = new TestExchange();
    const session = follow(exchange, { type: "allMids", dex: "km" }, { type: "allMids" });
    exchange.advance(200);
    expect(session.take("allMids")).toEqual([
      { mids: { [COIN]: "690.05" }, dex: "km" },
      { mids: {} },
    ]);
  });

  test("candles and contexts", () => {
    const feed = ladderFeed().take(5_000, "ask", 690_000, 300);
    const exchange = new TestExchange(feed);
    const session = follow(
      exchange,
      { type: "candle", coin: COIN, interval: "1m" },
      { type: "activeAssetCtx", coin: COIN },
    );
    exchange.advance(10_000);
    const frames = [...session.frames];
    expect(frames.filter(({ channel }) => channel === "candle").at(-1)).toMatchObject({
      data: { s: COIN, i: "1m", o: "690.0", c: "690.0", v: "0.3", n: 1 },
    });
    expect(frames.filter(({ channel }) => channel === "activeAssetCtx").at(-1)).toMatchObject({
      data: { coin: COIN, ctx: { oraclePx: "690.05", dayBaseVlm: "0.3" } },
    });
  });
});

describe("account channels", () => {
  test("an order's life, in the order of events and after the answer", () => {
    const feed = ladderFeed().take(5_000, "ask", 690_050, 150);
    const exchange = funded(feed);
    const session = follow(
      exchange,
      { type: "orderUpdates", user },
      { type: "userFills", user, aggregateByTime: false },
      { type: "user", user },
    );
    exchange.act(placing(alo(true, "690.05", "0.1")));
    exchange.advance(10_000);
    const frames = [...session.frames];
    const updates = frames.filter(({ channel }) => channel === "orderUpdates");
    expect(updates.flatMap(({ data }) => data as Json[])).toMatchObject([
      { order: { coin: COIN, side: "B", limitPx: "690.05", sz: "0.1" }, status: "open" },
      { order: { sz: "0.0", origSz: "0.1" }, status: "filled" },
    ]);
    const fills = frames.filter(({ channel }) => channel === "userFills").map(({ data }) => data);
    expect(fills).toMatchObject([
      { isSnapshot: true, user, fills: [] },
      { user, fills: [{ coin: COIN, sz: "0.1", crossed: false }] },
    ]);
    expect(frames.filter(({ channel }) => channel === "user")).toMatchObject([
      { data: { fills: [{ coin: COIN, px: "690.05" }] } },
    ]);
  });

  test("rejections show too", () => {
    const exchange = funded();
    const session = follow(exchange, { type: "orderUpdates", user });
    exchange.act(placing(alo(true, "690.1", "0.1")));
    exchange.advance(300);
    expect(session.take("orderUpdates")).toMatchObject([[{ status: "badAloPxRejected" }]]);
  });

  test("nobody sees another's orders", () => {
    const exchange = funded();
    const session = follow(exchange, { type: "orderUpdates", user: BOB.address });
    exchange.act(placing(alo(true, "689", "0.1")));
    exchange.advance(300);
    expect(session.take("orderUpdates")).toEqual([]);
  });

  test("state is repeated, and comes at once after a fill", () => {
    const feed = ladderFeed().take(3_000, "ask", 690_050, 150);
    const exchange = funded(feed);
    exchange.act(placing(alo(true, "690.05", "0.1")));
    const session = follow(
      exchange,
      { type: "clearinghouseState", user, dex: "km" },
      { type: "openOrders", user, dex: "km" },
    );
    exchange.advance(200);
    expect(session.take("openOrders")).toMatchObject([
      { dex: "km", user, orders: [{ limitPx: "690.05", tif: "Alo" }] },
    ]);
    exchange.advance(3_500);
    expect(session.take("clearinghouseState")).toMatchObject([
      { dex: "km", user, clearinghouseState: { assetPositions: [{ position: { szi: "0.1" } }] } },
    ]);
    exchange.advance(6_000);
    expect(session.take("openOrders")).toMatchObject([{ dex: "km", user, orders: [] }]);
  });

  test("snapshots of fills, fundings and the ledger, then what is new", () => {
    const exchange = funded();
    exchange.act(placing({ ...alo(true, "690.2", "0.1"), t: { limit: { tif: "Ioc" } } }));
    const session = follow(
      exchange,
      { type: "userFills", user },
      { type: "userFundings", user },
      { type: "userNonFundingLedgerUpdates", user },
    );
    exchange.advance(200);
    const first = session.frames.map(({ data }) => data as Json);
    expect(first.filter((data) => data["isSnapshot"] === true)).toMatchObject([
      { fills: [{ crossed: true, px: "690.1", sz: "0.1" }] },
      { fundings: [] },
      { nonFundingLedgerUpdates: [{ delta: { amount: "10000.0" } }] },
    ]);
    session.take("none");
    exchange.fund(user, 5);
    exchange.advance(3_600_000);
    const later = [...session.frames];
    expect(later.filter(({ channel }) => channel === "userNonFundingLedgerUpdates")).toMatchObject([
      { data: { user, nonFundingLedgerUpdates: [{ delta: { amount: "5.0" } }] } },
    ]);
    expect(later.filter(({ channel }) => channel === "userFundings")).toMatchObject([
      { data: { user, fundings: [{ coin: COIN, szi: "0.1" }] } },
    ]);
  });

  test("after hanging up nothing is sent, and the order stands", () => {
    const exchange = funded();
    const session = follow(exchange, { type: "orderUpdates", user });
    const payload = exchange.sign(placing(alo(true, "689", "0.1")));
    session.send({ method: "post", id: 1, request: { type: "action", payload } });
    session.hangUp();
    session.take("none");
    exchange.advance(300);
    expect(session.frames).toEqual([]);
    expect(exchange.info({ type: "openOrders", user, dex: "km" })).toHaveLength(1);
  });
});

test("local paths: faucet, clock, feeds, fills with their cause", () => {
  const exchange = new TestExchange(ladderFeed().take(5_000, "ask", 690_050, 150));
  const call = (method: string, path: string, body = "", query = "") => {
    const request = { method, path, body, query: new URLSearchParams(query) };
    const answer = exchange.gateway.local(request);
    return { status: answer.status, body: JSON.parse(answer.body) as unknown };
  };
  const faucet = (value: unknown) => call("POST", "faucet", JSON.stringify(value));
  expect(faucet({ user, dex: "km", usd: "1000" })).toEqual({
    status: 200,
    body: { user, dex: "km", credited: "1000.0", accountValue: "1000.0" },
  });
  expect(faucet({ user, dex: "nope", usd: "1" })).toEqual({
    status: 422,
    body: { error: 'dex "nope" does not exist; allowed: "", "km", "mkts"' },
  });
  expect(faucet({ user, dex: "km", usd: "-1" }).status).toBe(422);
  expect(faucet({ user, dex: "km", usd: "1e3" }).status).toBe(422);
  expect(call("POST", "faucet", "nope").status).toBe(400);
  expect(call("GET", "nowhere").status).toBe(404);
  exchange.act(placing(alo(true, "690.05", "0.1")));
  exchange.advance(10_000);
  expect(call("GET", "fills", "", `user=${user}`).body).toMatchObject([
    { sz: "0.1", cause: "queue" },
  ]);
  expect(call("GET", "clock").body).toMatchObject({ speed: 1, nowMs: exchange.nowMs });
  expect(call("GET", "feeds").body).toMatchObject({
    [COIN]: { ended: true, gapCount: 0, gaps: [] },
  });
  expect(exchange.gateway.venue.marketByAssetId(ASSET)?.coin).toBe(COIN);
});
