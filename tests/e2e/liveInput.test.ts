import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { liveCommand } from "../../lib/cli/live.ts";
import { paperCommand } from "../../lib/cli/paper.ts";
import { statusCommand } from "../../lib/cli/status.ts";
import type { RunningExchange } from "../../lib/venue/server/start.ts";
import { cliRun } from "../support/cliRun.ts";
import type { CliRun } from "../support/cliRun.ts";
import { approve, newKey, newLiveAccount } from "../support/liveAccount.ts";
import type { LiveAccount } from "../support/liveAccount.ts";
import { until } from "../support/until.ts";
import { startQuotedExchange } from "../support/quotedExchange.ts";

/*
 * What may be wrong before a live start: each has its sentence, nothing is sent and no folder is made.
 */

const folder = mkdtempSync(join(tmpdir(), "amm500-live-input-"));
const hexOf = (key: Uint8Array): string => Buffer.from(key).toString("hex");
let exchange: RunningExchange;
let account: LiveAccount;
let dir = "";

beforeAll(async () => {
  exchange = await startQuotedExchange();
  account = await newLiveAccount(exchange.url);
});
beforeEach(() => {
  dir = join(mkdtempSync(join(folder, "case-")), "data");
});
afterAll(async () => {
  await exchange.stop();
  rmSync(folder, { recursive: true });
});

type Env = { readonly [name: string]: string | undefined };

/** A start that is right but for what the case changes. */
function live(words: readonly string[], env: Env = {}): Promise<CliRun> {
  const given = (name: string): boolean => words.some((word) => word.split("=")[0] === name);
  const usual = [
    ...(given("--exchange") || given("--network") ? [] : ["--exchange", exchange.url]),
    ...(given("--market") ? [] : ["--market", "km:US500"]),
    ...(given("--capital") ? [] : ["--capital", "500"]),
    ...(given("--confirm") ? [] : ["--confirm", "live km:US500 500"]),
  ];
  const all = [...usual, "--port", "0", "--data", dir, "--no-supervise", ...words];
  return cliRun(liveCommand, all, { ...account.env, VOL_FETCH_CRON: "off", ...env });
}

const ESCAPED = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));

describe("a wrong use", () => {
  test.each([
    [["--network", "main"], '--network: "main" is not allowed; mainnet or testnet'],
    [["--exchange", "ftp://x"], '--exchange: "ftp://x" is not allowed; a URL such as'],
    [["--capital", "0"], '--capital: "0" is not allowed; a number from 1'],
    [["--capital", "5"], "is too little to quote with leverage 10"],
    [["--market", "km:BABA"], "km:BABA is delisted"],
    [["--market", "NOPE"], "market:"],
    [
      ["--confirm", "yes"],
      '--confirm: "yes" is not allowed; for this run it is "live km:US500 500"',
    ],
    [["--override", "because"], '--override: "because" is not allowed; a reason of 10 to 500'],
    [["--duration", "soon"], '--duration: "soon" is no duration'],
    [["--port", "99999"], "--port"],
    [["--key-file", "/nowhere/key"], 'there is no key file "/nowhere/key"'],
    [["--supervise"], "unknown flag --supervise for live"],
  ])("%j", async (words, text) => {
    const run = await live(words.filter((word) => word !== ""));
    expect(run.failure ?? "it ran").toMatch(ESCAPED(text));
    expect(run.code).toBe(2);
    expect(existsSync(dir)).toBe(false);
  });

  test("nowhere, without capital, and without a terminal to confirm at", async () => {
    const bare = (words: readonly string[]) => cliRun(liveCommand, words, account.env);
    expect((await bare(["--capital", "500"])).failure).toBe(
      "say where: --network mainnet or --network testnet",
    );
    expect((await bare(["--network", "mainnet"])).failure).toContain("--capital has to be given");
    const words = ["--exchange", exchange.url, "--capital", "500", "--market", "km:US500"];
    expect((await bare(words)).failure).toBe(
      'this places real orders; confirm it: --confirm "live km:US500 500"',
    );
    expect((await bare([...words, "--network", "testnet"])).failure).toContain(
      '--confirm "testnet km:US500 500"',
    );
  });
});

test.each([
  ["WATCHDOG", "yes", "true or false"],
  ["WATCHDOG_FROZEN_SECONDS", "0.5", "a number from 1 to 60"],
  ["SUPERVISE_CRASHES", "0", "a whole number from 1 to 1000"],
  ["SUPERVISE_MINUTES", "soon", "a number from 0.1 to 1440"],
  ["SUPERVISE_FROZEN_SECONDS", "1", "a number from 5 to 3600"],
])("the setting %s=%s is not allowed", async (name, value, allowed) => {
  const run = await live([], { [name]: value });
  expect([run.code, run.failure]).toEqual([
    2,
    `${name}: "${value}" is not allowed; allowed is ${allowed}`,
  ]);
});

