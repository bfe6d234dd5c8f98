import { describe, expect, test } from "bun:test";
import { createRouter } from "../../lib/runtime/router.ts";
import type { EventInput } from "../../lib/runtime/eventInput.ts";
import { TokenBucket } from "../../lib/runtime/door/tokenBucket.ts";
import {
  SIGNATURE_HEADER,
  TIMESTAMP_HEADER,
  webhookSignature,
} from "../../lib/runtime/webhookSignature.ts";

const SECRET = "s".repeat(32);
const NOW_MS = 1_790_000_000_000;
const secondsAt = (atMs: number): string => String(atMs / 1000);
const BODY = JSON.stringify({ enabled: true, reason: "the model says so" });

function start(webhookSecret: string | null = SECRET) {
  const clock = { nowMs: NOW_MS };
  const orders: EventInput[] = [];
  const app = createRouter({
    token: "t".repeat(64),
    webhookSecret,
    nowMs: () => clock.nowMs,
    health: () => ({ ok: true, detail: "" }),
    status: () => ({}),
    metrics: () => [],
    operator: (input) => {
      orders.push(input);
      return Promise.reject(new Error("stored nowhere"));
    },
    newId: () => "1",
    onError: () => {},
  });
  const send = async (
    path: string,
    timestamp: string,
    body: string,
    signature: string,
  ): Promise<string> => {
    const answer = await app.request(path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        [TIMESTAMP_HEADER]: timestamp,
        [SIGNATURE_HEADER]: signature,
      },
      body,
    });
    const { error } = (await answer.json()) as { error: string };
    return `${answer.status} ${error}`;
  };
  return { app, clock, orders, send };
}

function signed(path: string, timestamp: string, body: string, secret = SECRET): string {
  return webhookSignature(secret, timestamp, `POST ${path}`, body);
}

const CARRIED_OUT = "503 stored nowhere";

describe("a signed request", () => {
  const at = secondsAt(NOW_MS);

  test("needs no token, once", async () => {
    const { send, orders } = start();
    const signature = signed("/reduce-only", at, BODY);
    expect(await send("/reduce-only", at, BODY, signature)).toBe(CARRIED_OUT);
    expect(orders).toMatchObject([{ kind: "operator", reason: "the model says so" }]);
    expect(await send("/reduce-only", at, BODY, signature)).toBe(
      "401 this signature was used before",
    );
    expect(orders).toHaveLength(1);
  });

  test.each([
    ["of another secret", signed("/reduce-only", at, BODY, "x".repeat(32)), BODY],
    ["of another path", signed("/flatten", at, BODY), BODY],
    ["of another body", signed("/reduce-only", at, BODY), BODY.replace("true", "false")],
    ["of another time", signed("/reduce-only", secondsAt(NOW_MS - 1000), BODY), BODY],
  ])("%s is refused", async (_, signature, body) => {
    const { send, orders } = start();
    expect(await send("/reduce-only", at, body, signature)).toBe(
      "401 the signature does not match",
    );
    expect(orders).toEqual([]);
  });

  test.each([
    ["", "x-amm500-timestamp: allowed are seconds since 1970"],
    [secondsAt(NOW_MS - 31_000), "x-amm500-timestamp: more than 30 s from this machine's time"],
    [secondsAt(NOW_MS + 31_000), "x-amm500-timestamp: more than 30 s from this machine's time"],
  ])("with the time %p is refused", async (timestamp, error) => {
    const { send } = start();
    const signature = signed("/reduce-only", timestamp, BODY);
    expect(await send("/reduce-only", timestamp, BODY, signature)).toBe(`401 ${error}`);
  });

  test("of a time that was long ago cannot come back when its signature is forgotten", async () => {
    const { send, clock } = start();
    const late = secondsAt(NOW_MS + 20_000);
    const signature = signed("/reduce-only", late, BODY);
    expect(await send("/reduce-only", late, BODY, signature)).toBe(CARRIED_OUT);
    clock.nowMs += 50_000;
    expect(await send("/reduce-only", late, BODY, signature)).toStartWith("401 this signature");
    clock.nowMs += 1;
    expect(await send("/reduce-only", late, BODY, signature)).toStartWith("401 x-amm500-timestamp");
  });

  test("with anything but a signature is refused, and without a secret needs the token", async () => {
    expect(await start().send("/halt", at, BODY, "zz")).toBe(
      "401 x-amm500-signature: allowed is sha256= and 64 lower-case hex digits",
    );
    const signature = signed("/halt", at, BODY);
    expect(await start(null).send("/halt", at, BODY, signature)).toBe(
      "401 a valid bearer token is needed",
    );
  });
});

describe("reading", () => {
  test("is refused above its pace and comes back; orders are not held up by it", async () => {
    const { app, clock } = start();
    const statuses = async (count: number): Promise<number[]> =>
      Promise.all(Array.from({ length: count }, async () => (await app.request("/status")).status));
    const burst = await statuses(250);
    expect(burst.filter((status) => status === 200)).toHaveLength(200);
    expect(burst.slice(200).every((status) => status === 429)).toBe(true);
    const halt = await app.request("/halt", {
      method: "POST",
      headers: { authorization: `Bearer ${"t".repeat(64)}`, "content-type": "application/json" },
      body: JSON.stringify({ reason: "flood" }),
    });
    expect(halt.status).toBe(503);
    clock.nowMs += 100;
    expect((await statuses(11)).filter((status) => status === 200)).toHaveLength(10);
  });

  test("a clock that goes back gives nothing", () => {
    let nowMs = 1000;
    const bucket = new TokenBucket(1, 1000, () => nowMs);
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
    nowMs = 0;
    expect(bucket.take()).toBe(false);
    nowMs = 1;
    expect(bucket.take()).toBe(true);
  });
});
