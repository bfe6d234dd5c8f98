import { LogHistogram } from "../core/histogram.ts";
import type { OrderWorkerStart } from "../hyperliquid/orderWorker.ts";
import { rejectAll } from "../hyperliquid/submit.ts";
import type { Lane, PlannedBatch } from "../messages/audit.ts";
import { assert } from "../units/assert.ts";
import type { Clock } from "../units/time.ts";
import { spawnOrderThread } from "./orderThread.ts";
import type { SpawnOrderThread } from "./orderThread.ts";
import type { Submission, Submitter, SubmitterStats } from "./submitter.ts";
import { WorkerSlot } from "./workerSlot.ts";

export type WorkerPoolOptions = {
  /** Most threads at once, the urgent one included (`ORDER_WORKERS`). */
  readonly workers: number;
  /** Key, place and market: handed to each thread once. */
  readonly start: OrderWorkerStart;
  /** The bot's clock: an expired batch is not sent. */
  readonly clock: Clock;
  readonly spawn?: SpawnOrderThread;
  readonly queueMax?: number;
  /** Batches that one thread carries before the next one is called. */
  readonly comfortable?: number;
};

/**
 * A compromise, not an optimum: on two cores, more batches per thread cost less processor time and are no slower (8 and
 * 20 could not be told apart, 4 and fewer were slower), while a thread that dies leaves what it carried unresolved.
 */
const IN_FLIGHT_COMFORTABLE = 8;
/** Batches that one thread may carry while no other is up yet. */
const IN_FLIGHT_MAX = 20;
const QUEUE_MAX = 200;

type Job = {
  readonly batch: PlannedBatch;
  readonly queuedAtMs: number;
  readonly done: (submission: Submission) => void;
};

/**
 * Threads that sign and post batches.
 *
 * The first thread for quotes takes what it can carry comfortably; when it carries more, the next one is started, up to
 * the limit, so the pool grows with the work and is one thread in quiet times. Urgent batches have a thread of their own
 * and, should that one be busy or down, the first place anywhere.
 */
export class WorkerPool implements Submitter {
  readonly #options: WorkerPoolOptions;
  readonly #urgent: WorkerSlot;
  readonly #quotes: WorkerSlot[] = [];
  readonly #queues: { readonly [L in Lane]: Job[] } = { urgent: [], quotes: [] };
  readonly #waitMs = new LogHistogram();
  readonly #runMs = new LogHistogram();
  readonly #watchers = new Set<() => void>();
  #replaced = 0;
  #refused = 0;
  #closed = false;

  /** @throws AssertionError unless there is at least one worker */
  constructor(options: WorkerPoolOptions) {
    assert(
      Number.isSafeInteger(options.workers) && options.workers >= 1,
      `ORDER_WORKERS is a whole number from 1, got ${options.workers}`,
    );
    this.#options = options;
    this.#urgent = this.#addSlot();
    // A pool of one has no reserved thread; urgent batches still go first.
    this.#quotes.push(options.workers === 1 ? this.#urgent : this.#addSlot());
  }

