import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailure, parseArguments, UsageError } from "../../lib/cli/command.ts";
import type { CommandDef, Io } from "../../lib/cli/command.ts";
import { haltCommand } from "../../lib/cli/halt.ts";
import { ordersCommand } from "../../lib/cli/orders.ts";
import { statusCommand } from "../../lib/cli/status.ts";
import { statusText } from "../../lib/cli/statusText.ts";
import { flattenCommand } from "../../lib/cli/flatten.ts";
import { RUN_FILE } from "../../lib/runtime/runFile.ts";
import { cliRun } from "../support/cliRun.ts";
import { statusOf, StatusReport } from "../../lib/runtime/status.ts";
import { openStore } from "../../lib/store/store.ts";
import type { FakeRun } from "../browser/fixture.ts";
import { playedRun } from "../browser/fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "status-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function dataDir(): string {
  return mkdtempSync(join(folder, `${count++}-`));
}

async function ran(
  def: CommandDef,
  words: readonly string[],
): Promise<{ out: string; err: string }> {
  const parsed = parseArguments(def, words);
  if (parsed.help) throw new Error("no help was asked for");
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    env: {},
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    isTerminal: false,
  };
  expect(await def.run(parsed.flags, parsed.operands, io)).toBe(0);
  return { out: out.join("\n"), err: err.join("\n") };
}

function runFile(dir: string, port: number, pid = process.pid): void {
  const run = { pid, httpPort: port, startedMs: 1, mode: "paper" };
  writeFileSync(join(dir, RUN_FILE), JSON.stringify(run));
}

describe("status and orders of a running bot", () => {
  let run: FakeRun;
  let server: ReturnType<typeof Bun.serve>;
  const dir = dataDir();

  beforeAll(() => {
    run = playedRun(2, 3);
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ method }) =>
        Response.json(
          method === "POST"
            ? { mode: "flatten", reason: "test", haltReason: null, commandsSent: 30 }
            : statusOf(run.state, run.view(), run.feed.run, null),
        ),
    });
    runFile(dir, server.port ?? 0);
  });
  afterAll(() => server.stop(true));

  test("what is not flat in time is said, as one object too", async () => {
    const words = ["--data", dir, "--within", "0.001s"];
    const text = await cliRun(flattenCommand, words, { API_TOKEN: "x" });
    expect([text.code, text.out]).toEqual([1, ""]);
    expect(text.failure).toMatch(
      /^not flat after 0.001 s: -?\d+ lots and 30 orders are left; risk: /,
    );
    const json = await cliRun(flattenCommand, [...words, "--json"], { API_TOKEN: "x" });
    expect([json.code, json.failure]).toEqual([1, null]);
    expect(json.json()).toMatchObject({
      via: "bot",
      mode: "flatten",
      commandsSent: 30,
      flat: false,
      error: text.failure ?? "",
    });
  });

  test("says what it is, then the figures", async () => {
    const { out, err } = await ran(statusCommand, ["--data", dir]);
    expect(out).toStartWith("km:US500  PAPER · simulated market, seed 7  at 2026-11-23");
    expect(out).toMatch(/^quotes +15 bids from \d+\.\d\d, 15 asks from/m);
    expect(out).toMatch(/^risk +normal: /m);
    expect(err).toBe("");
  });

  test.each([
    [{ cap: 10_000, used: 5_000 }, /^5000, \d+ spent/],
    [{ cap: 10_000, used: 9_700 }, /^300, one order goes in eleven seconds, \d+ spent/],
    [{ cap: 10_000, used: 12_000 }, /^none, one order goes in eleven seconds, \d+ spent/],
    // The venue takes cancels up to twice the cap.
    [{ cap: 10_000, used: 19_600 }, /^none, no order goes: what the venue still takes is kept/],
  ])("what the action budget still allows: %#", (budget, words) => {
    const { account } = run.state;
    const state = { ...run.state, account: { ...account, budget, usedSinceRead: 0 } };
    const text = statusText(statusOf(state, run.view(), run.feed.run, null));
    expect(/^actions left +(.*)/m.exec(text)?.[1]).toMatch(words);
  });

  test("a halted bot is not said to be quoting", () => {
    const status = statusOf(run.state, run.view(), run.feed.run, null);
    const phase = (mode: "normal" | "reduceOnly" | "halted" | "flatten"): string | undefined =>
      /^phase +(.*)/m.exec(statusText({ ...status, risk: { ...status.risk, mode } }))?.[1];
    expect(phase("normal")).toBe("quoting");
    expect(phase("reduceOnly")).toBe("quoting");
    expect(phase("halted")).toBe("halted");
    expect(phase("flatten")).toBe("flatten");
  });

  test("with --json it is one object that keeps to the schema", async () => {
    const { out } = await ran(statusCommand, ["--data", dir, "--json"]);
    const status = StatusReport.parse(JSON.parse(out));
    expect(status.running).toBe(true);
    expect(status.positionLots).toBe(run.state.ledger.positionLots);
    expect(status.actionsLeft).toBe(10_482 - 312 - run.state.account.usedSinceRead);
  });

  test("orders come as a book: asks above bids, best in the middle", async () => {
    const { out } = await ran(ordersCommand, ["--data", dir]);
    const prices = [...out.matchAll(/^(?:ask|bid) +(\d+\.\d+)/gm)].map((match) => Number(match[1]));
    expect(prices).toHaveLength(30);
    expect(prices).toEqual(prices.toSorted((a, b) => b - a));
    const { out: json } = await ran(ordersCommand, ["--data", dir, "--json"]);
    expect((JSON.parse(json) as { orders: unknown[] }).orders).toHaveLength(30);
  });
});

