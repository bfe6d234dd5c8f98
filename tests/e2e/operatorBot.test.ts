import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cancelCommand } from "../../lib/cli/cancel.ts";
import { flattenCommand } from "../../lib/cli/flatten.ts";
import { haltCommand } from "../../lib/cli/halt.ts";
import { reduceOnlyCommand } from "../../lib/cli/reduceOnly.ts";
import { reportCommand } from "../../lib/cli/report.ts";
import { resumeCommand } from "../../lib/cli/resume.ts";
import { statusCommand } from "../../lib/cli/status.ts";
import { whyCommand } from "../../lib/cli/why.ts";
import { discoverMarket } from "../../lib/hyperliquid/discovery.ts";
import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import { InfoClient } from "../../lib/hyperliquid/infoClient.ts";
import { signedBody } from "../../lib/hyperliquid/signedRequest.ts";
import { addressOf } from "../../lib/hyperliquid/signing/signature.ts";
import { LocalExchange, localPathsAt } from "../../lib/runtime/localExchange.ts";
import { readPaperKey } from "../../lib/runtime/paperFolder.ts";
import type { Report } from "../../lib/runtime/report/report.ts";
import { StatusReport } from "../../lib/runtime/status.ts";
import { startExchange } from "../../lib/venue/server/start.ts";
import type { RunningExchange } from "../../lib/venue/server/start.ts";
import { cliRun } from "../support/cliRun.ts";
import type { CliRun } from "../support/cliRun.ts";
import { until } from "../support/until.ts";

// A process, an exchange and a market that answer in their own time; nothing is measured.
setDefaultTimeout(30_000);

const MAIN = join(import.meta.dir, "../../lib/cli/main.ts");
const COIN = "km:US500";
const folder = mkdtempSync(join(tmpdir(), "operator-bot-"));
const dir = join(folder, "data");

const STRANGER = crypto.getRandomValues(new Uint8Array(32));

let exchange: RunningExchange;
let info: InfoClient;
let bot: ReturnType<typeof startBot>;
let account = "";

