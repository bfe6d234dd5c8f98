import { afterEach, describe, expect, test } from "bun:test";
import { blankState, bookEvent, countUp, place as placing } from "../support/botFixtures.ts";
import { batchOf, cancel, place, TEST_KEY, US500 } from "../support/batches.ts";
import { allGood, stubExchange } from "../support/stubExchange.ts";
import { defaultParams } from "../../lib/core/params.ts";
import type { OrderWorkerStart } from "../../lib/hyperliquid/orderWorker.ts";
import type { Approved, OrderCommand } from "../../lib/messages/commands.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { Dispatcher } from "../../lib/runtime/dispatcher.ts";
import { spawnOrderThread } from "../../lib/runtime/orderThread.ts";
import { Sequencer } from "../../lib/runtime/sequencer.ts";
import { WorkerPool } from "../../lib/runtime/workerPool.ts";
import { openMemoryStore } from "../../lib/store/store.ts";
import type { Store } from "../../lib/store/store.ts";

/** Long enough for a thread that is awake to sign; what is asserted does not depend on it. */
const SIGNING_MS = 30;

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function openPool() {
  const stub = stubExchange();
  cleanups.push(stub.stop);
  const start: OrderWorkerStart = {
    kind: "start",
    url: stub.url,
    timeoutMs: 5000,
    privateKey: TEST_KEY,
    source: "b",
    vault: null,
    spec: US500,
  };
  const kill: (() => void)[] = [];
  const pool = new WorkerPool({
    workers: 2,
    start,
    clock: realClock(),
    spawn: (handlers) => {
      const thread = spawnOrderThread(handlers);
      kill.push(thread.terminate);
      return thread;
    },
  });
  cleanups.push(() => pool.close());
  await pool.ready();
  const nonces = (): readonly number[] => stub.received.map(({ nonce }) => nonce);
  return { pool, nonces, stub, kill };
}

describe("signing ahead of the commit", () => {
  test("nothing is posted before the batch is submitted, and it is posted once", async () => {
    const { pool, nonces } = await openPool();
    const first = batchOf(1, [place(1)]);
    pool.ahead.prepare(first);
    // The same thread takes up one after the other: when this is answered, the first one was signed.
    await pool.submit(batchOf(2, [place(2)]));
    expect(nonces()).toEqual([2]);
    const sent = await pool.submit(first);
    expect(sent.outcomes).toMatchObject([{ result: "resting" }]);
    expect(nonces()).toEqual([2, 1]);
  });

  test("what is dropped is never posted", async () => {
    const { pool, nonces } = await openPool();
    const first = batchOf(1, [place(1)]);
    pool.ahead.prepare(first);
    pool.ahead.drop(first);
    await pool.submit(batchOf(2, [place(2)]));
    expect(nonces()).toEqual([2]);
    expect(pool.stats().inFlight).toBe(0);
  });

  test("a thread that dies with a signed batch has sent nothing: another one does", async () => {
    const { pool, nonces, kill } = await openPool();
    const first = batchOf(1, [place(1)]);
    pool.ahead.prepare(first);
    kill[1]?.();
    const sent = await pool.submit(first);
    expect(sent.outcomes).toMatchObject([{ result: "resting" }]);
    expect(nonces()).toEqual([1]);
  });

  test("a cancel is signed by its own thread, beside the quotes", async () => {
    const { pool, nonces } = await openPool();
    const batches = [batchOf(1, [cancel(1)], "urgent"), batchOf(2, [place(2)])];
    for (const batch of batches) pool.ahead.prepare(batch);
    expect(pool.stats().inFlight).toBe(2);
    await Promise.all(batches.map((batch) => pool.submit(batch)));
    expect(nonces().toSorted((a, b) => a - b)).toEqual([1, 2]);
  });

  test("a pool closes although a batch was prepared", async () => {
    const { pool, nonces } = await openPool();
    pool.ahead.prepare(batchOf(1, [place(1)]));
    await pool.close();
    expect(nonces()).toEqual([]);
  });
});

/** One book, one order, through sequencer, dispatcher and real threads. */
async function oneStep(commitStep: (store: Store) => Store["commitStep"]) {
  const { pool, nonces, stub } = await openPool();
  const store = openMemoryStore();
  const fatal: Error[] = [];
  const answers: string[] = [];
  const dispatcher = new Dispatcher({
    submitter: pool,
    store,
    clock: realClock(),
    nextNonce: () => 8,
    post: (input) => answers.push(input.id),
    resolve: () => Promise.resolve([]),
    onResolveError: () => {},
    onFatal: (error) => fatal.push(error),
  });
  const sequencer = new Sequencer({
    functions: {
      dispatch: (_event, state) => ({ state: countUp(state), commands: [placing(1)] }),
      checkRisk: (_state, commands) => ({ approved: commands as readonly Approved[], refused: [] }),
      recordInFlight: (state) => state,
      planBatches: (approved: readonly Approved<OrderCommand>[]) => [batchOf(7, approved)],
    },
    params: defaultParams,
    loaded: store.loadState(blankState()),
    store: { commitStep: commitStep(store) },
    clock: realClock(),
    nextNonce: () => 7,
    onBatches: (batches) => dispatcher.send(batches),
    onPlanned: (batches) => dispatcher.prepare(batches),
    onAbandoned: (batches) => dispatcher.drop(batches),
    onReadMargin: () => {},
    onReconcile: () => {},
    onFatal: (error) => fatal.push(error),
    onListenerError: () => {},
    defer: (run) => run(),
  });
  sequencer.post(bookEvent("book:1"));
  return { pool, nonces, stub, store, dispatcher, fatal, answers };
}

describe("a step whose batch is signed while it is stored", () => {
  test("leaves nothing on the wire when it cannot be stored", async () => {
    const { pool, nonces, store, fatal } = await oneStep(() => () => {
      Bun.sleepSync(SIGNING_MS);
      throw new Error("the disk is full");
    });
    expect(fatal.map(({ message }) => message)).toEqual([
      expect.stringContaining("the disk is full"),
    ]);
    await pool.submit(batchOf(9, [place(9)]));
    expect(nonces()).toEqual([9]);
    expect(store.unanswered()).toEqual([]);
  });

  test("leaves nothing on the wire when its event was handled before", async () => {
    const { pool, nonces } = await oneStep(() => () => {
      Bun.sleepSync(SIGNING_MS);
      return { kind: "duplicate" };
    });
    await pool.submit(batchOf(9, [place(9)]));
    expect(nonces()).toEqual([9]);
  });

  test("is on disk before it is on the wire, and is sent once", async () => {
    const { nonces, store, stub, dispatcher, fatal, answers } = await oneStep(
      (opened) => (input) => {
        Bun.sleepSync(SIGNING_MS);
        return opened.commitStep(input);
      },
    );
    const stored: string[] = [];
    stub.behaviour = (body) => {
      stored.push(...store.unanswered().map(({ nonce, status }) => `${nonce} ${status}`));
      return allGood(body);
    };
    await dispatcher.settled();
    expect(stored).toEqual(["7 sent"]);
    expect(nonces()).toEqual([7]);
    expect(answers).toEqual(["outcome:7"]);
    expect(fatal).toEqual([]);
  });
});
