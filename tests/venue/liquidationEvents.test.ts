import { expect, test } from "bun:test";
import { ScriptedFeed } from "../support/scriptedFeed.ts";
import { ALICE, BOB, COIN, TestExchange } from "../support/testExchange.ts";
import type { Json } from "../support/testExchange.ts";

/** The market falls 1 % every three seconds from the tenth second on. */
function fallingFeed(): ScriptedFeed {
  const feed = new ScriptedFeed(COIN, 3).oracle(0, 690_000);
  feed.rest(0, "bid", 689_000, 100_000).rest(0, "ask", 691_000, 100_000);
  for (let step = 0; step < 10; step++)
    feed.oracle(10_000 + 3_000 * step, 690_000 - 7_000 * (step + 1));
  return feed;
}

function order(isBuy: boolean, p: string, s: string, tif: string): Json {
  return { a: 110_000, b: isBuy, p, s, r: false, t: { limit: { tif } } };
}

test("who is liquidated is told so, and both sides' fills name it", () => {
  const exchange = new TestExchange(fallingFeed(), false);
  exchange.fund(ALICE.address, 600);
  exchange.fund(BOB.address, 100_000);
  exchange.act({ type: "updateLeverage", asset: 110_000, isCross: true, leverage: 25 });
  const place = (by: typeof ALICE, ...orders: readonly Json[]) =>
    exchange.act({ type: "order", orders, grouping: "na" } as never, by);
  place(ALICE, order(true, "692", "20", "Ioc"));
  place(BOB, order(true, "689.5", "50", "Gtc"));
  const [alice, bob] = [ALICE, BOB].map(({ address }) => {
    const session = exchange.connect();
    session.send({ method: "subscribe", subscription: { type: "userEvents", user: address } });
    return session;
  });
  for (let second = 0; second < 40; second++) exchange.advance(1_000);
  const told = alice?.take("user") as readonly Json[];
  expect(told.filter((data) => "liquidation" in data)).toEqual([
    {
      liquidation: {
        lid: 1,
        liquidator: expect.stringMatching(/^0x/),
        liquidated_user: ALICE.address,
        liquidated_ntl_pos: expect.stringMatching(/^\d+\.\d+$/),
        liquidated_account_value: expect.stringMatching(/^-?\d+\.\d+$/),
      },
    },
  ]);
  const fills = (frames: readonly Json[]) =>
    frames.flatMap((data) => (data["fills"] as Json[]) ?? []);
  const liquidation = {
    liquidatedUser: ALICE.address,
    markPx: expect.stringMatching(/^\d+\.\d+$/),
    method: "market",
  };
  expect(fills(told)[0]).toMatchObject({ dir: "Liquidated Cross Long", liquidation });
  expect(fills((bob?.take("user") ?? []) as readonly Json[])[0]).toMatchObject({
    crossed: false,
    liquidation,
  });
});
