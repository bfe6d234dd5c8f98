import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import {
  defineCommand,
  helpText,
  numberBetween,
  parseArguments,
  Switch,
} from "../../lib/cli/command.ts";
import { pairLines } from "../../lib/cli/table.ts";
import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import { addressOf, initSigning } from "../../lib/hyperliquid/signing/signature.ts";
import { ALERT_KINDS } from "../../lib/runtime/alerts/alert.ts";
import { scaledClock } from "../../lib/runtime/clock.ts";
import { startReceivers } from "../support/alertReceivers.ts";
import { endProcesses } from "../support/cliProcess.ts";
import { counterpartyOn } from "../support/counterparty.ts";
import { startExchangeProcess } from "../support/exchangeProcess.ts";
import type { ExchangeProcess } from "../support/exchangeProcess.ts";
import { startPaperProcess } from "../support/paperProcess.ts";
import type { PaperProcess } from "../support/paperProcess.ts";
import { MINUTE_MS, ProvokedHour } from "../support/provokedHour.ts";
import { serveTransport } from "../support/transportServer.ts";
import { until } from "../support/until.ts";

/*
 * An hour of paper in real processes over real sockets, in which everything goes wrong once: the timetable is that of
 * the simulated hour in the tests. Every alert has to arrive once on every channel.
 */

const flags = z.object({
  speed: numberBetween(1, 50).default(10).describe("market seconds in a wall second (10)"),
  json: Switch.describe("one JSON object on standard output"),
});

const CHANNELS = ["slack", "telegram", "discord", "webhook", "email"];
/** Told by the calendar, which runs at the wall's speed alone, by processes that end badly, or by a word. */
const NOT_HERE = new Set(["dailySummary", "retrain", "crashed", "crashLoop", "test"]);
/** Limits that a single trouble exceeds, and quotes near the touch. */
const SETTINGS = {
  MIN_SPREAD_BPS: "0.2",
  TAKER_RATIO_CAP: "0.0001",
  FLATTEN_PASSIVE_SECONDS: "0",
  CLOSING_ALARM_SECONDS: "20",
  ALERT_MIN_SEVERITY: "info",
  LOG_LEVEL: "debug",
  WATCHDOG: "true",
};

/** Resolves when a minute of the hour has come. */
type HourClock = (minute: number) => Promise<void>;

type Outcome = {
  readonly ok: boolean;
  /** By kind, how often each was told. */
  readonly told: { readonly [kind: string]: number };
  readonly missing: readonly string[];
  /** Channels on which an alert came another number of times than on the webhook. */
  readonly uneven: readonly string[];
};

async function hour(speed: number): Promise<Outcome> {
  await initSigning();
  const folder = mkdtempSync(join(tmpdir(), "amm500-soak-alerts-"));
  const receivers = startReceivers();
  try {
    const exchange = await startExchangeProcess(["--speed", String(speed), "--no-limits"]);
    const { epochMs } = (await (await fetch(`${exchange.url}/local/clock`)).json()) as {
      readonly epochMs: number;
    };
    const clock = scaledClock(epochMs, speed);
    const dataDir = join(folder, "data");
    const account = writeKey(dataDir);
    const env = { ...receivers.env, ...SETTINGS };
    await killedLife(dataDir, exchange.url, env);
    let positionLots = 0;
    const transport = new HttpTransport({ url: exchange.url, timeoutMs: 10_000 });
    const startMs = performance.now();
    const front = serveTransport(
      new ProvokedHour(transport, clock, account, () => positionLots),
      exchange.url,
    );
    const paper = await startPaperProcess(dataDir, ["--exchange", front.url], { env });
    const timer = setInterval(() => {
      void exchange.positionLots(account).then((lots) => (positionLots = lots));
    }, 250);
    const minuteMs = MINUTE_MS / speed;
    const hourOf: HourClock = async (minute) =>
      Bun.sleep(Math.max(0, startMs + minute * minuteMs - performance.now()));
    await Promise.all([operate(paper, hourOf), takeFrom(exchange, account, hourOf)]);
    clearInterval(timer);
    paper.process.kill("SIGINT");
    await paper.process.ended;
    await front.stop();
    await exchange.stop();
    return await judged(receivers);
  } finally {
    await endProcesses();
    await receivers.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Address of a paper account that this folder's bot will find its key of. */
function writeKey(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true });
  const key = crypto.getRandomValues(new Uint8Array(32));
  writeFileSync(join(dataDir, "paper-key"), `${Buffer.from(key).toString("hex")}\n`, {
    mode: 0o600,
  });
  return addressOf(key);
}

