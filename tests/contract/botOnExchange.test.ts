import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { discoverMarket } from "../../lib/hyperliquid/discovery.ts";
import { Feeds } from "../../lib/hyperliquid/feeds.ts";
import type { AccountMessage } from "../../lib/hyperliquid/feeds.ts";
import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import { InfoClient } from "../../lib/hyperliquid/infoClient.ts";
import { readAccount } from "../../lib/hyperliquid/reconcile.ts";
import { resolveCommands } from "../../lib/hyperliquid/resolve.ts";
import { addressOf, parsePrivateKey } from "../../lib/hyperliquid/signing/signature.ts";
import type { PlannedBatch } from "../../lib/messages/audit.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { DirectSubmitter } from "../../lib/runtime/directSubmitter.ts";
import { NonceCounter } from "../../lib/runtime/nonce.ts";
import { snapDown, snapUp } from "../../lib/units/grid.ts";
import { ms, sizeLots } from "../../lib/units/numbers.ts";
import { startExchange } from "../../lib/venue/server/start.ts";
import type { RunningExchange } from "../../lib/venue/server/start.ts";
import { batchOf, cancel, cloid, modify, place, TEST_KEY } from "../support/batches.ts";

/** The bot's side of the wire against the local exchange, over real sockets. */
const clock = realClock();
const nonces = new NonceCounter(clock, 0);
const privateKey = parsePrivateKey(TEST_KEY);
const account = addressOf(privateKey);
const LOTS = sizeLots(20);
let exchange: RunningExchange;
let transport: HttpTransport;

beforeAll(async () => {
  exchange = await startExchange({
    port: 0,
    hostname: "127.0.0.1",
    speed: 1,
    limits: true,
    feed: { kind: "sim", market: "km:US500", seed: 1 },
  });
  const url = `http://127.0.0.1:${exchange.port}`;
  transport = new HttpTransport({ url, timeoutMs: 5000 });
  await fetch(`${url}/local/faucet`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user: account, dex: "km", usd: "1000" }),
  });
});
afterAll(() => exchange.stop());

function soon(batch: PlannedBatch): PlannedBatch {
  const expiresMs = batch.expiresMs === null ? null : clock.nowMs() + 3000;
  return { ...batch, nonce: nonces.next(), expiresMs };
}

describe("the bot on the local exchange", () => {
  test("discovers, listens, trades, asks and agrees", async () => {
    const info = new InfoClient(transport);
    const spec = await discoverMarket(info, "US500", account);
    expect(spec).toMatchObject({ market: "km:US500", collateralName: "USDH", makerFeeBps: 0.3 });

    const bid = Promise.withResolvers<number>();
    const live = Promise.withResolvers<void>();
    const filled = Promise.withResolvers<AccountMessage>();
    const feeds = new Feeds({
      transport,
      spec,
      account,
      clock,
      random: Math.random,
      marketStaleMs: 5000,
      onMarket: (message) => {
        // Before the simulated makers have come, a side may be empty.
        if (message.kind !== "bbo" || message.ask === null) return;
        if (message.bid !== null) bid.resolve(message.bid.pxTicks);
      },
      onAccount: (message) => {
        if (message.kind === "fills" && !message.snapshot) filled.resolve(message);
      },
      onFeedState: (feed, state) => {
        if (feed === "account" && state === "live") live.resolve();
      },
    });
    feeds.start();
    const signer = { privateKey, source: "b", vault: null } as const;
    const submitter = new DirectSubmitter({ transport, spec, signer, clock });
    const results = async (batch: PlannedBatch) =>
      (await submitter.submit(soon(batch))).outcomes.map((outcome) => outcome.result);
    try {
      await live.promise;
      const touch = await bid.promise;
      const far = { pxTicks: snapDown(touch - 5000, spec.szDecimals), sizeLots: LOTS };
      const through = { pxTicks: snapUp(touch + 5000, spec.szDecimals), sizeLots: LOTS };

      const mixed = batchOf(0, [place(1, far), place(2, through), place(3, far)]);
      expect(await results(mixed)).toEqual(["resting", "rejected", "resting"]);
      expect(await results(batchOf(0, [{ ...modify(4, 1), ...far }]))).toEqual(["resting"]);
      expect(await results(batchOf(0, [place(5, { ...through, tif: "Ioc" })]))).toEqual(["filled"]);
      expect(await filled.promise).toMatchObject({ fills: [{ cloid: cloid(5), taker: true }] });
      const cancels = batchOf(0, [cancel(3), cancel(77)], "urgent");
      expect(await results(cancels)).toEqual(["cancelled", "rejected"]);

      const accountInfo = info.account(spec, account);
      const snapshot = await readAccount(accountInfo, clock, ms(0), ms(0));
      expect(snapshot.openOrders.map((order) => order.cloid)).toEqual([cloid(4)]);
      expect(snapshot.fills.map((fill) => fill.cloid)).toContain(cloid(5));
      expect(Number(snapshot.reading.positionLots)).toBe(LOTS);
      expect(snapshot.budget.used).toBeGreaterThan(0);

      const sentMs = clock.nowMs();
      const expiresMs = ms(sentMs + 100);
      const asked = (["place", "modify", "cancel", "place"] as const).map((op, index) => ({
        cloid: cloid([5, 4, 3, 99][index] ?? 0),
        op,
        sentMs,
        expiresMs: op === "cancel" ? null : expiresMs,
      }));
      const outcomes = await resolveCommands(asked, accountInfo, clock);
      expect(outcomes.map((outcome) => outcome.result)).toEqual([
        "filled",
        "resting",
        "cancelled",
        "neverActed",
      ]);
    } finally {
      await submitter.close();
      feeds.close();
    }
  });
});
