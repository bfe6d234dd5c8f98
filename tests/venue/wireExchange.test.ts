import { describe, expect, test } from "bun:test";
import { userSignedDigest, USER_SIGNED_TYPES } from "../../lib/hyperliquid/signing/userSigned.ts";
import { signDigest } from "../../lib/hyperliquid/signing/signature.ts";
import {
  AGENT,
  ALICE,
  alo,
  ASSET,
  BOB,
  COIN,
  placing,
  TestExchange,
} from "../support/testExchange.ts";
import type { Json } from "../support/testExchange.ts";

const BAD_SHAPE = "Failed to deserialize the JSON body into the target type";
const CLOID = `0x${"c".repeat(32)}`;

function funded(): TestExchange {
  const exchange = new TestExchange();
  exchange.fund(ALICE.address);
  return exchange;
}

/** Statuses of a batch that was taken. */
function statuses(answer: Json): readonly Json[] {
  return (answer as { response: { data: { statuses: readonly Json[] } } }).response.data.statuses;
}

function restingOid(answer: Json): number {
  const first = statuses(answer)[0] as { readonly resting?: { readonly oid: number } };
  if (first.resting === undefined) throw new Error(`expected to rest: ${JSON.stringify(answer)}`);
  return first.resting.oid;
}

describe("status codes", () => {
  const exchange = funded();
  const signed = JSON.stringify(exchange.sign({ type: "noop" }));
  test.each([
    ["no JSON", "{nope", "application/json", 400, "Failed to parse the request body as JSON"],
    ["an empty body", "", "application/json", 400, "Failed to parse the request body as JSON"],
    [
      "another content type",
      signed,
      "text/plain",
      415,
      "Expected request with `Content-Type: application/json`",
    ],
    [
      "no content type",
      signed,
      null,
      415,
      "Expected request with `Content-Type: application/json`",
    ],
    ["an empty object", "{}", "application/json", 422, BAD_SHAPE],
    ["a list", "[]", "application/json", 422, BAD_SHAPE],
    ["null", "null", "application/json", 422, BAD_SHAPE],
    [
      "an unknown action",
      signed.replace('"noop"', '"teleport"'),
      "application/json",
      422,
      BAD_SHAPE,
    ],
    ["an unknown field", signed.replace("{", '{"note":1,'), "application/json", 422, BAD_SHAPE],
    [
      "a text nonce",
      signed.replace(/"nonce":(\d+)/, '"nonce":"$1"'),
      "application/json",
      422,
      BAD_SHAPE,
    ],
    [
      "a signature of zeros",
      signed.replace(/"r":"[^"]+"/, '"r":"0x0"'),
      "application/json",
      200,
      '{"status":"err","response":"Unable to recover signer."}',
    ],
  ])("%s", (_what, text, contentType, status, body) => {
    expect(exchange.postText(text, contentType)).toEqual({ status, body });
  });
});

