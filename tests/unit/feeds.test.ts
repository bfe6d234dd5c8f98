import { describe, expect, test } from "bun:test";
import { Feeds } from "../../lib/hyperliquid/feeds.ts";
import type { AccountMessage } from "../../lib/hyperliquid/feeds.ts";
import type { MarketMessage } from "../../lib/messages/marketStream.ts";
import { virtualClock } from "../../lib/runtime/clock.ts";
import { US500 } from "../support/batches.ts";
import { FakeTransport } from "../support/fakeTransport.ts";

const ACCOUNT = "0x5e9ee1089755c3435139848e47e6635505d5a13a";
const START_MS = 1_767_225_600_000;
const MARKET = 0;
const PRIVATE = 1;

function setUp(random = () => 0) {
  const transport = new FakeTransport();
  const clock = virtualClock(START_MS);
  const market: MarketMessage[] = [];
  const account: AccountMessage[] = [];
  const states: string[] = [];
  const feeds = new Feeds({
    transport,
    spec: US500,
    account: ACCOUNT,
    clock,
    random,
    marketStaleMs: 3000,
    onMarket: (message) => market.push(message),
    onAccount: (message) => account.push(message),
    onFeedState: (feed, state, detail) => states.push(`${feed} ${state}: ${detail}`),
  });
  feeds.start();
  const pass = (spanMs: number) => clock.runUntil(clock.nowMs() + spanMs);
  return { transport, clock, market, account, states, feeds, pass };
}

const level = (px: string, sz: string) => ({ px, sz, n: 1 });
const bbo = (bid = "690.12", ask = "690.14") => ({
  channel: "bbo",
  data: {
    coin: "km:US500",
    time: START_MS,
    bbo: [level(bid, "1.5"), level(ask, "2.0")],
  },
});

