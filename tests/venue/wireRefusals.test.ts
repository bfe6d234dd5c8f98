import { describe, expect, test } from "bun:test";
import { l1ActionHash, phantomAgentDigest } from "../../lib/hyperliquid/signing/l1.ts";
import type { WireValue } from "../../lib/hyperliquid/signing/msgpack.ts";
import { signDigest } from "../../lib/hyperliquid/signing/signature.ts";
import { readJson } from "../../lib/venue/server/readJson.ts";
import { ALICE, alo, ASSET, BOB, placing, TestExchange } from "../support/testExchange.ts";

const SHAPE = "Failed to deserialize the JSON body into the target type";

function funded(): TestExchange {
  const exchange = new TestExchange(undefined, false);
  exchange.fund(ALICE.address);
  return exchange;
}

describe("repeated fields", () => {
  test.each([
    ["of a question", '{"type":"meta","type":"meta"}', 422],
    ["of a question, one escaped", '{"type":"meta","\\u0074ype":"meta"}', 422],
    ["that nobody knows", '{"type":"meta","x":1,"x":2}', 200],
    ["inside text", '{"type":"meta","x":"{\\"type\\":1,\\"type\\":2}"}', 200],
    [
      "of an inner object that is read",
      '{"type":"candleSnapshot","req":{"coin":"BTC","coin":"BTC","interval":"1m","startTime":0,"endTime":1}}',
      422,
    ],
    ["in the positional form", '["meta","km"]', 200],
  ])("%s", (_what, body, status) => {
    expect(funded().infoText(body).status).toBe(status);
  });

  test("of the envelope, the action, an order: the status of a wrong shape", () => {
    const exchange = funded();
    const text = JSON.stringify(exchange.sign(placing(alo(true, "689", "0.1"))));
    for (const [from, to] of [
      ['"nonce":', '"nonce":1,"nonce":'],
      ['"type":"order"', '"type":"order","type":"order"'],
      ['"b":true', '"b":true,"b":true'],
      ['"r":"0x', '"r":"0x1","r":"0x'],
    ] as const) {
      const body = text.replace(from, to);
      expect(body).not.toBe(text);
      expect(exchange.postText(body)).toEqual({ status: 422, body: SHAPE });
    }
    const harmless = text.replace('"b":true', '"b":true,"zz":1,"zz":2');
    expect(exchange.postText(harmless).body).toContain("resting");
  });

  test("nesting and names of Object's own do no harm", () => {
    const deep = `{"type":"meta","x":1,"x":${"[".repeat(127)}${"]".repeat(127)}}`;
    expect(funded().infoText(deep).status).toBe(200);
    const own = readJson('{"__proto__":1,"__proto__":2,"a":3}') as object;
    expect(Object.keys(own)).toEqual(["__proto__", "a"]);
    expect(Object.getPrototypeOf(own)).toBe(Object.prototype);
  });
});

describe("what would keep the exchange from everybody else", () => {
  const NOT_JSON = { status: 400, body: "Failed to parse the request body as JSON" };
  const deep = (depth: number) => `${"[".repeat(depth)}1${"]".repeat(depth)}`;

  test.each([128, 20_000, 400_000])("nesting %p deep is no JSON", (depth) => {
    const exchange = funded();
    const text = JSON.stringify(exchange.sign({ type: "setReferrer", code: "ABC" }));
    expect(exchange.postText(text.replace('"ABC"', deep(depth)))).toEqual(NOT_JSON);
    expect(exchange.infoText(`{"type":"meta","x":${deep(depth)}}`)).toEqual(NOT_JSON);
    expect(exchange.infoText(`{"type":"meta"} ${deep(depth)}`).status).toBe(200);
  });

  test("nesting on a socket is told, and the socket goes on", () => {
    const session = funded().connect();
    session.sendText(`{"method":"subscribe","subscription":{"type":"bbo","x":${deep(400_000)}}}`);
    session.send({ method: "ping" });
    expect(session.frames.map(({ channel }) => channel)).toEqual(["error", "pong"]);
  });

  test("zeros without end before a last digit are refused as fast as they are read", () => {
    const exchange = funded();
    const text = JSON.stringify(exchange.sign(placing(alo(true, "689", "0.1"))));
    // A pattern that tries every run of zeros anew would take minutes.
    const zeros = "0".repeat(900_000);
    expect(exchange.postText(text.replace('"689"', `"0.${zeros}1"`)).status).toBe(422);
    expect(exchange.postText(text.replace('"689"', `"689.${zeros}"`)).body).toContain("resting");
  });
});

test("an amount of endless digits is no number, and is seen to be none in one pass", () => {
  const exchange = funded();
  const reply = exchange.act({
    type: "agentSendAsset",
    destination: ALICE.address,
    sourceDex: "spot",
    destinationDex: "km",
    token: "USDH",
    amount: `${"1".repeat(900_000)}x`,
    fromSubAccount: "",
    nonce: 1,
  });
  expect(reply).toEqual({ status: "err", response: "Invalid decimal number" });
});

/** Two answers to the same body: of an action that is understood but refused, the nonce serves once all the same. */
function twice(exchange: TestExchange, action: WireValue): readonly string[] {
  const body = JSON.stringify(exchange.sign(action));
  return [exchange.postText(body), exchange.postText(body)].map(
    (answer) => `${answer.status} ${answer.body}`,
  );
}

