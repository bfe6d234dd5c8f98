import { beforeAll, describe, expect, test } from "bun:test";
import { deriveCloid } from "../../lib/core/cloid.ts";
import { InfoClient } from "../../lib/hyperliquid/infoClient.ts";
import { initSigning, parsePrivateKey } from "../../lib/hyperliquid/signing/signature.ts";
import { TransportError } from "../../lib/hyperliquid/transport.ts";
import type { HttpAnswer, Transport } from "../../lib/hyperliquid/transport.ts";
import { DeadMan } from "../../lib/runtime/watchdog/deadMan.ts";
import { sweep } from "../../lib/runtime/watchdog/sweep.ts";
import type { SweepDeps } from "../../lib/runtime/watchdog/sweep.ts";

beforeAll(async () => {
  await initSigning();
});

const MARKET = "km:US500";
const OK = JSON.stringify({ status: "ok", response: { type: "cancel" } });

type Action = {
  readonly type: string;
  readonly time?: number;
  readonly cancels?: readonly { readonly a: number; readonly o: number }[];
};

/** An exchange with a list of orders, in a time that only the sweep's pauses move. */
class TinyExchange implements Transport {
  nowMs = 0;
  readonly orders = new Map<number, string | null>();
  readonly actions: Action[] = [];
  readonly nonces: number[] = [];
  /** Given the request's number, may fail or answer in its place. */
  trouble: (request: number, kind: "info" | "exchange") => HttpAnswer | Error | null = () => null;
  tradedUsd = "0.0";
  #requests = 0;
  #oids = 0;

  rest(count: number, cloid = (oid: number): string | null => deriveCloid(MARKET, 5, oid)): void {
    for (let i = 0; i < count; i++) {
      const oid = ++this.#oids;
      this.orders.set(oid, cloid(oid));
    }
  }

  info(body: string): Promise<HttpAnswer> {
    const { type, dex } = JSON.parse(body) as { readonly type: string; readonly dex?: string };
    return this.#answer("info", () => {
      if (type === "userRateLimit")
        return { cumVlm: this.tradedUsd, nRequestsUsed: 1, nRequestsCap: 10 };
      expect({ type, dex }).toEqual({ type: "frontendOpenOrders", dex: "km" });
      return [...this.orders].map(([oid, cloid]) => {
        const order = { coin: MARKET, oid, side: "B", limitPx: "600.0", sz: "0.1" };
        return cloid === null ? order : { ...order, cloid };
      });
    });
  }

  exchange(body: string): Promise<HttpAnswer> {
    const { action, nonce } = JSON.parse(body) as { action: Action; nonce: number };
    return this.#answer("exchange", () => {
      this.actions.push(action);
      this.nonces.push(nonce);
      for (const { o } of action.cancels ?? []) this.orders.delete(o);
      return JSON.parse(OK) as unknown;
    });
  }

  openSocket(): never {
    throw new Error("no socket is needed");
  }

  #answer(kind: "info" | "exchange", act: () => unknown): Promise<HttpAnswer> {
    const trouble = this.trouble(++this.#requests, kind);
    if (trouble instanceof Error) return Promise.reject(trouble);
    if (trouble !== null) return Promise.resolve(trouble);
    return Promise.resolve({ status: 200, text: JSON.stringify(act()) });
  }
}

function depsOf(exchange: TinyExchange, changes: Partial<SweepDeps> = {}) {
  let nonce = 0;
  const told: string[] = [];
  const deps: SweepDeps = {
    place: {
      account: `0x${"1".repeat(40)}`,
      market: MARKET,
      dex: "km",
      assetId: 110_000,
      orderExpiryMs: 5000,
    },
    transport: exchange,
    info: new InfoClient(exchange),
    signer: { privateKey: parsePrivateKey("4".repeat(64)), source: "a", vault: null },
    nextNonce: () => ++nonce,
    monotonicMs: () => exchange.nowMs,
    pause: (ms) => {
      exchange.nowMs += ms;
      return Promise.resolve();
    },
    isNeeded: () => true,
    goneAfterMs: null,
    tell: (text) => void told.push(text),
    ...changes,
  };
  return { deps, told };
}