describe("the streams", () => {
  test("subscribe to the market on one connection and to the account on another", () => {
    const { transport } = setUp();
    transport.accept(MARKET);
    transport.accept(PRIVATE);
    const subscribed = (index: number) =>
      transport.socket(index).sent.map((message) => {
        const { subscription } = message as { subscription: { type: string; coin?: string } };
        return `${subscription.type} ${subscription.coin ?? "-"}`;
      });
    expect(subscribed(MARKET)).toEqual([
      "bbo km:US500",
      "l2Book km:US500",
      "trades km:US500",
      "activeAssetCtx km:US500",
    ]);
    expect(subscribed(PRIVATE)).toEqual(["orderUpdates -", "userFills -", "userFundings -"]);
  });

  test("give exact integers", () => {
    const { transport, market } = setUp();
    transport.accept(MARKET);
    transport.say(MARKET, bbo());
    transport.say(MARKET, {
      channel: "l2Book",
      data: {
        coin: "km:US500",
        time: START_MS + 1,
        levels: [[level("690.12", "1.5"), level("690.1", "0.001")], []],
        fast: true,
      },
    });
    transport.say(MARKET, {
      channel: "trades",
      data: [
        {
          coin: "km:US500",
          side: "A",
          px: "690.0",
          sz: "0.145",
          time: START_MS,
          hash: "0x0",
          tid: 7,
          users: ["0x1", "0x2"],
        },
      ],
    });
    transport.say(MARKET, {
      channel: "activeAssetCtx",
      data: {
        coin: "km:US500",
        ctx: { funding: "0.0000125", markPx: "690.13", oraclePx: "690.12345" },
      },
    });
    expect(market as unknown).toEqual([
      {
        kind: "bbo",
        venueMs: START_MS,
        bid: { pxTicks: 690_120, sizeLots: 1500 },
        ask: { pxTicks: 690_140, sizeLots: 2000 },
      },
      {
        kind: "book",
        venueMs: START_MS + 1,
        bids: [
          { pxTicks: 690_120, sizeLots: 1500 },
          { pxTicks: 690_100, sizeLots: 1 },
        ],
        asks: [],
      },
      {
        kind: "trades",
        trades: [{ tid: 7, venueMs: START_MS, aggressor: "ask", pxTicks: 690_000, sizeLots: 145 }],
      },
      { kind: "context", markPxTicks: 690_130, oraclePxTicks: 690_123, fundingRate: 0.000_012_5 },
    ]);
  });

  test("leave other markets out", () => {
    const { transport, market, account } = setUp();
    transport.accept(MARKET);
    transport.accept(PRIVATE);
    transport.say(MARKET, { channel: "bbo", data: { coin: "BTC", bbo: "whatever" } });
    transport.say(MARKET, { channel: "trades", data: [] });
    transport.say(MARKET, { channel: "somethingNew", data: 1 });
    transport.say(PRIVATE, {
      channel: "userFills",
      data: { isSnapshot: true, user: ACCOUNT, fills: [{ coin: "xyz:SP500", px: "odd" }] },
    });
    expect(market).toEqual([]);
    expect(account).toEqual([{ kind: "fills", snapshot: true, fills: [] }]);
  });

  test("of the account give fills, order updates and funding", () => {
    const { transport, account } = setUp();
    transport.accept(PRIVATE);
    const order = {
      coin: "km:US500",
      side: "B",
      limitPx: "690.12",
      sz: "0.1",
      oid: 5,
      timestamp: START_MS,
      origSz: "0.145",
      cloid: `0xA500${"0".repeat(28)}`,
    };
    transport.say(PRIVATE, {
      channel: "orderUpdates",
      data: [{ order, status: "open", statusTimestamp: START_MS + 1 }],
    });
    transport.say(PRIVATE, {
      channel: "userFills",
      data: {
        user: ACCOUNT,
        fills: [
          {
            coin: "km:US500",
            px: "690.12",
            sz: "0.045",
            side: "B",
            time: START_MS + 2,
            startPosition: "-0.2",
            dir: "Close Short",
            closedPnl: "0.1",
            hash: "0x0",
            oid: 5,
            crossed: false,
            fee: "-0.000001",
            tid: 9,
            feeToken: "USDH",
            twapId: null,
          },
        ],
      },
    });
    transport.say(PRIVATE, {
      channel: "userFundings",
      data: {
        user: ACCOUNT,
        isSnapshot: true,
        fundings: [
          { time: START_MS, coin: "km:US500", usdc: "-0.5", szi: "0.2", fundingRate: "0.00001" },
        ],
      },
    });
    expect(account as unknown).toEqual([
      {
        kind: "orderUpdates",
        updates: [
          {
            oid: 5,
            cloid: `0xa500${"0".repeat(28)}`,
            side: "bid",
            pxTicks: 690_120,
            leavesLots: 100,
            origLots: 145,
            status: "open",
            statusMs: START_MS + 1,
          },
        ],
      },
      {
        kind: "fills",
        snapshot: false,
        fills: [
          {
            tid: 9,
            oid: 5,
            cloid: null,
            venueMs: START_MS + 2,
            side: "bid",
            pxTicks: 690_120,
            sizeLots: 45,
            taker: false,
            feeMicroUsd: -1,
            startPositionLots: -200,
          },
        ],
      },
      {
        kind: "fundings",
        snapshot: true,
        fundings: [{ venueMs: START_MS, microUsd: -500_000, positionLots: 200 }],
      },
    ]);
  });
});

