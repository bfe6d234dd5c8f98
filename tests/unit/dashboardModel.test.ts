import { describe, expect, test } from "bun:test";
import { decisionReasons, decisionText } from "../../lib/dashboard/describe.ts";
import { PageStore } from "../../lib/dashboard/page/store.ts";
import type { Decision, Delta, Snapshot } from "../../lib/dashboard/types.ts";
import { ms } from "../../lib/units/numbers.ts";
import { FakeRun, playedRun } from "../browser/fixture.ts";

function started(): FakeRun {
  const run = new FakeRun(1);
  run.start();
  return run;
}

function texts(decisions: readonly Decision[], kind: Decision["kind"]): string[] {
  return decisions.filter((d) => d.kind === kind).map((d) => decisionText(d, 3));
}

describe("the feed behind the dashboard", () => {
  test("before the first step there is a run and nothing live", () => {
    const snapshot = new FakeRun(1).feed.snapshot();
    expect(snapshot.live).toBeNull();
    expect(snapshot.run.mode).toBe("paper");
    expect(snapshot.samples.t).toEqual([]);
  });

  test("a ladder is one line that says how many, where and why", () => {
    const run = started();
    const [placed] = run.feed.snapshot().decisions.filter((d) => d.kind === "place");
    if (placed === undefined) throw new Error("no ladder was placed");
    expect(decisionText(placed, 3)).toMatch(
      /^Placed 15 bids \d+\.\d\d … \d+\.\d\d \(\d\.\d{3}\), 15 asks/,
    );
    expect(decisionReasons(placed, 3)).toHaveLength(2);
    expect(decisionReasons(placed, 3)[0]).toContain("half-spread 1.50 · fee 0.30 · adverse 0.29");
  });

  test("a refusal that repeats is one line with a count, and other lines do not break it", () => {
    const run = started();
    run.refuse(3);
    run.fill("bid");
    run.nowMs += 5000;
    run.refuse(2);
    const refusals = run.feed.snapshot().decisions.filter((d) => d.kind === "refusal");
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.times).toBe(5);
    expect((refusals[0]?.atMs ?? 0) - (refusals[0]?.firstMs ?? 0)).toBe(5000);
    expect(texts(refusals, "refusal")[0]).toContain("no edge at this fee tier (edge 0.12 bp");
  });

  test("risk changes are in the log and in the history, newest first", () => {
    const run = started();
    run.risk("widened", "volatility high");
    run.risk("reduceOnly", "skew 0.02 over 0.015");
    const { live, decisions } = run.feed.snapshot();
    expect(live?.risk.mode).toBe("reduceOnly");
    expect(live?.risk.history.map((change) => change.to)).toEqual(["reduceOnly", "widened"]);
    expect(texts(decisions, "risk")).toEqual([
      "Risk normal → widened: volatility high",
      "Risk widened → reduceOnly: skew 0.02 over 0.015",
    ]);
  });

  test("rejections and strange order words are shown, ordinary life is not", () => {
    const run = started();
    const [order] = Object.values(run.state.orders.working);
    if (order === undefined) throw new Error("no order works");
    const base = { id: "x", atMs: ms(run.nowMs), view: null };
    const text = "Post only order would have immediately matched";
    const outcome = { cloid: order.cloid, op: "place", result: "rejected", text } as const;
    const fine = { cloid: "0x1", op: "cancel", result: "cancelled" } as const;
    run.audit(
      { ...base, kind: "outcome", nonce: 1, outcomes: [outcome, fine], roundTripMs: 200 },
      run.state,
    );
    for (const status of ["open", "canceled", "marginCanceled"])
      run.audit(
        {
          ...base,
          kind: "orderUpdate",
          oid: 1,
          cloid: order.cloid,
          side: "bid",
          pxTicks: order.pxTicks,
          leavesLots: order.leavesLots,
          origLots: order.origLots,
          status,
          statusMs: ms(run.nowMs),
        },
        run.state,
      );
    const rejects = texts(run.feed.snapshot().decisions, "reject");
    expect(rejects).toHaveLength(2);
    expect(rejects[0]).toStartWith(`Rejected place: ${text} – 1 bid`);
    expect(rejects[1]).toStartWith("The exchange says marginCanceled – 1 bid");
  });

  test("a fill that was known already is no second fill", () => {
    const run = started();
    run.fill("bid");
    const [fill] = run.feed.snapshot().fills;
    expect(fill?.side).toBe("bid");
    expect(fill?.spreadMicroUsd ?? 0).toBeGreaterThan(0);
    const view = run.view();
    const known = {
      kind: "fill" as const,
      id: "again",
      atMs: ms(run.nowMs),
      view,
      fill: {
        tid: 1,
        oid: 1,
        cloid: null,
        venueMs: ms(run.nowMs),
        side: "bid" as const,
        pxTicks: view.bids[0]?.pxTicks ?? (0 as never),
        sizeLots: view.bids[0]?.sizeLots ?? (0 as never),
        taker: false,
        feeMicroUsd: run.state.ledger.feesMicroUsd,
        startPositionLots: run.state.ledger.positionLots,
      },
    };
    run.audit(known, run.state);
    expect(run.feed.snapshot().fills).toHaveLength(1);
  });

  test("own size is told apart from others'", () => {
    const run = playedRun(3, 1);
    const market = run.feed.snapshot().live?.market;
    const rows = [...(market?.bids ?? []), ...(market?.asks ?? [])];
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) expect(row.ownLots).toBeLessThan(row.sizeLots);
  });

  test("parts of the profit add up, and the budget knows how long it lasts", () => {
    const live = playedRun(5, 10).feed.snapshot().live;
    const pnl = live?.ledger.pnl;
    if (pnl === undefined) throw new Error("no profit was counted");
    expect(pnl.total).toBe(pnl.spread + pnl.adverse + pnl.inventory + pnl.funding - pnl.fees);
    const budget = live?.budget;
    expect(budget?.left).toBe((budget?.cap ?? 0) - (budget?.used ?? 0));
    expect((budget?.runwayHours ?? 0) * (budget?.actionsPerHour ?? 0)).toBeCloseTo(
      budget?.left ?? 0,
      6,
    );
  });

  test("memory is bounded: a long run keeps no more than it may", () => {
    const snapshot = playedRun(5, 240).feed.snapshot();
    expect(snapshot.samples.t.length).toBeLessThan(8000);
    expect(snapshot.decisions.length).toBeLessThanOrEqual(1000);
    expect(snapshot.fills.length).toBeLessThanOrEqual(4096);
  });

  test("no path of the machine and no secret word reaches the page", () => {
    const text = JSON.stringify(playedRun(5, 2).feed.snapshot());
    expect(text).not.toMatch(/\/home\/|\/root\/|\/tmp\/|privateKey|secret/i);
  });
});

