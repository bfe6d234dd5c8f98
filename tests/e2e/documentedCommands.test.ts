import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMMANDS } from "../../lib/cli/commands.ts";
import { startReceivers } from "../support/alertReceivers.ts";
import { endProcesses } from "../support/cliProcess.ts";
import { COMMAND_TABLE, EVERY_HELP } from "../support/commandTable.ts";
import type { Execution, Facts } from "../support/commandTable.ts";
import { commandsOf, documentedCommands } from "../support/documentedCommands.ts";
import { startExchangeProcess } from "../support/exchangeProcess.ts";
import type { ExchangeProcess } from "../support/exchangeProcess.ts";
import { historyStub } from "../support/historyStub.ts";
import { newLiveAccount } from "../support/liveAccount.ts";
import { NO_LIMITS, reachPaper } from "../support/paperProcess.ts";
import { runDocumented, startDocumented } from "../support/runDocumented.ts";
import { until } from "../support/until.ts";
import packageJson from "../../package.json" with { type: "json" };

/*
 * Each command that the README and the chapters name is executed once, in a temporary folder: those that need a bot in
 * the folder of one that trades, two others at a time in folders of their own. Nothing leaves this machine.
 */

setDefaultTimeout(300_000);

const root = join(import.meta.dir, "../..");
const folder = mkdtempSync(join(tmpdir(), "amm500-pages-"));
const documented = documentedCommands(root);
const history = historyStub();
const receivers = startReceivers();
let exchange: ExchangeProcess;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  exchange = await startExchangeProcess(["--seed", "5", "--no-limits"]);
  env = {
    HISTORY_EXCHANGE_URL: history.url,
    HISTORY_YAHOO_URL: history.url,
    MAINNET_URL: exchange.url,
    TESTNET_URL: exchange.url,
  };
});
afterAll(async () => {
  await endProcesses();
  await history.stop();
  await receivers.stop();
  rmSync(folder, { recursive: true });
});

const executions = (where: Execution["in"]): [string, Execution][] =>
  Object.entries(COMMAND_TABLE).flatMap(([text, entry]): [string, Execution][] =>
    "not" in entry || entry.in !== where ? [] : [[text, entry]],
  );

/** Where a command stands, for the reader of a failure. */
function whereIs(text: string): string {
  const found = documented.find((command) => command.text === text);
  return found === undefined ? "no page" : `${found.file}:${found.line}`;
}

const facts = (): Facts => ({
  exchangeUrl: exchange.url,
  pageUrl: "",
  order: "",
  atMs: 0,
  backup: () => "",
});

let folders = 0;

/** One command in a folder of its own. @returns what is wrong, with its place */
async function alone(text: string, execution: Omit<Execution, "in">): Promise<string[]> {
  folders++;
  const place = { folder: join(folder, String(folders)), facts: facts(), env };
  mkdirSync(place.folder);
  const wrong = await runDocumented(text, execution, place).catch(String);
  return wrong === null ? [] : [`${whereIs(text)}: ${text}: ${wrong}`];
}

/** Two at a time: the tests' machines have two cores. */
async function twoAtATime(work: readonly (() => Promise<string[]>)[]): Promise<string[]> {
  const waiting = [...work];
  const lane = async (): Promise<string[]> => {
    const wrong: string[] = [];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      wrong.push(...(await next()));
    return wrong;
  };
  return (await Promise.all([lane(), lane()])).flat();
}

test("the table has every command of the pages, and none besides", () => {
  const known = (text: string): boolean =>
    text === EVERY_HELP || Object.hasOwn(COMMAND_TABLE, text);
  const unknown = documented.filter(({ text }) => !known(text));
  expect(unknown.map(({ file, line, text }) => `${file}:${line}: ${text}`)).toEqual([]);
  const named = new Set(documented.map(({ text }) => text));
  expect(Object.keys(COMMAND_TABLE).filter((text) => !named.has(text))).toEqual([]);
});

