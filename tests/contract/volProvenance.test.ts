import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArguments } from "../../lib/cli/command.ts";
import type { CommandDef } from "../../lib/cli/command.ts";
import { reportCommand } from "../../lib/cli/report.ts";
import { statusCommand } from "../../lib/cli/status.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { CandleStore } from "../../lib/marketdata/history/candleStore.ts";
import { fetchHistory } from "../../lib/marketdata/history/chain.ts";
import { openSources } from "../../lib/marketdata/history/sources.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import { openStore } from "../../lib/store/store.ts";
import { ms } from "../../lib/units/numbers.ts";
import { dispatch, params } from "../support/coreFixtures.ts";
import { historyStub } from "../support/historyStub.ts";

const NOW_MS = Date.UTC(2026, 0, 14, 21);
const BAR_MS = 300_000;
const stub = historyStub();
const dir = mkdtempSync(join(tmpdir(), "amm500-provenance-"));
afterAll(async () => {
  await stub.stop();
  rmSync(dir, { recursive: true });
});

async function run(command: CommandDef, words: readonly string[]): Promise<string> {
  const out: string[] = [];
  const parsed = parseArguments(command, words);
  if (parsed.help) throw new Error("no help was asked for");
  const told = (text: string): void => void out.push(text);
  await command.run(parsed.flags, parsed.operands, {
    env: {},
    out: told,
    err: () => {},
    isTerminal: false,
  });
  return out.join("\n");
}

/** A fetch that Yahoo refused and that the market had nothing for, as the chain reports it. */
async function history() {
  stub.set("yahoo", "bad crumb");
  stub.set("us500", "empty");
  const store = new CandleStore(":memory:");
  const retry = { attempts: 1, firstWaitMs: 1, sleep: () => Promise.resolve(), random: () => 0.5 };
  const [exchangeUrl, yahooUrl] = [stub.url, stub.url];
  const nowMs = () => NOW_MS;
  const sources = await openSources(
    { symbol: "US500", exchangeUrl, yahooUrl, own: null, timeoutMs: 2000, retry, nowMs },
    store,
  );
  const request = { barMs: BAR_MS, fromMs: NOW_MS - 30 * 86_400_000, toMs: NOW_MS };
  const rules = { useXyz100Primary: true, xyz100BarsMin: 1000, btcFallbackEnabled: true };
  return fetchHistory(sources, request, rules, store, () => undefined);
}

test("status and every report say which source served and why the first did not", async () => {
  const store = openStore(dir);
  await simulate({
    symbol: "US500",
    seed: 3,
    durationMs: 60_000,
    params: defaultParams,
    store,
    onProgress: () => {},
    onWarning: () => {},
  });
  const before = store.read.state()?.state;
  if (before === undefined) throw new Error("the run left no state");
  const { source: used, returnScale, scaleFrom, reports } = await history();
  const event = {
    kind: "dataFetch",
    id: "fetch:1",
    atMs: ms(NOW_MS),
    view: null,
    durationMs: ms(5),
    used,
    returnScale,
    scaleFrom,
    reports,
    failure: null,
  } as const;
  const after = dispatch(event, before, params()).state;
  const { versions } = store.loadState(before);
  store.commitStep({ event, before, after, versions, batches: [], refused: [] });
  store.close();
  const told =
    /xyz100 \(\^OEX\) passed over: unauthorized, .*; us500 \(US500\) passed over: empty, .*; btc \(BTC\): 5,?000 bars, 0 gaps; returns × 0\.\d{3}, assumed 16 % a year/;
  expect(await run(statusCommand, ["--data", dir])).toMatch(told);
  const page = join(dir, "report.html");
  expect(await run(reportCommand, ["--data", dir, "--html", page])).toMatch(told);
  expect(readFileSync(page, "utf8")).toMatch(told);
  for (const command of [statusCommand, reportCommand])
    expect(JSON.parse(await run(command, ["--data", dir, "--json"]))).toMatchObject({
      volatility: { lastFetch: { used: "btc", reports: [{ passedOver: "unauthorized" }, {}, {}] } },
    });
}, 60_000);