function everything(store: PageStore): unknown {
  return {
    live: Object.fromEntries(
      Object.entries(store.live).map(([name, section]) => [name, section.value]),
    ),
    samples: store.series.rows().t,
    fills: store.fills.value.map((fill) => fill.seq),
    decisions: store.decisions.value.map((d) => [d.seq, d.times]),
  };
}

/** What comes over the wire is text. */
function wired<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

describe("page and feed agree", () => {
  test("snapshot and deltas lead to what a fresh snapshot says", () => {
    const run = playedRun(9, 2);
    const page = new PageStore();
    const stop = run.feed.subscribe((delta) => page.onDelta(wired(delta)));
    page.onSnapshot(wired(run.feed.snapshot()));
    for (let i = 0; i < 400; i++) {
      run.tick();
      if (i % 50 === 0) run.refuse(2);
      if (i % 7 === 0) run.feed.publish();
    }
    run.feed.publish();
    stop();
    const fresh = new PageStore();
    fresh.onSnapshot(wired(run.feed.snapshot()));
    const shown = everything(page) as { samples: number[]; decisions: number[][] };
    const expected = everything(fresh) as { samples: number[]; decisions: number[][] };
    expect({ ...shown, decisions: shown.decisions.slice(-500) }).toEqual({
      ...expected,
      decisions: expected.decisions.slice(-500),
    });
  });

  test("deltas that a snapshot holds already change nothing", () => {
    const run = playedRun(9, 1);
    const deltas: Delta[] = [];
    run.feed.subscribe((delta) => deltas.push(wired(delta)));
    for (let i = 0; i < 100; i++) {
      run.tick();
      run.feed.publish();
    }
    const page = new PageStore();
    page.onSnapshot(wired<Snapshot>(run.feed.snapshot()));
    const before = everything(page);
    for (const delta of deltas) page.onDelta(delta);
    expect(everything(page)).toEqual(before);
  });

  test("publishing nothing new gives nothing", () => {
    const run = started();
    let count = 0;
    const stop = run.feed.subscribe(() => count++);
    run.feed.publish();
    run.tick();
    run.feed.publish();
    run.feed.publish();
    stop();
    run.tick();
    run.feed.publish();
    expect(count).toBe(1);
  });
});
