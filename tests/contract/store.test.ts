import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  blankState,
  bookEvent,
  cancelBatch,
  cloidOf,
  countUp,
  fillEvent,
  outcomeEvent,
  place,
  placeBatch,
} from "../support/botFixtures.ts";
import { openMemoryStore, openStore } from "../../lib/store/store.ts";
import type { CommitResult, Store } from "../../lib/store/store.ts";
import { VersionConflict } from "../../lib/store/errors.ts";
import type { Event, EventOf } from "../../lib/messages/events.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { FLAT, microUsd, ms } from "../../lib/units/numbers.ts";

const folders: string[] = [];

function inFile(): Store {
  const folder = mkdtempSync(join(tmpdir(), "amm500-store-"));
  folders.push(folder);
  return openStore(folder);
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function committed(result: CommitResult): Extract<CommitResult, { kind: "committed" }> {
  if (result.kind !== "committed") throw new Error(`expected a commit, got ${result.kind}`);
  return result;
}

type Extra = Partial<Parameters<Store["commitStep"]>[0]>;

type Change = (state: BotState) => BotState;

function commit(
  store: Store,
  event: Event,
  change: Change = (state) => state,
  extra: Extra = {},
): CommitResult {
  const { state, versions } = store.loadState(blankState());
  return store.commitStep({
    event,
    before: state,
    after: change(state),
    versions,
    batches: [],
    refused: [],
    ...extra,
  });
}

describe.each([
  ["in a file", inFile],
  ["in memory", openMemoryStore],
])("a store %s", (_, open) => {
  test("starts with the initial state and keeps what was committed", () => {
    using store = disposable(open());
    const { state, versions } = store.loadState(blankState());
    expect(state).toEqual(blankState());
    const after = countUp(state);
    const result = committed(
      store.commitStep({
        event: bookEvent("b1"),
        before: state,
        after,
        versions,
        batches: [],
        refused: [],
      }),
    );
    expect(store.loadState(blankState())).toEqual({ state: after, versions: result.versions });
  });

  test("an event id that was handled changes nothing, whatever comes with it", () => {
    using store = disposable(open());
    committed(commit(store, bookEvent("b1"), countUp));
    const stored = store.loadState(blankState());
    const again = commit(store, bookEvent("b1"), countUp, { batches: [placeBatch(1)] });
    expect(again).toEqual({ kind: "duplicate" });
    expect(store.loadState(blankState())).toEqual(stored);
    expect(store.unanswered()).toEqual([]);
    expect(store.read.counts()).toEqual({ inbox: 1, outbox: 0, fills: 0, decisions: 0, equity: 0 });
  });

  test("a fill is counted once, even under a second event id", () => {
    using store = disposable(open());
    committed(commit(store, fillEvent(9), countUp));
    const stored = store.loadState(blankState());
    expect(commit(store, fillEvent(9, "other"), countUp)).toEqual({ kind: "duplicate" });
    expect(store.loadState(blankState())).toEqual(stored);
    expect(store.read.fills(0, 10)).toEqual([
      {
        venueMs: 5000,
        tid: 9,
        oid: 77,
        cloid: null,
        side: "bid",
        pxTicks: 690_000,
        sizeLots: 20,
        taker: false,
        feeMicroUsd: 414,
        startPositionLots: 0,
        causeSeq: 1,
        midX2Ticks: 1_380_000,
        placement: null,
        level: null,
        edgeBps: null,
      },
    ]);
  });

  test("a fill carries the reason of its order, also after the order has left the books", () => {
    using store = disposable(open());
    const batch = placeBatch(1);
    commit(store, bookEvent("b1"), countUp, { batches: [batch] });
    const event = fillEvent(9);
    const cloid = batch.commands[0]?.kind === "place" ? batch.commands[0].cloid : null;
    commit(store, { ...event, fill: { ...event.fill, cloid } }, countUp);
    expect(store.read.fills(0, 10)).toMatchObject([
      { cloid, placement: "ladder", level: 3, edgeBps: 0.61 },
    ]);
  });

  test("what is done is counted by the hour and placement, for ever", () => {
    using store = disposable(open());
    commit(store, bookEvent("b1"), countUp, { batches: [placeBatch(1, 3), cancelBatch(2, 7, 8)] });
    commit(store, bookEvent("b2", 3_600_500), countUp, { batches: [placeBatch(3, 2)] });
    expect(store.read.activity(0)).toEqual([
      { hour: 0, kind: "cancel", placement: "", count: 2 },
      { hour: 0, kind: "sent", placement: "ladder", count: 3 },
      { hour: 1, kind: "sent", placement: "ladder", count: 2 },
    ]);
    expect(store.read.activity(3_600_000)).toHaveLength(1);
  });

  test("a funding payment is kept once", () => {
    using store = disposable(open());
    const event: EventOf<"funding"> = {
      kind: "funding",
      id: "funding:1",
      atMs: ms(5000),
      view: null,
      venueMs: ms(4000),
      microUsd: microUsd(-12),
      positionLots: FLAT,
    };
    commit(store, event, countUp);
    commit(store, { ...event, id: "again" }, countUp);
    expect(store.read.fundings(0)).toEqual([
      { venueMs: 4000, microUsd: -12, positionLots: 0, causeSeq: 1 },
    ]);
    expect(store.read.fundings(4001)).toEqual([]);
  });

  test("a slice at another version is a conflict, and nothing of the step remains", () => {
    using store = disposable(open());
    const { state, versions } = store.loadState(blankState());
    committed(commit(store, bookEvent("b1"), countUp));
    const stale = {
      event: bookEvent("b2"),
      before: state,
      after: countUp(state),
      versions,
      batches: [placeBatch(1)],
      refused: [],
    };
    expect(() => store.commitStep(stale)).toThrow(VersionConflict);
    expect(store.read.counts()).toMatchObject({ inbox: 1, outbox: 0 });
    expect(store.loadState(blankState()).versions.run).toBe(versions.run + 1);
  });

  test("only the slices whose reference changed are written", () => {
    using store = disposable(open());
    const { versions } = store.loadState(blankState());
    const result = committed(commit(store, bookEvent("b1"), countUp));
    expect(result.versions).toEqual({ ...versions, run: versions.run + 1 });
  });

  test("batches wait in the outbox until they are answered", () => {
    using store = disposable(open());
    const place1 = placeBatch(11, 2);
    const cancel2 = cancelBatch(12, 5);
    const { seq } = committed(
      commit(store, bookEvent("b1"), undefined, { batches: [place1, cancel2] }),
    );
    const row = { causeSeq: seq, status: "pending" as const, sentMs: null };
    expect(store.unanswered()).toEqual([
      { ...place1, ...row },
      { ...cancel2, ...row },
    ]);
    store.markSent(11, 500);
    committed(commit(store, outcomeEvent(12, "cancelled")));
    expect(store.unanswered()).toEqual([{ ...place1, ...row, status: "sent", sentMs: 500 }]);
    expect(store.highestNonce()).toBe(12);
  });

  test.each([
    [["resting", "unresolved"], "unresolved"],
    [["rejected", "resting"], "confirmed"],
    [["filled", "rejected"], "confirmed"],
    [["rejected", "neverActed"], "rejected"],
    [["neverActed", "neverActed"], "expired"],
  ] as const)("an answer of %p leaves the batch %s", (results, status) => {
    using store = disposable(open());
    commit(store, bookEvent("b1"), undefined, { batches: [placeBatch(1, 2)] });
    committed(commit(store, outcomeEvent(1, ...results)));
    expect(store.read.outbox(1)).toMatchObject([{ nonce: 1, status, answeredMs: 7000 }]);
  });

  test("a batch sent again keeps its cause under the new nonce", () => {
    using store = disposable(open());
    const { seq } = committed(
      commit(store, bookEvent("b1"), undefined, { batches: [cancelBatch(12, 5)] }),
    );
    store.supersede(12, cancelBatch(13, 5), 700);
    expect(store.unanswered()).toMatchObject([{ nonce: 13, causeSeq: seq, status: "pending" }]);
    expect(store.read.outbox(10).map(({ nonce, status }) => [nonce, status])).toEqual([
      [13, "pending"],
      [12, "expired"],
    ]);
  });

  test("refusals are counted per reason, and a change of the risk mode is kept", () => {
    using store = disposable(open());
    const after: Change = (state) => ({
      ...state,
      risk: { ...state.risk, mode: "reduceOnly", reason: "why" },
    });
    const refusal = (n: number) => ({
      command: place(n),
      reason: "margin" as const,
      detail: `order ${n}`,
    });
    commit(store, bookEvent("b1", 1234), after, { refused: [refusal(1), refusal(2)] });
    expect(store.read.decisions(10)).toEqual([
      {
        id: 2,
        causeSeq: 1,
        atMs: 1234,
        kind: "refusal",
        reason: "margin",
        detail: "order 1",
        count: 2,
      },
      {
        id: 1,
        causeSeq: 1,
        atMs: 1234,
        kind: "mode",
        reason: "reduceOnly",
        detail: "why",
        count: 1,
      },
    ]);
  });

  test("a new account reading becomes a sample of the equity", () => {
    using store = disposable(open());
    const reading = {
      venueMs: ms(900),
      equityMicroUsd: microUsd(1_000_000_000),
      marginUsedMicroUsd: microUsd(5),
      withdrawableMicroUsd: microUsd(6),
      positionLots: FLAT,
      positionValueMicroUsd: microUsd(7),
    };
    const read: Change = (state) => ({ ...state, account: { ...state.account, reading } });
    commit(store, bookEvent("b1", 1000), read);
    expect(store.read.equity(0)).toEqual([
      {
        atMs: 1000,
        equityMicroUsd: 1_000_000_000,
        marginUsedMicroUsd: 5,
        positionLots: 0,
        positionValueMicroUsd: 7,
        midX2Ticks: 1_380_000,
        ledgerLots: 0,
        cashMicroUsd: 0,
        feesMicroUsd: 0,
        fundingMicroUsd: 0,
        spreadHalfMicro: 0,
        adverseHalfMicro: 0,
        bidMarkoutBps: null,
        askMarkoutBps: null,
        mode: "normal",
        restingBids: 0,
        restingAsks: 0,
      },
    ]);
  });

  test("pruning keeps the newest rows, every fill and what is unanswered", () => {
    using store = disposable(open());
    for (let i = 1; i <= 20; i++) {
      commit(store, fillEvent(i), countUp, { batches: [placeBatch(i)] });
      commit(store, outcomeEvent(i, i === 2 ? "unresolved" : "cancelled"));
    }
    const retention = { inbox: 5, outbox: 5, decisions: 5, equity: 5 };
    expect(store.prune(retention)).toBe(35 + 14);
    expect(store.prune(retention)).toBe(0);
    expect(store.read.counts()).toMatchObject({ inbox: 5, outbox: 6, fills: 20 });
    expect(store.read.outbox(10).map((row) => row.nonce)).toEqual([20, 19, 18, 17, 16, 2]);
    expect(store.read.event(36)?.eventId).toBe("outcome:18");
    expect(store.read.event(35)).toBeNull();
  });

  test("a throw inside a transaction leaves nothing behind", () => {
    using store = disposable(open());
    expect(() =>
      store.transaction(() => {
        store.putMeta("feed", "simulated");
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(store.read.meta("feed")).toBeNull();
    store.putMeta("feed", "a");
    store.putMeta("feed", "b");
    expect(store.read.meta("feed")).toBe("b");
  });

  test("an async callback does not compile", () => {
    using store = disposable(open());
    const refusedByTheCompiler = () => {
      // @ts-expect-error -- its result is a promise
      void store.transaction(async () => 1);
      // @ts-expect-error -- likewise when the promise is one of several results
      void store.transaction((): number | Promise<number> => 1);
    };
    expect(refusedByTheCompiler).toBeFunction();
    expect(store.transaction(() => cloidOf(1))).toBe(cloidOf(1));
  });
});

function disposable(store: Store): Store & Disposable {
  return Object.assign(store, { [Symbol.dispose]: () => store.close() });
}
