import { describe, expect, test } from "bun:test";
import { InfoClient } from "../../lib/hyperliquid/infoClient.ts";
import type { AccountInfo } from "../../lib/hyperliquid/infoClient.ts";
import { readAccount, UnsettledAccount } from "../../lib/hyperliquid/reconcile.ts";
import { resolveCommands } from "../../lib/hyperliquid/resolve.ts";
import type { UnresolvedCommand } from "../../lib/hyperliquid/resolve.ts";
import type { CommandOutcome } from "../../lib/messages/events.ts";
import { virtualClock } from "../../lib/runtime/clock.ts";
import { ms } from "../../lib/units/numbers.ts";
import { cloid, US500 } from "../support/batches.ts";
import { FakeTransport } from "../support/fakeTransport.ts";

const ACCOUNT = "0x5e9ee1089755c3435139848e47e6635505d5a13a";
const START_MS = 1_767_225_600_000;

type Request = { readonly type: string; readonly [key: string]: unknown };

const fillRow = (tid: number, time: number, more: object = {}) => ({
  coin: "km:US500",
  px: "690.12",
  sz: "0.1",
  side: "B",
  time,
  startPosition: "0.0",
  oid: tid,
  crossed: false,
  fee: "0.01",
  tid,
  ...more,
});

function setUp(answer: (request: Request) => unknown) {
  const transport = new FakeTransport();
  const asked: Request[] = [];
  transport.answerInfo = (request) => {
    asked.push(request);
    return answer(request);
  };
  const info: AccountInfo = new InfoClient(transport).account(US500, ACCOUNT);
  return { info, asked, clock: virtualClock(START_MS) };
}

const clearinghouse = {
  marginSummary: { accountValue: "1000.1234567", totalMarginUsed: "6.9" },
  withdrawable: "993.1",
  assetPositions: [
    { type: "oneWay", position: { coin: "km:GOLD", szi: "odd", positionValue: "1" } },
    { type: "oneWay", position: { coin: "km:US500", szi: "-0.1", positionValue: "69.012" } },
  ],
  time: START_MS,
};
const openOrder = {
  coin: "km:US500",
  side: "A",
  limitPx: "691.0",
  sz: "0.1",
  oid: 3,
  timestamp: START_MS,
  origSz: "0.2",
  reduceOnly: true,
  cloid: null,
  tif: "Alo",
};

