import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillsCommand } from "../../lib/cli/fills.ts";
import { reportCommand } from "../../lib/cli/report.ts";
import { simulateCommand } from "../../lib/cli/simulate.ts";
import { whyCommand } from "../../lib/cli/why.ts";
import type { CommandDef } from "../../lib/cli/command.ts";
import type { Report } from "../../lib/runtime/report/report.ts";
import type { FillRow } from "../../lib/store/readModel.ts";
import { openStore } from "../../lib/store/store.ts";
import { cliRun } from "../support/cliRun.ts";
import type { CliRun } from "../support/cliRun.ts";

setDefaultTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "reports-"));
const dir = join(folder, "run");
const empty = join(folder, "empty");
let simulated: CliRun;

const run = (def: CommandDef, ...words: readonly string[]): Promise<CliRun> =>
  cliRun(def, [...words, "--data", dir]);

beforeAll(async () => {
  const words = ["--days", "0.06", "--seed", "7", "--json", "--data", dir];
  // At the least edge hardly anything fills in an hour: here fills are the point.
  simulated = await cliRun(simulateCommand, words, { MIN_EDGE_BPS: "-5", MIN_SPREAD_BPS: "0.4" });
});
afterAll(() => rmSync(folder, { recursive: true }));

type Summary = {
  readonly fills: { readonly count: number; readonly maker: number };
  readonly pnl: { readonly fees: number; readonly total: number };
  readonly actions: { readonly used: number };
};

describe("the report of a simulation", () => {
  test("has the totals that the run itself ended with", async () => {
    const summary = simulated.json() as unknown as Summary;
    expect([simulated.code, summary.fills.count > 0]).toEqual([0, true]);
    const report = (await run(reportCommand, "--json")).json() as unknown as Report;
    expect(report.trades).toMatchObject({ count: summary.fills.count, maker: summary.fills.maker });
    expect(report.pnl).toMatchObject({ residual: 0, fees: Math.round(1e6 * summary.pnl.fees) });
    expect(report.pnl?.net).toBe(Math.round(1e6 * summary.pnl.total));
    expect(report.actions.total).toBe(summary.actions.used);
    expect(report.coverage.uptime).toBe(1);
    const modes = Object.values(report.modeMs).reduce((sum, spanMs) => sum + spanMs, 0);
    expect(modes).toBe(report.coverage.coveredMs);
  });

  test("says what it comes from, before any figure", async () => {
    const { out } = await run(reportCommand);
    expect(out).toStartWith("km:US500  SIMULATION, no real money, seed 7\nfeed  ");
    expect(out).toContain("fill model  Our orders stand in the same book");
    expect(out).toContain("0 independent days: too few");
    expect(out).toMatch(/^Sharpe .*0 complete days/m);
    expect(out.split("\n").every((line) => !line.includes("NaN"))).toBe(true);
  });

  test("says how the volatility forecasts did", async () => {
    const { volatility } = simulated.json() as unknown as {
      volatility: { forecast: { score: { windows: number; qlike: number } } };
    };
    const { windows, qlike } = volatility.forecast.score;
    const report = (await run(reportCommand, "--json")).json() as unknown as Report;
    expect(windows).toBeGreaterThan(10);
    expect(report.forecast?.windows).toBeWithin(windows - 2, windows + 1);
    expect(report.forecast?.qlike).toBeCloseTo(qlike, 1);
    expect((await run(reportCommand)).out).toMatch(
      /^forecast +QLIKE \d\.\d{3} over the last \d+ windows of 5 min/m,
    );
  });

  test("as a page needs nothing from elsewhere, as tables holds every row", async () => {
    const html = join(folder, "report.html");
    const csv = join(folder, "csv");
    const written = await run(reportCommand, "--html", html, "--csv", csv, "--json");
    expect(written.err).toContain(`written: ${html}`);
    const page = readFileSync(html, "utf8");
    expect(page).not.toMatch(/<script|https?:|src=|NaN|undefined|Infinity/);
    expect(page).toContain("no real money");
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(4);
    expect(readdirSync(csv).toSorted()).toEqual([
      "days.csv",
      "equity.csv",
      "fills.csv",
      "funding.csv",
      "gates.csv",
      "markouts-by-cause.csv",
      "markouts.csv",
      "modes.csv",
      "placements.csv",
    ]);
    const { trades } = written.json() as unknown as Report;
    const rows = readFileSync(join(csv, "fills.csv"), "utf8").trim().split("\n");
    expect(rows).toHaveLength(1 + trades.count);
    expect(rows[0]).toStartWith("venueMs,tid,oid,");
  });

  test("cannot be written where nothing can be", async () => {
    const failed = await run(reportCommand, "--html", join(dir, "bot.sqlite", "x.html"));
    expect(failed.code).toBe(1);
    expect(failed.failure).toContain("cannot be written");
  });
});

