import { expect, test } from "bun:test";
import { deriveCloid } from "../../lib/core/cloid.ts";
import { GatewayTransport } from "../../lib/runtime/gatewayTransport.ts";
import { lastSweep } from "../../lib/runtime/lastSweep.ts";
import { NonceCounter } from "../../lib/runtime/nonce.ts";
import { virtualClock } from "../../lib/runtime/clock.ts";
import { TransportError } from "../../lib/hyperliquid/transport.ts";
import type { Transport } from "../../lib/hyperliquid/transport.ts";
import { initSigning } from "../../lib/hyperliquid/signing/signature.ts";
import { ms } from "../../lib/units/numbers.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { SPEC } from "../support/coreFixtures.ts";
import { ALICE, EPOCH_MS, TestExchange, alo, placing } from "../support/testExchange.ts";

const RUN_ID = 1_790_000_000_000;

type Told = { readonly done: boolean; readonly words: readonly string[] };

/** An account with two orders of the bot and one of somebody else, after the bot broke. */
async function broken(around: (transport: Transport) => Transport) {
  await initSigning();
  const exchange = new TestExchange();
  exchange.fund(ALICE.address);
  const ours = [1, 2].map((n) => deriveCloid(SPEC.market, RUN_ID, n));
  exchange.act(
    placing(
      alo(true, "689", "0.1", ours[0]),
      alo(false, "691", "0.1", ours[1]),
      alo(true, "688", "0.1", `0x${"7".repeat(32)}`),
    ),
  );
  const clock = virtualClock(exchange.nowMs);
  const direct = new GatewayTransport(exchange.gateway, clock, 15);
  const words: string[] = [];
  const work = lastSweep({
    transport: around(direct),
    signer: { privateKey: ALICE.key, source: "b", vault: null },
    account: ALICE.address,
    spec: SPEC,
    params: defaultParams,
    nonces: new NonceCounter(clock, EPOCH_MS + 10_000),
    clock,
    error: new Error("the ledger does not add up"),
    onWarning: (text) => words.push(text),
    pause: (delayMs) => new Promise((resolve) => clock.at(ms(clock.nowMs() + delayMs), resolve)),
  });
  const heard: Told[] = [];
  void work.then((done) => {
    heard.push({ done, words });
  });
  for (let i = 0; i < 60_000 && heard.length === 0; i++) {
    clock.runUntil(clock.nowMs() + 10);
    await Promise.resolve();
  }
  const open = exchange.info({
    type: "frontendOpenOrders",
    user: ALICE.address,
    dex: "km",
  }) as readonly { readonly cloid: string }[];
  return { told: heard[0], open: open.map(({ cloid }) => cloid) };
}

test("after a contradiction our orders go by the exchange's list, others' stay, and it says so", async () => {
  const { told, open } = await broken((transport) => transport);
  expect(told?.done).toBe(true);
  expect(open).toEqual([`0x${"7".repeat(32)}`]);
  expect(told?.words[0]).toContain("the ledger does not add up");
  expect(told?.words.at(-1)).toStartWith("2 orders of ours were cancelled");
});

test("an exchange that is gone does not keep the process: it says that orders may be left", async () => {
  const { told, open } = await broken((transport) => ({
    info: () => Promise.reject(new TransportError("no answer")),
    exchange: (body) => transport.exchange(body),
    openSocket: (handlers) => transport.openSocket(handlers),
  }));
  expect(told?.done).toBe(false);
  expect(open.length).toBe(3);
  expect(told?.words.at(-1)).toContain("bun run cancel --all");
});
