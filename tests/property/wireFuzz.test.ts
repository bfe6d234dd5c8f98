import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { WireValue } from "../../lib/hyperliquid/signing/msgpack.ts";
import { ALICE, alo, ASSET, COIN, placing, TestExchange } from "../support/testExchange.ts";

/*
 * Whatever comes in, the exchange answers and lives on: a known status, a text, and the next honest request works.
 */

const user = ALICE.address;
const STATUSES = new Set([200, 400, 415, 422, 429, 500]);

const infoTypes = [
  "perpDexs",
  "meta",
  "allPerpMetas",
  "metaAndAssetCtxs",
  "allMids",
  "spotMeta",
  "outcomeMeta",
  "exchangeStatus",
  "marginTable",
  "perpDexLimits",
  "perpDexStatus",
  "perpsAtOpenInterestCap",
  "l2Book",
  "recentTrades",
  "candleSnapshot",
  "fundingHistory",
  "clearinghouseState",
  "spotClearinghouseState",
  "userAbstraction",
  "userRole",
  "extraAgents",
  "maxBuilderFee",
  "userRateLimit",
  "activeAssetData",
  "userFunding",
  "userNonFundingLedgerUpdates",
  "preTransferCheck",
  "userFees",
  "openOrders",
  "frontendOpenOrders",
  "orderStatus",
  "historicalOrders",
  "userFills",
  "userFillsByTime",
  "webData2",
];
const channels = [
  "l2Book",
  "bbo",
  "trades",
  "allMids",
  "candle",
  "activeAssetCtx",
  "assetCtxs",
  "allDexsAssetCtxs",
  "orderUpdates",
  "userEvents",
  "user",
  "userFills",
  "userFundings",
  "userNonFundingLedgerUpdates",
  "clearinghouseState",
  "allDexsClearinghouseState",
  "openOrders",
  "spotState",
  "activeAssetData",
  "webData2",
  "webData3",
  "notification",
];

const number = fc.oneof(
  fc.nat(10),
  fc.constantFrom(-1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e300, Number.MAX_VALUE),
  fc.nat(),
);
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  number,
  fc.constantFrom("", "0x", "__proto__", null),
);
const oneOf = (...good: readonly unknown[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: odd });

const fields = {
  user: oneOf(user),
  dex: oneOf("km", "", "mkts", "nope"),
  coin: oneOf(COIN, "BTC", "km:BABA", "km:NOPE"),
  oid: oneOf(1, `0x${"1".repeat(32)}`),
  nSigFigs: oneOf(null, 2, 5),
  mantissa: oneOf(null, 2, 5),
  fast: oneOf(true, false),
  interval: oneOf("1m", "1M"),
  id: oneOf(25),
  builder: oneOf(user),
  source: oneOf("spot"),
  startTime: oneOf(0, 1_790_000_000_000),
  endTime: oneOf(null, 1_800_000_000_000),
  aggregateByTime: oneOf(true, false),
  req: oneOf({ coin: COIN, interval: "1m", startTime: 0, endTime: 2 ** 53 - 1 }, { coin: COIN }),
};

const request = (types: readonly string[]) =>
  fc.record(
    { type: fc.constantFrom(...types), ...fields },
    { requiredKeys: ["type", "user", "coin"] },
  );

