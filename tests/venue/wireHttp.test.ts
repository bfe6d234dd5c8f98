import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ServeError } from "../../lib/venue/server/http.ts";
import { startExchange } from "../../lib/venue/server/start.ts";
import type { ExchangeConfig, RunningExchange } from "../../lib/venue/server/start.ts";
import { startVenueThread, VenueThreadError } from "../../lib/venue/server/thread.ts";

const CONFIG: ExchangeConfig = {
  port: 0,
  hostname: "127.0.0.1",
  feed: { kind: "sim", seed: 1, market: "km:US500" },
  speed: 1,
  limits: false,
};
const JSON_HEADERS = { "content-type": "application/json" };

describe("over HTTP", () => {
  let exchange: RunningExchange;
  beforeAll(async () => {
    exchange = await startExchange(CONFIG);
  });
  afterAll(() => exchange.stop());
  const post = (path: string, body: string, headers: Record<string, string> = JSON_HEADERS) =>
    fetch(exchange.url + path, { method: "POST", body, headers });

  test("answers are JSON, refusals of the shape are sentences, both for any origin", async () => {
    const good = await post("/info", '{"type":"perpDexs"}');
    expect([good.status, good.headers.get("content-type")]).toEqual([200, "application/json"]);
    const bad = await post("/info", '{"type":"bogus"}');
    expect([bad.status, bad.headers.get("content-type")]).toEqual([
      422,
      "text/plain; charset=utf-8",
    ]);
    const refused = await post("/info", '{"type":"meta","dex":"nope"}');
    expect([refused.status, refused.headers.get("content-type"), await refused.text()]).toEqual([
      500,
      "application/json",
      "null",
    ]);
    for (const answer of [good, bad, refused])
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  test.each([
    ["/info", "text/plain", 415],
    ["/exchange", "text/plain", 415],
    ["/info", "application/json", 400],
    ["/exchange", "application/json", 400],
    ["/nowhere", "application/json", 404],
  ])("POST %s as %s", async (path, type, status) => {
    expect((await post(path, "{", { "content-type": type })).status).toBe(status);
  });

  test("a body over a mebibyte is not read", async () => {
    expect((await post("/info", "x".repeat(1024 * 1024 + 1))).status).toBe(413);
    expect((await post("/info", " ".repeat(1024 * 1024))).status).toBe(400);
  });

  test("other methods, preflights, and a socket path without an upgrade", async () => {
    expect((await fetch(`${exchange.url}/info`)).status).toBe(405);
    const preflight = await fetch(`${exchange.url}/exchange`, { method: "OPTIONS" });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("content-type");
    expect((await fetch(`${exchange.url}/ws`)).status).toBe(400);
  });

  test("a port that is taken is named", async () => {
    const error: unknown = await startExchange({ ...CONFIG, port: exchange.port }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ServeError);
    expect(String(error)).toContain(`127.0.0.1:${exchange.port} is in use`);
  });
});

describe("in a thread of its own", () => {
  test("starts, answers, tells its time, and stops", async () => {
    const failures: VenueThreadError[] = [];
    const thread = await startVenueThread({ ...CONFIG, speed: 20 }, (error) =>
      failures.push(error),
    );
    const clock = (await (await fetch(`${thread.url}/local/clock`)).json()) as {
      epochMs: number;
      speed: number;
      nowMs: number;
    };
    expect(clock).toMatchObject({ epochMs: thread.epochMs, speed: 20 });
    expect(clock.nowMs).toBeGreaterThanOrEqual(thread.epochMs);
    await thread.stop();
    const gone: unknown = await fetch(`${thread.url}/local/clock`).catch(
      (reason: unknown) => reason,
    );
    expect(gone).toBeInstanceOf(Error);
    expect(failures).toEqual([]);
  });

  test("says why it cannot start", async () => {
    const start = startVenueThread(
      { ...CONFIG, feed: { kind: "sim", seed: 1, market: "km:NOPE" } },
      () => undefined,
    );
    const error: unknown = await start.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(VenueThreadError);
    expect(String(error)).toContain(
      'market "km:NOPE" is not listed here; allowed: BTC ETH km:US500',
    );
  });
});