describe("fills and why", () => {
  const fills = async (): Promise<readonly FillRow[]> => {
    const found = (await run(fillsCommand, "--json", "--last", "1000")).json();
    return found["fills"] as readonly FillRow[];
  };

  test("fills are a table, newest last, and can be cut", async () => {
    const all = await fills();
    expect((await run(fillsCommand, "--last", "2")).out).toContain(`2 of ${all.length} fills`);
    const since = (await run(fillsCommand, "--since", "1s", "--json")).json();
    expect((since["fills"] as readonly FillRow[]).at(-1)).toEqual(all.at(-1) as FillRow);
  });

  test("a fill's order is explained from market to end", async () => {
    const last = (await fills()).at(-1);
    const { out } = await run(whyCommand, String(last?.oid));
    expect(out).toContain(String(last?.cloid));
    expect(out).toMatch(/^fair value +\d+\.\d+/m);
    expect(out).toMatch(/^caused by {2}\w+ at /m);
    expect(out).toContain("answer: resting");
    expect(out).toContain("filled ");
    const story = (await run(whyCommand, String(last?.cloid), "--json")).json();
    expect(story).toMatchObject({ oid: last?.oid ?? 0, cloid: last?.cloid ?? "", missing: [] });
  });

  test("the parts of a price add up to it", async () => {
    const last = (await fills()).slice(-5);
    expect(last).toHaveLength(5);
    for (const { cloid } of last) {
      const { order, distanceBps } = (await run(whyCommand, cloid ?? "", "--json")).json() as {
        order: { pxTicks: number; side: string; reason: { fairTicks: number } };
        distanceBps: number;
      };
      const sign = order.side === "bid" ? 1 : -1;
      const px = order.reason.fairTicks * (1 - (sign * distanceBps) / 1e4);
      expect(px).toBeCloseTo(order.pxTicks, 3);
    }
  });

  test("a moment shows what rested, and the time before the first quote why nothing did", async () => {
    const quoted = await run(whyCommand, "--at", "14:45:00", "--side", "bid");
    expect(quoted.out).toMatch(/^ *price +size +half-spread/m);
    const before = await run(whyCommand, "--at", "2026-01-14T14:30:00.420Z", "--side", "ask");
    expect(before.out).toContain("no ask was wanted: notReconciled");
    expect(before.out).toContain("no ask of ours rested");
    const long = await run(whyCommand, "--at", "2025-01-01", "--side", "bid");
    expect(long.out).toContain("have been pruned or never were");
  });

  test.each([
    [["7", "--at", "14:00", "--side", "bid"], "either one oid or cloid, or --at"],
    [["--at", "14:00"], "--at and --side go together"],
    [["--at", "noon", "--side", "bid"], '--at: "noon" is no time; allowed, in UTC'],
    [["--at", "14:00", "--side", "left"], "--side"],
    [["abc"], '"abc" is no order'],
  ])("%p is a wrong use", async (words, text) => {
    const failed = await run(whyCommand, ...words);
    expect(failed.code).toBe(2);
    expect(failed.failure).toContain(text);
  });
});

describe("without a run", () => {
  test("a folder without a database is a failure that says so", async () => {
    for (const [def, words] of [
      [reportCommand, []],
      [fillsCommand, []],
      [whyCommand, ["7"]],
    ] as const) {
      const failed = await cliRun(def, [...words, "--data", empty]);
      expect([failed.code, failed.failure]).toEqual([
        1,
        `there is no database in the data folder "${empty}"; it appears when the bot first runs there`,
      ]);
    }
  });

  test("a database without a reading has nothing to report", async () => {
    const fresh = join(folder, "fresh");
    openStore(fresh).close();
    const failed = await cliRun(reportCommand, ["--data", fresh]);
    expect(failed.failure).toContain("holds no reading of an account yet");
    expect((await cliRun(fillsCommand, ["--data", fresh])).out).toBe("no fills");
  });

  test("a simulation does not write over a database", async () => {
    const again = await run(simulateCommand, "--days", "0.001");
    expect([again.code, again.failure]).toEqual([
      2,
      `--data: "${dir}" already holds a database; a simulation needs a folder without one`,
    ]);
  });
});

describe("several seeds", () => {
  type Runs = {
    readonly runs: readonly { readonly seed: number; readonly pnl: { readonly total: number } }[];
    readonly mean: { readonly pnl: { readonly mean: number; readonly count: number } };
  };
  const words = ["--days", "0.001", "--runs", "2", "--seed", "3"] as const;

  test("run one after another, and the means are theirs", async () => {
    const home = join(folder, "seeds");
    const both = await cliRun(simulateCommand, [...words, "--json", "--data", home]);
    const { runs, mean } = both.json() as unknown as Runs;
    expect(runs.map(({ seed }) => seed)).toEqual([3, 4]);
    const sum = runs.reduce((total, { pnl }) => total + pnl.total, 0);
    expect(mean.pnl).toMatchObject({ mean: sum / 2, count: 2 });
    expect(readdirSync(home).toSorted()).toEqual(["seed-3", "seed-4"]);
    const table = (await cliRun(simulateCommand, words)).out;
    expect(table).toMatch(/^ *3 .*\n *4 .*\n *mean .* ± /m);
    expect(table).toStartWith("km:US500  SIMULATION");
  });

  test("go wrong as a file of faults says, or not at all", async () => {
    const plan = join(folder, "faults.json");
    writeFileSync(plan, JSON.stringify({ seed: 2, droppedAcks: { chance: 1, of: ["place"] } }));
    const calm = await cliRun(simulateCommand, ["--days", "0.002", "--json"]);
    const rough = await cliRun(simulateCommand, ["--days", "0.002", "--json", "--faults", plan]);
    expect(rough.json()["eventLogHash"]).not.toBe(calm.json()["eventLogHash"]);
    writeFileSync(plan, JSON.stringify({ droppedAcks: { chance: 2 } }));
    const refused = await cliRun(simulateCommand, ["--days", "0.002", "--faults", plan]);
    expect([refused.code, refused.failure]).toEqual([2, expect.stringContaining("droppedAcks")]);
  });
});
