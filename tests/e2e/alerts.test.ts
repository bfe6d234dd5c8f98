import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReceivers } from "../support/alertReceivers.ts";
import { endProcesses } from "../support/cliProcess.ts";
import { startExchangeProcess } from "../support/exchangeProcess.ts";
import { startPaper, startPaperProcess } from "../support/paperProcess.ts";
import { until } from "../support/until.ts";
import { untilWatched } from "../support/watchdogOf.ts";
import { readRunFile } from "../../lib/runtime/runFile.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-alerts-"));
const receivers = startReceivers();
afterAll(async () => {
  await endProcesses();
  await receivers.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => receivers.clear());

type Told = { readonly kind: string; readonly source: string; readonly text: string };

function told(): readonly Told[] {
  return receivers.of("webhook").map(({ body }) => JSON.parse(body) as Told);
}

function untilTold(kind: string, times = 1): Promise<readonly Told[]> {
  return until(`${kind} is told`, () => {
    const ofKind = told().filter((one) => one.kind === kind);
    return ofKind.length >= times ? ofKind : null;
  });
}

const env = { ...receivers.env, WATCHDOG: "true" };

test("a bot that is killed: its watchdog tells, and the next start says so", async () => {
  const exchange = await startExchangeProcess(["--seed", "7"]);
  const dataDir = join(folder, "killed");
  const words = ["--exchange", exchange.url];
  const first = await startPaperProcess(dataDir, words, { env });
  await first.untilQuoting();
  await untilWatched(first);
  await untilTold("started");
  first.process.kill("SIGKILL");
  await first.process.ended;
  const [begun, done] = await untilTold("watchdog", 2);
  expect(begun?.source).toBe("watchdog of paper km:US500");
  expect(begun?.text).toContain("is gone without a word; its orders are being cancelled");
  expect(done?.text).toMatch(/^[1-9]\d* orders cancelled; the exchange lists none of ours$/);

  const second = await startPaperProcess(dataDir, words, { env });
  const [back] = await untilTold("restarted");
  expect(back?.text).toStartWith("Started again: the last run in this data folder ended without");
  second.process.kill("SIGINT");
  expect((await second.process.ended).code).toBe(0);
  await untilTold("stopped");
  // Every channel has had each of them once.
  const counts = () =>
    ["slack", "telegram", "discord", "webhook", "email"].map((name) => receivers.of(name).length);
  await until("every channel is told", () => (counts().every((count) => count >= 5) ? true : null));
  expect(counts()).toEqual([5, 5, 5, 5, 5]);
});

test("a bot that crashes too often: its supervisor tells", async () => {
  const dataDir = join(folder, "supervised");
  const supervised = { ...env, SUPERVISE_CRASHES: "1", ALERT_MIN_SEVERITY: "critical" };
  const supervisor = startPaper(dataDir, ["--supervise"], { env: supervised });
  const pid = await until("the bot is up", () => readRunFile(dataDir)?.pid ?? null);
  process.kill(pid, "SIGKILL");
  const { code, stderr } = await supervisor.ended;
  expect({ code, stderr }).toMatchObject({ code: 1 });
  const [loop] = await untilTold("crashLoop");
  expect(loop?.text).toStartWith("the bot is not started again: ");
  expect(told().filter(({ kind }) => kind === "crashLoop").length).toBe(1);
});
