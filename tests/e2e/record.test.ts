import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { endProcesses, runCli, startCli } from "../support/cliProcess.ts";
import { COIN, startExchangeProcess } from "../support/exchangeProcess.ts";
import { summaryOf } from "../support/summarySchema.ts";
import { until } from "../support/until.ts";
import { openTape } from "../../lib/marketdata/tape/tapeReader.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-record-"));
afterAll(async () => {
  await endProcesses();
  rmSync(folder, { recursive: true });
});

const Summary = z.strictObject({
  coin: z.literal(COIN),
  source: z.string(),
  rows: z.int().positive(),
  gaps: z.array(
    z.strictObject({ fromMs: z.number(), toMs: z.number().nullable(), reason: z.string() }),
  ),
  latePrints: z.int(),
  tapes: z.array(
    z.strictObject({
      path: z.string(),
      bytes: z.int().positive(),
      header: z.looseObject({ rows: z.int().positive() }),
    }),
  ),
});

const TapeInfo = z.object({ tapes: z.array(z.object({ header: z.object({ rows: z.int() }) })) });

test("a recorder that is killed leaves a tape that replays, and the next one goes on", async () => {
  const upstream = await startExchangeProcess(["--market", COIN, "--seed", "5"]);
  const out = join(folder, "tapes");
  const words = ["record", "--exchange", upstream.url, "--market", "US500", "--out", out];
  const market = join(out, "km-US500");
  const killed = startCli([...words, "--json"]);
  const part = await until("blocks are in the file", () => {
    const [name] = existsSync(market)
      ? readdirSync(market).filter((each) => each.endsWith(".part"))
      : [];
    const path = join(market, name ?? "");
    return name !== undefined && openTape(path).header.rows > 0 ? path : null;
  });
  const second = await runCli([...words, "--duration", "1s"]);
  expect(second.code).toBe(2);
  expect(second.stderr).toContain("choose another folder with --out");
  killed.kill("SIGKILL");
  await killed.ended;
  const info = async (path: string) => {
    const { code, stdout } = await runCli(["tape", "info", path, "--json"]);
    expect(code).toBe(0);
    return TapeInfo.parse(JSON.parse(stdout)).tapes[0]?.header.rows ?? 0;
  };
  const rows = await info(part);
  expect(rows).toBeGreaterThan(0);

  const next = await runCli([...words, "--duration", "3s", "--rotate", "1s", "--json"]);
  expect({ code: next.code, stderr: next.stderr }).toMatchObject({ code: 0 });
  expect(next.stderr).toContain(`its ${rows} whole rows are`);
  const summary = Summary.parse(JSON.parse(next.stdout));
  expect(summary.tapes.length).toBeGreaterThan(1);
  const tape = part.replace(/\.part$/, "");
  expect(existsSync(part)).toBe(false);
  expect(await info(tape)).toBe(rows);

  const data = join(folder, "replay");
  const replay = ["paper", "--feed", tape, "--port", "0", "--data", data, "--json"];
  const { code, stdout, stderr } = await runCli(replay);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const { market: coin, feed, errors } = summaryOf(stdout);
  expect({ coin, errors }).toEqual({ coin: COIN, errors: [] });
  expect(feed).toContain(`recorded from ${upstream.url}`);
  await upstream.stop();
});

test("an interrupted recorder ends its tape, and an exchange that is cut is a gap with its reason", async () => {
  const upstream = await startExchangeProcess(["--market", COIN, "--seed", "6"]);
  const out = join(folder, "cut");
  const recorder = startCli(["record", "--exchange", upstream.url, "--out", out, "--json"]);
  const said = (text: string) =>
    until(text, () => (recorder.stderr().includes(text) ? true : null));
  await said("the first book has come");
  upstream.process.kill("SIGKILL");
  await said("gap: the connection was lost");
  const port = new URL(upstream.url).port;
  const again = await startExchangeProcess(["--market", COIN, "--seed", "6", "--port", port]);
  await said("books come again");
  recorder.kill("SIGTERM");
  const { code, stdout } = await recorder.ended;
  expect(code).toBe(0);
  const { gaps } = Summary.parse(JSON.parse(stdout));
  expect(gaps).toHaveLength(1);
  expect(gaps[0]?.toMs).not.toBeNull();
  await again.stop();
});

test.each([
  [["--exchange", "ftp://x"], '--exchange: "ftp://x" is not allowed; mainnet, testnet, or a URL'],
  [["--rotate", "often"], '"often" is not allowed; a time such as 1h, a size such as 50MB, or off'],
])("%j is wrong usage", async (words, text) => {
  const { code, stderr } = await runCli(["record", ...words]);
  expect(code).toBe(2);
  expect(stderr).toContain(text);
});

test("an exchange that does not answer is said", async () => {
  const { code, stderr } = await runCli(["record", "--exchange", "http://127.0.0.1:9"]);
  expect(code).toBe(1);
  expect(stderr).toContain("no answer from http://127.0.0.1:9/info");
});
