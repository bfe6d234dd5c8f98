import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchdogCommand } from "../../lib/cli/watchdog.ts";
import { readAccountFile, writeAccountFile } from "../../lib/runtime/accountFile.ts";
import { SYSTEM_PROCESSES } from "../../lib/runtime/processTable.ts";
import { cliRun } from "../support/cliRun.ts";
import { endProcesses, runCli } from "../support/cliProcess.ts";
import { COIN, startExchangeProcess } from "../support/exchangeProcess.ts";
import type { ExchangeProcess } from "../support/exchangeProcess.ts";
import { accountOf, NO_LIMITS, startPaperProcess } from "../support/paperProcess.ts";
import type { PaperProcess } from "../support/paperProcess.ts";
import { until } from "../support/until.ts";
import { watchdogOf } from "../support/watchdogOf.ts";

// Several processes on a machine that may be busy: everything is waited for, and judged by the exchange's own times.
setDefaultTimeout(180_000);

/** After the death, in venue time: what is promised. */
const GONE_WITHIN_MS = 5000;

const folder = mkdtempSync(join(tmpdir(), "amm500-watchdog-"));
const WATCHED = { env: { WATCHDOG: "true", ...NO_LIMITS } };
let exchange: ExchangeProcess;

beforeAll(async () => {
  exchange = await startExchangeProcess(["--market", COIN, "--seed", "5", "--no-limits"]);
});
afterAll(async () => {
  await Promise.all(watchdogs.map((pid) => until("every watchdog ends", () => gone(pid))));
  await endProcesses();
  rmSync(folder, { recursive: true });
});

const watchdogs: number[] = [];
const gone = (pid: number): true | null => (SYSTEM_PROCESSES.isAlive(pid) ? null : true);

/** A bot that quotes, on the exchange of all tests. Its orders would outlive it: it is watched before the first one. */
async function watchedBot(name: string): Promise<PaperProcess & { readonly watchdog: number }> {
  const dataDir = join(folder, name);
  const paper = await startPaperProcess(dataDir, ["--exchange", exchange.url], WATCHED);
  await paper.untilQuoting();
  const watchdog = watchdogOf(paper);
  if (watchdog === null) throw new Error("it quotes, and nobody watches it");
  watchdogs.push(watchdog);
  return { ...paper, watchdog };
}

/** Waits until nothing of the account rests. */
function nothingOpen(account: string): Promise<true> {
  return until("nothing of ours is open", async () =>
    (await exchange.openOrders(account)).length === 0 ? true : null,
  );
}

/** When the last order that was open after `sinceMs` went, by the exchange's own record. */
async function lastGoneMs(account: string, sinceMs: number): Promise<number> {
  const history = await exchange.history(account);
  const ended = history.filter(({ status, statusTimestamp }) => {
    return status !== "open" && statusTimestamp >= sinceMs;
  });
  expect(ended.length).toBeGreaterThan(0);
  return Math.max(...ended.map(({ statusTimestamp }) => statusTimestamp));
}

/** Process group and session (proc(5), fields 5 and 6). */
function groupOf(pid: number): readonly [string, string] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [, , group = "", session = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [group, session];
}

const logOf = (dataDir: string): string => readFileSync(join(dataDir, "watchdog.log"), "utf8");

