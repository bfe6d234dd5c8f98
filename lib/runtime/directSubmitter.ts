import { LogHistogram } from "../core/histogram.ts";
import { sendBatch } from "../hyperliquid/sendBatch.ts";
import type { BatchSender } from "../hyperliquid/sendBatch.ts";
import { rejectAll } from "../hyperliquid/submit.ts";
import type { Signer } from "../hyperliquid/signedRequest.ts";
import type { Transport } from "../hyperliquid/transport.ts";
import type { PlannedBatch } from "../messages/audit.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { Clock } from "../units/time.ts";
import type { Submission, Submitter, SubmitterStats } from "./submitter.ts";

export type DirectSubmitterOptions = {
  readonly transport: Transport;
  readonly spec: MarketSpec;
  readonly signer: Signer;
  readonly clock: Clock;
};

/** Sends from the calling thread, at once: for simulations, and as the pool's yardstick. */
export class DirectSubmitter implements Submitter {
  readonly #sender: BatchSender;
  readonly #clock: Clock;
  readonly #open = new Set<Promise<Submission>>();
  readonly #runMs = new LogHistogram();
  readonly #waitMs = new LogHistogram();
  #refused = 0;
  #closed = false;

  constructor({ transport, spec, signer, clock }: DirectSubmitterOptions) {
    this.#clock = clock;
    this.#sender = {
      spec,
      signer,
      post: (body) => transport.exchange(body),
      nowMs: () => clock.monotonicMs(),
    };
  }

  async submit(batch: PlannedBatch): Promise<Submission> {
    const refusal = this.#refusal(batch);
    if (refusal !== null) {
      this.#refused++;
      return { outcomes: rejectAll(batch, refusal), signMs: 0, roundTripMs: null, queuedMs: 0 };
    }
    const sending = this.#send(batch);
    this.#open.add(sending);
    const submission = await sending;
    this.#open.delete(sending);
    return submission;
  }

  stats(): SubmitterStats {
    return {
      workers: 0,
      inFlight: this.#open.size,
      queued: 0,
      replaced: 0,
      refused: this.#refused,
      waitMs: this.#waitMs.summary(),
      runMs: this.#runMs.summary(),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#open);
  }

  #refusal(batch: PlannedBatch): string | null {
    if (this.#closed) return "not sent: the submitter is closed";
    const { expiresMs } = batch;
    return expiresMs !== null && this.#clock.nowMs() > expiresMs
      ? "not sent: expired before it could be sent"
      : null;
  }

  async #send(batch: PlannedBatch): Promise<Submission> {
    const startMs = this.#clock.monotonicMs();
    const sent = await sendBatch(batch, this.#sender);
    this.#waitMs.record(0);
    this.#runMs.record(this.#clock.monotonicMs() - startMs);
    return { ...sent, queuedMs: 0 };
  }
}