test("commands are found in blocks, over two lines, in inline code and in tables", () => {
  const page = [
    "Use `bun run a --b` or `bun.lock`,",
    "then `bun run c",
    "--d`; | `bun run e <x\\|y>` |",
    "```sh",
    "curl -s x \\",
    "  -H y   # said",
    "npx -y --allow-scripts=bun bun@1.4.5 run f",
    "N=1 bun lib/cli/main.ts g",
    "```",
  ].join("\n");
  expect(commandsOf(page).map(({ text, line }) => `${line} ${text}`)).toEqual([
    "1 bun run a --b",
    "2 bun run c --d",
    "3 bun run e <x|y>",
    "5 curl -s x -H y",
    "7 bun run f",
    "8 N=1 bun run g",
  ]);
});

test("Bun without Bun is asked for in the version that the project is for", () => {
  const versions = documented.flatMap(({ asWritten }) => /\bbun@[\d.]+/.exec(asWritten)?.[0] ?? []);
  expect([...new Set(versions)]).toEqual([packageJson.packageManager]);
});

test("commands that need nothing before them, and the help of all", async () => {
  const helps = Object.keys(COMMANDS).map((name) => `bun run ${name} --help`);
  const instead = Object.entries(COMMAND_TABLE).flatMap(([text, entry]) => {
    if (!("not" in entry)) return [];
    console.error(`not run: ${text}: ${entry.not}`);
    return entry.instead ?? [];
  });
  const work = [
    ...executions("empty").map(
      ([text, execution]) =>
        () =>
          alone(text, execution),
    ),
    ...[...new Set([...helps, ...instead])].map((text) => () => alone(text, {})),
  ];
  expect(await twoAtATime(work)).toEqual([]);
});

test("commands beside a bot that trades", async () => {
  const cwd = join(folder, "bot");
  mkdirSync(cwd);
  const botEnv = { ...env, ...NO_LIMITS, ...receivers.env, WATCHDOG: "true" };
  const [[paperText, paper] = ["", undefined], ...rest] = executions("bot");
  if (paper === undefined) throw new Error("the first command in the bot's folder is the bot");
  const bot = startDocumented(paperText, paper, { folder: cwd, facts: facts(), env: botEnv });
  const { url, untilQuoting } = await reachPaper(bot.process, join(cwd, "data/paper"));
  const order = (await untilQuoting()).orders.find(({ phase, oid }) => phase === "resting" && oid);
  const backups = join(cwd, "data/backups");
  const known: Facts = {
    ...facts(),
    pageUrl: url,
    order: String(order?.oid),
    atMs: Date.now(),
    backup: () => join(backups, readdirSync(backups)[0] ?? ""),
  };
  const place = { folder: cwd, facts: known, env: botEnv };
  // Approved beside the quoting; one that is started by hand finds it.
  const watchdogKey = join(cwd, "data/paper/watchdog-key");
  await until("the watchdog has its key", () => existsSync(watchdogKey) || null);
  const wrong: string[] = [];
  const note = (text: string, what: string | null): void => {
    if (what !== null) wrong.push(`${whereIs(text)}: ${text}: ${what}`);
  };
  const companions = rest.filter(([, { endless }]) => endless === "as the bot");
  const beside = companions.map(
    ([text, execution]) => [text, startDocumented(text, execution, place)] as const,
  );
  for (const [text, execution] of rest)
    if (execution.endless === undefined) note(text, await runDocumented(text, execution, place));
  bot.process.kill("SIGINT");
  note(paperText, bot.verdict(await bot.process.ended));
  for (const [text, running] of beside) note(text, running.verdict(await running.process.ended));
  expect(wrong).toEqual([]);
});

test("commands of a live account", async () => {
  const cwd = join(folder, "live");
  mkdirSync(cwd);
  await until("the market is quoted", async () => {
    const sides = [exchange.bestPx("A"), exchange.bestPx("B")];
    return (await Promise.allSettled(sides)).every(({ status }) => status === "fulfilled") || null;
  });
  const account = await newLiveAccount(exchange.url);
  const place = { folder: cwd, facts: facts(), env: { ...env, ...NO_LIMITS, ...account.env } };
  const wrong: string[] = [];
  for (const [text, execution] of executions("live")) {
    const what = await runDocumented(text, execution, place);
    if (what !== null) wrong.push(`${whereIs(text)}: ${text}: ${what}`);
  }
  expect(wrong).toEqual([]);
  expect(await exchange.openOrders(account.address)).toEqual([]);
});
