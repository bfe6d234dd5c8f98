import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcesses } from "../support/cliProcess.ts";
import { COIN, startExchangeProcess } from "../support/exchangeProcess.ts";
import { accountOf, reachPaper, startPaper } from "../support/paperProcess.ts";
import { summaryOf } from "../support/summarySchema.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-busy-"));
afterAll(async () => {
  await endProcesses();
  rmSync(folder, { recursive: true });
});

test("a start on an address whose request budget is spent waits, says so, and trades", async () => {
  const exchange = await startExchangeProcess(["--market", COIN, "--seed", "3", "--speed", "10"]);
  const spend = () =>
    fetch(`${exchange.url}/info`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "perpDexs" }),
    });
  const dataDir = join(folder, "data");
  const started = startPaper(dataDir, ["--exchange", exchange.url]);
  // It refills while the program starts, so it is spent until the program has noticed.
  const deadlineMs = performance.now() + 60_000;
  while (!started.stderr().includes("too many requests") && performance.now() < deadlineMs)
    await spend();
  const paper = await reachPaper(started, dataDir);
  await paper.untilQuoting();
  expect(started.stderr()).toContain("too many requests");
  const account = await accountOf(dataDir);
  started.kill("SIGTERM");
  const { code, stdout } = await started.ended;
  expect({ code, errors: summaryOf(stdout).errors }).toEqual({ code: 0, errors: [] });
  expect(await exchange.openOrders(account)).toEqual([]);
});
