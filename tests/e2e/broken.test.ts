import { Database } from "bun:sqlite";
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcesses } from "../support/cliProcess.ts";
import { COIN, startExchangeProcess } from "../support/exchangeProcess.ts";
import { accountOf, startPaperProcess } from "../support/paperProcess.ts";
import type { RunSummary } from "../../lib/runtime/summary.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-broken-"));
afterAll(async () => {
  await endProcesses();
  rmSync(folder, { recursive: true });
});

test("a run whose database fails takes its orders off the exchange before it ends, and says so", async () => {
  const exchange = await startExchangeProcess(["--market", COIN, "--seed", "3"]);
  const dataDir = join(folder, "data");
  const paper = await startPaperProcess(dataDir, ["--exchange", exchange.url]);
  await paper.untilQuoting();
  const account = await accountOf(dataDir);
  const other = new Database(join(dataDir, "bot.sqlite"));
  // No step can be stored any more: what the bot would do next may not be done.
  other.run("BEGIN IMMEDIATE");
  const { code, stderr } = await paper.process.ended;
  other.run("ROLLBACK");
  other.close();
  expect(code).toBe(1);
  expect(stderr).toContain("cancelling our orders straight at the exchange");
  expect(stderr).toContain("the exchange lists none");
  // The first failure is told, not what it made of the end.
  expect(stderr).toMatch(/^error: Error: handling "\w+" .* failed: /m);
  expect(await exchange.openOrders(account)).toEqual([]);
});

/** A summary of what the exchange did not tell: JSON has no NaN. */
type Unread = Omit<RunSummary, "openOrdersAtEnd"> & { readonly openOrdersAtEnd: number | null };

test("a run whose exchange has died ends with what is known of it, and says what is not", async () => {
  const exchange = await startExchangeProcess(["--market", COIN, "--seed", "4"]);
  const dataDir = join(folder, "orphan");
  const paper = await startPaperProcess(dataDir, ["--exchange", exchange.url]);
  await paper.untilQuoting();
  exchange.process.kill("SIGKILL");
  await exchange.process.ended;
  paper.process.kill("SIGINT");
  const { code, stdout } = await paper.process.ended;
  expect(code).toBe(1);
  const { orders, fills, openOrdersAtEnd, errors } = JSON.parse(stdout) as Unread;
  expect(orders.placed).toBeGreaterThan(0);
  expect([openOrdersAtEnd, fills.byCause]).toEqual([null, null]);
  expect(errors.join("\n")).toMatch(/open orders could not be read.*why our fills came/s);
});
