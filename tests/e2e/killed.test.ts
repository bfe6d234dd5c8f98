import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcesses } from "../support/cliProcess.ts";
import { counterpartyOn } from "../support/counterparty.ts";
import { COIN, startExchangeProcess } from "../support/exchangeProcess.ts";
import type { ExchangeProcess } from "../support/exchangeProcess.ts";
import { killRounds } from "../support/killRounds.ts";
import { accountOf, reachPaper, startPaper, startPaperProcess } from "../support/paperProcess.ts";
import { summaryOf } from "../support/summarySchema.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-killed-"));
let exchange: ExchangeProcess;

beforeAll(async () => {
  // Without request limits: more starts in a minute than an address may make. The soak has them.
  exchange = await startExchangeProcess(["--market", COIN, "--seed", "5", "--no-limits"]);
});
afterAll(async () => {
  await endProcesses();
  rmSync(folder, { recursive: true });
});

function expectLetGo(dataDir: string): void {
  for (const left of ["run.json", "bot.lock"])
    expect({ left, exists: existsSync(join(dataDir, left)) }).toEqual({ left, exists: false });
}

test("after kill -9 and a restart nothing is orphaned, doubled or lost", async () => {
  const dataDir = join(folder, "killed");
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  console.log(`kill rounds with seed ${seed}`);
  const { reports, paper } = await killRounds({
    exchange,
    dataDir,
    rounds: 2,
    seed,
    downMsMax: 1500,
    onRound: (report) => console.log(JSON.stringify(report)),
  });
  expect(reports.map(({ problems }) => problems)).toEqual([[], []]);
  const account = await accountOf(dataDir);
  paper.process.kill("SIGTERM");
  const { code, stdout } = await paper.process.ended;
  expect(code).toBe(0);
  const { pnl, position, openOrdersAtEnd, errors } = summaryOf(stdout);
  expect({ residual: pnl.residualMicroUsd, openOrdersAtEnd, errors }).toEqual({
    residual: 0,
    openOrdersAtEnd: 0,
    errors: [],
  });
  expect(position.lots).toBe(position.venueLots);
  expect(await exchange.openOrders(account)).toEqual([]);
  expect(await exchange.positionLots(account)).toBe(position.lots);
  expectLetGo(dataDir);
});

test("an impatient operator's second and third SIGINT change nothing", async () => {
  const dataDir = join(folder, "impatient");
  const paper = await startPaperProcess(dataDir, ["--exchange", exchange.url]);
  await paper.untilQuoting();
  const account = await accountOf(dataDir);
  for (let n = 0; n < 3; n++) paper.process.kill("SIGINT");
  const { code, stdout } = await paper.process.ended;
  expect(code).toBe(0);
  expect(summaryOf(stdout)).toMatchObject({ openOrdersAtEnd: 0, errors: [] });
  expect(await exchange.openOrders(account)).toEqual([]);
  expectLetGo(dataDir);
});

test("a start that is interrupted cancels what an earlier life has left, and books its fills", async () => {
  const dataDir = join(folder, "interrupted");
  const words = ["--exchange", exchange.url];
  const first = await startPaperProcess(dataDir, words);
  await first.untilQuoting();
  const account = await accountOf(dataDir);
  first.process.kill("SIGKILL");
  await first.process.ended;
  const left = (await exchange.openOrders(account)).filter(({ side }) => side === "B");
  const best = left.toSorted((a, b) => Number(b.limitPx) - Number(a.limitPx))[0];
  if (best === undefined) throw new Error("nothing of the first life rests");
  await (await counterpartyOn(exchange)).take("A", best.limitPx);
  expect(await exchange.positionLots(account)).toBeGreaterThan(0);

  const second = startPaper(dataDir, words);
  // The lock is the new process's from the first moment on: it is up to react to signals then.
  await until("the second life has begun", async () => {
    const lock = Bun.file(join(dataDir, "bot.lock"));
    const holder = (await lock.exists()) ? ((await lock.json()) as { pid: number }) : null;
    return holder?.pid === second.pid ? true : null;
  });
  second.kill("SIGTERM");
  const { code, stdout } = await second.ended;
  expect(code).toBe(0);
  const summary = summaryOf(stdout);
  expect(summary).toMatchObject({ openOrdersAtEnd: 0, errors: [], pnl: { residualMicroUsd: 0 } });
  expect(summary.position.lots).toBe(await exchange.positionLots(account));
  expect(summary.fills.count).toBeGreaterThan(0);
  // Of this life are the fills that it booked, of the folder those of both.
  expect(summary.folder?.fills.count).toBeGreaterThanOrEqual(summary.fills.count);
  expect(summary.folder?.sinceMs).toBeLessThan(await exchange.nowMs());
  const { queue, through, taker } = summary.fills.byCause;
  expect(queue + through + taker).toBe(summary.fills.count);
  expect(await exchange.openOrders(account)).toEqual([]);
  expectLetGo(dataDir);
});

test("two bots never share a data folder, and the first one is not disturbed", async () => {
  const dataDir = join(folder, "shared");
  const words = ["--exchange", exchange.url];
  const first = startPaper(dataDir, words);
  await reachPaper(first, dataDir);
  const { code, stdout } = await startPaper(dataDir, words).ended;
  expect(code).toBe(2);
  expect((JSON.parse(stdout) as { error: string }).error).toContain(
    `is in use by process ${first.pid}`,
  );
  first.kill("SIGTERM");
  expect((await first.ended).code).toBe(0);
  expectLetGo(dataDir);
});
