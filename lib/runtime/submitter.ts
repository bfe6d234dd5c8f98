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

/** Sends batches: signs, posts, reads the answer. Every command gets exactly one outcome; `submit` never rejects. */
export interface Submitter {
  submit(batch: PlannedBatch): Promise<Submission>;
  stats(): SubmitterStats;
  /** Takes no more batches; resolves when those in flight are answered or given up. */
  close(): Promise<void>;
}

/** The same submitter with another `submit`: for whoever measures on the way. */
export function withSubmit(submitter: Submitter, submit: Submitter["submit"]): Submitter {
  return { submit, stats: () => submitter.stats(), close: () => submitter.close() };
}
