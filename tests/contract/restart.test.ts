import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SPEC, START_MS, reading, view } from "../support/coreFixtures.ts";
import { dispatch } from "../../functions/index.ts";
import { planBatches } from "../../lib/core/batches.ts";
import { initialState } from "../../lib/core/initialState.ts";
import { recordInFlight } from "../../lib/core/orderPhase.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { checkRisk } from "../../lib/core/risk.ts";
import { outcomeKey } from "../../lib/hyperliquid/submit.ts";
import { virtualClock } from "../../lib/runtime/clock.ts";
import type { VirtualClock } from "../../lib/runtime/clock.ts";
import { Dispatcher } from "../../lib/runtime/dispatcher.ts";
import type { SubmitAnswer } from "../../lib/runtime/dispatcher.ts";
import { NonceCounter } from "../../lib/runtime/nonce.ts";
import { Sequencer } from "../../lib/runtime/sequencer.ts";
import { openStore } from "../../lib/store/store.ts";
import type { Store } from "../../lib/store/store.ts";
import type { PlannedBatch } from "../../lib/messages/audit.ts";
import { ms } from "../../lib/units/numbers.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "amm500-restart-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Life = {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly sequencer: Sequencer;
  readonly sent: PlannedBatch[];
};

/** One life of the bot with its real functions; `submit` is the way to the venue, or null to crash before it. */
function live(
  startMs: number,
  submit: ((batch: PlannedBatch) => Promise<SubmitAnswer>) | null,
): Life {
  const clock = virtualClock(startMs);
  const store = openStore(folder);
  const sent: PlannedBatch[] = [];
  const nonces = new NonceCounter(clock, store.highestNonce() ?? 0);
  const onFatal = (error: unknown): never => {
    throw error;
  };
  const dispatcher = new Dispatcher({
    submitter: {
      submit(batch) {
        sent.push(batch);
        return submit === null ? new Promise(() => {}) : submit(batch);
      },
    },
    store,
    clock,
    nextNonce: () => nonces.next(),
    post: (input) => sequencer.post(input),
    resolve: (commands) =>
      Promise.resolve(commands.map(({ cloid }) => ({ cloid, op: "place", result: "neverActed" }))),
    onResolveError: onFatal,
    onFatal,
  });
  const sequencer: Sequencer = new Sequencer({
    functions: { dispatch, checkRisk, recordInFlight, planBatches },
    params: defaultParams,
    loaded: store.loadState(initialState),
    store,
    clock,
    nextNonce: () => nonces.next(),
    onBatches: (batches) => {
      if (submit !== null) dispatcher.send(batches);
    },
    onReadMargin: () => {},
    onReconcile: () => {},
    onFatal,
    onListenerError: onFatal,
    defer: (run) => run(),
  });
  sequencer.post({ kind: "runStarted", id: `run:${startMs}`, runId: startMs, spec: SPEC });
  dispatcher.start();
  clock.runUntil(startMs);
  return { clock, store, sequencer, sent };
}

/** Everything that quoting waits for. */
function makeReady({ clock, sequencer }: Life): void {
  const atMs = clock.nowMs();
  const book = view({ bookVenueMs: atMs, bookRecvMs: atMs });
  for (const feed of ["market", "account"] as const)
    sequencer.post({ kind: "feedState", id: `${feed}:${atMs}`, feed, state: "live", detail: "" });
  sequencer.post({
    kind: "margin",
    id: `margin:${atMs}`,
    view: book,
    reading: reading({ venueMs: atMs }),
    failure: null,
    budget: { used: 0, cap: 10_000 },
  });
  sequencer.post({
    kind: "reconciled",
    id: `reconciled:${atMs}`,
    snapshot: { askedMs: atMs, openOrders: [], reading: reading({ venueMs: atMs }) },
    failure: null,
  });
  sequencer.post({ kind: "book", id: `book:${atMs}`, view: book });
  clock.runUntil(atMs);
}

/** As text, where a negative zero of a statistic is a zero. */
function stored(store: Store): string {
  return JSON.stringify(store.loadState(initialState).state);
}

function good(batch: PlannedBatch): Promise<SubmitAnswer> {
  const outcomes = batch.commands.map((command, i) => ({
    cloid: outcomeKey(command),
    op: "place" as const,
    result: "resting" as const,
    oid: 1000 + i,
  }));
  return Promise.resolve({ outcomes, signMs: 0, roundTripMs: 1, queuedMs: 0 });
}

test("after a crash between commit and send, the orders are asked about, and quoted anew under new ids", () => {
  const first = live(START_MS, null);
  makeReady(first);
  const before = first.store.unanswered();
  expect(before.length).toBeGreaterThan(0);
  expect(before.every(({ status }) => status === "pending")).toBe(true);
  const opened = Object.keys(first.sequencer.state.orders.working);
  expect(opened.length).toBeGreaterThan(3);
  first.store.close();

  const second = live(START_MS + 60_000, good);
  expect(second.sent).toEqual([]);
  expect(Object.keys(second.sequencer.state.orders.working)).toEqual([]);
  expect(second.store.unanswered()).toEqual([]);
  makeReady(second);
  const quoted = Object.values(second.sequencer.state.orders.working);
  expect(quoted.length).toBe(opened.length);
  expect(quoted.every(({ phase }) => phase === "resting")).toBe(true);
  expect(quoted.some(({ cloid }) => opened.includes(cloid))).toBe(false);
  const lowest = Math.min(...second.sent.map(({ nonce }) => nonce));
  expect(lowest).toBeGreaterThan(Math.max(...before.map(({ nonce }) => nonce)));
  expect(stored(second.store)).toBe(JSON.stringify(second.sequencer.state));
  second.store.close();
});

test("what is stored is what is in memory, after every step", () => {
  const life = live(START_MS, good);
  makeReady(life);
  for (let n = 1; n <= 20; n++) {
    const atMs = START_MS + n * 600;
    life.clock.runUntil(atMs);
    const bookMs = ms(atMs);
    const book = view({ bookVenueMs: bookMs, bookRecvMs: bookMs, flowImbalance: (n % 5) / 5 });
    life.sequencer.post({ kind: "book", id: `book:${atMs}`, view: book });
    life.clock.runUntil(atMs);
    expect(stored(life.store)).toBe(JSON.stringify(life.sequencer.state));
  }
  life.store.close();
});