describe("reading the account", () => {
  const quiet = (request: Request): unknown => {
    switch (request.type) {
      case "userFillsByTime":
        return [fillRow(1, START_MS), fillRow(2, START_MS + 1, { coin: "BTC", px: "1.123456789" })];
      case "userFunding":
        return [
          {
            time: START_MS,
            hash: "0x0",
            delta: { type: "funding", coin: "km:US500", usdc: "-0.25", szi: "0.1" },
          },
        ];
      case "frontendOpenOrders":
        return [openOrder];
      case "clearinghouseState":
        return clearinghouse;
      default:
        return { cumVlm: "100.5", nRequestsUsed: 40, nRequestsCap: 10_100 };
    }
  };

  test("gives exact values of this market, and passes the dex each time", async () => {
    const { info, clock, asked } = setUp(quiet);
    const snapshot = await readAccount(info, clock, ms(START_MS), ms(START_MS));
    expect(snapshot as unknown).toEqual({
      askedMs: START_MS,
      openOrders: [
        {
          oid: 3,
          cloid: null,
          side: "ask",
          pxTicks: 691_000,
          leavesLots: 100,
          origLots: 200,
          reduceOnly: true,
          placedMs: START_MS,
        },
      ],
      reading: {
        venueMs: START_MS,
        equityMicroUsd: 1_000_123_456,
        marginUsedMicroUsd: 6_900_000,
        withdrawableMicroUsd: 993_100_000,
        positionLots: -100,
        positionValueMicroUsd: 69_012_000,
      },
      fills: [
        {
          tid: 1,
          oid: 1,
          cloid: null,
          venueMs: START_MS,
          side: "bid",
          pxTicks: 690_120,
          sizeLots: 100,
          taker: false,
          feeMicroUsd: 10_000,
          startPositionLots: 0,
        },
      ],
      fundings: [{ venueMs: START_MS, microUsd: -250_000, positionLots: 100 }],
      budget: { used: 40, cap: 10_100 },
    });
    for (const request of asked.filter(({ type }) => type !== "userRateLimit")) {
      expect(request["dex"]).toBe("km");
    }
  });

  test("is flat when the venue lists no position", async () => {
    const { info } = setUp(() => ({ ...clearinghouse, assetPositions: [] }));
    expect(await info.clearinghouseState()).toMatchObject({
      positionLots: 0,
      positionValueMicroUsd: 0,
    });
  });

  test("starts over when a fill came in between, and gives up in the end", async () => {
    let asks = 0;
    const trading = (until: number) => (request: Request) =>
      request.type === "userFillsByTime"
        ? Array.from({ length: Math.min(++asks, until) }, (_, i) => fillRow(i, START_MS + i))
        : quiet(request);
    const settling = setUp(trading(3));
    const snapshot = await readAccount(settling.info, settling.clock, ms(0), ms(0));
    expect(snapshot.fills.length).toBe(3);
    asks = 0;
    const restless = setUp(trading(100));
    const failure = await readAccount(restless.info, restless.clock, ms(0), ms(0)).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(UnsettledAccount);
  });

  test("fills come in pages, each once", async () => {
    const all = Array.from({ length: 4500 }, (_, index) =>
      fillRow(index, START_MS + Math.floor(index / 3)),
    );
    const { info, asked } = setUp((request) =>
      all.filter((row) => row.time >= Number(request["startTime"])).slice(0, 2000),
    );
    const fills = await info.fillsSince(ms(START_MS));
    expect(fills.map((fill) => fill.tid)).toEqual(all.map((row) => row.tid));
    expect(asked.length).toBe(3);
  });

  test("a page that leads nowhere is an error", async () => {
    const { info } = setUp(() => Array.from({ length: 2000 }, (_, i) => fillRow(i, START_MS)));
    const failure = await info.fillsSince(ms(START_MS)).catch((error: unknown) => String(error));
    expect(failure).toContain("brought nothing new");
  });
});

