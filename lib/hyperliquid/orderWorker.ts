import type { PlannedBatch } from "../messages/audit.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { SentBatch } from "./sendBatch.ts";
import type { SignatureSource } from "./signing/l1.ts";

/** First message to an order worker. It holds the private key: it is sent once and never logged. */
export type OrderWorkerStart = {
  readonly kind: "start";
  readonly url: string;
  readonly timeoutMs: number;
  readonly privateKey: string;
  readonly source: SignatureSource;
  readonly vault: string | null;
  readonly spec: MarketSpec;
};

/** What the pool says to a worker, as JSON text: cheaper than a structured clone for a batch. */
export type OrderWorkerRequest =
  | OrderWorkerStart
  | {
      readonly kind: "send";
      readonly id: number;
      readonly batch: PlannedBatch;
      /** When it was handed over, by `machineMs`. */
      readonly postedMs: number;
    };

/** What a worker says, as JSON text. */
export type OrderWorkerAnswer =
  | { readonly kind: "ready"; readonly backend: string }
  | ({ readonly kind: "sent"; readonly id: number } & WorkerSent);

/** A batch sent by a thread. */
export type WorkerSent = SentBatch & {
  /** From the hand-over until the thread took it up: waking it, and what it did before. */
  readonly wakeMs: number;
};

/**
 * Milliseconds with a fraction that all threads agree on, to measure between them: each has its own zero of
 * `performance.now` (and, in Bun, of `process.hrtime`). Wrong by as much as the clock is set while threads start.
 */
export function machineMs(): number {
  return performance.timeOrigin + performance.now();
}
