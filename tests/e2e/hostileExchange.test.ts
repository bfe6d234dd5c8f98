import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { endProcesses } from "../support/cliProcess.ts";
import { COIN, startExchangeProcess } from "../support/exchangeProcess.ts";
import type { ExchangeProcess } from "../support/exchangeProcess.ts";
import { until } from "../support/until.ts";

/* Clients that mean harm, or are merely broken, and what everybody else notices of them: nothing. */

setDefaultTimeout(120_000);
afterAll(endProcesses);

const IDLE = 1000;

/** Sockets that say nothing. @returns how many the exchange still holds, and why the others ended */
async function openIdle(url: string, count: number) {
  const ends = new Map<string, number>();
  let open = 0;
  const sockets = Array.from({ length: count }, () => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
    socket.addEventListener("open", () => open++);
    socket.addEventListener("close", ({ code, reason }) => {
      open--;
      const end = `${code} ${reason}`;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    });
    return new Promise<void>((resolve) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("close", () => resolve());
    });
  });
  await Promise.all(sockets);
  return { open: () => open, ends: () => ends };
}

/** Somebody who behaves: counts the touches that a subscription brings. */
async function goodClient(url: string) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
  let frames = 0;
  let closed = false;
  const subscription = { type: "bbo", coin: COIN };
  socket.addEventListener("open", () =>
    socket.send(JSON.stringify({ method: "subscribe", subscription })),
  );
  socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
    if (data.startsWith('{"channel":"bbo"')) frames++;
  });
  socket.addEventListener("close", () => (closed = true));
  await until("the good client is served", () => (frames > 0 ? true : null));
  return {
    untilServedAgain: async () => {
      const before = frames;
      await until("the good client is served", () => (frames > before ? true : null));
      expect(closed).toBe(false);
    },
    leave: () => socket.close(),
  };
}

/** Resident memory of a process in MB; null where the system does not tell. */
function residentMb({ process }: ExchangeProcess): number | null {
  const path = `/proc/${process.pid}/status`;
  if (!existsSync(path)) return null;
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(path, "utf8"));
  return match === null ? null : Number(match[1]) / 1024;
}

async function post(url: string, path: string, body: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}${path}`, { method: "POST", headers, body });
  return `${answer.status} ${(await answer.text()).slice(0, 80)}`;
}

describe("a thousand sockets that say nothing", () => {
  test("are given up after a minute of the venue's time, and leave nothing behind", async () => {
    const words = ["--market", COIN, "--seed", "3", "--no-limits", "--speed", "20"];
    const exchange = await startExchangeProcess(words);
    const good = await goodClient(exchange.url);
    const residentsMb: number[] = [];
    for (let round = 0; round < 3; round++) {
      const idle = await openIdle(exchange.url, IDLE);
      expect(idle.open()).toBe(IDLE);
      await good.untilServedAgain();
      expect(await post(exchange.url, "/info", '{"type":"meta","dex":"km"}')).toStartWith("200 ");
      await until("they are given up", () => (idle.open() === 0 ? true : null), 60_000);
      expect([...idle.ends().values()]).toEqual([IDLE]);
      residentsMb.push(residentMb(exchange) ?? 0);
      await good.untilServedAgain();
    }
    good.leave();
    const [, second = 0, third = 0] = residentsMb;
    // A socket that stayed would hold some 10 kB: a thousand of them would show.
    expect(third - second).toBeLessThan(20);
  });

  test("are turned away by the limits of the venue, which spare who came before", async () => {
    const exchange = await startExchangeProcess(["--market", COIN, "--seed", "3"]);
    const good = await goodClient(exchange.url);
    const idle = await openIdle(exchange.url, IDLE);
    await until("most are turned away", () => (idle.open() <= 9 ? true : null));
    expect(idle.open()).toBe(9);
    await good.untilServedAgain();
    good.leave();
  });
});

describe("what no client should send", () => {
  test("gets the right refusal each, hundreds of times over", async () => {
    const words = ["--market", COIN, "--seed", "3", "--no-limits"];
    const exchange = await startExchangeProcess(words);
    const good = await goodClient(exchange.url);
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const order = '{"a":110000,"b":true,"p":"600","s":"1","r":false,"t":{"limit":{"tif":"Alo"}}}';
    const action = `{"type":"order","orders":[${order}],"grouping":"na"}`;
    const unsigned = `{"action":${action},"nonce":${Date.now()},"signature":{"r":"0x1","s":"0x1","v":27}}`;
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ["/info", "{", /^400 /],
      ["/info", deep, /^4\d\d /],
      ["/info", `{"type":"meta","dex":${deep}}`, /^4\d\d /],
      ["/info", '{"type":"nothing of the kind"}', /^422 /],
      ["/exchange", deep, /^4\d\d /],
      ["/exchange", unsigned, /^(200 .*err|4\d\d )/],
      ["/exchange", `{"action":${action}}`, /^422 /],
      ["/info", " ".repeat(2_000_000), /^413 /],
    ];
    for (let round = 0; round < 40; round++) {
      const answers = await Promise.all(
        cases.map(async ([path, body]) => post(exchange.url, path, body)),
      );
      for (const [n, [path, body, allowed]] of cases.entries())
        expect(`${path} ${body.slice(0, 30)}: ${answers[n]}`).toMatch(
          new RegExp(`: ${allowed.source.slice(1)}`),
        );
    }
    await good.untilServedAgain();
    good.leave();
    expect(await post(exchange.url, "/info", '{"type":"meta","dex":"km"}')).toStartWith("200 ");
  });
});
