import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailure, parseArguments, UsageError } from "../../lib/cli/command.ts";
import { fetchCommand } from "../../lib/cli/fetch.ts";
import { retrainCommand } from "../../lib/cli/retrain.ts";
import { formatCandleCsv } from "../../lib/marketdata/history/csvFile.ts";
import { rowAt } from "../../lib/vol/candles.ts";
import { historyStub } from "../support/historyStub.ts";
import { candlesFromReturns, garchReturns } from "../support/syntheticCandles.ts";
import type { CommandDef } from "../../lib/cli/command.ts";

setDefaultTimeout(60_000);

const stub = historyStub();
afterAll(() => stub.stop());

type Ran = { readonly code: number; readonly out: string; readonly err: string };

async function run(command: CommandDef, words: readonly string[], env = {}): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    env,
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    isTerminal: false,
  };
  const parsed = parseArguments(command, words);
  if (parsed.help) throw new Error("no help was asked for");
  const code = await command.run(parsed.flags, parsed.operands, io);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const folder = await mkdtemp(join(tmpdir(), "amm500-commands-"));

describe("retrain", () => {
  test("prints each forecaster's scores, who serves and why, and publishes it", async () => {
    const candles = candlesFromReturns(
      garchReturns(2000, 3, { omega: 4e-9, alpha: 0.1, beta: 0.85 }),
    );
    const path = join(folder, "candles.csv");
    const rows = Array.from(candles.openMs, (_, i) => rowAt(candles, i));
    await writeFile(path, formatCandleCsv(rows));
    const page = join(folder, "page.html");
    const words = ["--source", "file", "--candles", path, "--horizon", "5m", "--seeds", "0"];
    const ran = await run(retrainCommand, [...words, "--data", folder, "--html", page, "--json"]);
    expect(ran.code).toBe(0);
    const answer = JSON.parse(ran.out) as {
      forecasters: readonly { name: string; n: number; dmVsHar: { stat: number; p: number } }[];
    };
    expect(answer).toMatchObject({ promoted: "har", horizonMs: 300_000, history: null });
    expect(answer.forecasters.map((row) => row.name)).toEqual([
      "lastRv",
      "std60",
      "ewma",
      "garch",
      "har",
    ]);
    for (const row of answer.forecasters) {
      const keys = ["name", "n", "qlike", "mseLog", "r2", "dmVsHar"];
      for (const key of keys) expect(Object.keys(row)).toContain(key);
      expect(row.n).toBe(answer.forecasters[0]?.n ?? 0);
    }
    expect(await readdir(join(folder, "models"))).toHaveLength(2);
    expect(await readFile(page, "utf8")).toContain("Forecast against realised");
  });

  test("wrong use and bad files are told apart", async () => {
    expect(run(retrainCommand, ["--source", "file"])).rejects.toThrow(UsageError);
    const missing = run(retrainCommand, ["--candles", join(folder, "none.csv"), "--data", folder]);
    expect(missing).rejects.toThrow(CommandFailure);
    await missing.catch(() => null);
  });
});

describe("fetch", () => {
  const at = ["--exchange", stub.url, "--yahoo", stub.url, "--data", folder, "--json"];

  test("says which source, how many bars, which gaps", async () => {
    const first = JSON.parse((await run(fetchCommand, at)).out) as object;
    expect(first).toMatchObject({ source: "xyz100", instrument: "^OEX", returnScale: 1 });
    const env = { USE_XYZ100_PRIMARY: "false" };
    const second = await run(fetchCommand, at, env);
    expect(JSON.parse(second.out)).toMatchObject({
      source: "us500",
      reports: [
        { source: "xyz100", passedOver: "disabled" },
        { source: "us500", passedOver: null },
      ],
    });
    expect(second.err).toContain("asking us500");
  });

  test("whom it asks without a flag is what the settings say", async () => {
    const env = { HISTORY_EXCHANGE_URL: stub.url, HISTORY_YAHOO_URL: stub.url };
    const before = stub.requests().yahoo;
    const words = ["--data", join(folder, "settings"), "--json"];
    const ran = await run(fetchCommand, words, env);
    expect(JSON.parse(ran.out)).toMatchObject({ source: "xyz100" });
    expect(stub.requests().yahoo).toBeGreaterThan(before);
  });

  test("a chain's history trains, and its provenance stays with the result", async () => {
    const words = [...at, "--seeds", "0", "--horizon", "15m", "--dry-run"];
    const ran = await run(retrainCommand, words);
    expect(JSON.parse(ran.out)).toMatchObject({
      session: "us-equity",
      published: false,
      history: { source: "xyz100", reports: [{ passedOver: null }] },
    });
  });
});
