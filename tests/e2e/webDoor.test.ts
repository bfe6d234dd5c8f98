import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcesses } from "../support/cliProcess.ts";
import { startPaperProcess } from "../support/paperProcess.ts";
import type { PaperProcess } from "../support/paperProcess.ts";
import { StatusReport } from "../../lib/runtime/status.ts";
import { until } from "../support/until.ts";

/* The bot's own server, as somebody hostile on this machine, or a page in the trader's browser, would use it. */

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-door-"));
let paper: PaperProcess;

beforeAll(async () => {
  paper = await startPaperProcess(join(folder, "data"), ["--seed", "7"]);
  await paper.untilQuoting();
});
afterAll(async () => {
  await endProcesses();
  rmSync(folder, { recursive: true });
});

type Raw = {
  readonly socket: Socket;
  /** Everything that came so far. */
  readonly text: () => string;
  readonly ended: () => boolean;
};

/** A connection on which anything can be sent. */
async function open(): Promise<Raw> {
  const { port } = new URL(paper.url);
  const socket = connect(Number(port), "127.0.0.1");
  let text = "";
  let ended = false;
  socket.on("data", (data) => (text += data.toString()));
  socket.on("close", () => (ended = true));
  socket.on("error", () => (ended = true));
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return { socket, text: () => text, ended: () => ended };
}

/** Status line of the answer to a raw request. */
async function ask(request: string): Promise<string> {
  const raw = await open();
  raw.socket.write(request);
  await until("the answer", () => (raw.text().includes("\r\n\r\n") || raw.ended() ? true : null));
  raw.socket.destroy();
  return raw.text().split("\r\n")[0] ?? "";
}

const isUnmoved = async (): Promise<void> => {
  const { risk } = await paper.status();
  expect([risk.mode === "halted", risk.haltReason]).toEqual([false, null]);
};

/** Reads a page's stream until so many beats have come: four seconds each. */
async function streamBeats(count: number): Promise<void> {
  const gone = new AbortController();
  const stream = await fetch(`${paper.url}/api/stream`, { signal: gone.signal });
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  while ((text.match(/event: beat/g) ?? []).length < count) {
    const { done, value } = await reader.read();
    expect(done).toBe(false);
    text += decoder.decode(value);
  }
  gone.abort();
}

describe("the bot's server", () => {
  test.each([
    "/../../../../etc/passwd",
    "/assets/../../package.json",
    "/assets/..%2f..%2fpackage.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/assets/....//package.json",
    "//etc/passwd",
    "/%00",
  ])("has no file at %s", async (path) => {
    const line = await ask(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(line).toMatch(/^HTTP\/1\.1 (400|404) /);
  });

  test("obeys no page of another site", async () => {
    const port = new URL(paper.url).port;
    const token = paper.token();
    const body = JSON.stringify({ reason: "csrf" });
    const forged = (headers: string): Promise<string> =>
      ask(
        `POST /halt HTTP/1.1\r\nConnection: close\r\nContent-Length: ${body.length}\r\n${headers}\r\n\r\n${body}`,
      );
    const bearer = `Authorization: Bearer ${token}`;
    const json = "Content-Type: application/json";
    expect(await forged(`Host: localhost:${port}\r\nOrigin: http://evil.example\r\n${json}`)).toBe(
      "HTTP/1.1 401 Unauthorized",
    );
    expect(
      await forged(`Host: localhost:${port}\r\nContent-Type: text/plain\r\n${bearer}`),
    ).toStartWith("HTTP/1.1 415");
    expect(await forged(`Host: evil.example\r\n${json}\r\n${bearer}`)).toStartWith("HTTP/1.1 403");
    const preflight = await fetch(`${paper.url}/halt`, {
      method: "OPTIONS",
      headers: { origin: "http://evil.example", "access-control-request-method": "POST" },
    });
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    await isUnmoved();
  });

  test("lets no header be smuggled in", async () => {
    const injected = await fetch(`${paper.url}/api/x%0d%0aset-cookie:%20a=1`);
    expect(injected.headers.get("set-cookie")).toBeNull();
    const line = await ask(
      "POST /halt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /status HTTP/1.1\r\n",
    );
    expect(line).toMatch(/^(HTTP\/1\.1 4\d\d .*|)$/);
    expect(
      await ask(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(70_000)}\r\n\r\n`),
    ).toMatch(/^(HTTP\/1\.1 4\d\d .*|)$/);
    await isUnmoved();
  });

  test("takes no large body, announced or not", async () => {
    const token = paper.token();
    const head = `POST /halt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer ${token}\r\n`;
    expect(await ask(`${head}Content-Length: 1000000000\r\n\r\n{`)).toStartWith("HTTP/1.1 413");
    const chunk = `8000\r\n${" ".repeat(0x8000)}\r\n`;
    const line = await ask(
      `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}${chunk}0\r\n\r\n`,
    );
    expect(line).toStartWith("HTTP/1.1 413");
    await isUnmoved();
  });

  test("lets go of clients that send nothing, while a page's stream lives on", async () => {
    const slow = await Promise.all(Array.from({ length: 100 }, open));
    for (const { socket } of slow) socket.write("POST /halt HTTP/1.1\r\nHost: local");
    const beats = streamBeats(4);
    expect((await fetch(`${paper.url}/health`)).ok).toBe(true);
    await until(
      "they are let go",
      () => (slow.every(({ ended }) => ended()) ? true : null),
      60_000,
    );
    await beats;
    await isUnmoved();
  });

  test("goes on quoting under thousands of requests, which it refuses by kind", async () => {
    const before = await paper.status();
    const token = paper.token();
    const counts = new Map<string, number>();
    const flood = async (path: string, init: RequestInit): Promise<void> => {
      const answer = await fetch(`${paper.url}${path}`, init);
      await answer.arrayBuffer();
      const key = `${init.method ?? "GET"} ${answer.status}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    };
    const post = { method: "POST", headers: { authorization: "Bearer wrong" }, body: "{}" };
    for (let round = 0; round < 40; round++)
      await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          n % 2 === 0 ? flood("/status", {}) : flood("/halt", post),
        ),
      );
    expect(counts.get("POST 401")).toBe(1000);
    // How many reads are too many is up to how fast they come.
    expect(["GET 200", "GET 429", "POST 401"]).toEqual(expect.arrayContaining([...counts.keys()]));
    expect((counts.get("GET 200") ?? 0) + (counts.get("GET 429") ?? 0)).toBe(1000);
    const answer = await paper.post("/reduce-only", { enabled: true, reason: "flood" }, token);
    expect(answer.status).toBe(200);
    const after = await until("reading is allowed again", async () => {
      const answered = await fetch(`${paper.url}/status`);
      return answered.ok ? StatusReport.parse(await answered.json()) : null;
    });
    expect(after.risk).toMatchObject({ mode: "reduceOnly", reason: "operator: flood" });
    expect(after.atMs).toBeGreaterThan(before.atMs);
  });
});
