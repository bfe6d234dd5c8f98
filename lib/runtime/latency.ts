import { LogHistogram } from "../core/histogram.ts";
import type { PlannedBatch } from "../messages/audit.ts";
import type { Event } from "../messages/events.ts";
import type { Clock } from "../units/time.ts";
import { withSubmit } from "./submitter.ts";
import type { Submission, Submitter } from "./submitter.ts";

const WAITING_MAX = 4096;

/**
 * Measures from the receipt of the message that caused a batch to the signed request on the socket: the time until the
 * batch is handed over, plus the pool's queue, plus building and signing.
 */
export class LatencyMeter {
  readonly eventToWireMs = new LogHistogram();
  readonly roundTripMs = new LogHistogram();
  readonly #clock: Clock;
  readonly #receivedMs = new Map<string, number>();
  #causeMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A message came in that becomes the event with this id. */
  received(eventId: string): void {
    if (this.#receivedMs.size >= WAITING_MAX) this.#receivedMs.clear();
    this.#receivedMs.set(eventId, this.#clock.monotonicMs());
  }

  /** The step of this event begins. */
  stepping(event: Event): void {
    this.#causeMs = this.#receivedMs.get(event.id) ?? null;
    this.#receivedMs.delete(event.id);
  }

  /** The step is over: what is sent later was not caused by a message just received. */
  stepped(): void {
    this.#causeMs = null;
  }

  /** The same submitter, watched. */
  around(submitter: Submitter): Submitter {
    return withSubmit(submitter, (batch) => this.#submit(submitter, batch));
  }

  async #submit(submitter: Submitter, batch: PlannedBatch): Promise<Submission> {
    const causeMs = this.#causeMs;
    const submitMs = this.#clock.monotonicMs();
    const submission = await submitter.submit(batch);
    if (submission.roundTripMs === null) return submission;
    this.roundTripMs.record(submission.roundTripMs);
    if (causeMs !== null)
      this.eventToWireMs.record(submitMs - causeMs + submission.queuedMs + submission.signMs);
    return submission;
  }
}
