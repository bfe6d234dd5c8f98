import type { PlannedBatch } from "../messages/audit.ts";
import type { Submission, Submitter, SubmitterStats } from "./submitter.ts";

/** One batch after another (`PARALLEL_ORDERS=false`); cancels and reducing orders still pass the rest. */
export class SerialSubmitter implements Submitter {
  readonly #inner: Submitter;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(inner: Submitter) {
    this.#inner = inner;
  }

  submit(batch: PlannedBatch): Promise<Submission> {
    if (batch.lane === "urgent") return this.#inner.submit(batch);
    this.#waiting++;
    const sent = this.#last.then(() => {
      this.#waiting--;
      return this.#inner.submit(batch);
    });
    this.#last = sent;
    return sent;
  }

  stats(): SubmitterStats {
    const stats = this.#inner.stats();
    return { ...stats, queued: stats.queued + this.#waiting };
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#inner.close();
  }
}