/** A first life that ends without a goodbye. */
async function killedLife(
  dataDir: string,
  exchange: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const paper = await startPaperProcess(dataDir, ["--exchange", exchange], { env });
  await paper.untilQuoting();
  paper.process.kill("SIGKILL");
  await paper.process.ended;
}

/** Somebody trades with the bot, to both sides and in the end to one: a ratio needs fills, and a drawdown a position. */
async function takeFrom(
  exchange: ExchangeProcess,
  account: string,
  hourOf: HourClock,
): Promise<void> {
  const other = await counterpartyOn(exchange);
  let takes = 0;
  for (let minute = 1; minute < 58; minute += 1) {
    await hourOf(minute);
    const wanted = minute > 38 || minute % 2 === 0 ? "B" : "A";
    const own = (await exchange.openOrders(account)).filter(({ side }) => side === wanted);
    const prices = own.map(({ limitPx }) => Number(limitPx));
    if (prices.length === 0) continue;
    const best = wanted === "B" ? Math.max(...prices) : Math.min(...prices);
    if (await other.take(wanted === "B" ? "A" : "B", String(best))) takes++;
  }
  console.error(`${takes} trades with the bot`);
}

/** What people do within the hour. */
async function operate(paper: PaperProcess, hourOf: HourClock): Promise<void> {
  const token = paper.token();
  const at = async (minute: number, path: string, body: object): Promise<void> => {
    await hourOf(minute);
    const answer = await paper.post(path, { ...body, reason: "of the plan" }, token);
    console.error(`minute ${minute}: ${path} ${answer.status} ${answer.body.error ?? ""}`);
  };
  // While answers are lost: cancels, and then a whole ladder of orders.
  await at(16.2, "/reduce-only", { enabled: true });
  await at(16.4, "/reduce-only", { enabled: false });
  await at(22, "/reduce-only", { enabled: true });
  await at(23, "/reduce-only", { enabled: false });
  await at(36, "/flatten", {});
  await at(38, "/resume", {});
  await at(52, "/resume", {});
  await hourOf(60);
}

async function judged(receivers: ReturnType<typeof startReceivers>): Promise<Outcome> {
  const webhook = receivers.of("webhook");
  await until("every channel has them all", () =>
    CHANNELS.every((name) => receivers.of(name).length >= webhook.length) ? true : null,
  );
  const kinds = webhook.map(({ body }) => (JSON.parse(body) as { readonly kind: string }).kind);
  const told: { [kind: string]: number } = {};
  for (const kind of kinds) told[kind] = (told[kind] ?? 0) + 1;
  const wanted = ALERT_KINDS.filter((kind) => !NOT_HERE.has(kind));
  const missing = wanted.filter((kind) => told[kind] === undefined);
  const ids = webhook.map(({ headers }) => headers["x-amm500-id"]);
  const uneven = CHANNELS.filter((name) => receivers.of(name).length !== new Set(ids).size);
  return { ok: missing.length === 0 && uneven.length === 0, told, missing, uneven };
}

const command = defineCommand({
  name: "soak-alerts",
  summary: "An hour of paper in which everything goes wrong; every alert has to arrive once.",
  operands: "",
  flags,
  run: async ({ speed, json }, _operands, io) => {
    const outcome = await hour(speed);
    const rows = Object.entries(outcome.told).map(([kind, n]) => [kind, String(n)] as const);
    const words = `${pairLines(rows)}\nmissing: ${outcome.missing.join(" ") || "none"}\nuneven: ${outcome.uneven.join(" ") || "none"}`;
    io.out(json ? JSON.stringify(outcome) : words);
    return outcome.ok ? 0 : 1;
  },
});

const parsed = parseArguments(command, process.argv.slice(2));
if (parsed.help) console.log(helpText(command));
else
  process.exitCode = await command.run(parsed.flags, parsed.operands, {
    env: process.env,
    out: (text) => console.log(text),
    err: (text) => console.error(text),
    isTerminal: false,
  });
