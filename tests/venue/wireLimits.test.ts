import { expect, test } from "bun:test";
import { rowsWeight } from "../../lib/venue/server/ipBudget.ts";
import { ALICE, TestExchange } from "../support/testExchange.ts";

test("2000 messages a minute over all sockets, then a sentence until the minute is over", () => {
  const exchange = new TestExchange();
  const sessions = [exchange.connect(), exchange.connect()];
  for (let i = 0; i < 2000; i++) sessions[i % 2]?.send({ method: "ping" });
  expect(sessions[0]?.take("pong")).toHaveLength(1000);
  sessions[0]?.send({ method: "ping" });
  expect(sessions[0]?.take("error")).toEqual(["Too many messages, at most 2000 a minute."]);
  exchange.advance(60_000);
  const later = exchange.connect();
  later.send({ method: "ping" });
  expect(later.take("pong")).toHaveLength(1);
});

test("30 new connections a minute", () => {
  const exchange = new TestExchange();
  const closes = Array.from({ length: 31 }, () => {
    const session = exchange.connect();
    const { closed } = session;
    session.hangUp();
    return closed;
  });
  expect(closes.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => null));
  expect(closes[30]).toMatchObject({ code: 1008 });
});

test("a hundred posts without an answer over all sockets", () => {
  const exchange = new TestExchange();
  exchange.fund(ALICE.address);
  const [one, two] = [exchange.connect(), exchange.connect()];
  const post = (id: number) => ({
    method: "post",
    id,
    request: { type: "action", payload: exchange.sign({ type: "noop" }) },
  });
  for (let id = 0; id < 60; id++) one.send(post(id));
  for (let id = 60; id < 101; id++) two.send(post(id));
  expect(two.take("error")).toEqual(["too many pending post requests id=100"]);
  one.hangUp();
  exchange.advance(1_000);
  expect(two.take("post")).toHaveLength(40);
  for (let id = 200; id < 300; id++) two.send(post(id));
  expect(two.take("error")).toEqual([]);
});

test("histories of TWAPs weigh by their rows as other histories do", () => {
  const rows = Array.from({ length: 45 }, () => ({}));
  for (const type of ["twapHistory", "userTwapSliceFills", "userTwapSliceFillsByTime", "userFills"])
    expect([type, rowsWeight(type, rows)]).toEqual([type, 2]);
});

test("a mere mock counts neither", () => {
  const exchange = new TestExchange(undefined, false);
  const session = exchange.connect();
  for (let i = 0; i < 2500; i++) session.send({ method: "ping" });
  expect(session.take("pong")).toHaveLength(2500);
});
