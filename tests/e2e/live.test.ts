import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOurCloid } from "../../lib/core/cloid.ts";
import { readAccountFile } from "../../lib/runtime/accountFile.ts";
import { phaseHistory } from "../../lib/runtime/live/evidence.ts";
import { SYSTEM_PROCESSES } from "../../lib/runtime/processTable.ts";
import { readRunFile } from "../../lib/runtime/runFile.ts";
import { StatusReport } from "../../lib/runtime/status.ts";
import { openReader } from "../../lib/store/readModel.ts";
import { endProcesses, runCli, startCli } from "../support/cliProcess.ts";
import type { CliProcess } from "../support/cliProcess.ts";
import { COIN, startExchangeProcess } from "../support/exchangeProcess.ts";
import type { ExchangeProcess } from "../support/exchangeProcess.ts";
import { newLiveAccount } from "../support/liveAccount.ts";
import type { LiveAccount } from "../support/liveAccount.ts";
import { NO_LIMITS } from "../support/paperProcess.ts";
import { until } from "../support/until.ts";

// Several processes on a machine that may be busy: everything is waited for.
setDefaultTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-live-"));
let exchange: ExchangeProcess;

beforeAll(async () => {
  // With the exchange's limits, as it will be.
  exchange = await startExchangeProcess(["--market", COIN, "--seed", "5"]);
  await quoted(exchange);
});
afterAll(async () => {
  await endProcesses();
  // They would ask an exchange that is gone for ever: it is taken for the real one.
  for (const name of readdirSync(folder)) endWatchdog(join(folder, name));
  rmSync(folder, { recursive: true });
});

function endWatchdog(dataDir: string): void {
  const path = join(dataDir, "watchdog.json");
  if (!existsSync(path)) return;
  const { pid } = JSON.parse(readFileSync(path, "utf8")) as { pid: number };
  if (SYSTEM_PROCESSES.isAlive(pid)) process.kill(pid, "SIGKILL");
}

/** A doctor looks whether a market is quoted. */
function quoted(on: ExchangeProcess): Promise<true> {
  return until("both sides are quoted", async () => {
    const sides = [on.bestPx("A"), on.bestPx("B")];
    return (await Promise.allSettled(sides)).every(({ status }) => status === "fulfilled")
      ? true
      : null;
  });
}

const OVERRIDE = ["--override", "a test of the whole way"];

/** `live` with an account's keys in its environment, as a user starts it. */
function startLive(
  account: LiveAccount,
  dataDir: string,
  words: readonly string[],
  env: { readonly [name: string]: string } = {},
  on = exchange,
): CliProcess {
  const place = ["--exchange", on.url, "--market", COIN, "--data", dataDir];
  return startCli(["live", ...place, "--port", "0", "--capital", "500", ...words], {
    env: { ...account.env, WATCHDOG: "true", ...NO_LIMITS, ...env },
  });
}

/** The process that trades, once it does. */
function pidOf(dataDir: string, cli: CliProcess, not = 0): Promise<number> {
  let ended: string | null = null;
  void cli.ended.then(({ code, stderr }) => (ended = `live ended with ${code}: ${stderr}`));
  return until("the bot is up", () => {
    if (ended !== null) throw new Error(ended);
    const pid = readRunFile(dataDir)?.pid ?? null;
    return pid === not ? null : pid;
  });
}

/** By the bot's own word: questions to the exchange would use up the budget of this address. */
function untilQuotes(dataDir: string): Promise<true> {
  return until("it quotes", async () => {
    const port = readRunFile(dataDir)?.httpPort;
    const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => null);
    if (answer === null) return null;
    const { phase, orders, feeds } = StatusReport.parse(await answer.json());
    // A new life begins with what the last one knew; its feeds are its own.
    const own = feeds.market === "live" && feeds.account === "live" && phase === "quoting";
    return own && orders.some((order) => order.phase === "resting") ? true : null;
  });
}

const LOOK_EVERY_MS = 1500;

function untilNothingOpen(on: ExchangeProcess, account: LiveAccount): Promise<true> {
  const look = async (): Promise<true | null> =>
    (await on.openOrders(account.address)).length === 0 ? true : null;
  return until("the watchdog has cancelled", look, 60_000, LOOK_EVERY_MS);
}

