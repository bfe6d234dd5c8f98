import type { Audit } from "../messages/audit.ts";
import { ms } from "../units/numbers.ts";
import type { Clock, StopTimer } from "../units/time.ts";

const FIRST_MS = 500;
/** A reconciliation costs about 100 of the 1,200 weight that the venue grants a minute. */
const LIMIT_MS = 16_000;

export type ReconcileRetryDeps = {
  readonly clock: Clock;
  readonly reconcile: () => void;
};

/**
 * Asks the venue again after a reconciliation that failed or did not agree: soon at first, then ever more patiently,
 * so that neither a passing disagreement costs half a minute of quoting nor a lasting one the request limit.
 */
export class ReconcileRetry {
  readonly #deps: ReconcileRetryDeps;
  #failures = 0;
  #stop: StopTimer | null = null;
  #closed = false;

  constructor(deps: ReconcileRetryDeps) {
    this.#deps = deps;
  }

  onAudit({ event, after }: Pick<Audit, "event" | "after">): void {
    if (event.kind !== "reconciled" || this.#closed) return;
    this.#stop?.();
    this.#stop = null;
    if (after.run.reconcileFailure === null) {
      this.#failures = 0;
      return;
    }
    const { clock, reconcile } = this.#deps;
    const delayMs = Math.min(FIRST_MS * 2 ** this.#failures, LIMIT_MS);
    this.#failures++;
    this.#stop = clock.at(ms(clock.nowMs() + delayMs), () => {
      this.#stop = null;
      reconcile();
    });
  }

  close(): void {
    this.#closed = true;
    this.#stop?.();
    this.#stop = null;
  }
}
