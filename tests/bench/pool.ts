import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import type { OrderWorkerStart } from "../../lib/hyperliquid/orderWorker.ts";
import { warmSigning } from "../../lib/hyperliquid/sendBatch.ts";
import { initSigning, parsePrivateKey } from "../../lib/hyperliquid/signing/signature.ts";
import type { PlannedBatch } from "../../lib/messages/audit.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { DirectSubmitter } from "../../lib/runtime/directSubmitter.ts";
import type { Submitter } from "../../lib/runtime/submitter.ts";
import { WorkerPool } from "../../lib/runtime/workerPool.ts";
import { batchOf, place, TEST_KEY, tenPlaces, US500 } from "../support/batches.ts";
import { median, round } from "./measure.ts";
import { startStub } from "./stubProcess.ts";

export type PoolBench = {
  /** How long the exchange takes to answer. */
  readonly delayMs: number;
  /** Milliseconds to the last answer, median of the repeats. */
  readonly single: number;
  readonly pool: number;
  readonly oneThread: number;
  readonly oneAfterAnother: number;
  /** 200 orders one by one; null when left out. */
  readonly singleOrders: number | null;
  /** The same divided by `single` of this run. */
  readonly poolRatio: number;
  readonly oneThreadRatio: number;
  readonly oneAfterAnotherRatio: number;
  readonly singleOrdersRatio: number | null;
  /** One batch after another divided by the pool. */
  readonly speedUp: number;
  /** Processor time of this process per burst of 200 orders, all threads, in milliseconds. */
  readonly poolCpu: number;
  readonly oneThreadCpu: number;
  /** Threads that the pool had at the end, the urgent one included. */
  readonly threads: number;
  /** From the pool's creation to its first warm threads. */
  readonly readyMs: number;
};

export type PoolBenchOptions = {
  readonly delayMs: number;
  /** Most threads (`ORDER_WORKERS`). */
  readonly workers: number;
  readonly repeats: number;
  /** 200 orders one by one take 200 times the delay. */
  readonly singleOrders: boolean;
  readonly comfortable?: number;
};

const BATCHES = 20;
const TIMEOUT_MS = 5000;

let nonce = 1;
const next = (): PlannedBatch => tenPlaces(nonce++);
const burst = (): PlannedBatch[] => Array.from({ length: BATCHES }, next);

async function inParallel(submitter: Submitter): Promise<void> {
  const answers = await Promise.all(burst().map((batch) => submitter.submit(batch)));
  for (const { outcomes } of answers) {
    if (outcomes.some(({ result }) => result !== "resting")) {
      throw new Error(`the bench's exchange answered ${JSON.stringify(outcomes[0])}`);
    }
  }
}

async function oneByOne(submitter: Submitter, batches: readonly PlannedBatch[]): Promise<void> {
  for (const batch of batches) await submitter.submit(batch);
}

type Span = { readonly ms: number; readonly cpuMs: number };

async function spans(repeats: number, run: () => Promise<void>): Promise<Span> {
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const cpuBefore = process.cpuUsage();
    const before = performance.now();
    await run();
    wall.push(performance.now() - before);
    const { user, system } = process.cpuUsage(cpuBefore);
    cpu.push((user + system) / 1000);
  }
  return { ms: median(wall), cpuMs: median(cpu) };
}

/** The pool has grown when a burst brings no new thread. */
async function grow(pool: WorkerPool): Promise<void> {
  for (let before = 0; pool.stats().workers !== before;) {
    before = pool.stats().workers;
    for (let i = 0; i < 3; i++) await inParallel(pool);
    await Bun.sleep(150);
  }
}

/** 200 orders as 20 batches of ten through the pool, beside the other ways of sending them. */
export async function benchPool(options: PoolBenchOptions): Promise<PoolBench> {
  const { delayMs, repeats, workers, comfortable } = options;
  const server = await startStub(new URL("./stubServer.ts", import.meta.url), `${delayMs}`);
  const signer = { privateKey: parsePrivateKey(TEST_KEY), source: "b", vault: null } as const;
  const start: OrderWorkerStart = {
    kind: "start",
    url: server.url,
    timeoutMs: TIMEOUT_MS,
    privateKey: TEST_KEY,
    source: "b",
    vault: null,
    spec: US500,
  };
  await initSigning();
  warmSigning(US500, signer, 200);
  const clock = realClock();
  const transport = new HttpTransport({ url: server.url, timeoutMs: TIMEOUT_MS });
  const direct = new DirectSubmitter({ transport, spec: US500, signer, clock });
  const createdMs = performance.now();
  const pool = new WorkerPool({
    workers,
    start,
    clock,
    ...(comfortable === undefined ? {} : { comfortable }),
  });
  try {
    await pool.ready();
    const readyMs = performance.now() - createdMs;
    await grow(pool);
    await inParallel(direct);
    const few = Math.max(2, Math.ceil(repeats / 5));
    const single = (await spans(repeats * 2, () => oneByOne(direct, [next()]))).ms;
    const pooled = await spans(repeats, () => inParallel(pool));
    const oneThread = await spans(repeats, () => inParallel(direct));
    const sequential = (await spans(few, () => oneByOne(direct, burst()))).ms;
    const orders = Array.from({ length: BATCHES * 10 }, () => batchOf(nonce, [place(nonce++)]));
    const singles = options.singleOrders
      ? (await spans(1, () => oneByOne(direct, orders))).ms
      : null;
    return {
      delayMs,
      single: round(single),
      pool: round(pooled.ms),
      oneThread: round(oneThread.ms),
      oneAfterAnother: round(sequential),
      singleOrders: singles === null ? null : round(singles),
      poolRatio: round(pooled.ms / single),
      oneThreadRatio: round(oneThread.ms / single),
      oneAfterAnotherRatio: round(sequential / single),
      singleOrdersRatio: singles === null ? null : round(singles / single),
      speedUp: round(sequential / pooled.ms),
      poolCpu: round(pooled.cpuMs),
      oneThreadCpu: round(oneThread.cpuMs),
      threads: pool.stats().workers,
      readyMs: round(readyMs),
    };
  } finally {
    await pool.close();
    await direct.close();
    server.stop();
  }
}
