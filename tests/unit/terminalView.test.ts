import { describe, expect, test } from "bun:test";
import type { Io } from "../../lib/cli/command.ts";
import { renderSummary } from "../../lib/cli/summaryText.ts";
import { terminalView } from "../../lib/cli/terminalView.ts";
import { initialState } from "../../lib/core/initialState.ts";
import { volStatusOf } from "../../lib/runtime/volStatus.ts";
import type { RunSummary } from "../../lib/runtime/summary.ts";
import { FakeRun, playedRun } from "../browser/fixture.ts";

function terminal(isTerminal: boolean, env: Io["env"] = {}) {
  const err: string[] = [];
  const io: Io = {
    env,
    out: () => {
      throw new Error("standard output is for the result");
    },
    err: (text) => void err.push(text),
    isTerminal,
  };
  return { io, err };
}

const noTicker = () => () => undefined;

describe("the view in a terminal", () => {
  test("paints a block over itself, no line too wide", () => {
    const run = playedRun(3, 3);
    const { io, err } = terminal(true, { TERM: "xterm" });
    const view = terminalView(io, run.feed, noTicker);
    view.repaint();
    run.tick();
    view.repaint();
    const [first = "", second = ""] = err;
    const lines = first.split("\n");
    expect(lines).toHaveLength(12);
    expect(lines[0]).toStartWith("km:US500 · PAPER · simulated market, seed 7");
    for (const label of ["touch", "quotes", "position", "equity", "pnl", "risk", "budget", "last"])
      expect(lines.some((line) => line.startsWith(label))).toBe(true);
    expect(second).toStartWith("\u001b[12A\u001b[0J");
    const columns = process.stderr.columns ?? 100;
    for (const line of lines) expect(line.length).toBeLessThan(columns);
  });

  test("what is said stays: the next block is painted below it", () => {
    const run = playedRun(3, 3);
    const { io, err } = terminal(true, { TERM: "xterm" });
    const view = terminalView(io, run.feed, noTicker);
    view.say("before the first block");
    view.say("warning: the disk is nearly full");
    view.repaint();
    view.stop();
    view.say("after the last");
    expect(err[0]).toBe("before the first block");
    expect(err[2]).toBe("\u001b[12A\u001b[0Jwarning: the disk is nearly full");
    expect(err[3]).toStartWith("km:US500");
    expect(err[4]).toStartWith("\u001b[12A\u001b[0Jkm:US500");
    expect(err.at(-1)).toBe("after the last");
  });

  test("waits in words until there is something", () => {
    const { io, err } = terminal(true);
    terminalView(io, new FakeRun(1).feed, noTicker).repaint();
    expect(err[0]).toContain("waiting for the market");
  });

  test("off a terminal it is one line per ten seconds of venue time, and one at the end", () => {
    for (const env of [{}, { TERM: "dumb" }]) {
      const run = playedRun(3, 1);
      const { io, err } = terminal("TERM" in env, env);
      const view = terminalView(io, run.feed, noTicker);
      for (let i = 0; i < 120; i++) {
        run.tick();
        view.repaint();
      }
      expect(err).toHaveLength(3);
      view.stop();
      view.stop();
      expect(err).toHaveLength(4);
      for (const line of err) {
        expect(line).toMatch(
          /^\d\d:\d\d:\d\d {2}paper {2}km:US500 {2}\d+\.\d+\/\d+\.\d+ {2}quotes 15\/15/,
        );
        expect(line).not.toContain("\u001b");
      }
    }
  });

  test("a dead feed is in the line", () => {
    const run = playedRun(3, 1);
    run.feedState("lost", "socket closed");
    const { io, err } = terminal(false);
    terminalView(io, run.feed, noTicker).repaint();
    expect(err[0]).toEndWith("market feed lost");
  });

  test("stopping stops the clock", () => {
    let stopped = 0;
    const { io } = terminal(false);
    const view = terminalView(io, playedRun(3, 1).feed, () => () => void stopped++);
    view.stop();
    view.stop();
    expect(stopped).toBe(1);
  });
});

