import { describe, expect, test } from "bun:test";
import { Hono } from "hono";
import { blankState } from "../support/botFixtures.ts";
import type { EventInput } from "../../lib/runtime/eventInput.ts";
import { createRouter } from "../../lib/runtime/router.ts";
import type { RouterOptions } from "../../lib/runtime/router.ts";
import { PortError, serveLoopback } from "../../lib/runtime/serveLoopback.ts";
import type { Audit } from "../../lib/messages/audit.ts";
import type { Event } from "../../lib/messages/events.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { ms } from "../../lib/units/numbers.ts";

const TOKEN = "t".repeat(64);

function auditOf(input: EventInput): Audit {
  const before = blankState();
  const after: BotState = {
    ...before,
    risk: { ...before.risk, mode: "reduceOnly", reason: "operator", operatorReduceOnly: "lunch" },
  };
  const event = { ...input, atMs: ms(1), view: null } as Event;
  return { stepSeq: 7, event, before, after, approved: [], refused: [], committed: true };
}

function start(overrides: Partial<RouterOptions> = {}) {
  const orders: EventInput[] = [];
  const errors: Error[] = [];
  const app = createRouter({
    token: TOKEN,
    webhookSecret: null,
    nowMs: () => 0,
    health: () => ({ ok: true, detail: "quoting" }),
    status: () => ({ mode: "normal" }),
    metrics: () => [
      { name: "amm500_equity_usd", help: "Account.", type: "gauge", samples: [{ value: 1.5 }] },
    ],
    operator: (input) => {
      orders.push(input);
      return Promise.resolve(auditOf(input));
    },
    newId: () => "1",
    onError: (error) => errors.push(error),
    ...overrides,
  });
  return { app, orders, errors };
}

