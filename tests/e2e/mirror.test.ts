import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { endProcesses, runCli, startCli } from "../support/cliProcess.ts";
import { COIN, startExchangeProcess } from "../support/exchangeProcess.ts";
import { accountOf, NO_LIMITS, startPaperProcess } from "../support/paperProcess.ts";
import { summaryOf } from "../support/summarySchema.ts";
import { until } from "../support/until.ts";
import { readRunFile } from "../../lib/runtime/runFile.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-mirror-"));
afterAll(async () => {
  await endProcesses();
  rmSync(folder, { recursive: true });
});

const Feed = z.object({
  info: z.object({ source: z.string(), description: z.string() }),
  bookKnown: z.boolean(),
  gapCount: z.number(),
  gaps: z.array(
    z.object({ fromMs: z.number(), untilMs: z.number().nullable(), reason: z.string() }),
  ),
  link: z.object({ upstream: z.string(), live: z.boolean(), cuts: z.number() }),
});

async function feedAt(url: string): Promise<z.infer<typeof Feed>> {
  const answer = await fetch(`${url}/local/feeds`);
  return z.object({ [COIN]: Feed }).parse(await answer.json())[COIN];
}

const Fills = z.array(z.object({ time: z.number() }));

test("paper on a mirror: quotes, stops when the exchange is frozen or killed, and goes on", async () => {
  const words = ["--market", COIN, "--seed", "5"];
  const upstream = await startExchangeProcess(words);
  const dataDir = join(folder, "paper");
  const feedWords = ["--feed", upstream.url, "--market", "US500"];
  const paper = await startPaperProcess(dataDir, feedWords, {
    env: { ...NO_LIMITS, RISK_DWELL_SECONDS: "0" },
  });
  const { run } = await paper.untilQuoting();
  expect(run?.feed).toContain(`Mirror of the live market ${COIN} at ${upstream.url}`);
  expect(run?.fillModel).toContain("by none while its book is not known");
  const local = readRunFile(dataDir)?.exchange ?? "";
  const known = await feedAt(local);
  expect(known).toMatchObject({ info: { source: "mirrored" }, bookKnown: true });
  expect(known.link).toMatchObject({ upstream: upstream.url, live: true });

  const account = await accountOf(dataDir);
  const untilPulled = (what: string): Promise<unknown> =>
    until(what, async () => {
      const { bookKnown } = await feedAt(local);
      const { orders, feeds } = await paper.status();
      return !bookKnown && feeds.market === "stale" && orders.length === 0 ? true : null;
    });
  upstream.process.kill("SIGSTOP");
  await untilPulled("a frozen exchange stops the quotes");
  const frozen = (await feedAt(local)).gaps.at(-1);
  expect(frozen?.reason).toContain("no book for");
  upstream.process.kill("SIGCONT");
  await until("the thawed exchange is heard", async () =>
    (await feedAt(local)).bookKnown ? true : null,
  );
  await paper.untilQuoting();

  upstream.process.kill("SIGKILL");
  await upstream.process.ended;
  await untilPulled("a killed exchange stops the quotes");
  const again = await startExchangeProcess([...words, "--port", new URL(upstream.url).port]);
  await until("the exchange that was started again is heard", async () =>
    (await feedAt(local)).bookKnown ? true : null,
  );
  await paper.untilQuoting();
  const { gaps, gapCount, link } = await feedAt(local);
  expect(gapCount).toBeGreaterThanOrEqual(2);
  expect(link.cuts).toBe(gapCount);
  expect(gaps.at(-1)?.reason).toContain("the connection was lost");

  const answer = await fetch(`${local}/local/fills?user=${account}`);
  const fills = Fills.parse(await answer.json());
  for (const { fromMs, untilMs } of gaps)
    expect(fills.filter(({ time }) => time > fromMs && time < (untilMs ?? Infinity))).toEqual([]);
  paper.process.kill("SIGTERM");
  const { code, stdout } = await paper.process.ended;
  const { errors, openOrdersAtEnd, feed, pnl } = summaryOf(stdout);
  expect({ code, errors, openOrdersAtEnd, residual: pnl.residualMicroUsd }).toEqual({
    code: 0,
    errors: [],
    openOrdersAtEnd: 0,
    residual: 0,
  });
  expect(feed).toContain("Mirror of the live market");
  await again.stop();
});

test.each(["auto", "mainnet", "testnet"])(
  "--feed %s shows the exchange that the setting names",
  async (word) => {
    const upstream = await startExchangeProcess(["--market", COIN]);
    const name = word === "testnet" ? "TESTNET_URL" : "MAINNET_URL";
    const cli = startCli(["exchange", "--port", "0", "--json", "--feed", word], {
      env: { [name]: upstream.url },
    });
    const line = await until("the mirror is up", () => cli.stdout().split("\n")[0] || null);
    expect(JSON.parse(line)).toMatchObject({
      feeds: [{ coin: COIN, description: expect.stringContaining(upstream.url) as string }],
    });
    cli.kill("SIGTERM");
    expect((await cli.ended).code).toBe(0);
    await upstream.stop();
  },
);

/** Takes connections and never says a word. */
function silentServer() {
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 255,
    fetch: () => new Promise<Response>(() => undefined),
  });
}

async function autoPaper(name: string, url: string) {
  const words = ["paper", "--port", "0", "--feed", "auto", "--duration", "1s", "--json"];
  const { code, stdout, stderr } = await runCli([...words, "--data", join(folder, name)], {
    env: { MAINNET_URL: url },
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return { summary: summaryOf(stdout), stderr };
}

test("--feed auto falls back to the simulated market when nobody is there, and stamps it", async () => {
  const { summary, stderr } = await autoPaper("nobody", "http://127.0.0.1:9");
  const said = "SIMULATED instead of mainnet: no answer from http://127.0.0.1:9/info";
  expect(stderr).toContain(`warning: ${said}`);
  expect(summary.feed).toStartWith(said);
  expect(summary.feed).toContain("simulated US500");
});

test("--feed auto waits three seconds for an exchange that takes calls and says nothing", async () => {
  const server = silentServer();
  const url = `http://127.0.0.1:${server.port}`;
  const { summary } = await autoPaper("silent", url);
  expect(summary.feed).toStartWith(
    `SIMULATED instead of mainnet: no answer from ${url}/info (TimeoutError`,
  );
  await server.stop(true);
});

test("what cannot be mirrored is said, with what can", async () => {
  const upstream = await startExchangeProcess(["--market", COIN]);
  const start = (...words: string[]) =>
    runCli(["paper", "--port", "0", "--data", join(folder, "refused"), "--json", ...words]);
  const unknown = await start("--feed", upstream.url, "--market", "US5000");
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain("US500");
  const seeded = await start("--feed", upstream.url, "--seed", "7");
  expect(seeded.code).toBe(2);
  expect(seeded.stderr).toContain("--seed belongs to the simulated market");
  const nobody = await start("--feed", "http://127.0.0.1:9");
  expect(nobody.code).toBe(1);
  expect(nobody.stderr).toContain("no answer from http://127.0.0.1:9/info");
  const fast = await start("--feed", upstream.url, "--speed", "2");
  expect(fast.code).toBe(2);
  expect(fast.stderr).toContain("a mirror runs at speed 1, not at 2");
  await upstream.stop();
});
