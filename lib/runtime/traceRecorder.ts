import type { BatchTiming } from "../messages/events.ts";
import type { PlannedBatch } from "../messages/audit.ts";
import type { StepTimes } from "./sequencer.ts";
import { withSubmit } from "./submitter.ts";
import type { Submission, Submitter } from "./submitter.ts";

const US_PER_MS = 1000;

/**
 * Puts the parts of the way of a batch together, from the event that caused it to the answer. They travel in the
 * outcome event and so into the inbox: nothing is written beside what is written anyway.
 */
export class TraceRecorder {
  #step: BatchTiming["step"] = null;

  /** A step has been committed; what is sent before `stepped` was made by it. */
  onTimes({ queuedMs, handlerMs, riskMs, commitMs, committed }: StepTimes): void {
    this.#step = committed
      ? {
          waitedUs: microseconds(queuedMs),
          handlerUs: microseconds(handlerMs),
          riskUs: microseconds(riskMs),
          commitUs: microseconds(commitMs),
        }
      : null;
  }

  /** The step is over: what is sent later is sent again. */
  stepped(): void {
    this.#step = null;
  }

  /** The same submitter, watched. */
  around(submitter: Submitter): Submitter {
    return withSubmit(submitter, (batch) => this.#submit(submitter, batch));
  }

  async #submit(submitter: Submitter, batch: PlannedBatch): Promise<Submission> {
    const step = this.#step;
    const submission = await submitter.submit(batch);
    const { queuedMs, signMs, roundTripMs } = submission;
    const timing: BatchTiming = {
      step,
      queuedUs: microseconds(queuedMs),
      signUs: microseconds(signMs),
      roundTripUs: roundTripMs === null ? null : microseconds(roundTripMs),
    };
    return { ...submission, timing };
  }
}

function microseconds(spanMs: number): number {
  return Math.max(0, Math.round(spanMs * US_PER_MS));
}
