import { afterEach, describe, expect, test } from "bun:test";
import type {
  OrderWorkerAnswer,
  OrderWorkerRequest,
  OrderWorkerStart,
} from "../../lib/hyperliquid/orderWorker.ts";
import type { OrderThreadHandlers, SpawnOrderThread } from "../../lib/runtime/orderThread.ts";
import { spawnOrderThread } from "../../lib/runtime/orderThread.ts";
import { WorkerPool } from "../../lib/runtime/workerPool.ts";
import { batchOf, cancel, place, TEST_KEY, US500 } from "../support/batches.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { stubExchange } from "../support/stubExchange.ts";

const start: OrderWorkerStart = {
  kind: "start",
  url: "http://127.0.0.1:9",
  timeoutMs: 5000,
  privateKey: TEST_KEY,
  source: "b",
  vault: null,
  spec: US500,
};

/** Threads that do as the test says. */
class FakeThreads {
  readonly threads: { handlers: OrderThreadHandlers; batches: number[]; ended: boolean }[] = [];
  comesUp = true;

  readonly spawn: SpawnOrderThread = (handlers) => {
    const thread = { handlers, batches: [] as number[], ended: false };
    this.threads.push(thread);
    return {
      post: (text) => {
        const request = JSON.parse(text) as OrderWorkerRequest;
        if (request.kind === "send") thread.batches.push(request.batch.nonce);
        else if (this.comesUp) this.#say(handlers, { kind: "ready", backend: "fake" });
        else queueMicrotask(() => handlers.onEnd("it does not load"));
      },
      terminate: () => {
        if (!thread.ended) handlers.onEnd("terminated");
        thread.ended = true;
      },
    };
  };

  answer(index: number, id: number): void {
    const thread = this.threads[index];
    if (thread === undefined) throw new Error(`no thread ${index}`);
    const answer = {
      kind: "sent",
      id,
      outcomes: [],
      signMs: 1,
      roundTripMs: 1,
      wakeMs: 0,
    } as const;
    thread.handlers.onMessage(JSON.stringify(answer));
  }

  #say(handlers: OrderThreadHandlers, answer: OrderWorkerAnswer): void {
    queueMicrotask(() => handlers.onMessage(JSON.stringify(answer)));
  }
}

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function fakePool(workers: number, queueMax = 200) {
  const threads = new FakeThreads();
  const pool = new WorkerPool({
    workers,
    start,
    clock: realClock(),
    spawn: threads.spawn,
    queueMax,
  });
  expect(await pool.ready()).toBe("fake");
  return { threads, pool };
}

describe("a pool of order workers", () => {
  test("is two threads in quiet times and grows as batches gather, to its limit", async () => {
    const { threads, pool } = await fakePool(5);
    expect(threads.threads.length).toBe(2);
    for (let nonce = 1; nonce <= 8; nonce++) void pool.submit(batchOf(nonce, [place(nonce)]));
    expect(threads.threads.length).toBe(2);
    for (let nonce = 9; nonce <= 100; nonce++) {
      void pool.submit(batchOf(nonce, [place(nonce)]));
      await Promise.resolve();
    }
    expect(threads.threads.length).toBe(5);
    // Nothing waited for a new thread, and the urgent thread was left alone.
    expect(threads.threads[0]?.batches).toEqual([]);
    expect(threads.threads[1]?.batches.slice(0, 9)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(pool.stats()).toMatchObject({ workers: 5, inFlight: 80, queued: 20 });
  });

  test("urgent batches have a thread of their own", async () => {
    const { threads, pool } = await fakePool(2);
    for (let nonce = 1; nonce <= 30; nonce++) void pool.submit(batchOf(nonce, [place(nonce)]));
    void pool.submit(batchOf(99, [cancel(1)], "urgent"));
    expect(threads.threads[0]?.batches).toEqual([99]);
    expect(pool.stats().queued).toBe(10);
  });

  test("with one thread, urgent batches still go first", async () => {
    const { threads, pool } = await fakePool(1);
    for (let nonce = 1; nonce <= 22; nonce++) void pool.submit(batchOf(nonce, [place(nonce)]));
    void pool.submit(batchOf(99, [cancel(1)], "urgent"));
    threads.answer(0, 1);
    expect(threads.threads[0]?.batches.at(-1)).toBe(99);
  });

  test("a full queue turns batches away", async () => {
    const { pool } = await fakePool(1, 3);
    for (let nonce = 1; nonce <= 23; nonce++) void pool.submit(batchOf(nonce, [place(nonce)]));
    const { outcomes } = await pool.submit(batchOf(24, [place(24)]));
    expect(outcomes).toMatchObject([
      { result: "rejected", text: "not sent: 3 batches wait already" },
    ]);
    expect(pool.stats().refused).toBe(1);
  });

  test("a thread that dies leaves its batches unresolved and is replaced", async () => {
    const { threads, pool } = await fakePool(2);
    const held = pool.submit(batchOf(1, [place(1), place(2)]));
    threads.threads[1]?.handlers.onEnd("out of memory");
    expect((await held).outcomes).toMatchObject([
      { result: "unresolved", text: "the order worker died: out of memory" },
      { result: "unresolved" },
    ]);
    expect(threads.threads.length).toBe(3);
    await Bun.sleep(0);
    void pool.submit(batchOf(2, [place(3)]));
    expect(threads.threads[2]?.batches).toEqual([2]);
    expect(pool.stats()).toMatchObject({ replaced: 1, workers: 2 });
  });

  test("threads that never come up are given up, with their reason", async () => {
    const threads = new FakeThreads();
    threads.comesUp = false;
    const pool = new WorkerPool({ workers: 2, start, clock: realClock(), spawn: threads.spawn });
    let failure = "";
    await pool.ready().catch((error: unknown) => (failure = String(error)));
    expect(failure).toContain("no order worker could be started: it does not load");
    const { outcomes } = await pool.submit(batchOf(1, [place(1)]));
    expect(outcomes).toMatchObject([{ result: "rejected" }]);
    expect(threads.threads.length).toBe(6);
  });

  test("a real thread ended in the middle of a post leaves it unresolved; the next one works", async () => {
    const stub = stubExchange(() => new Promise<Response>(() => {}));
    cleanups.push(stub.stop);
    const killers: (() => void)[] = [];
    const pool = new WorkerPool({
      workers: 2,
      start: { ...start, url: stub.url },
      clock: realClock(),
      spawn: (handlers) => {
        const thread = spawnOrderThread(handlers);
        killers.push(thread.terminate);
        return thread;
      },
    });
    cleanups.push(() => pool.close());
    await pool.ready();
    const arrived = new Promise<void>((resolve) => {
      stub.behaviour = () => {
        resolve();
        return new Promise<Response>(() => {});
      };
    });
    const held = pool.submit(batchOf(1, [place(1)]));
    await arrived;
    killers[1]?.();
    expect((await held).outcomes).toMatchObject([{ result: "unresolved" }]);
    stub.behaviour = () => new Response("null", { status: 429 });
    const next = await pool.submit(batchOf(2, [place(2)]));
    expect(next.outcomes).toMatchObject([{ result: "rejected", text: "HTTP 429: null" }]);
  });

  test("a bad key ends the thread without being repeated", async () => {
    const pool = new WorkerPool({
      workers: 1,
      start: { ...start, privateKey: "0xsecret" },
      clock: realClock(),
    });
    let failure = "";
    await pool.ready().catch((error: unknown) => (failure = String(error)));
    expect(failure).toContain("the private key is not valid");
    expect(failure).not.toContain("secret");
  });
});
