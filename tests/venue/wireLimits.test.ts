import { expect, test } from "bun:test";
import { TestExchange } from "../support/testExchange.ts";

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

test("a mere mock counts neither", () => {
  const exchange = new TestExchange(undefined, false);
  const session = exchange.connect();
  for (let i = 0; i < 2500; i++) session.send({ method: "ping" });
  expect(session.take("pong")).toHaveLength(2500);
});