describe("resolving", () => {
  type Case = {
    readonly name: string;
    readonly op?: UnresolvedCommand["op"];
    readonly expiresMs?: number | null;
    /** What the venue says of the order, by milliseconds since the send. */
    readonly status: (sinceMs: number) => string;
    readonly fills?: boolean;
    readonly outcome: Partial<CommandOutcome> & { text?: string };
    readonly afterMs: number;
  };
  const id = cloid(1);
  const cases: readonly Case[] = [
    { name: "resting", status: () => "open", outcome: { result: "resting", oid: 7 }, afterMs: 0 },
    { name: "filled", status: () => "filled", outcome: { result: "filled", oid: 7 }, afterMs: 0 },
    {
      name: "refused at run time",
      status: () => "badAloPxRejected",
      outcome: { result: "rejected", text: "badAloPxRejected" },
      afterMs: 0,
    },
    {
      name: "cancelled meanwhile",
      status: () => "canceled",
      outcome: { result: "rejected", text: "canceled" },
      afterMs: 0,
    },
    {
      name: "unknown for a moment",
      status: (since) => (since < 900 ? "unknown" : "open"),
      outcome: { result: "resting", oid: 7 },
      afterMs: 1000,
    },
    {
      name: "never arrived",
      status: () => "unknown",
      outcome: { result: "neverActed" },
      afterMs: 5500,
    },
    {
      name: "late, but before it expires",
      status: (since) => (since < 3800 ? "unknown" : "open"),
      outcome: { result: "resting", oid: 7 },
      afterMs: 4000,
    },
    {
      name: "filled and forgotten",
      status: () => "unknown",
      fills: true,
      outcome: { result: "filled", oid: 7 },
      afterMs: 5500,
    },
    {
      name: "a modify likewise",
      op: "modify",
      status: () => "open",
      outcome: { op: "modify", result: "resting", oid: 7 },
      afterMs: 0,
    },
    {
      name: "no expiry, unknown: stays open",
      expiresMs: null,
      status: () => "unknown",
      outcome: { result: "unresolved" },
      afterMs: 1500,
    },
    {
      name: "cancel that acted",
      op: "cancel",
      status: () => "canceled",
      outcome: { result: "cancelled" },
      afterMs: 0,
    },
    {
      name: "cancel that did not act",
      op: "cancel",
      status: () => "open",
      outcome: { result: "neverActed" },
      afterMs: 1500,
    },
    {
      name: "cancel that came too late",
      op: "cancel",
      status: () => "filled",
      outcome: {
        result: "rejected",
        text: "Order was never placed, already canceled, or filled. (filled)",
      },
      afterMs: 0,
    },
    {
      name: "cancel of a filled and forgotten order",
      op: "cancel",
      status: () => "unknown",
      fills: true,
      outcome: {
        result: "rejected",
        text: "Order was never placed, already canceled, or filled. (filled)",
      },
      afterMs: 1500,
    },
    {
      name: "cancel of an order nobody knows",
      op: "cancel",
      status: () => "unknown",
      outcome: {
        result: "rejected",
        text: "Order was never placed, already canceled, or filled. (unknownOid)",
      },
      afterMs: 1500,
    },
  ];

  test.each(cases)("$name", async ({ op, expiresMs, status, fills, outcome, afterMs }) => {
    const fillRows = fills === true ? [fillRow(7, START_MS, { cloid: id })] : [];
    const { info, clock } = setUp((request) => {
      if (request.type === "userFillsByTime") return fillRows;
      const word = status(clock.nowMs() - START_MS);
      if (word === "unknown") return { status: "unknownOid" };
      const order = { ...openOrder, oid: 7, cloid: id, side: "B" };
      return { status: "order", order: { order, status: word, statusTimestamp: START_MS } };
    });
    const command: UnresolvedCommand = {
      cloid: id,
      op: op ?? "place",
      sentMs: ms(START_MS),
      expiresMs: expiresMs === null ? null : ms(expiresMs ?? START_MS + 4000),
    };
    let answer: readonly CommandOutcome[] = [];
    let doneMs = -1;
    void resolveCommands([command], info, clock).then((outcomes) => {
      answer = outcomes;
      doneMs = clock.nowMs() - START_MS;
    });
    clock.runUntil(START_MS + 20_000);
    expect(answer).toMatchObject([{ cloid: id, op: op ?? "place", ...outcome }]);
    expect(doneMs).toBe(afterMs);
    expect(clock.size()).toBe(0);
  });

  test("an order known by oid only is asked for by it", async () => {
    const { info, clock, asked } = setUp((request) =>
      request.type === "userFillsByTime"
        ? []
        : {
            status: "order",
            order: { order: openOrder, status: "canceled", statusTimestamp: START_MS },
          },
    );
    const command = { cloid: "77", op: "cancel", sentMs: ms(START_MS), expiresMs: null } as const;
    const outcomes = await resolveCommands([command], info, clock);
    expect(outcomes).toEqual([{ cloid: "77", op: "cancel", result: "cancelled" }]);
    expect(asked.at(-1)).toMatchObject({ type: "orderStatus", oid: 77, dex: "km" });
  });

  test("nothing to resolve asks nothing", async () => {
    const { info, clock, asked } = setUp(() => null);
    expect(await resolveCommands([], info, clock)).toEqual([]);
    expect(asked).toEqual([]);
  });
});
