// Drives ccxt's hyperliquid class, as published, against a local exchange and prints one JSON line a check.
import ccxt from "ccxt";

const url = process.argv[2];
const key = `0x${"61".repeat(32)}`;
const PAIR = "BTC/USDC:USDC";
const overrides = {
  walletAddress: "",
  privateKey: key,
  urls: { api: { public: url, private: url, ws: { public: `${url.replace("http", "ws")}/ws` } } },
  // Neither a builder fee nor a referral code is wanted on a private exchange.
  options: { builderFee: false, approvedBuilderFee: false, refSet: true },
  enableRateLimit: false,
};

function clientOf(Class) {
  const client = new Class({ ...overrides });
  client.walletAddress = client.privateKey === "" ? "" : addressOf(client);
  client.urls.api = overrides.urls.api;
  return client;
}

/** ccxt has its own key arithmetic; the address is asked from it, not written down here. */
function addressOf(client) {
  return client.ethGetAddressFromPrivateKey(client.privateKey);
}

async function check(name, run) {
  let row;
  try {
    const detail = await run();
    row = { name, outcome: "passed", detail: detail === undefined ? "" : String(detail) };
  } catch (error) {
    row = {
      name,
      outcome: "failed",
      detail: `${error.constructor.name}: ${error.message}`.slice(0, 400),
    };
  }
  console.log(JSON.stringify(row));
}

function expect(condition, what) {
  if (!condition) throw new Error(`expected ${what}`);
}

const rest = clientOf(ccxt.hyperliquid);
const user = rest.walletAddress.toLowerCase();
for (const [dex, usd] of [
  ["", "100000"],
  ["km", "10000"],
])
  await fetch(`${url}/local/faucet`, { method: "POST", body: JSON.stringify({ user, dex, usd }) });
await new Promise((resolve) => setTimeout(resolve, 1000));

async function touch(symbol = PAIR) {
  const book = await rest.fetchOrderBook(symbol);
  return { bid: book.bids[0][0], ask: book.asks[0][0] };
}