describe("understood but refused: status 200, the venue's envelope, the nonce used up", () => {
  const vaultAddress = `0x${"cd".repeat(20)}`;
  const order = alo(true, "689", "0.1");
  test.each<readonly [string, WireValue, string]>([
    [
      "a priority order",
      { type: "order", orders: [order], grouping: { p: 10_000 } },
      "Insufficient delegatable balance for priority order",
    ],
    [
      "a vault transfer",
      { type: "vaultTransfer", vaultAddress, isDeposit: true, usd: 1 },
      `Vault not registered: ${vaultAddress}`,
    ],
    [
      "a bid for read priority",
      { type: "gossipPriorityBid", slotId: 0, ip: "1.2.3.4", maxGas: 1 },
      "Insufficient gas at current auction price.",
    ],
    [
      "a referral code",
      { type: "setReferrer", code: "ABC" },
      "Referrals are not offered by this exchange",
    ],
    [
      "a deployment",
      {
        type: "perpDeploy",
        setOracle: {
          dex: "km",
          oraclePxs: [["km:US500", "690.1"]],
          markPxs: [],
          externalPerpPxs: [],
        },
      },
      "Deployments are not offered by this exchange",
    ],
    [
      "portfolio margin",
      { type: "agentSetAbstraction", abstraction: "p" },
      "Abstraction transition not allowed",
    ],
  ])("%s", (_what, action, text) => {
    const [first, second] = twice(funded(), action);
    expect(first).toBe(`200 {"status":"err","response":"${text}"}`);
    expect(second).toContain("Invalid nonce: duplicate nonce");
  });
});

describe("sub-accounts and TWAPs over the wire", () => {
  test("created, told, traded for", () => {
    const exchange = funded();
    const reply = exchange.act({ type: "createSubAccount", name: "one" }) as {
      response: { type: string; data: string };
    };
    const sub = reply.response.data;
    exchange.fund(sub);
    const nonce = exchange.nextNonce();
    const action = placing(alo(true, "689", "0.1"));
    const digest = phantomAgentDigest(l1ActionHash(action, nonce, sub, null), "b");
    const signature = signDigest(digest, ALICE.key);
    const body = JSON.stringify({ action, nonce, signature, vaultAddress: sub });
    expect(exchange.postText(body).body).toContain("resting");
    expect(exchange.info({ type: "openOrders", user: sub, dex: "km" })).toHaveLength(1);
    expect(exchange.info({ type: "userRole", user: sub })).toEqual({
      role: "subAccount",
      data: { master: ALICE.address },
    });
    expect(exchange.info({ type: "subAccounts", user: ALICE.address })).toMatchObject([
      { name: "one", subAccountUser: sub, master: ALICE.address, spotState: { balances: [] } },
    ]);
    expect(exchange.info({ type: "subAccounts", user: BOB.address })).toBeNull();
  });

  test("a TWAP in its states, its history and its fills", () => {
    const exchange = funded();
    const session = exchange.connect();
    const user = ALICE.address;
    for (const type of ["twapStates", "userTwapHistory", "userTwapSliceFills"])
      session.send({ method: "subscribe", subscription: { type, user, dex: "km" } });
    const twap = { a: ASSET, b: true, s: "5", r: false, m: 5, t: false };
    expect(exchange.act({ type: "twapOrder", twap })).toEqual({
      status: "ok",
      response: { type: "twapOrder", data: { status: { running: { twapId: 1 } } } },
    });
    exchange.advance(31_000);
    const fills = exchange.info({ type: "userTwapSliceFills", user }) as { twapId: number }[];
    expect(fills.map(({ twapId }) => twapId)).toEqual([1, 1]);
    expect(exchange.act({ type: "twapCancel", a: ASSET, t: 1 })).toEqual({
      status: "ok",
      response: { type: "twapCancel", data: { status: "success" } },
    });
    const history = exchange.info({ type: "twapHistory", user });
    expect(history).toMatchObject([
      { status: { status: "terminated" }, twapId: 1, state: { sz: "5.0", executedSz: "1.0" } },
      { status: { status: "activated" } },
    ]);
    exchange.advance(300);
    const said = (channel: string) =>
      session.frames.filter((frame) => frame["channel"] === channel).map(({ data }) => data);
    expect(said("twapStates")[0]).toMatchObject({ dex: "km", user, states: [] });
    expect(said("twapStates")).toContainEqual(
      expect.objectContaining({ states: [[1, expect.objectContaining({ executedSz: "1.0" })]] }),
    );
    expect(said("userTwapHistory")).toHaveLength(3);
    expect(said("userTwapSliceFills")).toHaveLength(3);
  });
});

describe("modify and cancel switches", () => {
  test("always placed: the new order may take; a fast cancel spares stops", () => {
    const exchange = funded();
    const placed = exchange.act(placing(alo(true, "689", "0.1"))) as never;
    const oid = JSON.stringify(placed).match(/"oid":(\d+)/)?.[1];
    const ioc = { ...alo(true, "691", "0.1"), t: { limit: { tif: "Ioc" } } };
    const modify = { type: "batchModify", modifies: [{ oid: Number(oid), order: ioc }], a: true };
    expect(JSON.stringify(exchange.act(modify))).toContain("filled");
    const trigger = { isMarket: true, triggerPx: "600", tpsl: "sl" };
    const stop = { a: ASSET, b: false, p: "600", s: "0.1", r: true, t: { trigger } };
    const waiting = exchange.act(placing(stop)) as never;
    const stopOid = Number(JSON.stringify(waiting).match(/"oid":(\d+)/)?.[1]);
    const cancel = { type: "cancel", cancels: [{ a: ASSET, o: stopOid }] };
    expect(JSON.stringify(exchange.act({ ...cancel, f: true }))).toContain("never placed");
    expect(JSON.stringify(exchange.act(cancel))).toContain("success");
  });
});