describe("a bot that is quoting", () => {
  test("killed with -9: all its orders are gone within five seconds, then the watchdog ends", async () => {
    const bot = await watchedBot("killed");
    const account = await accountOf(bot.dataDir);
    const killedMs = await exchange.nowMs();
    bot.process.kill("SIGKILL");
    await bot.process.ended;
    await nothingOpen(account);
    const tookMs = (await lastGoneMs(account, killedMs)) - killedMs;
    console.log(`kill -9: the last order was gone after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(GONE_WITHIN_MS);
    await until("the watchdog ends", () => gone(bot.watchdog));
    expect(logOf(bot.dataDir)).toContain("is gone without a word");
    expect(logOf(bot.dataDir)).toContain("the exchange lists none of ours");
    expect(await exchange.openOrders(account)).toEqual([]);
  });

  test("frozen with SIGSTOP: the same; woken, it quotes on and is watched on", async () => {
    const bot = await watchedBot("frozen");
    const account = await accountOf(bot.dataDir);
    const stoppedMs = await exchange.nowMs();
    bot.process.kill("SIGSTOP");
    await nothingOpen(account);
    const tookMs = (await lastGoneMs(account, stoppedMs)) - stoppedMs;
    console.log(`SIGSTOP: the last order was gone after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(GONE_WITHIN_MS);
    bot.process.kill("SIGCONT");
    await until("it quotes again", async () =>
      (await exchange.openOrders(account)).length > 0 ? true : null,
    );
    expect(logOf(bot.dataDir)).toMatch(/has been silent for \d+\.\d/);
    bot.process.kill("SIGTERM");
    expect((await bot.process.ended).code).toBe(0);
    await until("the watchdog ends", () => gone(bot.watchdog));
    expect(logOf(bot.dataDir)).toContain("the bot has ended properly");
  });

  test("frozen for two seconds again and again, it is slow and not shot", async () => {
    const bot = await watchedBot("slow");
    let longestMs = 0;
    for (let i = 0; i < 2; i++) {
      const fromMs = performance.now();
      bot.process.kill("SIGSTOP");
      await Bun.sleep(1900);
      bot.process.kill("SIGCONT");
      longestMs = Math.max(longestMs, performance.now() - fromMs);
      await Bun.sleep(800);
    }
    console.log(`slow: it stood still for ${longestMs.toFixed(0)} ms at the longest`);
    // Where this machine made more of it than was asked for, nothing is shown.
    if (longestMs < 2500) expect(logOf(bot.dataDir)).not.toContain("has been silent");
    bot.process.kill("SIGTERM");
    const { code } = await bot.process.ended;
    expect(code).toBe(0);
    await until("the watchdog ends", () => gone(bot.watchdog));
    expect(logOf(bot.dataDir)).toContain("the bot has ended properly");
  });

  test("killed while the exchange cannot be reached: retried until it is done", async () => {
    const bot = await watchedBot("unreachable");
    const account = await accountOf(bot.dataDir);
    exchange.process.kill("SIGSTOP");
    try {
      bot.process.kill("SIGKILL");
      await bot.process.ended;
      await until("it has tried in vain", () =>
        logOf(bot.dataDir).includes("not yet: no answer") ? true : null,
      );
    } finally {
      exchange.process.kill("SIGCONT");
    }
    await nothingOpen(account);
  });

  test("a signal to the watchdog does not stop its work; one that is killed is replaced", async () => {
    const bot = await watchedBot("signalled");
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
      process.kill(bot.watchdog, signal);
    await Bun.sleep(500);
    expect(gone(bot.watchdog)).toBeNull();
    process.kill(bot.watchdog, "SIGKILL");
    await until("it is gone", () => gone(bot.watchdog));
    const next = await until("another one watches", () => watchdogOf(bot));
    watchdogs.push(next);
    const account = await accountOf(bot.dataDir);
    bot.process.kill("SIGKILL");
    await bot.process.ended;
    await nothingOpen(account);
  });
});

describe("beside a bot", () => {
  test("it has an API wallet of its own, and its process knows nothing of the bot's key", async () => {
    const bot = await watchedBot("keys");
    const key = readFileSync(join(bot.dataDir, "paper-key"), "utf8").trim();
    const own = readFileSync(join(bot.dataDir, "watchdog-key"), "utf8").trim();
    expect(own).not.toBe(key);
    const environ = readFileSync(`/proc/${bot.watchdog}/environ`, "utf8");
    expect(environ).not.toContain(key);
    // Whoever signals the bot's group or session does not reach it.
    const [group, session] = groupOf(bot.watchdog);
    expect(groupOf(bot.process.pid)).not.toContain(group);
    expect(groupOf(bot.process.pid)).not.toContain(session);
    const account = await accountOf(bot.dataDir);
    const agents = await fetch(`${exchange.url}/info`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "extraAgents", user: account }),
    });
    expect(await agents.json()).toMatchObject([{ name: "watchdog" }]);
    expect(readAccountFile(bot.dataDir)).toMatchObject({ mode: "paper", account, market: COIN });
    bot.process.kill("SIGTERM");
    await bot.process.ended;
    expect(logOf(bot.dataDir)).not.toContain(key);
  });

  test("by hand it finds what a killed bot has left, and ends", async () => {
    const dataDir = join(folder, "by-hand");
    const paper = await startPaperProcess(dataDir, ["--exchange", exchange.url], {
      env: { ...NO_LIMITS },
    });
    await paper.untilQuoting();
    const account = await accountOf(dataDir);
    paper.process.kill("SIGKILL");
    await paper.process.ended;
    expect((await exchange.openOrders(account)).length).toBeGreaterThan(0);
    // This bot ran without one, so nobody has approved a key yet: the account's own does as well.
    const keyFile = join(dataDir, "paper-key");
    const words = ["watchdog", "--data", dataDir, "--key-file", keyFile, "--json"];
    const { code, stdout } = await runCli(words);
    expect(code).toBe(0);
    const { end, cancelled } = JSON.parse(stdout) as { end: string; cancelled: number };
    expect(end).toBe("dead");
    expect(cancelled).toBeGreaterThan(0);
    expect(await exchange.openOrders(account)).toEqual([]);
  });

  test("wrong uses say what is wrong", async () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    const nothing = await cliRun(watchdogCommand, ["--data", empty]);
    expect([nothing.code, nothing.failure]).toEqual([
      1,
      `no bot was started in "${empty}": there is nothing to watch. Start it first, or name its folder with --data`,
    ]);
    const dataDir = mkdtempSync(join(folder, "left-"));
    writeFileSync(join(dataDir, "heartbeat"), "1 - 000000000001 alive\n");
    writeAccountFile(dataDir, {
      mode: "live",
      exchange: exchange.url,
      account: `0x${"1".repeat(40)}`,
      source: "a",
      market: COIN,
      dex: "km",
      assetId: 110_000,
      clock: { epochMs: 0, speed: 1 },
      orderExpiryMs: 5000,
      ownExchange: false,
    });
    const noKey = await cliRun(watchdogCommand, ["--data", dataDir]);
    expect(noKey.code).toBe(2);
    expect(noKey.failure).toContain("the watchdog has no key: set WATCHDOG_PRIVATE_KEY");
    const open = join(folder, "open-key");
    writeFileSync(open, "1".repeat(64), { mode: 0o644 });
    const wide = await cliRun(watchdogCommand, ["--data", dataDir, "--key-file", open]);
    expect([wide.code, wide.failure]).toEqual([
      2,
      `the key file "${open}" has mode 644, so others can read it: chmod 600 "${open}"`,
    ]);
    const bad = await cliRun(watchdogCommand, ["--data", dataDir], {
      WATCHDOG_PRIVATE_KEY: "zz".repeat(32),
    });
    expect(bad.code).toBe(2);
    expect(bad.failure).toContain("WATCHDOG_PRIVATE_KEY: the private key is not valid");
    expect(bad.failure).not.toContain("zz");
    const setting = await cliRun(watchdogCommand, ["--data", dataDir], {
      WATCHDOG_FROZEN_SECONDS: "0",
    });
    expect(setting.failure).toContain("WATCHDOG_FROZEN_SECONDS");
  });
});
