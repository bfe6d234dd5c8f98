import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcesses } from "../support/cliProcess.ts";
import { counterpartyOn } from "../support/counterparty.ts";
import { COIN, startExchangeProcess } from "../support/exchangeProcess.ts";
import type { ExchangeProcess, OpenOrder } from "../support/exchangeProcess.ts";
import { accountOf, NO_LIMITS, startPaperProcess } from "../support/paperProcess.ts";
import type { PaperProcess } from "../support/paperProcess.ts";
import { until } from "../support/until.ts";

/*
 * The operator's door, judged by what rests on the exchange. The exchange runs without request limits: the observer
 * asks it every few milliseconds.
 */

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-operator-"));
let exchange: ExchangeProcess;
let paper: PaperProcess;
let account = "";
let token = "";

beforeAll(async () => {
  exchange = await startExchangeProcess(["--market", COIN, "--seed", "3", "--no-limits"]);
  const words = ["--exchange", exchange.url];
  paper = await startPaperProcess(join(folder, "data"), words, { env: NO_LIMITS });
  account = await accountOf(paper.dataDir);
  token = paper.token();
  await untilBothSides();
});
afterAll(async () => {
  await endProcesses();
  rmSync(folder, { recursive: true });
});

const restingWhen = (what: string, wanted: (open: readonly OpenOrder[]) => boolean) =>
  until(
    what,
    async () => {
      const open = await exchange.openOrders(account);
      return wanted(open) ? open : null;
    },
    60_000,
    20,
  );

const untilBothSides = () =>
  restingWhen("both sides rest", (open) =>
    (["A", "B"] as const).every((side) => open.some((order) => order.side === side)),
  );

/** Somebody takes our best bid or ask. */
async function untilPosition(): Promise<void> {
  const counterparty = await counterpartyOn(exchange);
  await until("we hold a position", async () => {
    const held = await exchange.positionLots(account);
    if (held !== 0) return held;
    const bids = (await exchange.openOrders(account)).filter(({ side }) => side === "B");
    const best = bids.toSorted((a, b) => Number(b.limitPx) - Number(a.limitPx))[0];
    if (best !== undefined) await counterparty.take("A", best.limitPx);
    return null;
  });
}

test("reduce-only leaves only what reduces, within a second of the market's time", async () => {
  await untilPosition();
  expect((await paper.post("/reduce-only", { enabled: true, reason: "x" }, null)).status).toBe(401);
  expect((await paper.post("/reduce-only", { enabled: true, reason: "x" }, "wrong")).status).toBe(
    401,
  );
  for (const [body, field] of [
    [{ enabled: "yes", reason: "x" }, "enabled"],
    [{ enabled: true }, "reason"],
    [{ enabled: true, reason: "x", more: 1 }, "more"],
  ] as const) {
    const answer = await paper.post("/reduce-only", body, token);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(field);
  }
  expect((await paper.status()).risk.mode).not.toBe("reduceOnly");
  await untilBothSides();

  const askedMs = await exchange.nowMs();
  const answer = await paper.post("/reduce-only", { enabled: true, reason: "a test" }, token);
  expect(answer).toMatchObject({ status: 200, body: { mode: "reduceOnly" } });
  // The market goes on trading: orders and position are of one moment when they fit.
  await until("only orders that reduce the position rest", async () => {
    const open = await exchange.openOrders(account);
    const held = await exchange.positionLots(account);
    const fits = ({ reduceOnly, side }: OpenOrder): boolean =>
      reduceOnly && side === (held > 0 ? "A" : "B");
    const size = open.reduce((sum, { sz }) => sum + sz, 0);
    const isQuoted = open.length > 0 || held === 0;
    return isQuoted && open.every(fits) && size <= Math.abs(held) ? true : null;
  });
  // By the exchange's own record: when the last order that could have added to the position ended.
  const others = (await exchange.history(account)).filter(({ order }) => !order.reduceOnly);
  const lastMs = Math.max(...others.map(({ statusTimestamp }) => statusTimestamp));
  console.log(`only reducing orders rest ${lastMs - askedMs} ms of market time after the order`);
  expect(lastMs - askedMs).toBeLessThanOrEqual(1000);

  const off = await paper.post("/reduce-only", { enabled: false, reason: "done" }, token);
  expect(off.status).toBe(200);
  await restingWhen("both sides rest again", (orders) =>
    (["A", "B"] as const).every((side) =>
      orders.some((order) => order.side === side && !order.reduceOnly),
    ),
  );
});

test("a halt cancels everything, and nothing is placed until it is lifted", async () => {
  expect((await paper.post("/halt", { reason: "x" }, null)).status).toBe(401);
  await untilBothSides();
  const answer = await paper.post("/halt", { reason: "a test" }, token);
  expect(answer).toMatchObject({ status: 200, body: { mode: "halted" } });
  await restingWhen("nothing rests", (open) => open.length === 0);
  const haltedMs = await exchange.nowMs();
  const placed = (await exchange.history(account)).length;
  // Long enough for quotes on a dozen books and several timers.
  await until("two seconds of the market", async () =>
    (await exchange.nowMs()) > haltedMs + 2000 ? true : null,
  );
  expect(await exchange.openOrders(account)).toEqual([]);
  expect((await exchange.history(account)).length).toBe(placed);
  expect((await paper.status()).risk).toMatchObject({ mode: "halted" });

  expect((await paper.post("/resume", { reason: "done" }, token)).status).toBe(200);
  await untilBothSides();
});