describe("signers", () => {
  test("a stranger is named in the answer", () => {
    const exchange = funded();
    const answer = exchange.act({ type: "noop" }, BOB);
    expect(answer["status"]).toBe("err");
    expect(answer["response"]).toMatch(/^User or API Wallet 0x[0-9a-f]{40} does not exist\.$/);
  });

  test("an action changed after signing is another signer's", () => {
    const exchange = funded();
    const body = JSON.stringify(exchange.sign(placing(alo(true, "690", "0.1"))));
    const changed = exchange.postText(body.replace('"s":"0.1"', '"s":"0.2"'));
    expect(changed.body).toContain("does not exist.");
  });

  test("a vault that is none of ours is refused with the venue's words", () => {
    const exchange = funded();
    const body = { ...exchange.sign({ type: "noop" }), vaultAddress: BOB.address };
    expect(exchange.postText(JSON.stringify(body)).body).toBe(
      `{"status":"err","response":"Vault not registered: ${BOB.address}"}`,
    );
  });

  test("a nonce serves once", () => {
    const exchange = funded();
    const nonce = exchange.nextNonce();
    const text = JSON.stringify(exchange.sign({ type: "noop" }, ALICE, nonce));
    expect(JSON.parse(exchange.postText(text).body)).toEqual({
      status: "ok",
      response: { type: "default" },
    });
    expect(JSON.parse(exchange.postText(text).body)).toEqual({
      status: "err",
      response: `Invalid nonce: duplicate nonce ${nonce}`,
    });
  });

  test("an agent trades for its account, once it is approved", () => {
    const exchange = funded();
    expect(exchange.act({ type: "noop" }, AGENT)["status"]).toBe("err");
    const nonce = exchange.nextNonce();
    const action = {
      type: "approveAgent",
      signatureChainId: "0x66eee",
      hyperliquidChain: "Testnet",
      agentAddress: AGENT.address,
      agentName: "mm1",
      nonce,
    };
    const type = USER_SIGNED_TYPES["approveAgent"];
    const digest = userSignedDigest(type?.primaryType ?? "", type?.fields ?? [], action);
    const body = { action, nonce, signature: signDigest(digest, ALICE.key) };
    const mismatch = exchange.postText(JSON.stringify({ ...body, nonce: nonce + 1 }));
    expect(mismatch.body).toBe('{"status":"err","response":"Nonce mismatch."}');
    const expiring = exchange.postText(JSON.stringify({ ...body, expiresAfter: nonce }));
    expect(expiring.body).toContain("Action does not support expires_after");
    expect(exchange.postText(JSON.stringify(body)).body).toBe(
      '{"status":"ok","response":{"type":"default"}}',
    );
    exchange.advance(200);
    restingOid(exchange.act(placing(alo(true, "689", "0.1")), AGENT));
    expect(exchange.info({ type: "openOrders", user: ALICE.address, dex: "km" })).toHaveLength(1);
    expect(exchange.info({ type: "userRole", user: AGENT.address })).toEqual({
      role: "agent",
      data: { user: ALICE.address },
    });
    expect(exchange.info({ type: "extraAgents", user: ALICE.address })).toMatchObject([
      { name: "mm1", address: AGENT.address },
    ]);
  });
});

