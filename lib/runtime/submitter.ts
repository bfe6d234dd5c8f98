import type { HistogramSummary } from "../core/histogram.ts";
import type { PlannedBatch } from "../messages/audit.ts";
import type { SentBatch } from "../hyperliquid/sendBatch.ts";
import type { BatchTiming } from "../messages/events.ts";

/** What became of a batch, and where the time went. */
export type Submission = SentBatch & {
  /** From the call until a worker took it. */
  readonly queuedMs: number;
  /** Added by whoever measures the whole way. */
  readonly timing?: BatchTiming;
};

export type SubmitterStats = {
  /** Threads that are up, the urgent one included; 0 where batches are sent in process. */
  readonly workers: number;
  readonly inFlight: number;
  readonly queued: number;
  /** Threads that died and were replaced. */
  readonly replaced: number;
  /** Batches turned away because the queue was full or they had expired in it. */
  readonly refused: number;
  readonly waitMs: HistogramSummary;
  readonly runMs: HistogramSummary;
};

/**
 * Work on a batch ahead of its sending, while it is being stored. Nothing leaves before `submit`: an action is on disk
 * before it is on the wire. Each prepared batch is submitted or dropped within the same turn.
 */
export type Ahead = {
  readonly prepare: (batch: PlannedBatch) => void;
  /** It was not stored and will never be submitted. Its nonce is burnt. */
  readonly drop: (batch: PlannedBatch) => void;
};

/** Sends batches: signs, posts, reads the answer. Every command gets exactly one outcome; `submit` never rejects. */
export interface Submitter {
  /** Left out where `submit` does all the work. */
  readonly ahead?: Ahead;
  submit(batch: PlannedBatch): Promise<Submission>;
  stats(): SubmitterStats;
  /** Takes no more batches; resolves when those in flight are answered or given up. */
  close(): Promise<void>;
}

/** The same submitter with another `submit`: for whoever measures on the way. */
export function withSubmit(submitter: Submitter, submit: Submitter["submit"]): Submitter {
  const { ahead } = submitter;
  return {
    submit,
    stats: () => submitter.stats(),
    close: () => submitter.close(),
    ...(ahead === undefined ? {} : { ahead }),
  };
}
