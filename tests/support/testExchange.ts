import { ms } from "../../lib/units/numbers.ts";
import { l1ActionHash, phantomAgentDigest } from "../../lib/hyperliquid/signing/l1.ts";
import type { WireValue } from "../../lib/hyperliquid/signing/msgpack.ts";
import { addressOf, parsePrivateKey, signDigest } from "../../lib/hyperliquid/signing/signature.ts";
import { Gateway } from "../../lib/venue/server/gateway.ts";
import { venueConfig } from "../../lib/venue/server/universe.ts";
import { ScriptedFeed } from "./scriptedFeed.ts";

export const EPOCH_MS = 1_790_000_000_000;
export const COIN = "km:US500";
export const ASSET = 110_000;
const JSON_TYPE = "application/json";

export type Json = { readonly [key: string]: unknown };

const keyOf = (digit: string) => parsePrivateKey(digit.repeat(64));
export const ALICE = { key: keyOf("1"), address: addressOf(keyOf("1")) };
export const BOB = { key: keyOf("2"), address: addressOf(keyOf("2")) };
export const AGENT = { key: keyOf("3"), address: addressOf(keyOf("3")) };

/** Bids from 690.00 down and asks from 690.10 up, ten lots of a hundredth apart, one contract each. */
export function ladderFeed(): ScriptedFeed {
  const feed = new ScriptedFeed(COIN, 3).oracle(0, 690_050);
  for (let i = 0; i < 10; i++) {
    feed.rest(0, "bid", 690_000 - 10 * i, 1_000);
    feed.rest(0, "ask", 690_100 + 10 * i, 1_000);
  }
  return feed;
}

/** A connection with all that it was sent. */
export type TestSession = {
  readonly frames: readonly Json[];
  readonly closed: { readonly code: number; readonly reason: string } | null;
  readonly send: (message: unknown) => void;
  readonly sendText: (text: string) => void;
  /** `data` of the frames of a channel, and forgets all frames. */
  readonly take: (channel: string) => readonly unknown[];
  readonly hangUp: () => void;
};

/** A gateway in virtual time with one scripted market. */
export class TestExchange {
  readonly gateway: Gateway;
  #nowMs = EPOCH_MS;
  #nonce = EPOCH_MS;

  constructor(feed = ladderFeed(), limits = true) {
    this.gateway = new Gateway(venueConfig(limits), { epochMs: EPOCH_MS, speed: 1 });
    this.gateway.venue.attachFeed(feed.info.coin, feed, ms(EPOCH_MS));
    this.gateway.advanceTo(EPOCH_MS);
    this.advance(700);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    this.gateway.advanceTo(this.#nowMs);
  }

  fund(user: string, usd = 10_000, dex = "km"): void {
    this.gateway.credit(user, dex, usd * 1e6);
  }

  nextNonce(): number {
    this.#nonce = Math.max(this.#nonce + 1, this.#nowMs);
    return this.#nonce;
  }

  /** A body for `/exchange`, signed for testnet. Extra fields go beside it, unsigned unless they are known. */
  sign(
    action: WireValue,
    by = ALICE,
    nonce = this.nextNonce(),
    expiresAfter: number | null = null,
  ): Json {
    const digest = phantomAgentDigest(l1ActionHash(action, nonce, null, expiresAfter), "b");
    const signature = signDigest(digest, by.key);
    return { action, nonce, signature, vaultAddress: null, expiresAfter };
  }

  /** Status and text of a post, with all time that the answer takes. */
  postText(text: string, contentType: string | null = JSON_TYPE): { status: number; body: string } {
    const answers: { status: number; body: string }[] = [];
    this.gateway.exchange(text, contentType, (status, body) => answers.push({ status, body }));
    for (let i = 0; i < 100 && answers.length === 0; i++) this.advance(10);
    const answer = answers[0];
    if (answer === undefined) throw new Error("no answer within a second");
    return answer;
  }

  /** Answer of a signed action. */
  act(action: WireValue, by = ALICE): Json {
    return JSON.parse(this.postText(JSON.stringify(this.sign(action, by))).body) as Json;
  }

  infoText(
    request: unknown,
    contentType: string | null = JSON_TYPE,
  ): { status: number; body: string } {
    const text = typeof request === "string" ? request : JSON.stringify(request);
    return this.gateway.info(text, contentType);
  }

  info(request: unknown): unknown {
    return JSON.parse(this.infoText(request).body) as unknown;
  }

  connect(): TestSession {
    const frames: Json[] = [];
    let closed: { readonly code: number; readonly reason: string } | null = null;
    const session = this.gateway.openSession(
      (text) => frames.push(JSON.parse(text) as Json),
      (code, reason) => {
        closed = { code, reason };
      },
    );
    return {
      frames,
      get closed() {
        return closed;
      },
      send: (message) => session.receive(JSON.stringify(message)),
      sendText: (text) => session.receive(text),
      take: (channel) => {
        const found = frames.filter((frame) => frame["channel"] === channel);
        frames.length = 0;
        return found.map((frame) => frame["data"]);
      },
      hangUp: () => session.closed(),
    };
  }
}

/** A post-only order on the scripted market. */
export function alo(
  isBuy: boolean,
  p: string,
  s: string,
  c?: string,
): { readonly [key: string]: WireValue } {
  return {
    a: ASSET,
    b: isBuy,
    p,
    s,
    r: false,
    t: { limit: { tif: "Alo" } },
    ...(c === undefined ? {} : { c }),
  };
}

export function placing(...orders: readonly WireValue[]): WireValue {
  return { type: "order", orders, grouping: "na" };
}