describe("orders over the wire", () => {
  test("a post-only order rests, is found by both ids, and is cancelled by either", () => {
    const exchange = funded();
    const signed = JSON.stringify(exchange.sign(placing(alo(true, "689.5", "0.1", CLOID))));
    const padded = signed.replace('"689.5"', '"0689.500"').replace(CLOID, `0x${"C".repeat(32)}`);
    const answer = JSON.parse(exchange.postText(padded).body) as Json;
    expect(statuses(answer)).toEqual([{ resting: { oid: restingOid(answer), cloid: CLOID } }]);
    const oid = restingOid(answer);
    expect(exchange.info({ type: "openOrders", user: ALICE.address, dex: "km" })).toMatchObject([
      { coin: COIN, side: "B", limitPx: "689.5", sz: "0.1", oid, origSz: "0.1", cloid: CLOID },
    ]);
    expect(exchange.info({ type: "openOrders", user: ALICE.address })).toEqual([]);
    const byOid = exchange.info({ type: "orderStatus", user: ALICE.address, oid });
    expect(byOid).toMatchObject({
      status: "order",
      order: { order: { oid, tif: "Alo", cloid: CLOID }, status: "open" },
    });
    expect(exchange.info({ type: "orderStatus", user: ALICE.address, oid: CLOID })).toEqual(byOid);
    const cancelled = exchange.act({
      type: "cancelByCloid",
      cancels: [{ asset: ASSET, cloid: CLOID }],
    });
    expect(statuses(cancelled)).toEqual(["success" as unknown as Json]);
    const again = exchange.act({ type: "cancel", cancels: [{ a: ASSET, o: oid }] });
    expect(statuses(again)).toEqual([
      { error: `Order was never placed, already canceled, or filled. asset=${ASSET}` },
    ]);
    expect(exchange.info({ type: "orderStatus", user: ALICE.address, oid })).toMatchObject({
      order: { status: "canceled" },
    });
  });

  test("a post-only order that would cross is refused with the touch", () => {
    const exchange = funded();
    const answer = exchange.act(placing(alo(true, "690.1", "0.1")));
    expect(statuses(answer)).toEqual([
      {
        error: `Post only order would have immediately matched, bbo was 690.0@690.1. asset=${ASSET}`,
      },
    ]);
  });

  test("modify and batchModify", () => {
    const exchange = funded();
    const oid = restingOid(exchange.act(placing(alo(true, "689.5", "0.1", CLOID))));
    const modified = exchange.act({ type: "modify", oid, order: alo(true, "689.4", "0.2", CLOID) });
    expect(modified).toEqual({ status: "ok", response: { type: "default" } });
    const batch = exchange.act({
      type: "batchModify",
      modifies: [{ oid: CLOID, order: alo(true, "689.3", "0.3", CLOID) }],
    });
    expect(statuses(batch)).toEqual([{ resting: { oid: restingOid(batch), cloid: CLOID } }]);
    expect(exchange.info({ type: "openOrders", user: ALICE.address, dex: "km" })).toMatchObject([
      { oid: restingOid(batch), limitPx: "689.3", sz: "0.3" },
    ]);
    const gone = exchange.act({ type: "modify", oid, order: alo(true, "689.4", "0.2") });
    expect(gone).toMatchObject({
      status: "err",
      response: expect.stringContaining("Cannot modify canceled or filled order") as unknown,
    });
  });

  test("the batch may have 200 entries, not one more", () => {
    const exchange = funded();
    const cancels = Array.from({ length: 201 }, (_, i) => ({ a: ASSET, o: i + 1 }));
    expect(statuses(exchange.act({ type: "cancel", cancels: cancels.slice(0, 200) }))).toHaveLength(
      200,
    );
    expect(exchange.act({ type: "cancel", cancels })).toEqual({
      status: "err",
      response: "Signed action over weight limit of 200.",
    });
  });

  test("leverage, and a dead man's switch that needs volume", () => {
    const exchange = funded();
    const leverage = { type: "updateLeverage", asset: ASSET, isCross: true, leverage: 10 };
    expect(exchange.act(leverage)).toEqual({ status: "ok", response: { type: "default" } });
    expect(
      exchange.info({ type: "activeAssetData", user: ALICE.address, coin: COIN }),
    ).toMatchObject({ leverage: { type: "cross", value: 10 } });
    expect(exchange.act({ ...leverage, leverage: 26 })).toEqual({
      status: "err",
      response: "Invalid leverage value",
    });
    expect(exchange.act({ type: "scheduleCancel", time: exchange.nowMs + 10_000 })).toMatchObject({
      status: "err",
      response: expect.stringMatching(
        /^Cannot set scheduled cancel time until enough volume traded/,
      ) as unknown,
    });
  });

  test("an answer leaves only when its block is committed", () => {
    const exchange = funded();
    const answers: number[] = [];
    const sentMs = exchange.nowMs;
    const body = JSON.stringify(exchange.sign(placing(alo(true, "689", "0.1"))));
    exchange.gateway.exchange(body, "application/json", () =>
      answers.push(exchange.gateway.nowMs()),
    );
    const { blockMs, commitMs } = exchange.gateway.venue.config;
    exchange.advance(commitMs - 1);
    expect(answers).toEqual([]);
    exchange.advance(blockMs + 1);
    const block = Math.ceil(sentMs / blockMs) * blockMs;
    expect(answers).toEqual([block + commitMs]);
  });
});

test("the same inputs give the same texts", () => {
  const run = () => {
    const exchange = funded();
    const session = exchange.connect();
    for (const subscription of [
      { type: "orderUpdates", user: ALICE.address },
      { type: "l2Book", coin: COIN },
    ])
      session.send({ method: "subscribe", subscription });
    exchange.act(placing(alo(true, "689.5", "0.1", CLOID), alo(false, "691", "0.1")));
    exchange.advance(10_000);
    return JSON.stringify(session.frames) + exchange.gateway.venue.stateHash();
  };
  expect(run()).toBe(run());
});
