import { ms } from "../../lib/units/numbers.ts";
import { userSignedDigest, USER_SIGNED_TYPES } from "../../lib/hyperliquid/signing/userSigned.ts";
import { signDigest } from "../../lib/hyperliquid/signing/signature.ts";
import { ScriptedFeed } from "./scriptedFeed.ts";
import { AGENT, ALICE, BOB, EPOCH_MS, ladderFeed, TestExchange } from "./testExchange.ts";
import type { Json } from "./testExchange.ts";

/** What a frame holds. */
export type Frame = { readonly channel: string; readonly data: unknown };

const BTC_TICKS = 840_000;

/** Book and prints of BTC, all day. */
function btcFeed(): ScriptedFeed {
  const feed = new ScriptedFeed("BTC", 5).oracle(0, BTC_TICKS);
  for (let i = 0; i < 30; i++) {
    feed.rest(0, "bid", BTC_TICKS - 10 - 10 * i, 5_000_000);
    feed.rest(0, "ask", BTC_TICKS + 10 + 10 * i, 5_000_000);
  }
  for (let minute = 1; minute < 90; minute++) {
    feed.oracle(minute * 60_000, BTC_TICKS + minute);
    feed.take(minute * 60_000, minute % 2 === 0 ? "bid" : "ask", minute % 2 === 0 ? 9e5 : 8e5, 100);
  }
  return feed;
}

const CLOID = "0xa5000000000000000000000000000001";

function order(isBuy: boolean, p: string, tif: string, more: object = {}): Json {
  return { a: 0, b: isBuy, p, s: "0.01", r: false, t: { limit: { tif } }, ...more };
}

/** A trigger has its place before the cloid. */
function stop(triggerPx: string): Json {
  const trigger = { isMarket: true, triggerPx, tpsl: "sl" };
  return { a: 0, b: false, p: triggerPx, s: "0.01", r: true, t: { trigger } };
}

/**
 * An exchange on which everything has happened once: orders of all kinds, fills as taker and maker, an hour's funding,
 * deposits and transfers, an agent, a position; and all frames that a follower of every channel was sent meanwhile.
 */
export function livelyExchange(): {
  readonly exchange: TestExchange;
  readonly frames: readonly Frame[];
  /** An order that rests. */
  readonly oid: number;
} {
  const exchange = new TestExchange(ladderFeed(), false);
  exchange.gateway.venue.attachFeed("BTC", btcFeed(), ms(EPOCH_MS));
  exchange.advance(700);
  for (const { address } of [ALICE, BOB]) {
    exchange.fund(address, 50_000, "");
    exchange.fund(address, 10_000, "km");
  }
  const frames: Frame[] = [];
  const collect = follow(exchange);
  exchange.advance(1_000);
  frames.push(...collect());
  act(exchange, order(true, "82000", "Gtc", { c: CLOID }), order(false, "86000", "Alo"));
  act(exchange, order(true, "84500", "Ioc"), stop("80000"));
  act(exchange, order(false, "85500", "Gtc", { r: true }));
  frames.push(...collect());
  const oid =
    (exchange.info({ type: "openOrders", user: ALICE.address }) as { oid: number }[])[0]?.oid ?? 0;
  exchange.act({ type: "cancelByCloid", cancels: [{ asset: 0, cloid: CLOID }] });
  act(exchange, order(true, "83000", "Gtc", { c: CLOID }));
  userSigned(exchange, "usdSend", { destination: BOB.address, amount: "10" }, "time");
  userSigned(exchange, "usdClassTransfer", { amount: "100", toPerp: false }, "nonce");
  userSigned(exchange, "approveAgent", { agentAddress: AGENT.address, agentName: "mm1" }, "nonce");
  for (let step = 0; step < 65; step++) exchange.advance(60_000);
  frames.push(...collect());
  return { exchange, frames, oid };
}

function act(exchange: TestExchange, ...orders: readonly Json[]): void {
  const reply = exchange.act({ type: "order", orders, grouping: "na" } as never);
  if (JSON.stringify(reply).includes("error")) throw new Error(JSON.stringify(reply));
}

function userSigned(exchange: TestExchange, type: string, fields: object, stamp: string): void {
  const nonce = exchange.nextNonce();
  const action = {
    type,
    signatureChainId: "0x66eee",
    hyperliquidChain: "Testnet",
    ...fields,
    [stamp]: nonce,
  };
  const typed = USER_SIGNED_TYPES[type];
  if (typed === undefined) throw new Error(`no type ${type}`);
  const signature = signDigest(
    userSignedDigest(typed.primaryType, typed.fields, action),
    ALICE.key,
  );
  const { body } = exchange.postText(JSON.stringify({ action, nonce, signature }));
  if (!body.includes('"ok"')) throw new Error(`${type}: ${body}`);
}

/** Subscribes to everything; answers with what came since the last call. */
function follow(exchange: TestExchange): () => readonly Frame[] {
  const session = exchange.connect();
  const user = ALICE.address;
  const wanted = [
    ...["l2Book", "bbo", "trades", "activeAssetCtx"].map((type) => ({ type, coin: "BTC" })),
    { type: "l2Book", coin: "BTC", fast: true },
    { type: "l2Book", coin: "BTC", nSigFigs: 4 },
    { type: "userFills", user, aggregateByTime: true },
    { type: "candle", coin: "BTC", interval: "1m" },
    { type: "allMids" },
    { type: "allDexsAssetCtxs" },
    ...["userFills", "userEvents", "orderUpdates", "userFundings"].map((type) => ({ type, user })),
  ];
  for (const subscription of wanted) session.send({ method: "subscribe", subscription });
  session.send({ method: "subscribe", subscription: wanted[0] });
  session.send({
    method: "post",
    id: 7,
    request: { type: "info", payload: { type: "l2Book", coin: "no" } },
  });
  let taken = 0;
  return () => {
    const fresh = session.frames.slice(taken) as unknown as readonly Frame[];
    taken = session.frames.length;
    return fresh;
  };
}