describe("when no bot runs", () => {
  function storedDir(): string {
    const dir = dataDir();
    const store = openStore(dir);
    store.loadState(playedRun(2, 1).state);
    store.close();
    return dir;
  }

  test("the last known state is shown, marked as such", async () => {
    const { out, err } = await ran(statusCommand, ["--data", storedDir()]);
    expect(out).toStartWith("km:US500  no bot answers, last known state at 2026-11-23 14:3");
    expect(out).toContain("fills");
    expect(err).toBe("");
  });

  test("a dead process in the run file is no bot", async () => {
    const dir = storedDir();
    runFile(dir, 9, 2 ** 22 + 1);
    const { out } = await ran(statusCommand, ["--data", dir, "--json"]);
    expect(StatusReport.parse(JSON.parse(out)).running).toBe(false);
  });

  test("a port that answers something else is said, and the database is read", async () => {
    const dir = storedDir();
    const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json({}) });
    runFile(dir, other.port ?? 0);
    const { out, err } = await ran(statusCommand, ["--data", dir]);
    expect(err).toContain(`does not answer as a bot on port ${other.port}`);
    expect(out).toContain("no bot answers, last known state");
    await other.stop(true);
  });

  test("a bot of another version takes orders, and its state is not guessed at", async () => {
    const dir = storedDir();
    const orders: string[] = [];
    const older = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/status") return Response.json({ running: true, phase: "quoting" });
        orders.push(`${request.method} ${pathname}`);
        return Response.json({ mode: "halted", reason: "operator: x", commandsSent: 1 });
      },
    });
    runFile(dir, older.port ?? 0);
    writeFileSync(join(dir, "api-token"), `${"a".repeat(64)}\n`);
    expect((await ran(haltCommand, ["--data", dir])).out).toBe(
      "halted: operator: x (1 action sent)",
    );
    expect(orders).toEqual(["POST /halt"]);
    const error = await ran(statusCommand, ["--data", dir]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandFailure);
    expect(String(error)).toContain("is of another version than this program");
    await older.stop(true);
  });

  test("an empty folder is a clear failure", async () => {
    const dir = dataDir();
    const failed = (def: CommandDef): Promise<unknown> =>
      ran(def, ["--data", dir]).catch((error: unknown) => error);
    const error = await failed(statusCommand);
    expect(error).toBeInstanceOf(CommandFailure);
    expect(String(error)).toContain(
      `no bot runs; there is no database in the data folder "${dir}"`,
    );
    writeFileSync(join(dir, RUN_FILE), '{"pid":');
    expect(await failed(ordersCommand)).toBeInstanceOf(CommandFailure);
  });

  test("wrong words are the user's", () => {
    expect(() => parseArguments(statusCommand, ["--port", "1"])).toThrow(UsageError);
    expect(() => parseArguments(ordersCommand, ["all"])).toThrow("orders takes no operands");
    expect(() => parseArguments(ordersCommand, ["--data="])).toThrow("--data");
  });
});