const SUMMARY: RunSummary = {
  mode: "paper",
  feed: "simulated market",
  market: "km:US500",
  szDecimals: 3,
  collateral: "USDH",
  seed: 7,
  durationMs: 90_000,
  orders: { placed: 30, modified: 420, cancelled: 12, rejected: { badAloPx: 3, margin: 9 } },
  fills: {
    count: 14,
    maker: 13,
    taker: 1,
    notionalUsd: 812.345,
    byCause: { queue: 9, through: 4, taker: 1 },
  },
  folder: null,
  position: { lots: -42, venueLots: -42 },
  pnl: {
    spread: 0.12,
    adverse: -0.05,
    inventory: 0.01,
    funding: 0,
    fees: 0.024,
    total: 0.056,
    accountChange: 0.056,
    residualMicroUsd: 0,
  },
  actions: { used: 462, left: 9700 },
  latencyMs: { eventToWire: { p50: 0.4, p99: 2 }, roundTrip: { p50: 210, p99: null } },
  volatility: volStatusOf(initialState.vol, null),
  openOrdersAtEnd: 0,
  errors: [],
};

describe("the end of a run", () => {
  test("reads as one page that says what it was", () => {
    expect(renderSummary(SUMMARY)).toBe(
      [
        "km:US500  PAPER · simulated market, seed 7. No real money.",
        "",
        "ran for    1m 30s",
        "orders     30 placed, 420 moved, 12 cancelled, 12 rejected",
        "           9 × margin",
        "           3 × badAloPx",
        "fills      14 (13 maker, 1 taker), 812.35 USDH traded",
        "           9 when the queue came to us, 4 when the price traded through, 1 taken by us",
        "position   −0.042 contracts, as the exchange has it",
        "pnl        +0.0560 USDH = spread +0.1200, adverse −0.0500, inventory +0.0100, funding 0.0000, fees −0.0240",
        "           account changed by +0.0560: the parts add up to it exactly",
        "actions    462 used, 9700 left",
        "latency    event to wire 0.40 ms (p99 2.00 ms), round trip 210 ms (p99 –)",
        "left over  no open orders",
      ].join("\n"),
    );
  });

  test("says that the profit is of all runs where there were others", () => {
    const fills = { count: 40, maker: 38, taker: 2, notionalUsd: 2_400 };
    const text = renderSummary({
      ...SUMMARY,
      folder: { sinceMs: Date.UTC(2026, 0, 14, 14, 30), fills },
    });
    expect(text).toContain("fills      14 (13 maker, 1 taker), 812.35 USDH traded");
    expect(text).toContain(
      [
        "           of all runs in this folder, since 2026-01-14 14:30:00 UTC:",
        "           fills 40 (38 maker, 2 taker), 2400.00 USDH traded",
        "actions",
      ].join("\n"),
    );
  });

  test("what the exchange no longer told is said to be unknown", () => {
    const nothing = Number.NaN;
    const text = renderSummary({
      ...SUMMARY,
      position: { lots: 1, venueLots: nothing },
      pnl: { ...SUMMARY.pnl, total: nothing, accountChange: nothing, residualMicroUsd: nothing },
      openOrdersAtEnd: nothing,
    });
    expect(text).not.toContain("NaN");
    expect(text).toContain("+0.001 contracts, the exchange was not read");
    expect(text).toContain("pnl        not known: the account was not read");
    expect(text).toContain("left over  OPEN ORDERS NOT KNOWN");
    expect(text).not.toContain("do not agree");
  });

  test("what does not close is not passed over", () => {
    const text = renderSummary({
      ...SUMMARY,
      position: { lots: 1, venueLots: 2 },
      pnl: { ...SUMMARY.pnl, residualMicroUsd: 12 },
      openOrdersAtEnd: 2,
      errors: ["the exchange went away"],
    });
    expect(text).toContain("+0.001 contracts, but +0.002 ON THE EXCHANGE");
    expect(text).toContain("12 micro-USD UNEXPLAINED");
    expect(text).toContain("2 OPEN ORDERS");
    expect(text).toContain("error      the exchange went away");
    expect(text).toEndWith("The books do not agree: see above.");
  });
});
