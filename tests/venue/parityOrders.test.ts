import { describe, expect, test } from "bun:test";
import { ms } from "../../lib/units/numbers.ts";
import { capturedOrders, capturesFolder, hasCaptures } from "../support/captures.ts";
import { differences, shapeOf } from "../support/jsonShape.ts";
import { ScriptedFeed } from "../support/scriptedFeed.ts";
import { ALICE, EPOCH_MS, ladderFeed, TestExchange } from "../support/testExchange.ts";
import type { Json } from "../support/testExchange.ts";

/*
 * The probes of `/exchange` that somebody recorded on the test network, made again on ETH here: the same keys and kinds,
 * and the same texts but for the asset's number.
 */

if (!hasCaptures) console.log(`skipped: no captures at ${capturesFolder}`);

const ETH = 1;
const TICK = 100;

/** ETH with 0.02 to take at 2686.6 and more behind it. */
function market(): TestExchange {
  const feed = new ScriptedFeed("ETH", 4).oracle(0, 268_650);
  for (let step = 0; step < 5; step++) {
    feed.rest(0, "bid", 268_600 - step * TICK, 1_000);
    feed.rest(0, "ask", 268_700 + step * TICK, 1_000);
  }
  const exchange = new TestExchange(ladderFeed(), false);
  exchange.gateway.venue.attachFeed("ETH", feed, ms(EPOCH_MS));
  exchange.advance(700);
  exchange.fund(ALICE.address, 10_000, "");
  return exchange;
}

type Probe = {
  /** Beginning of the recorded probe's name. */
  readonly of: string;
  /** Makes it again. */
  readonly run: (exchange: TestExchange) => unknown;
};

function order(isBuy: boolean, p: string, s: string, tif: string, r = false): Json {
  return { a: ETH, b: isBuy, p, s, r, t: { limit: { tif } } };
}

function place(exchange: TestExchange, ...orders: readonly Json[]): Json {
  return exchange.act({ type: "order", orders, grouping: "na" } as never);
}

function firstStatus(reply: Json): Json {
  const { data } = reply["response"] as { data: { statuses: Json[] } };
  const [status] = data.statuses;
  if (status === undefined) throw new Error("a status");
  return status;
}

const user = ALICE.address;
const long = (exchange: TestExchange, size: string): Json =>
  place(exchange, order(true, "2700", size, "Ioc"));
const open = (exchange: TestExchange): Json[] =>
  exchange.info({ type: "openOrders", user }) as Json[];
const frontend = (exchange: TestExchange): Json[] =>
  exchange.info({ type: "frontendOpenOrders", user }) as Json[];

const PROBES: readonly Probe[] = [
  {
    of: "P1 reduce-only IOC 0.05 vs long 0.02",
    run: (exchange) => {
      long(exchange, "0.02");
      return place(exchange, order(false, "2600", "0.05", "Ioc", true));
    },
  },
  {
    of: "P1 reduce-only GTC rests shrunk",
    run: (exchange) => {
      long(exchange, "0.02");
      place(exchange, order(false, "2821.1", "0.05", "Gtc", true));
      return frontend(exchange)[0];
    },
  },
  {
    of: "P2 orderUpdates reduceOnlyCanceled",
    run: (exchange) => {
      const session = exchange.connect();
      session.send({ method: "subscribe", subscription: { type: "orderUpdates", user } });
      long(exchange, "0.02");
      place(exchange, order(false, "2822.5", "0.01", "Gtc", true));
      place(exchange, order(false, "2822.6", "0.02", "Gtc", true));
      exchange.advance(300);
      return session
        .take("orderUpdates")
        .flat()
        .find((update) => (update as Json)["status"] === "reduceOnlyCanceled");
    },
  },
  {
    of: "P3 reduce-only while flat",
    run: (exchange) => firstStatus(place(exchange, order(false, "2800", "0.02", "Gtc", true))),
  },
  {
    of: "P4 batch cancel: live, filled, made-up",
    run: (exchange) => {
      const filled = firstStatus(long(exchange, "0.02"))["filled"] as Json;
      const resting = firstStatus(place(exchange, order(true, "2600", "0.02", "Gtc")));
      const oids = [(resting["resting"] as Json)["oid"], filled["oid"], 9e9];
      const cancels = oids.map((o) => ({ a: ETH, o }));
      return exchange.act({ type: "cancel", cancels } as never);
    },
  },
  {
    of: "P4 batch cancel of 201",
    run: (exchange) => {
      const cancels = Array.from({ length: 201 }, (_, o) => ({ a: ETH, o }));
      return exchange.act({ type: "cancel", cancels });
    },
  },
  {
    of: "P6 IOC nothing inside limit",
    run: (exchange) => firstStatus(place(exchange, order(true, "2600", "0.02", "Ioc"))),
  },
  {
    of: "P6 IOC partial",
    run: (exchange) => firstStatus(place(exchange, order(true, "2687", "0.5", "Ioc"))),
  },
  {
    of: "P7 opening order under $10",
    run: (exchange) => firstStatus(place(exchange, order(true, "2600", "0.003", "Gtc"))),
  },
  {
    of: "P9a reduce-only GTC part-close under $10",
    run: (exchange) => {
      long(exchange, "0.02");
      return place(exchange, order(false, "2800", "0.003", "Gtc", true));
    },
  },
  {
    of: "P9d reduce-only GTC whole-close under $10 rests",
    run: (exchange) => wholeClose(exchange),
  },
  {
    of: "P9d openOrders",
    run: (exchange) => {
      wholeClose(exchange);
      return open(exchange);
    },
  },
  {
    of: "P9e frontendOpenOrders",
    run: (exchange) => {
      long(exchange, "0.0045");
      place(exchange, order(false, "2826", "0.01", "Gtc", true));
      return frontend(exchange);
    },
  },
];

/** A position of less than $10, left over after a partial close, and an order that closes it. */
function wholeClose(exchange: TestExchange): Json {
  long(exchange, "0.0045");
  place(exchange, order(false, "2600", "0.004", "Ioc", true));
  return place(exchange, order(false, "2826", "0.0005", "Gtc", true));
}

/** All texts of refusals in an answer, without the asset's number. */
function textsOf(value: unknown): readonly string[] {
  const found = JSON.stringify(value).matchAll(/"(?:error|response)":\s?"([^"]*)"/g);
  return [...found].map(([, text = ""]) => text.replace(/asset=\d+/, "asset=N"));
}

describe.skipIf(!hasCaptures)("answers of /exchange look like the real ones", () => {
  const recorded = hasCaptures ? capturedOrders() : [];

  test("every recorded probe is made again", () => {
    const missing = recorded.filter(({ probe }) => !PROBES.some(({ of }) => probe.startsWith(of)));
    expect(missing.map(({ probe }) => probe)).toEqual([]);
  });

  test.each(recorded.map(({ probe, response }) => [probe, response] as const))(
    "%s",
    (probe, response) => {
      const again = PROBES.find(({ of }) => probe.startsWith(of));
      const here = again?.run(market());
      const notNamed = () => false;
      const found = differences(shapeOf([response], notNamed), shapeOf([here], notNamed)).filter(
        // The recorder cut rows down to what it wanted to show.
        ({ path, what }) => !(what === "only here" && /^(\[\]|\.order)?\.\w+$/.test(path)),
      );
      expect(found).toEqual([]);
      expect(textsOf(here)).toEqual(textsOf(response));
    },
  );
});