/** Every file that a run has left, as one text. */
function everythingIn(dir: string): string {
  return readdirSync(dir, { recursive: true })
    .map((name) => join(dir, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

function expectNoKeys(account: LiveAccount, ...texts: readonly string[]): void {
  for (const text of texts)
    for (const key of [account.env.HL_PRIVATE_KEY, account.env.WATCHDOG_PRIVATE_KEY])
      expect(text.includes(key)).toBe(false);
}

describe("as on mainnet", () => {
  test("it opens a step, sends a first order the whole way, quotes, ends, and leaves no key behind", async () => {
    const account = await newLiveAccount(exchange.url);
    const dataDir = join(folder, "mainnet");
    const confirm = ["--confirm", `live ${COIN} 500`];
    const closed = await startLive(account, dataDir, [...confirm, "--no-supervise"]).ended;
    expect(closed.code).toBe(2);
    expect(closed.stderr).toContain(
      "capital $500 (step 1) is not open yet. Missing: 7 clean paper",
    );
    expect(await exchange.history(account.address)).toEqual([]);

    const words = [...confirm, ...OVERRIDE, "--no-supervise", "--duration", "5s", "--json"];
    const { code, stdout, stderr } = await startLive(account, dataDir, words).ended;
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const summary = JSON.parse(stdout) as { [name: string]: unknown };
    expect(summary).toMatchObject({ mode: "live", openOrdersAtEnd: 0, errors: [] });
    expect(summary["pnl"]).toMatchObject({ residualMicroUsd: 0 });
    expect(stderr).toMatch(/first order: .* seen in openOrders and by orderStatus, cancelled/);

    const history = await exchange.history(account.address);
    const first = history.toSorted((a, b) => a.order.timestamp - b.order.timestamp)[0];
    expect(first).toMatchObject({ order: { side: "B", reduceOnly: false }, status: "canceled" });
    expect(isOurCloid(first?.order.cloid ?? null, COIN)).toBe(true);
    const bid = Number(await exchange.bestPx("B"));
    expect(Number(first?.order.limitPx) / bid).toBeWithin(0.85, 0.95);
    const worth = (Number(first?.order.limitPx) * (first?.order.sz ?? 0)) / 1000;
    expect(worth).toBeLessThan(12);

    const reader = openReader(dataDir);
    expect(phaseHistory(reader)).toMatchObject([
      { step: 1, capitalMicroUsd: 500e6, basis: "override", reason: "a test of the whole way" },
    ]);
    reader.close();
    expect(readAccountFile(dataDir)).toMatchObject({
      mode: "live",
      source: "a",
      account: account.address,
    });
    expectNoKeys(account, stdout, stderr, everythingIn(dataDir));
    expect(existsSync(join(dataDir, "run.json"))).toBe(false);

    const paper = await runCli(["paper", "--data", dataDir, "--exchange", exchange.url]);
    expect(paper.code).toBe(2);
    expect(paper.stderr).toContain("belongs to a live run; choose another one");
  });
});

describe("as on testnet", () => {
  test("no step is needed; the commands reach the account with and without the bot", async () => {
    // An exchange of its own, as each counts the requests of an address.
    const venue = await startExchangeProcess(["--market", COIN, "--seed", "6"]);
    await quoted(venue);
    const account = await newLiveAccount(venue.url);
    const dataDir = join(folder, "testnet");
    const network = ["--network", "testnet", "--confirm", `testnet ${COIN} 500`];
    const live = startLive(account, dataDir, [...network, "--no-supervise"], {}, venue);
    const pid = await pidOf(dataDir, live);
    await untilQuotes(dataDir);
    expect(readAccountFile(dataDir)).toMatchObject({ mode: "testnet", source: "b" });
    const status = await runCli(["status", "--data", dataDir]);
    expect(status.stdout).toContain("TESTNET");

    const other = { env: account.env };
    const halt = await runCli(["cancel", "--all", "--data", dataDir], other);
    expect([halt.code, halt.stderr]).toEqual([0, ""]);
    expect(await venue.openOrders(account.address)).toEqual([]);
    await runCli(["resume", "--data", dataDir], other);
    await untilQuotes(dataDir);

    process.kill(pid, "SIGKILL");
    expect((await live.ended).code).not.toBe(0);
    await untilNothingOpen(venue, account);
    const direct = await runCli(["status", "--direct", "--json", "--data", dataDir]);
    expect(JSON.parse(direct.stdout)).toMatchObject({ account: account.address });
    const flat = await runCli(["flatten", "--data", dataDir], other);
    expect([flat.code, flat.stderr]).toEqual([0, ""]);
    expect(await venue.positionLots(account.address)).toBe(0);
    const keyless = await runCli(["flatten", "--data", dataDir]);
    expect(keyless.code).toBe(2);
    expect(keyless.stderr).toContain("there is no key: set HL_PRIVATE_KEY");
    const wrong = await runCli(["flatten", "--data", dataDir, "--network", "mainnet"], other);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("belongs to a testnet run");
  });
});

describe("supervised", () => {
  // Without the request budget: so many starts and ends in a minute are more than it allows.
  let free: ExchangeProcess;
  beforeAll(async () => {
    free = await startExchangeProcess(["--market", COIN, "--seed", "5", "--no-limits"]);
    await quoted(free);
  });

  test("the watchdog of the last life ends its work before the first order of the next", async () => {
    const account = await newLiveAccount(free.url);
    const dataDir = join(folder, "after-a-crash");
    mkdirSync(dataDir);
    const last = Bun.spawn(["sleep", "60"]);
    const started = SYSTEM_PROCESSES.startOf(last.pid);
    const file = join(dataDir, "watchdog.json");
    writeFileSync(file, JSON.stringify({ pid: last.pid, started, bot: 1 }));
    const words = ["--network", "testnet", "--confirm", `testnet ${COIN} 500`, "--no-supervise"];
    const live = startLive(account, dataDir, words, {}, free);
    await until("the doctor is done", () => (live.stderr().includes("ready") ? true : null));
    // Time enough for a first order, had nobody to be waited for.
    await Bun.sleep(2000);
    const doneMs = await free.nowMs();
    last.kill();
    await pidOf(dataDir, live);
    const orders = await free.history(account.address);
    expect(Math.min(...orders.map(({ order }) => order.timestamp))).toBeGreaterThanOrEqual(doneMs);
    live.kill("SIGTERM");
    const { code, stderr } = await live.ended;
    expect(code).toBe(0);
    expect(stderr).not.toContain("the watchdog of the last life");
  });

  test("it starts again after a crash in the same mode, ends when told, and gives up on a loop", async () => {
    const account = await newLiveAccount(free.url);
    const dataDir = join(folder, "supervised");
    const words = ["--network", "testnet", "--confirm", `testnet ${COIN} 500`, "--json"];
    const env = { SUPERVISE_CRASHES: "3", SUPERVISE_FROZEN_SECONDS: "5" };
    const live = startLive(account, dataDir, words, env, free);
    const first = await pidOf(dataDir, live);
    expect(first).not.toBe(live.pid);
    await untilQuotes(dataDir);
    // One that does not get on is ended too.
    process.kill(first, "SIGSTOP");
    const second = await pidOf(dataDir, live, first);
    await untilQuotes(dataDir);
    expect(readRunFile(dataDir)).toMatchObject({ mode: "testnet" });
    expect(live.stderr()).toMatch(/the bot has been silent for \d+ s and is ended/);
    expect(live.stderr()).toContain("the bot crashed (SIGKILL after");
    live.kill("SIGTERM");
    const { code, stdout } = await live.ended;
    expect(code).toBe(0);
    expect(stdout).toStartWith('{"mode":');
    expect(JSON.parse(stdout)).toMatchObject({ mode: "testnet", openOrdersAtEnd: 0 });
    expect(SYSTEM_PROCESSES.isAlive(second)).toBe(false);

    const looping = startLive(account, dataDir, words, { SUPERVISE_CRASHES: "2" }, free);
    let pid = await pidOf(dataDir, looping);
    process.kill(pid, "SIGKILL");
    pid = await pidOf(dataDir, looping, pid);
    process.kill(pid, "SIGKILL");
    const end = await looping.ended;
    expect(end.code).toBe(1);
    expect(end.stderr).toContain(
      "the bot is not started again: it crashed 2 times within 10 minutes",
    );
    await untilNothingOpen(free, account);
  });
});