describe("a key", () => {
  test.each([
    ["is missing", { HL_PRIVATE_KEY: undefined }, "there is no key: set HL_PRIVATE_KEY"],
    ["is none", { HL_PRIVATE_KEY: "zz".repeat(32) }, "HL_PRIVATE_KEY: the private key is not"],
    ["of nobody knows whom", { ACCOUNT_ADDRESS: undefined }, "ACCOUNT_ADDRESS is not set"],
    ["for what is no address", { ACCOUNT_ADDRESS: "0x12" }, "ACCOUNT_ADDRESS"],
    ["of the watchdog is none", { WATCHDOG_PRIVATE_KEY: "1" }, "WATCHDOG_PRIVATE_KEY: the private"],
  ])("%s", async (_, env, text) => {
    const run = await live([], env);
    expect([run.code, run.failure ?? ""]).toEqual([2, expect.stringContaining(text)]);
    expect(run.failure).not.toContain("zz");
  });

  test("of the main wallet is refused before anything is asked", async () => {
    const run = await live([], { HL_PRIVATE_KEY: hexOf(account.mainKey) });
    expect(run.code).toBe(2);
    expect(run.failure).toContain("whoever has it can withdraw. Approve an API wallet");
    expect(run.failure).not.toContain(hexOf(account.mainKey));
  });

  test("in a file that others can read is refused, with the command that mends it", async () => {
    const path = join(folder, "agent-key");
    writeFileSync(path, `${hexOf(account.agentKey)}\n`, { mode: 0o640 });
    chmodSync(path, 0o640);
    const run = await live(["--key-file", path], { HL_PRIVATE_KEY: undefined });
    expect([run.code, run.failure]).toEqual([
      2,
      `the key file "${path}" has mode 640, so others can read it: chmod 600 "${path}"`,
    ]);
    chmodSync(path, 0o600);
    const mended = await live(["--key-file", path], { HL_PRIVATE_KEY: undefined });
    expect(mended.failure).toContain("is not open yet");
  });
});

describe("the doctor stops the start:", () => {
  const stopped = async (env: Env, words: readonly string[] = []): Promise<string> => {
    const run = await live(words, env);
    expect(run.code).toBe(1);
    return run.failure ?? "";
  };

  test("a key that the exchange does not know", async () => {
    expect(await stopped({ HL_PRIVATE_KEY: hexOf(newKey()) })).toContain("knows nobody by");
  });

  test("an API wallet of another account", async () => {
    const other = await newLiveAccount(exchange.url);
    const { HL_PRIVATE_KEY } = other.env;
    expect(await stopped({ HL_PRIVATE_KEY })).toContain("account: the API wallet signs for");
  });

  test("an API wallet whose approval is over", async () => {
    const key = newKey();
    const untilMs = Date.now() + 1500;
    await approve(exchange.url, account.mainKey, key, `short valid_until ${untilMs}`);
    await until("it is over", () => (Date.now() > untilMs + 500 ? true : null));
    expect(await stopped({ HL_PRIVATE_KEY: hexOf(key) })).toContain("has expired: approve it");
  });

  test("no watchdog key, the bot's own, or another account's", async () => {
    const none = await stopped({ WATCHDOG_PRIVATE_KEY: undefined });
    expect(none).toContain("watchdog key: there is none → approve a second API wallet");
    const { HL_PRIVATE_KEY } = account.env;
    expect(await stopped({ WATCHDOG_PRIVATE_KEY: HL_PRIVATE_KEY })).toContain("the bot's own");
    const other = await newLiveAccount(exchange.url);
    const { WATCHDOG_PRIVATE_KEY } = other.env;
    expect(await stopped({ WATCHDOG_PRIVATE_KEY })).toContain("it signs for");
    const stranger = { WATCHDOG_PRIVATE_KEY: hexOf(newKey()) };
    expect(await stopped(stranger)).toContain("is no API wallet of the account (missing)");
  });

  test("an account without collateral on the market's dex", async () => {
    const words = ["--market", "mkts:US500", "--confirm", "live mkts:US500 500"];
    expect(await stopped({}, words)).toContain("it lies in the wrong place");
  });
});

test("a folder is either paper's or live's", async () => {
  const { env } = account;
  const paperDir = mkdtempSync(join(folder, "paper-"));
  writeFileSync(join(paperDir, "paper-key"), `${"1".repeat(64)}\n`, { mode: 0o600 });
  const words = ["--exchange", exchange.url, "--market", "km:US500", "--capital", "500"];
  const confirm = ["--confirm", "live km:US500 500", "--no-supervise"];
  const run = await cliRun(liveCommand, [...words, ...confirm, "--data", paperDir], env);
  expect([run.code, run.failure]).toEqual([
    2,
    `the data folder "${paperDir}" belongs to a paper run; choose another one with --data`,
  ]);
});

test("supervision of paper checks its flags first", async () => {
  const run = await cliRun(paperCommand, ["--supervise", "--exchange", "x"]);
  expect(run.code).toBe(2);
});

describe("straight at the exchange", () => {
  test("status shows an account that no bot knows, by its address alone", async () => {
    const { address } = account;
    const words = ["--direct", "--network", "mainnet", "--exchange", exchange.url];
    const run = await cliRun(statusCommand, [...words, "--data", join(folder, "none")], {
      ACCOUNT_ADDRESS: address,
    });
    expect([run.code, run.out]).toEqual([
      0,
      `${address} on ${exchange.url}\ndex km: 2000, 2000 withdrawable`,
    ]);
    const nobody = await cliRun(statusCommand, [...words, "--data", join(folder, "none")]);
    expect([nobody.code, nobody.failure]).toEqual([
      2,
      "ACCOUNT_ADDRESS is not set: whose orders and positions are meant",
    ]);
  });
});
