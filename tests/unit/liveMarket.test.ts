import { describe, expect, test } from "bun:test";
import { LiveMarket } from "../../lib/marketdata/live/liveMarket.ts";
import { virtualClock } from "../../lib/runtime/clock.ts";
import { FakeTransport } from "../support/fakeTransport.ts";

const START_MS = 1_767_225_600_000;
const COIN = "km:US500";

function setUp() {
  const transport = new FakeTransport();
  const clock = virtualClock(START_MS);
  const said: string[] = [];
  const live = new LiveMarket({
    transport,
    coin: COIN,
    szDecimals: 3,
    clock,
    random: () => 0,
    onMessage: ({ kind }) => said.push(kind),
    onLive: () => said.push("live"),
    onCut: (reason) => said.push(`cut: ${reason}`),
  });
  live.start();
  const news = () => said.splice(0);
  const pass = (spanMs: number) => clock.runUntil(clock.nowMs() + spanMs);
  return { transport, clock, live, news, pass };
}

const level = (px: string) => ({ px, sz: "1.5", n: 1 });
const book = (bid = "690.1", ask = "690.2", coin = COIN) => ({
  channel: "l2Book",
  data: { coin, time: START_MS, levels: [[level(bid)], [level(ask)]] },
});
const empty = { channel: "l2Book", data: { coin: COIN, time: START_MS, levels: [[], []] } };
const bbo = (bid: string, ask: string) => ({
  channel: "bbo",
  data: { coin: COIN, time: START_MS, bbo: [level(bid), level(ask)] },
});

describe("a live market", () => {
  test("asks for touch, depth fast and deep, trades and contexts, and is live with the first book", () => {
    const { transport, news } = setUp();
    transport.accept(0);
    expect(
      transport.socket(0).sent.map((sent) => (sent as { subscription: object }).subscription),
    ).toEqual([
      { type: "bbo", coin: COIN },
      { type: "l2Book", coin: COIN, nSigFigs: null, mantissa: null, fast: true },
      { type: "l2Book", coin: COIN, nSigFigs: null, mantissa: null },
      { type: "trades", coin: COIN },
      { type: "activeAssetCtx", coin: COIN },
    ]);
    transport.say(0, book());
    transport.say(0, book("690.1", "690.2", "BTC"));
    transport.say(0, { channel: "trades", data: [] });
    expect(news()).toEqual(["live", "book"]);
  });

  test("a venue that knows only one kind of depth at a time is heard all the same", () => {
    const { transport, news } = setUp();
    transport.accept(0);
    const subscription = {
      type: "l2Book",
      coin: COIN,
      nSigFigs: null,
      mantissa: null,
      fast: false,
    };
    transport.say(0, {
      channel: "error",
      data: `Already subscribed: ${JSON.stringify(subscription)}`,
    });
    transport.say(0, book());
    expect(news()).toEqual(["live", "book"]);
    transport.say(0, { channel: "error", data: "Already subscribed: {" });
    expect(news()).toEqual([
      'cut: the connection was lost: the venue says: "Already subscribed: {"',
    ]);
  });

  test("without a book for two seconds it is cut, though touches come", () => {
    const { transport, news, pass } = setUp();
    transport.accept(0);
    transport.say(0, book());
    pass(1_999);
    transport.say(0, bbo("690.1", "690.2"));
    pass(1);
    expect(news()).toEqual(["live", "book", "bbo"]);
    pass(1);
    expect(news()).toEqual(["cut: no book for 2001 ms, allowed 2000"]);
    transport.say(0, book());
    expect(news()).toEqual(["live", "book"]);
  });

  test("a connection that pongs but brings no book is replaced", () => {
    const { transport, pass } = setUp();
    transport.accept(0);
    transport.say(0, book());
    for (let second = 0; second < 15; second++) {
      pass(1_000);
      if (!transport.socket(0).closed) transport.say(0, { channel: "pong" });
    }
    expect(transport.socket(0).closed).toBe(false);
    pass(1_000);
    expect(transport.socket(0).closed).toBe(true);
    expect(transport.sockets).toHaveLength(2);
  });

  test("a connection that says nothing at all is replaced after a ping", () => {
    const { transport, pass } = setUp();
    transport.accept(0);
    transport.say(0, book());
    pass(15_300);
    expect(transport.socket(0).closed).toBe(true);
    expect(transport.sockets.length).toBeGreaterThan(1);
  });

  test("a lost connection cuts at once and comes back with a growing delay", () => {
    const { transport, news, pass, clock } = setUp();
    transport.accept(0);
    transport.say(0, book());
    news();
    const opened: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const count = transport.sockets.length;
      transport.socket(count - 1).handlers.onClose("refused");
      const lostMs = clock.nowMs();
      while (transport.sockets.length === count) pass(25);
      opened.push(clock.nowMs() - lostMs);
    }
    expect(opened).toEqual([125, 250, 500, 1_000, 2_000]);
    expect(news()).toEqual(["cut: the connection was lost: refused"]);
  });

  test.each([
    [empty, "the book that is told is empty"],
    [book("690.2", "690.2"), "the book that is told is crossed: 690200 bid, 690200 asked"],
    [bbo("690.3", "690.2"), "the book that is told is crossed"],
    [{ channel: "l2Book", data: { coin: COIN, time: "now", levels: [[], []] } }, "l2Book: time"],
    [{ channel: "trades", data: [{ coin: COIN, side: "X" }] }, "trades: side"],
    [{ channel: "activeAssetCtx", data: { coin: COIN, ctx: {} } }, "activeAssetCtx: funding"],
  ])("what no market shows cuts it until the next good book: %j", (message, reason) => {
    const { transport, news } = setUp();
    transport.accept(0);
    transport.say(0, book());
    news();
    transport.say(0, message);
    transport.say(0, message);
    const [cut, ...more] = news();
    expect(cut).toContain(reason);
    expect(more).toEqual([]);
    transport.say(0, book());
    expect(news()).toEqual(["live", "book"]);
  });

  test("once stopped it says nothing and opens nothing", () => {
    const { transport, live, news, pass } = setUp();
    transport.accept(0);
    transport.say(0, book());
    news();
    live.stop();
    pass(60_000);
    expect(news()).toEqual([]);
    expect(transport.sockets).toHaveLength(1);
  });
});