describe("cancelling everything of ours", () => {
  test("takes away all orders, in actions of at most forty, and leaves other programs' alone", async () => {
    const exchange = new TinyExchange();
    exchange.rest(95);
    exchange.rest(1, () => null);
    exchange.rest(1, () => `0x${"9".repeat(32)}`);
    exchange.rest(1, (oid) => deriveCloid("km:OTHER", 5, oid));
    const { deps } = depsOf(exchange);
    expect(await sweep(deps)).toEqual({ done: true, cancelled: 95 });
    expect(exchange.actions.map(({ cancels }) => cancels?.length)).toEqual([40, 40, 15]);
    expect(exchange.orders.size).toBe(3);
  });

  test("looks until nothing that was sent can still arrive", async () => {
    const exchange = new TinyExchange();
    exchange.rest(2);
    const { deps } = depsOf(exchange);
    let arrived = false;
    const swept = await sweep({
      ...deps,
      pause: (ms) => {
        // One that was on its way lands just before its expiry.
        if (!arrived && exchange.nowMs > 3500) {
          exchange.rest(1, () => deriveCloid(MARKET, 5, 77));
          arrived = true;
        }
        return deps.pause(ms);
      },
    });
    expect(swept).toEqual({ done: true, cancelled: 3 });
    expect(exchange.orders.size).toBe(0);
    expect(exchange.nowMs).toBeGreaterThanOrEqual(6000);
  });

  test("an exchange that does not answer, is busy or refuses is asked again until it is done", async () => {
    const exchange = new TinyExchange();
    exchange.rest(3);
    exchange.trouble = (request) => {
      if (request < 40) return new TransportError("no answer");
      if (request < 50) return { status: 429, text: "null" };
      if (request < 55) return { status: 200, text: "surprise" };
      return null;
    };
    const { deps, told } = depsOf(exchange);
    expect(await sweep(deps)).toEqual({ done: true, cancelled: 3 });
    // Said now and then, not each time.
    expect(told.filter((text) => text.startsWith("not yet"))).toHaveLength(6);
  });

  test("a cancel that is refused as a whole is sent again", async () => {
    const exchange = new TinyExchange();
    exchange.rest(1);
    let refusals = 0;
    exchange.trouble = (_request, kind) =>
      kind === "exchange" && refusals++ < 3
        ? { status: 200, text: JSON.stringify({ status: "err", response: "Nonce too low" }) }
        : null;
    const { deps, told } = depsOf(exchange);
    expect(await sweep(deps)).toEqual({ done: true, cancelled: 1 });
    expect(told.join()).toContain("not yet: the exchange refused: Nonce too low");
    expect(new Set(exchange.nonces).size).toBe(exchange.nonces.length);
  });

  test("a local exchange that is gone for two minutes took its orders along; a real one is never given up", async () => {
    const exchange = new TinyExchange();
    exchange.rest(3);
    exchange.trouble = () => new TransportError("no answer");
    const { deps, told } = depsOf(exchange, { goneAfterMs: 120_000 });
    expect(await sweep(deps)).toEqual({ done: true, cancelled: 0 });
    expect(told.at(-1)).toBe("the local exchange is gone, and its orders with it");
    const real = { ...deps, goneAfterMs: null, isNeeded: () => exchange.nowMs < 86_400_000 };
    expect(await sweep(real)).toEqual({ done: false, cancelled: 0 });
  });

  test("stops when the bot is back", async () => {
    const exchange = new TinyExchange();
    exchange.rest(3);
    exchange.trouble = () => new TransportError("no answer");
    const { deps } = depsOf(exchange);
    const isNeeded = (): boolean => exchange.nowMs < 4000;
    expect(await sweep({ ...deps, isNeeded })).toEqual({ done: false, cancelled: 0 });
  });
});

describe("the exchange's own dead-man switch", () => {
  const deadManOf = (exchange: TinyExchange) => {
    const { deps, told } = depsOf(exchange);
    const nowMs = (): number => 1_000_000 + exchange.nowMs;
    return { deadMan: new DeadMan({ ...deps, account: "0x1", nowMs }), told };
  };

  test("is left alone until the account has traded a million", async () => {
    const exchange = new TinyExchange();
    exchange.tradedUsd = "999999.0";
    const { deadMan } = deadManOf(exchange);
    await deadMan.tick();
    await deadMan.clear();
    expect(exchange.actions).toEqual([]);
    exchange.tradedUsd = "1000000.0";
    // Asked again only after ten minutes.
    await deadMan.tick();
    expect(exchange.actions).toEqual([]);
    exchange.nowMs += 600_000;
    await deadMan.tick();
    expect(exchange.actions).toEqual([{ type: "scheduleCancel", time: 1_690_000 }]);
  });

  test("is renewed every thirty seconds, and cleared when there is nothing left", async () => {
    const exchange = new TinyExchange();
    exchange.tradedUsd = "2000000.0";
    const { deadMan } = deadManOf(exchange);
    for (let i = 0; i < 61; i++) {
      await deadMan.tick();
      exchange.nowMs += 1000;
    }
    expect(exchange.actions.map(({ time }) => time)).toEqual([1_090_000, 1_120_000, 1_150_000]);
    await deadMan.clear();
    await deadMan.clear();
    expect(exchange.actions.slice(3)).toEqual([{ type: "scheduleCancel" }]);
  });

  test("a refusal is told and disturbs nothing", async () => {
    const exchange = new TinyExchange();
    exchange.tradedUsd = "2000000.0";
    exchange.trouble = (_request, kind) =>
      kind === "exchange"
        ? { status: 200, text: JSON.stringify({ status: "err", response: "Too many" }) }
        : null;
    const { deadMan, told } = deadManOf(exchange);
    await deadMan.tick();
    expect(told.join()).toContain("is not set: the exchange refused: Too many");
  });
});