describe("the state of the streams", () => {
  test("is live with the first book, and for the account with every connection", () => {
    const { transport, states, pass } = setUp();
    transport.accept(MARKET);
    transport.accept(PRIVATE);
    expect(states).toEqual(["account live: connected"]);
    transport.say(MARKET, bbo());
    transport.socket(PRIVATE).handlers.onClose("cut");
    pass(200);
    transport.accept(2);
    expect(states.slice(1)).toEqual([
      "market live: book received",
      "account lost: cut",
      "account live: connected",
    ]);
  });

  test("is stale when no book comes, and live again with the next", () => {
    const { transport, states, pass } = setUp();
    transport.accept(MARKET);
    transport.say(MARKET, bbo());
    pass(2000);
    transport.say(MARKET, bbo());
    pass(2500);
    expect(states).toEqual(["market live: book received"]);
    pass(600);
    expect(states[1]).toBe("market stale: no book for 3001 ms, allowed 3000");
    transport.say(MARKET, bbo());
    expect(states[2]).toBe("market live: book received");
  });

  test("is lost when pings are not answered, and comes back by itself", () => {
    const { transport, states, pass } = setUp();
    transport.accept(PRIVATE);
    pass(30_000);
    expect(transport.socket(PRIVATE).sent.at(-1)).toEqual({ method: "ping" });
    transport.say(PRIVATE, { channel: "pong" });
    pass(39_999);
    expect(states).toEqual(["account live: connected"]);
    pass(1);
    expect(states[1]).toBe("account lost: no answer to a ping");
    expect(transport.socket(PRIVATE).closed).toBe(true);
  });

  test("malformed market data makes the market stale until the next good book", () => {
    const { transport, states, market } = setUp();
    transport.accept(MARKET);
    transport.say(MARKET, bbo());
    transport.say(MARKET, bbo("690.1234567"));
    expect(states[1]).toStartWith("market stale: bbo: bad px or sz; got");
    expect(market.length).toBe(1);
    transport.say(MARKET, bbo());
    expect(states[2]).toBe("market live: book received");
  });

  test("a malformed account message starts that connection over", () => {
    const { transport, states, pass } = setUp();
    transport.accept(PRIVATE);
    transport.say(PRIVATE, {
      channel: "userFills",
      data: { user: ACCOUNT, fills: [{ coin: "km:US500", px: "690.12" }] },
    });
    expect(states[1]).toStartWith("account lost: fills: 0.tid");
    expect(transport.socket(PRIVATE).closed).toBe(true);
    pass(200);
    expect(transport.sockets.length).toBe(3);
  });
});

describe("a connection", () => {
  test("comes back with growing, jittered delays, and closed ones say nothing more", () => {
    const { transport, pass, market } = setUp(() => 0.999);
    transport.accept(PRIVATE);
    const delays: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const before = transport.sockets.length;
      transport.socket(attempt === 0 ? MARKET : before - 1).handlers.onClose("refused");
      let waited = 0;
      while (transport.sockets.length === before) {
        pass(1);
        waited++;
      }
      delays.push(waited);
    }
    expect(delays).toEqual([250, 500, 1000, 1999, 3998, 7996, 9995, 9995]);
    transport.say(MARKET, bbo());
    expect(market).toEqual([]);
  });

  test("is given up when it does not open, or is not confirmed, in time", () => {
    const { transport, pass } = setUp();
    transport.socket(PRIVATE).handlers.onOpen();
    pass(10_000);
    expect(transport.socket(MARKET).closed).toBe(true);
    expect(transport.socket(PRIVATE).closed).toBe(true);
    pass(125);
    expect(transport.sockets.length).toBe(4);
  });

  test("ends for good when closed", () => {
    const { transport, feeds, pass, clock, states } = setUp();
    transport.accept(MARKET);
    transport.say(MARKET, bbo());
    feeds.close();
    pass(100_000);
    expect(transport.sockets.length).toBe(2);
    expect(clock.size()).toBe(0);
    expect(states).toEqual(["market live: book received"]);
  });

  test("works with a transport that opens before it returns", () => {
    const transport = new FakeTransport();
    const open = transport.openSocket.bind(transport);
    transport.openSocket = (handlers) => {
      const socket = open(handlers);
      handlers.onOpen();
      return socket;
    };
    const clock = virtualClock(START_MS);
    const feeds = new Feeds({
      transport,
      spec: US500,
      account: ACCOUNT,
      clock,
      random: () => 0,
      marketStaleMs: 3000,
      onMarket: () => {},
      onAccount: () => {},
      onFeedState: () => {},
    });
    feeds.start();
    expect(transport.socket(MARKET).sent.length).toBe(4);
    expect(transport.socket(PRIVATE).sent.length).toBe(3);
  });
});
