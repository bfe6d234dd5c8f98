import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcesses, runCli } from "../support/cliProcess.ts";
import { ETH_RECORDING } from "../support/sharedData.ts";
import { summaryOf } from "../support/summarySchema.ts";

type Summary = ReturnType<typeof summaryOf>;

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-replay-"));
const SAMPLE = join(import.meta.dir, "../../data/samples/us500-simulated.tape");
const ETH_TAPE = join(folder, "eth.tape");
afterAll(async () => {
  await endProcesses();
  rmSync(folder, { recursive: true });
});

async function replay(name: string, tape: string, words: readonly string[]) {
  const data = join(folder, name);
  const all = ["paper", "--feed", tape, "--port", "0", "--data", data, "--json", ...words];
  const { code, stdout, stderr } = await runCli(all);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const summary = summaryOf(stdout);
  const { fills, position, pnl, openOrdersAtEnd, errors } = summary;
  expect({ residual: pnl.residualMicroUsd, openOrdersAtEnd, errors }).toEqual({
    residual: 0,
    openOrdersAtEnd: 0,
    errors: [],
  });
  expect(position.lots).toBe(position.venueLots);
  const { queue, through, taker } = fills.byCause;
  expect(queue + through + taker).toBe(fills.count);
  console.log(`${name}: ${fills.count} fills, ${queue} queue, ${through} through, ${taker} taken`);
  return summary;
}

test("a replayed market brings its coin with it, ends with its tape, and its books close", async () => {
  const summary = await replay("sample", SAMPLE, ["--speed", "60"]);
  expect(summary).toMatchObject({ market: "km:US500", collateral: "USDH", seed: null });
  expect(summary.feed).toContain("2275 rows");
  // It joins a market that runs already, so it sees less than the whole tape and never more.
  expect(summary.durationMs).toBeWithin(60_000, 300_001);
  expect(summary.orders.placed).toBeGreaterThan(0);
});

test.skipIf(ETH_RECORDING === null)(
  "a real recording is imported and traded, and what it does not cover is said",
  async () => {
    const words = ["tape", "import", "--format", "hl-csv", "--coin", "ETH", "--out", ETH_TAPE];
    const imported = await runCli([...words, "--json", ...(ETH_RECORDING ?? [])]);
    expect(imported).toMatchObject({ code: 0 });
    expect(JSON.parse(imported.stdout)).toMatchObject({
      header: { coin: "ETH", rows: 18_403, gaps: [{}, {}] },
    });
    const summary = await replay("eth", ETH_TAPE, ["--speed", "20", "--duration", "90s"]);
    expect(summary).toMatchObject({ market: "ETH", collateral: "USDC", seed: null });
    for (const part of ["18403 rows", "2 gaps", "no oracle"]) expect(summary.feed).toContain(part);
    expect(summary.durationMs).toBeGreaterThanOrEqual(90_000);
  },
);

test("in virtual time a tape gives the same run each time, of its own length, and its books close", async () => {
  const simulated = async (...words: string[]) => {
    const { code, stdout, stderr } = await runCli([
      "simulate",
      "--tape",
      SAMPLE,
      "--json",
      ...words,
    ]);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout) as Summary & { readonly eventLogHash: string };
  };
  const [first, again, short] = [
    await simulated(),
    await simulated(),
    await simulated("--days", "0.001"),
  ];
  expect(again.eventLogHash).toBe(first.eventLogHash);
  expect(first).toMatchObject({
    mode: "simulate",
    market: "km:US500",
    pnl: { residualMicroUsd: 0 },
  });
  expect(first.feed).toStartWith("Recorded market");
  expect(first.orders.placed).toBeGreaterThan(0);
  expect(first.durationMs).toBeWithin(299_000, 301_000);
  expect(short.durationMs).toBeWithin(86_000, 88_000);
});
