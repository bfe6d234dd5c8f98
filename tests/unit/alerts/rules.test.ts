import { describe, expect, test } from "bun:test";
import { bookEvent, fillEvent } from "../../support/botFixtures.ts";
import { START_MS, params, quotingState, reading } from "../../support/coreFixtures.ts";
import type { Audit } from "../../../lib/messages/audit.ts";
import type { CommandOutcome, Event } from "../../../lib/messages/events.ts";
import type { BotState, RiskSlice } from "../../../lib/messages/state.ts";
import type { Alert } from "../../../lib/runtime/alerts/alert.ts";
import { AlertRules } from "../../../lib/runtime/alerts/rules.ts";
import { ms } from "../../../lib/units/numbers.ts";

const ACCOUNT = `0x${"ab".repeat(20)}`;

/** Steps of one bot, told to the rules one after another. */
class Told {
  readonly alerts: Alert[] = [];
  #state: BotState = quotingState();
  readonly #rules = new AlertRules({ params: params(), account: ACCOUNT });

  step(event: Event, change: Partial<BotState> = {}): this {
    const before = this.#state;
    this.#state = Object.keys(change).length === 0 ? before : { ...before, ...change };
    const audit: Audit = {
      stepSeq: 1,
      event,
      before,
      after: this.#state,
      approved: [],
      refused: [],
      committed: true,
    };
    this.alerts.push(...this.#rules.onAudit(audit));
    return this;
  }

  risk(change: Partial<RiskSlice>): this {
    return this.step(book(), { risk: { ...this.#state.risk, ...change } });
  }

  feed(atMs: number, state: "live" | "lost"): this {
    const feeds = { ...this.#state.run.feeds, market: state };
    const event: Event = { ...base(atMs), kind: "feedState", feed: "market", state, detail: "cut" };
    return this.step(event, { run: { ...this.#state.run, feeds } });
  }

  reconciled(atMs: number, reconcileFailure: string | null): this {
    return this.step(book(atMs), { run: { ...this.#state.run, reconcileFailure } });
  }

  get heads(): readonly string[] {
    return this.alerts.map(({ severity, key }) => `${severity} ${key}`);
  }
}

const base = (atMs: number) => ({ id: `at ${atMs}`, atMs: ms(atMs), view: null });
const book = (atMs = START_MS): Event => bookEvent(`book ${atMs}`, atMs);

describe("the risk machine", () => {
  const trigger = (level: "widened" | "reduceOnly" | "flatten", text: string) => ({
    level,
    text,
    sinceMs: ms(0),
    calmMs: null,
  });

  test("a limit is told once, not again by the mode that it leads to", () => {
    const told = new Told()
      .risk({
        mode: "widened",
        reason: "margin: 70 %",
        triggers: { margin: trigger("widened", "margin: 70 %") },
      })
      .risk({
        mode: "reduceOnly",
        reason: "margin: 85 %",
        triggers: { margin: trigger("reduceOnly", "margin: 85 %") },
      })
      // Falling is no news of the limit; the mode says it.
      .risk({ mode: "normal", reason: "within limits", triggers: {} });
    expect(told.heads).toEqual([
      "notice margin:widened",
      "warning margin:reduceOnly",
      "info riskMode:normal",
    ]);
  });

  test("a limit that is hit while another one holds is told all the same", () => {
    const skew = trigger("reduceOnly", "skew: 2 %");
    const told = new Told()
      .risk({ mode: "reduceOnly", reason: "skew: 2 %", triggers: { skew } })
      .risk({ triggers: { skew, drawdown: trigger("reduceOnly", "drawdown: 2.1 %") } });
    expect(told.heads).toEqual(["info riskMode:reduceOnly", "warning drawdown:reduceOnly"]);
  });

  test("halt, resume, total drawdown and a position that cannot be closed", () => {
    const told = new Told()
      .risk({
        mode: "flatten",
        reason: "total drawdown: 6 %",
        drawdownReason: "total drawdown: 6 %",
      })
      .risk({ alarm: "flatten: 10 lots are still open" })
      .risk({ alarm: null })
      .risk({ mode: "halted", reason: "total drawdown: 6 %" })
      .risk({ mode: "normal", reason: "within limits", drawdownReason: null });
    expect(told.heads).toEqual([
      "critical drawdown:total",
      "critical stuck",
      "critical halted",
      "notice resumed",
    ]);
  });
});

describe("feeds and reconciliation", () => {
  test("a hiccup is no news; a loss and its end are", () => {
    const told = new Told().feed(0, "live");
    told.feed(1000, "lost").step(book(3000)).feed(3900, "live").step(book(9000));
    expect(told.heads).toEqual([]);
    told.feed(10_000, "lost").step(book(12_000)).step(book(13_000)).step(book(60_000));
    expect(told.heads).toEqual(["warning feedLost:market"]);
    told.feed(70_000, "live");
    expect(told.heads).toEqual(["warning feedLost:market", "notice feedBack:market"]);
    expect(told.alerts[1]?.text).toContain("1 m 00 s");
  });

  test("a start has more time, and is told when a feed never comes", () => {
    const spec = quotingState().run.spec;
    if (spec === null) throw new Error("the fixture has a market");
    const told = new Told().step({ ...base(0), kind: "runStarted", runId: 1, spec });
    told.step(book(29_000));
    expect(told.heads).toEqual([]);
    told.step(book(30_000));
    expect(told.heads).toEqual(["warning feedLost:market", "warning feedLost:account"]);
  });

  test("a difference that lasts is told, and its end", () => {
    const told = new Told().reconciled(0, "a fill came while the venue was asked");
    told.reconciled(2000, null).step(book(20_000));
    expect(told.heads).toEqual([]);
    told.reconciled(30_000, "the venue's position is 3 lots, ours is 2").step(book(35_000));
    told.reconciled(40_000, null);
    expect(told.heads).toEqual(["warning reconciliation", "notice reconciled"]);
    expect(told.alerts[0]?.text).toContain("the venue's position is 3 lots, ours is 2");
  });
});

describe("orders, budget and money", () => {
  const outcome = (atMs: number, outcomes: readonly CommandOutcome[]): Event => ({
    ...base(atMs),
    kind: "outcome",
    nonce: 1,
    outcomes,
    roundTripMs: 1,
  });
  const rejected = (text: string): CommandOutcome => ({
    cloid: "0x1",
    op: "place",
    result: "rejected",
    text,
  });

  test("routine refusals are no storm, others are from ten a minute on", () => {
    const crossed = rejected(
      "Post only order would have immediately matched, bbo was 1@2. asset=3",
    );
    const told = new Told();
    for (let n = 0; n < 100; n++) told.step(outcome(n * 100, [crossed]));
    expect(told.heads).toEqual([]);
    const margin = rejected("Insufficient margin to place order. asset=3");
    for (let n = 0; n < 30; n++) told.step(outcome(20_000 + n * 100, [margin]));
    expect(told.heads).toEqual(["warning rejections"]);
    expect(told.alerts[0]?.text).toContain("Insufficient margin");
  });

  test("a budget that runs out is told when it gets worse, not while it stays or recovers", () => {
    const told = new Told();
    const left = (actions: number): void => {
      const { account } = quotingState();
      const budget = { used: 10_000 - actions, cap: 10_000 };
      told.step(book(), { account: { ...account, budget, usedSinceRead: 0 } });
    };
    for (const actions of [9000, 800, 790, 5000, 100]) left(actions);
    expect(told.heads).toEqual(["warning actionBudget:scarce", "critical actionBudget:spent"]);
  });

  test("our liquidation is told, another's is an ordinary fill", () => {
    const other = fillEvent(1);
    const told = new Told()
      .step({ ...other, fill: { ...other.fill, liquidatedUser: `0x${"cd".repeat(20)}` } })
      .step({ ...other, fill: { ...other.fill, liquidatedUser: ACCOUNT } });
    expect(told.heads).toEqual(["critical liquidated"]);
  });

  test("the day's summary counts from the last one", () => {
    const daily = (n: number): Event => ({
      ...base(n * 1000),
      kind: "timer",
      timer: "dailyReport",
    });
    const { account, ledger } = quotingState();
    const worth = (equityMicroUsd: number, count: number): Partial<BotState> => ({
      account: { ...account, reading: reading({ equityMicroUsd: equityMicroUsd as never }) },
      ledger: { ...ledger, fills: { count, maker: count, taker: 0 } },
    });
    const told = new Told()
      .step(book(0), worth(1_000e6, 0))
      .step(book(1), worth(1_010e6, 7))
      .step(daily(2))
      .step(book(3), worth(1_009e6, 9))
      .step(daily(4));
    expect(told.alerts[0]?.text).toContain("account value $1010.00, change $10.00; 7 fills");
    expect(told.alerts[1]?.text).toContain("account value $1009.00, change −$1.00; 2 fills");
  });

  test("a step that changes nothing makes nothing", () => {
    expect(new Told().step(book()).step(book(1)).alerts).toEqual([]);
  });
});