function post(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: "POST",
    headers: {
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

describe("what can be read", () => {
  test("needs no token", async () => {
    const { app } = start();
    expect(await (await app.request("/status")).json()).toEqual({ mode: "normal" });
    const health = await app.request("/health");
    expect([health.status, await health.json()]).toEqual([200, { ok: true, detail: "quoting" }]);
    const metrics = await app.request("/metrics");
    expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await metrics.text()).toContain("amm500_equity_usd 1.5\n");
  });

  test("says with its status when the bot is unwell", async () => {
    const { app } = start({ health: () => ({ ok: false, detail: "feed lost" }) });
    const health = await app.request("/health");
    expect([health.status, await health.json()]).toEqual([503, { ok: false, detail: "feed lost" }]);
  });

  test("carries headers that keep browsers honest, and pages may set their own", async () => {
    const pages = new Hono();
    pages.get("/", (context) => {
      context.header("content-security-policy", "script-src 'self'");
      return context.html("<p>page</p>");
    });
    const { app } = start({ pages });
    const page = await app.request("/");
    expect(await page.text()).toBe("<p>page</p>");
    expect(page.headers.get("content-security-policy")).toBe("script-src 'self'");
    expect(page.headers.get("x-frame-options")).toBe("DENY");
    for (const path of ["/status", "/none", "/metrics"]) {
      const { headers } = await app.request(path);
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test("is not for pages that point their own name here", async () => {
    const { app } = start();
    for (const host of ["evil.example", "localhost.evil.example"]) {
      const answer = await app.request(`http://${host}/status`);
      expect([answer.status, await answer.json()]).toEqual([
        403,
        { error: `the host "${host}" is not this machine` },
      ]);
    }
    for (const host of ["localhost:8080", "127.0.0.1:3000", "[::1]:3000"])
      expect((await app.request(`http://${host}/status`)).status).toBe(200);
  });

  test("answers what it does not know, and its own faults without details", async () => {
    const { app, errors } = start({
      status: () => {
        throw new Error("with details");
      },
    });
    const unknown = await app.request("/none");
    expect([unknown.status, await unknown.json()]).toEqual([404, { error: "not found" }]);
    const fault = await app.request("/status");
    expect([fault.status, await fault.json()]).toEqual([500, { error: "internal error" }]);
    expect(errors.map(({ message }) => message)).toEqual(["with details"]);
  });
});

describe("an order of the operator", () => {
  test.each([
    ["/reduce-only", { enabled: true, reason: "lunch" }, { op: "reduceOnly", enabled: true }],
    ["/reduce-only", { enabled: false, reason: "lunch" }, { op: "reduceOnly", enabled: false }],
    ["/halt", { reason: "lunch" }, { op: "halt" }],
    ["/resume", { reason: " lunch " }, { op: "resume" }],
    ["/flatten", { reason: "lunch" }, { op: "flatten" }],
    ["/cancel-all", { reason: "lunch" }, { op: "cancelAll" }],
    ["/cancel", { oid: 7, reason: "lunch" }, { op: "cancel", order: { oid: 7 } }],
    [
      "/cancel",
      { cloid: `0x${"a5".repeat(16)}`, reason: "lunch" },
      { op: "cancel", order: { cloid: `0x${"a5".repeat(16)}` } },
    ],
  ] as const)("%s %p is an event, answered when its step is stored", async (path, body, order) => {
    const { app, orders } = start();
    const answer = await app.request(path, post(body));
    expect(orders).toEqual([{ kind: "operator", id: "operator:1", order, reason: "lunch" }]);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        stepSeq: 7,
        mode: "reduceOnly",
        reason: "operator",
        haltReason: null,
        operatorReduceOnly: "lunch",
        commandsSent: 0,
      },
    ]);
  });

  test.each([
    ["none", ""],
    ["another", `Bearer ${"x".repeat(64)}`],
    ["a part of it", `Bearer ${TOKEN.slice(1)}`],
    ["another scheme", `Basic ${TOKEN}`],
  ])("with the wrong token (%s) is refused before its body is read", async (_, authorization) => {
    const { app, orders } = start();
    for (const path of ["/reduce-only", "/halt", "/resume", "/flatten", "/cancel-all", "/cancel"]) {
      const answer = await app.request(path, post("{", { authorization }));
      expect([answer.status, await answer.json()]).toEqual([
        401,
        { error: "a valid bearer token is needed" },
      ]);
    }
    expect(orders).toEqual([]);
  });

  test.each([
    ["{", "body: it is no JSON"],
    [[], "body: Invalid input: expected object, received array"],
    [{ enabled: "yes", reason: "r" }, "enabled: Invalid input: expected boolean, received string"],
    [{ enabled: true }, "reason: Invalid input: expected string, received undefined"],
    [{ enabled: true, reason: " " }, "reason: Too small: expected string to have >=1 characters"],
    [{ enabled: true, reason: "r", extra: 1 }, 'body: Unrecognized key: "extra"'],
  ])("with the body %p is refused by field", async (body, error) => {
    const { app, orders } = start();
    const answer = await app.request("/reduce-only", post(body));
    expect([answer.status, await answer.json()]).toEqual([400, { error }]);
    expect(orders).toEqual([]);
  });

  test("that names no order, or two, is told what names one", async () => {
    const { app, orders } = start();
    for (const body of [{ oid: 5, cloid: "0x0", reason: "r" }, { reason: "r" }]) {
      const answer = await app.request("/cancel", post(body));
      const { error } = (await answer.json()) as { error: string };
      expect([answer.status, error]).toEqual([400, expect.stringContaining("either oid, a whole")]);
    }
    expect(orders).toEqual([]);
  });

  test("that a form could send is refused", async () => {
    const { app, orders } = start();
    for (const type of ["text/plain", "application/x-www-form-urlencoded", ""]) {
      const answer = await app.request("/halt", post({ reason: "r" }, { "content-type": type }));
      expect(answer.status).toBe(415);
    }
    const charset = { "content-type": "application/json; charset=utf-8" };
    expect((await app.request("/halt", post({ reason: "r" }, charset))).status).toBe(200);
    expect(orders).toHaveLength(1);
  });

  test("with a large body is refused", async () => {
    const { app, orders } = start();
    const answer = await app.request("/halt", post({ reason: "r".repeat(20_000) }));
    expect([answer.status, await answer.json()]).toEqual([
      413,
      { error: "the body is larger than 16384 bytes" },
    ]);
    expect(orders).toEqual([]);
  });

  test("says so when it could not be carried out", async () => {
    const { app } = start({ operator: () => Promise.reject(new Error("the bot has ended")) });
    const answer = await app.request("/halt", post({ reason: "r" }));
    expect([answer.status, await answer.json()]).toEqual([503, { error: "the bot has ended" }]);
  });

  test("is never given by a GET", async () => {
    const { app, orders } = start();
    const answer = await app.request("/halt", { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(answer.status).toBe(404);
    expect(orders).toEqual([]);
  });
});

describe("a retraining", () => {
  test("needs the token, is accepted, and says whether one was joined", async () => {
    let asked = 0;
    const { app } = start({ retrain: () => ({ joined: asked++ > 0 }) });
    expect((await app.request("/retrain", { method: "POST" })).status).toBe(401);
    const first = await app.request("/retrain", post({}));
    expect(first.status).toBe(202);
    expect(await first.json()).toEqual({ job: "retrain", joined: false });
    expect(await (await app.request("/retrain", post({}))).json()).toMatchObject({ joined: true });
  });

  test("is not there where nothing can be trained", async () => {
    const { app } = start();
    expect((await app.request("/retrain", post({}))).status).toBe(404);
  });
});

describe("on the network", () => {
  test("only this machine is served, and a port that is taken is named", async () => {
    const { app } = start();
    const server = serveLoopback(app, 0);
    try {
      expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
      expect(await (await fetch(`${server.url}/status`)).json()).toEqual({ mode: "normal" });
      const foreign = await fetch(`${server.url}/status`, { headers: { host: "evil.example" } });
      expect(foreign.status).toBe(403);
      expect(() => serveLoopback(app, server.port)).toThrow(PortError);
      expect(() => serveLoopback(app, server.port)).toThrow(`port ${server.port} cannot be used`);
    } finally {
      await server.stop();
    }
  });
});