const decimal = fc.oneof(
  fc.constantFrom("0", "0.001", "1", "690", "690.1", "99999", "0.00000001", "9007199254740993"),
  fc.constantFrom("1000000000", "123456789012345678901234567890", "690.12345678"),
);
const huge = fc.constantFrom(0, 1, 1_000_000, 2 ** 53 - 1);
const asset = fc.constantFrom(0, 1, ASSET, ASSET + 1, 120_001, 999_999, 2 ** 53 - 1);
const cloid = fc.constantFrom(`0x${"1".repeat(32)}`, `0x${"2".repeat(32)}`);
const oid = fc.oneof(fc.nat(100), fc.constantFrom(2 ** 53 - 1), cloid);
const order = fc
  .record({
    a: asset,
    b: fc.boolean(),
    p: decimal,
    s: decimal,
    r: fc.boolean(),
    tif: fc.constantFrom("Alo", "Ioc", "Gtc", "FrontendMarket"),
    c: fc.option(cloid),
  })
  .map(({ tif, c, ...rest }) => ({ ...rest, t: { limit: { tif } }, ...(c === null ? {} : { c }) }));
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4 });
const action: fc.Arbitrary<WireValue> = fc.oneof(
  fc.record({ type: fc.constant("order"), orders: some(order), grouping: fc.constant("na") }),
  fc.record({
    type: fc.constant("cancel"),
    cancels: some(fc.record({ a: asset, o: fc.nat(200) })),
  }),
  fc.record({ type: fc.constant("cancelByCloid"), cancels: some(fc.record({ asset, cloid })) }),
  fc.record({ type: fc.constant("modify"), oid, order, a: fc.constant(true) }),
  fc.record({ type: fc.constant("batchModify"), modifies: some(fc.record({ oid, order })) }),
  fc.record({ type: fc.constant("scheduleCancel"), time: fc.constantFrom(0, 2 ** 53 - 1) }),
  fc.record({
    type: fc.constant("updateLeverage"),
    asset,
    isCross: fc.boolean(),
    leverage: fc.constantFrom(0, 1, 25, 40, 2 ** 53 - 1),
  }),
  fc.record({
    type: fc.constant("twapOrder"),
    twap: fc.record({
      a: asset,
      b: fc.boolean(),
      s: decimal,
      r: fc.boolean(),
      m: fc.constantFrom(0, 5, 10_080, 2 ** 53 - 1),
      t: fc.boolean(),
    }),
  }),
  fc.record({ type: fc.constant("twapCancel"), a: asset, t: fc.nat(20) }),
  fc.record({ type: fc.constant("createSubAccount"), name: fc.string({ maxLength: 20 }) }),
  fc.record({
    type: fc.constant("subAccountTransfer"),
    subAccountUser: fc.constant(user),
    isDeposit: fc.boolean(),
    usd: huge,
  }),
  fc.record({ type: fc.constant("updateIsolatedMargin"), asset, isBuy: fc.boolean(), ntli: huge }),
  fc.record({ type: fc.constant("topUpIsolatedOnlyMargin"), asset, leverage: decimal }),
  fc.record({ type: fc.constant("reserveRequestWeight"), weight: huge }),
  fc.constant({ type: "noop" }),
);

function livesOn(exchange: TestExchange): void {
  expect(exchange.infoText({ type: "perpDexs" }).status).toBe(200);
  exchange.advance(10_000);
}

describe("the wire never breaks", () => {
  test("on info requests", () => {
    const exchange = new TestExchange(undefined, false);
    exchange.fund(user);
    fc.assert(
      fc.property(request(infoTypes), (body) => {
        const { status, body: text } = exchange.infoText(body);
        expect(STATUSES.has(status)).toBe(true);
        if (status === 200) expect(JSON.parse(text)).toBeDefined();
      }),
      { numRuns: 1_500 },
    );
    livesOn(exchange);
  });

  test("on any text", () => {
    const exchange = new TestExchange(undefined, false);
    const session = exchange.connect();
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => json.slice(0, -1)),
    );
    fc.assert(
      fc.property(text, (body) => {
        expect(STATUSES.has(exchange.infoText(body).status)).toBe(true);
        expect(STATUSES.has(exchange.postText(body).status)).toBe(true);
        session.sendText(body);
      }),
      { numRuns: 300 },
    );
    livesOn(exchange);
  });

  test("on envelopes bent out of shape", () => {
    const exchange = new TestExchange(undefined, false);
    exchange.fund(user);
    const bent = fc.record({
      key: fc.constantFrom("action", "nonce", "signature", "vaultAddress", "expiresAfter", "x"),
      value: odd,
    });
    fc.assert(
      fc.property(bent, ({ key, value }) => {
        const body = { ...exchange.sign({ type: "noop" }), [key]: value };
        expect(STATUSES.has(exchange.postText(JSON.stringify(body)).status)).toBe(true);
      }),
      { numRuns: 300 },
    );
    livesOn(exchange);
  });

  test("on signed actions with any numbers", () => {
    const exchange = new TestExchange(undefined, false);
    exchange.fund(user, 1e9);
    fc.assert(
      fc.property(action, (signed) => {
        const answer = exchange.act(signed);
        expect(["ok", "err"]).toContain(answer["status"] as string);
      }),
      { numRuns: 600 },
    );
    livesOn(exchange);
    expect(exchange.act(placing(alo(true, "600", "0.1")))["status"]).toBe("ok");
  });

  test("on subscriptions", () => {
    const exchange = new TestExchange(undefined, false);
    exchange.fund(user);
    const session = exchange.connect();
    const message = fc.record({
      method: fc.constantFrom("subscribe", "subscribe", "unsubscribe", "ping"),
      subscription: request(channels),
    });
    fc.assert(
      fc.property(message, (sent) => {
        session.send(sent);
        exchange.advance(100);
      }),
      { numRuns: 600 },
    );
    expect(session.closed).toBeNull();
    livesOn(exchange);
  });
});