  /**
   * Resolves when the first thread of each lane has signed its dummies, with the name of what signs: to be said at
   * start, as the portable parts are slower.
   * @throws Error with the thread's reason when one cannot come up
   */
  ready(): Promise<string> {
    const first = [this.#urgent, ...this.#quotes.slice(0, 1)];
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const failed = first.find((slot) => slot.state === "failed");
        if (failed !== undefined) {
          this.#watchers.delete(look);
          reject(new Error(`no order worker could be started: ${failed.failure}`));
        } else if (first.every((slot) => slot.state === "ready")) {
          this.#watchers.delete(look);
          resolve(this.#urgent.backend);
        }
      };
      this.#watchers.add(look);
      look();
    });
  }

  submit(batch: PlannedBatch): Promise<Submission> {
    const queue = this.#queues[batch.lane];
    const queueMax = this.#options.queueMax ?? QUEUE_MAX;
    if (this.#closed) return Promise.resolve(this.#refuse(batch, 0, "the pool is closed"));
    if (queue.length >= queueMax) {
      return Promise.resolve(this.#refuse(batch, 0, `${queueMax} batches wait already`));
    }
    return new Promise((done) => {
      queue.push({ batch, queuedAtMs: performance.now(), done });
      this.#dispatch();
    });
  }

  stats(): SubmitterStats {
    const slots = this.#slots();
    return {
      workers: slots.filter((slot) => slot.state === "ready").length,
      inFlight: slots.reduce((sum, slot) => sum + slot.inFlight, 0),
      queued: this.#queues.urgent.length + this.#queues.quotes.length,
      replaced: this.#replaced,
      refused: this.#refused,
      waitMs: this.#waitMs.summary(),
      runMs: this.#runMs.summary(),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#refuseQueued("the pool is closed");
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#slots().every((slot) => slot.inFlight === 0)) {
          this.#watchers.delete(look);
          resolve();
        }
      };
      this.#watchers.add(look);
      look();
    });
    for (const slot of this.#slots()) slot.close();
  }

  #slots(): readonly WorkerSlot[] {
    return [...new Set([this.#urgent, ...this.#quotes])];
  }

  #addSlot(): WorkerSlot {
    return new WorkerSlot(this.#options.spawn ?? spawnOrderThread, this.#options.start, {
      onChange: () => this.#changed(),
      onReplaced: () => this.#replaced++,
    });
  }

  #changed(): void {
    this.#dispatch();
    for (const look of this.#watchers) look();
  }

  #dispatch(): void {
    this.#drain("urgent", () => this.#urgentSlot());
    this.#drain("quotes", () => this.#quotesSlot());
    if (this.#slots().every((slot) => slot.state === "failed")) {
      this.#refuseQueued(`no order worker could be started: ${this.#urgent.failure}`);
    }
  }

  #drain(lane: Lane, choose: () => WorkerSlot | null): void {
    const queue = this.#queues[lane];
    for (let job = queue[0]; job !== undefined; job = queue[0]) {
      const { expiresMs } = job.batch;
      if (expiresMs !== null && this.#options.clock.nowMs() > expiresMs) {
        queue.shift();
        const waitedMs = performance.now() - job.queuedAtMs;
        job.done(this.#refuse(job.batch, waitedMs, "expired before it could be sent"));
        continue;
      }
      const slot = choose();
      if (slot === null) return;
      queue.shift();
      void this.#run(job, slot);
    }
  }

  #urgentSlot(): WorkerSlot | null {
    return this.#urgent.state === "ready" && this.#urgent.inFlight < IN_FLIGHT_MAX
      ? this.#urgent
      : leastLoaded(this.#quotes);
  }

  #quotesSlot(): WorkerSlot | null {
    const load = this.#options.comfortable ?? IN_FLIGHT_COMFORTABLE;
    const free = this.#quotes.find((slot) => slot.state === "ready" && slot.inFlight < load);
    if (free !== undefined) return free;
    this.#grow();
    return leastLoaded(this.#quotes);
  }

  /** One thread more, unless one is already on its way or the limit is reached. */
  #grow(): void {
    const full = this.#slots().length >= this.#options.workers;
    if (full || this.#quotes.some((slot) => slot.state === "starting")) return;
    this.#quotes.push(this.#addSlot());
  }

  async #run(job: Job, slot: WorkerSlot): Promise<void> {
    const takenMs = performance.now();
    const { wakeMs, ...sent } = await slot.send(job.batch);
    const queuedMs = takenMs - job.queuedAtMs + wakeMs;
    this.#waitMs.record(queuedMs);
    this.#runMs.record(performance.now() - takenMs);
    job.done({ ...sent, queuedMs });
  }

  #refuse(batch: PlannedBatch, queuedMs: number, reason: string): Submission {
    this.#refused++;
    const outcomes = rejectAll(batch, `not sent: ${reason}`);
    return { outcomes, signMs: 0, roundTripMs: null, queuedMs };
  }

  #refuseQueued(reason: string): void {
    for (const queue of [this.#queues.urgent, this.#queues.quotes]) {
      for (const job of queue.splice(0)) {
        job.done(this.#refuse(job.batch, performance.now() - job.queuedAtMs, reason));
      }
    }
  }
}

function leastLoaded(slots: readonly WorkerSlot[]): WorkerSlot | null {
  let best: WorkerSlot | null = null;
  for (const slot of slots) {
    if (slot.state !== "ready" || slot.inFlight >= IN_FLIGHT_MAX) continue;
    if (best === null || slot.inFlight < best.inFlight) best = slot;
  }
  return best;
}