function startBot() {
  const words = ["paper", "--exchange", exchange.url, "--data", dir, "--port", "0", "--json"];
  return Bun.spawn([process.execPath, MAIN, ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", REDUCE_ONLY_SKEW: "1", ORDER_WORKERS: "2" },
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function status(): Promise<StatusReport | null> {
  const run = await cliRun(statusCommand, ["--data", dir, "--json"]);
  return run.code === 0 ? StatusReport.parse(run.json()) : null;
}

function untilQuoting(): Promise<StatusReport> {
  return until("the bot quotes", async () => {
    const now = await status();
    const sides = new Set(
      now?.orders.flatMap(({ phase, side }) => (phase === "resting" ? side : [])),
    );
    return now?.running === true && sides.size === 2 ? now : null;
  });
}

const openOrders = () => info.openOrders(account, "km");
const data = (...words: readonly string[]): string[] => [...words, "--data", dir];
const done = (run: CliRun): CliRun => {
  expect([run.code, run.failure]).toEqual([0, null]);
  return run;
};

beforeAll(async () => {
  exchange = await startExchange({
    port: 0,
    hostname: "127.0.0.1",
    feed: { kind: "sim", seed: 5, market: COIN },
    speed: 1,
    // The test asks more often than one address may.
    limits: false,
  });
  info = new InfoClient(new HttpTransport({ url: exchange.url, timeoutMs: 5000 }));
  await new LocalExchange(localPathsAt(exchange.url)).credit(addressOf(STRANGER), "km", "100000");
  bot = startBot();
  await untilQuoting();
  account = addressOf(readPaperKey(dir) ?? new Uint8Array(32));
});

afterAll(async () => {
  bot.kill("SIGKILL");
  await bot.exited;
  await exchange.stop();
  rmSync(folder, { recursive: true });
});

/** A stranger sells through the book, so that our bids trade. */
async function sellThrough(contracts: string): Promise<void> {
  const { bids } = await info.l2Book(COIN);
  // Right after a sweep the crowd may not have come back yet.
  if (bids[0] === undefined) return;
  // The wire knows no trailing zeros: they would change what is signed.
  const px = String(Number((Number(bids[0].px) * 0.99).toFixed(1)));
  const order = {
    a: 110_000,
    b: false,
    p: px,
    s: contracts,
    r: false,
    t: { limit: { tif: "Ioc" } },
  };
  const action = { type: "order", orders: [order], grouping: "na" };
  const signer = { privateKey: STRANGER, source: "a", vault: null } as const;
  const transport = new HttpTransport({ url: exchange.url, timeoutMs: 5000 });
  const { text } = await transport.exchange(signedBody(action, Date.now(), null, signer));
  expect(text).toContain("filled");
}

describe("a running bot", () => {
  test("halts at once, says why there is nothing, and resumes", async () => {
    const run = done(await cliRun(haltCommand, data("--reason", "lunch", "--json")));
    expect(run.json()).toMatchObject({ via: "bot", mode: "halted", haltReason: "operator: lunch" });
    await until("no orders", async () => ((await status())?.orders.length === 0 ? true : null));
    expect(await openOrders()).toEqual([]);
    const now = new Date().toISOString();
    const why = done(await cliRun(whyCommand, data("--at", now, "--side", "bid")));
    expect(why.out).toContain("no bid was wanted: halted: operator: lunch");
    expect(why.out).toContain("no bid of ours rested");
    expect(why.out).toContain("risk  halted: operator: lunch");
    expect(done(await cliRun(resumeCommand, data())).out).toStartWith("normal: within limits");
    await untilQuoting();
  });

  test("explains an order that rests, by either id", async () => {
    const quoting = await untilQuoting();
    const resting = quoting.orders.find(({ oid }) => oid !== null);
    for (const id of [resting?.cloid ?? "", String(resting?.oid)]) {
      const why = done(await cliRun(whyCommand, data(id)));
      expect(why.out).toMatch(/half-spread of the level +\+\d/);
      expect(why.out).toMatch(/expected edge +[+−-]?\d/);
      expect(why.out).toContain("answer: resting");
      expect(why.out).toContain(resting?.cloid ?? "");
    }
    const unknown = await cliRun(whyCommand, data("999999999"));
    expect([unknown.code, unknown.failure]).toEqual([
      1,
      "nothing is stored of the order 999999999",
    ]);
  });

  test("reduces only while it is told to", async () => {
    done(await cliRun(reduceOnlyCommand, data("on")));
    await until("no quotes while flat", async () => {
      const now = await status();
      return now?.risk.mode === "reduceOnly" && now.orders.length <= 1 ? true : null;
    });
    expect(done(await cliRun(reduceOnlyCommand, data("off"))).out).toStartWith("normal");
    await untilQuoting();
  });

  test("one order is cancelled and verified at the exchange", async () => {
    // The bot may have replaced the order before the command has looked.
    const { oid, run } = await until("an order is met while it rests", async () => {
      const far = (await untilQuoting()).orders.findLast((order) => order.oid !== null);
      const tried = await cliRun(cancelCommand, data(String(far?.oid), "--json"));
      if (tried.failure?.includes("lists no open order")) return null;
      return { oid: far?.oid, run: done(tried) };
    });
    expect(run.json()).toMatchObject({ via: "bot", cancelled: 1, left: 0 });
    expect((await openOrders()).some((order) => order.oid === oid)).toBe(false);
  });

  test("flatten closes the position and stays flat until resumed", async () => {
    await untilQuoting();
    await until(
      "we hold something",
      async () => {
        await sellThrough("100");
        return (await status())?.positionLots ? true : null;
      },
      15_000,
    );
    const run = done(await cliRun(flattenCommand, data("--json")));
    expect(run.json()).toMatchObject({ via: "bot", mode: "flatten", flat: true, positionLots: 0 });
    expect((await info.dexAccount(account, "km")).positions).toEqual([]);
    // A quote of the other side may have closed it first: that it is flat and stays so is what counts.
    await until("it is halted", async () =>
      (await status())?.risk.mode === "halted" ? true : null,
    );
    done(await cliRun(resumeCommand, data()));
    await untilQuoting();
  });

  test("cancel --all halts it, and the exchange lists nothing", async () => {
    await untilQuoting();
    const run = done(await cliRun(cancelCommand, data("--all", "--json")));
    expect(run.json()).toMatchObject({ via: "bot", left: 0 });
    expect(Number(run.json()["cancelled"])).toBeGreaterThan(0);
    expect(await openOrders()).toEqual([]);
    expect((await status())?.risk.reason).toBe("operator: cancel all: by command");
    done(await cliRun(resumeCommand, data()));
    await untilQuoting();
  });

  test("the wrong token is refused in the bot's words", async () => {
    const run = await cliRun(haltCommand, data(), { API_TOKEN: "0".repeat(64) });
    expect([run.code, run.failure]).toEqual([1, "the bot refused: a valid bearer token is needed"]);
  });

  test("a frozen one is passed by: its orders are taken off at the exchange", async () => {
    await untilQuoting();
    bot.kill("SIGSTOP");
    try {
      const run = done(await cliRun(cancelCommand, data("--all", "--json")));
      expect(run.err).toContain("does not answer as a bot");
      expect(run.json()).toMatchObject({ via: "exchange", left: 0 });
      expect(await openOrders()).toEqual([]);
      // It lives, and would go on: whoever is in trouble has to know.
      expect(run.err).toContain(`process ${bot.pid}, is passed by: as soon as it gets on`);
      const halt = await cliRun(haltCommand, data());
      expect([halt.code, halt.failure]).toEqual([
        1,
        `the bot in "${dir}" does not hear: end it, kill -9 ${bot.pid}, then bun run cancel --all`,
      ]);
    } finally {
      bot.kill("SIGCONT");
    }
  });

  test("when it has ended, the report's totals are the exchange's own", async () => {
    await until("it is awake again", async () =>
      (await status())?.running === true ? true : null,
    );
    bot.kill("SIGTERM");
    expect(await bot.exited).toBe(0);
    const report = done(await cliRun(reportCommand, data("--json"))).json() as unknown as Report;
    const spec = await discoverMarket(info, COIN, account);
    const rows = await info.account(spec, account).fillsSince(0 as never);
    expect(report.trades.count).toBe(rows.length);
    expect(report.trades.taker).toBe(rows.filter(({ taker }) => taker).length);
    const fees = rows.reduce((sum, { feeMicroUsd }) => sum + feeMicroUsd, 0);
    const { equityMicroUsd } = await info.dexAccount(account, "km");
    expect(report.pnl).toMatchObject({ residual: 0, fees });
    expect(report.equity.endMicroUsd).toBe(equityMicroUsd);
    expect(report.stamp).toMatchObject({ mode: "paper", market: COIN, seed: 5, simulated: true });
    const text = done(await cliRun(reportCommand, data())).out;
    expect(text).toContain("residual 0: the parts add up exactly");
    expect(text).toMatch(/7-day return +> 5 % .* NOT ENOUGH DATA +0 of 7 complete days/);
  });
});