let hip3 = null;
await check("loadMarkets: perps and HIP-3", async () => {
  const markets = await rest.loadMarkets();
  expect(markets[PAIR] !== undefined, `${PAIR} among ${Object.keys(markets).join(" ")}`);
  hip3 = Object.values(markets).find(({ id, baseId, info }) =>
    [id, baseId, info?.name].includes("km:US500"),
  );
  return Object.keys(markets).join(" ");
});
await check("fetchStatus, fetchTime, fetchCurrencies", async () => {
  expect((await rest.fetchStatus()).status === "ok", "status ok");
  expect((await rest.fetchTime()) > 1e12, "a time");
  expect((await rest.fetchCurrencies()).USDC !== undefined, "USDC");
});
await check("fetchOrderBook, fetchTickers, fetchTrades, fetchOHLCV", async () => {
  const { bid, ask } = await touch();
  expect(bid < ask, "an open book");
  expect((await rest.fetchTickers([PAIR]))[PAIR].last !== undefined, "a ticker");
  await rest.fetchTrades(PAIR, undefined, undefined, { user });
  await rest.fetchOHLCV(PAIR, "1m");
});
await check("fetchFundingRates, fetchFundingRateHistory, fetchOpenInterests", async () => {
  expect((await rest.fetchFundingRates())[PAIR] !== undefined, "a rate");
  await rest.fetchFundingRateHistory(PAIR);
  await rest.fetchOpenInterests([PAIR]);
});
await check("fetchBalance", async () => {
  const balance = await rest.fetchBalance({ type: "swap" });
  expect(balance.USDC.total === 100000, `100000, got ${JSON.stringify(balance.USDC)}`);
  await rest.fetchBalance({ type: "spot" });
});
await check("createOrder, fetchOrder, fetchOpenOrders, cancelOrder", async () => {
  const { bid } = await touch();
  const order = await rest.createOrder(PAIR, "limit", "buy", 0.001, bid * 0.99, { postOnly: true });
  const found = await rest.fetchOrder(order.id, PAIR);
  expect(found.status === "open", `open, got ${found.status}`);
  expect((await rest.fetchOpenOrders(PAIR)).length === 1, "one open order");
  await rest.cancelOrder(order.id, PAIR);
  expect((await rest.fetchOpenOrders(PAIR)).length === 0, "none");
});
await check("clientOrderId: create and cancel", async () => {
  const { bid } = await touch();
  const clientOrderId = `0x${"ab".repeat(16)}`;
  await rest.createOrder(PAIR, "limit", "buy", 0.001, bid * 0.99, { clientOrderId });
  await rest.cancelOrder(undefined, PAIR, { clientOrderId });
});
await check("createOrders, editOrder, cancelOrders", async () => {
  const { bid } = await touch();
  const wanted = [0.99, 0.98].map((by) => ({
    symbol: PAIR,
    type: "limit",
    side: "buy",
    amount: 0.001,
    price: bid * by,
    params: { timeInForce: "Alo" },
  }));
  const made = await rest.createOrders(wanted);
  const edited = await rest.editOrder(made[0].id, PAIR, "limit", "buy", 0.002, bid * 0.97, {
    timeInForce: "Alo",
  });
  await rest.cancelOrders([edited.id, made[1].id], PAIR);
});
await check("market order, position, close", async () => {
  const { ask } = await touch();
  const order = await rest.createOrder(PAIR, "market", "buy", 0.01, ask);
  expect(order.id !== undefined, "an id");
  const [position] = await rest.fetchPositions([PAIR]);
  expect(position.contracts === 0.01, `0.01, got ${position.contracts}`);
  await rest.createOrder(PAIR, "market", "sell", 0.01, ask, { reduceOnly: true });
  expect((await rest.fetchMyTrades(PAIR)).length >= 2, "trades");
});
await check("stop-loss and take-profit orders", async () => {
  const { bid, ask } = await touch();
  await rest.createOrder(PAIR, "market", "buy", 0.01, ask);
  const stop = await rest.createOrder(PAIR, "market", "sell", 0.01, bid, {
    stopLossPrice: bid * 0.9,
    reduceOnly: true,
  });
  const take = await rest.createOrder(PAIR, "market", "sell", 0.01, ask, {
    takeProfitPrice: ask * 1.1,
    reduceOnly: true,
  });
  await rest.cancelOrders([stop.id, take.id], PAIR);
  await rest.createOrder(PAIR, "market", "sell", 0.01, bid, { reduceOnly: true });
});
await check("setLeverage, setMarginMode, addMargin, reduceMargin", async () => {
  await rest.setLeverage(5, PAIR);
  await rest.setMarginMode("isolated", PAIR, { leverage: 5 });
  const { ask } = await touch();
  await rest.createOrder(PAIR, "market", "buy", 0.01, ask);
  await rest.addMargin(PAIR, 50);
  await rest.reduceMargin(PAIR, 20);
  await rest.createOrder(PAIR, "market", "sell", 0.01, ask, { reduceOnly: true });
  await rest.setMarginMode("cross", PAIR, { leverage: 20 });
});
await check("cancelAllOrdersAfter is refused without volume", async () => {
  try {
    await rest.cancelAllOrdersAfter(60000);
  } catch (error) {
    expect(error.message.includes("until enough volume traded"), error.message);
    return error.constructor.name;
  }
  throw new Error("expected a refusal");
});
await check("transfer spot and back, withdraw", async () => {
  await rest.transfer("USDC", 100, "swap", "spot");
  await rest.transfer("USDC", 50, "spot", "swap");
  await rest.withdraw("USDC", 10, user);
});
await check("fetchOrders, fetchClosedOrders, fetchCanceledOrders", async () => {
  expect((await rest.fetchOrders(PAIR)).length > 5, "orders");
  await rest.fetchClosedOrders(PAIR);
  await rest.fetchCanceledOrders(PAIR);
});
await check(
  "fetchTradingFee, fetchLedger, fetchDeposits, fetchWithdrawals, fetchFundingHistory",
  async () => {
    await rest.fetchTradingFee(PAIR);
    await rest.fetchLedger();
    await rest.fetchDeposits();
    expect((await rest.fetchWithdrawals()).length === 1, "one withdrawal");
    await rest.fetchFundingHistory(PAIR);
  },
);
await check("HIP-3: order and cancel", async () => {
  expect(hip3 !== null && hip3 !== undefined, "km:US500 among the markets");
  const { bid } = await touch(hip3.symbol);
  const order = await rest.createOrder(hip3.symbol, "limit", "buy", 0.1, bid * 0.99, {
    postOnly: true,
  });
  await rest.cancelOrder(order.id, hip3.symbol);
  return hip3.symbol;
});
await check("reserveRequestWeight", async () => {
  await rest.reserveRequestWeight(100);
});

const pro = clientOf(ccxt.pro.hyperliquid);
// ccxt wants this before any address without TLS.
await pro.loadHttpProxyAgent();
await check("WebSocket: book, trades, ticker, candles", async () => {
  await pro.watchOrderBook(PAIR);
  await pro.watchTrades(PAIR);
  await pro.watchTicker(PAIR);
  await pro.watchOHLCV(PAIR, "1m");
});
await check("WebSocket: orders, own trades, create and cancel over the socket", async () => {
  const orders = pro.watchOrders(PAIR);
  const trades = pro.watchMyTrades(PAIR);
  const { bid, ask } = await touch();
  const order = await pro.createOrderWs(PAIR, "limit", "buy", 0.001, bid * 0.99, {
    timeInForce: "Alo",
  });
  await orders;
  await pro.cancelOrderWs(order.id, PAIR);
  await pro.createOrderWs(PAIR, "market", "buy", 0.001, ask);
  await trades;
});
await pro.close();
process.exit(0);
