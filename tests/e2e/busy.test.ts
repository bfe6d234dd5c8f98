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
  let refused = 0;
  while (refused < 3) if ((await spend()).status === 429) refused++;

  const dataDir = join(folder, "data");
  const started = startPaper(dataDir, ["--exchange", exchange.url]);
  const paper = await reachPaper(started, dataDir);
  await paper.untilQuoting();
  expect(started.stderr()).toContain("too many requests");
  const account = await accountOf(dataDir);
  started.kill("SIGTERM");
  const { code, stdout } = await started.ended;
  expect({ code, errors: summaryOf(stdout).errors }).toEqual({ code: 0, errors: [] });
  expect(await exchange.openOrders(account)).toEqual([]);
});
