import { describe, expect, test } from "bun:test";
import { LogHistogram } from "../../lib/core/histogram.ts";
import { markoutCurve, markoutPoints } from "../../lib/dashboard/markouts.ts";
import { markerOf } from "../../lib/dashboard/marker.ts";
import { dashboardRoutes } from "../../lib/dashboard/routes.ts";
import type { Ledger, LedgerQuestion } from "../../lib/dashboard/stories.ts";
import { positionAfter } from "../../lib/runtime/why/pastView.ts";
import type { MarkoutCell } from "../../lib/messages/state.ts";
import { FakeRun } from "../browser/fixture.ts";

const CLOID = `0xa500${"1".repeat(28)}`;

function appOver(answer: (question: LedgerQuestion) => string | null) {
  const asked: LedgerQuestion[] = [];
  const ledger: Ledger = {
    ask: async (question) => {
      asked.push(question);
      const body = answer(question);
      return { found: body !== null, body: body ?? '{"error":"nothing is stored"}' };
    },
  };
  return { asked, app: dashboardRoutes(new FakeRun(1).feed, ledger) };
}

describe("the ledger's routes", () => {
  test("hand each question on as it was asked, and the answer as it came", async () => {
    const { app, asked } = appOver(() => '{"story":1}');
    for (const path of [
      `why?order=${CLOID}`,
      "why?order=17",
      "why?at=1795000000000&side=ask",
      "past?at=1795000000000",
    ]) {
      const answer = await app.request(`/api/${path}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toContain("application/json");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(await answer.text()).toBe('{"story":1}');
    }
    expect(asked).toEqual([
      { kind: "order", id: CLOID },
      { kind: "order", id: 17 },
      { kind: "moment", atMs: 1_795_000_000_000, side: "ask" },
      { kind: "past", atMs: 1_795_000_000_000 },
    ]);
  });

  test.each([
    "why",
    "why?order=",
    "why?order=0",
    "why?order=0xA5",
    "why?order=1;drop",
    "why?at=1795000000000",
    "why?at=1795000000000&side=both",
    "why?at=yesterday&side=bid",
    `why?order=${CLOID}&at=1795000000000&side=bid`,
    "past",
    "past?at=-1",
    "past?at=1795000000000&more=1",
  ])("%s is refused before anybody is asked", async (path) => {
    const { app, asked } = appOver(() => "{}");
    const answer = await app.request(`/api/${path}`);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: string }).error).toStartWith("allowed");
    expect(asked).toEqual([]);
  });

  test("say what is not stored, and why nothing can be told", async () => {
    const { app } = appOver(() => null);
    expect((await app.request("/api/why?order=17")).status).toBe(404);
    const failing: Ledger = { ask: () => Promise.reject(new Error("too many ask")) };
    const answer = await dashboardRoutes(new FakeRun(1).feed, failing).request("/api/why?order=1");
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ error: "too many ask" });
  });

  test("are not there without a ledger", async () => {
    const app = dashboardRoutes(new FakeRun(1).feed);
    expect((await app.request("/api/past?at=1795000000000")).status).toBe(404);
  });
});

test("the position after a trade of several fills is that after its last one", () => {
  const fill = (venueMs: number, startPositionLots: number, sizeLots: number) =>
    ({ venueMs, side: "ask", sizeLots, startPositionLots }) as const;
  // In the order of their numbers, which is not that of the trade: 108 - 38 - 43 - 22 = 5.
  const trade = [fill(20, 70, 43), fill(20, 27, 22), fill(20, 108, 38)];
  expect(positionAfter([...trade, fill(10, 130, 22)])).toBe(5);
  expect(positionAfter([fill(10, 130, 22)])).toBe(108);
  expect(positionAfter([])).toBeNull();
});

describe("markouts for people", () => {
  const cell = (changes: Partial<MarkoutCell>): MarkoutCell => ({
    side: "bid",
    kind: "ladder",
    cause: "queue",
    seconds: 5,
    fills: 2,
    lots: 20,
    lotsBps: 40,
    bps: 4,
    bpsSquared: 10,
    ...changes,
  });

  test("are means with their error, in the order of side, kind and horizon", () => {
    const points = markoutPoints([
      cell({ seconds: 30 }),
      cell({}),
      cell({ side: "ask", fills: 1, bps: -3, bpsSquared: 9 }),
      cell({ kind: "gap", fills: 0 }),
    ]);
    expect(points).toEqual([
      {
        side: "ask",
        kind: "ladder",
        cause: "queue",
        seconds: 5,
        fills: 1,
        meanBps: -3,
        errorBps: null,
      },
      // Values 1 and 3: variance 2, error of the mean 1.
      {
        side: "bid",
        kind: "ladder",
        cause: "queue",
        seconds: 5,
        fills: 2,
        meanBps: 2,
        errorBps: 1,
      },
      {
        side: "bid",
        kind: "ladder",
        cause: "queue",
        seconds: 30,
        fills: 2,
        meanBps: 2,
        errorBps: 1,
      },
    ]);
  });

  test("of all kinds together count every fill alike", () => {
    // 1 and 3 on the ladder, 5 in a gap: mean 3, variance 4.
    const points = markoutPoints([
      cell({}),
      cell({ kind: "gap", fills: 1, bps: 5, bpsSquared: 25 }),
    ]);
    const [all, ...more] = markoutCurve(points, "bid");
    expect(more).toEqual([]);
    expect(all?.fills).toBe(3);
    expect(all?.meanBps).toBeCloseTo(3, 9);
    expect(all?.errorBps).toBeCloseTo(Math.sqrt(4 / 3), 9);
    expect(markoutCurve(points, "ask")).toEqual([]);
  });
});

test("a distribution is counted between edges, everything once", () => {
  const histogram = new LogHistogram();
  for (const value of [0, 0.4, 0.6, 3, 3, 100, 5000]) histogram.record(value);
  expect(histogram.countsBetween([0.5, 1, 4, 1000])).toEqual([2, 1, 2, 1, 1]);
  expect(new LogHistogram().countsBetween([1])).toEqual([0, 0]);
});

test("every cause of a fill has a mark", () => {
  expect(["ladder", "gap", "queue", "reduce", "flatten", "taker", "unknown"].map(markerOf)).toEqual(
    ["ladder", "gap", "queue", "reduce", "reduce", "taker", "ladder"],
  );
});
