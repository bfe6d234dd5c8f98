import type { Audit } from "../messages/audit.ts";
import type { Cloid } from "../messages/orders.ts";
import type { BotState } from "../messages/state.ts";
import { ms } from "../units/numbers.ts";
import type { Clock, StopTimer } from "../units/time.ts";

const FIRST_MS = 500;
/** A reconciliation costs about 100 of the 1,200 weight that the venue grants a minute. */
const LIMIT_MS = 16_000;
/** The last word on an order comes within moments of the answer; after this it is taken for lost. */
const UNRESOLVED_MS = 2_000;

export type ReconcileRetryDeps = {
  readonly clock: Clock;
  readonly reconcile: () => void;
};

/**
 * Asks the venue for the whole account between the regular times: after a reconciliation that failed or did not agree,
 * soon at first and then ever more patiently; and when an order stays unresolved because the venue's last word on it
 * was missed. So neither costs half a minute of quoting, and a lasting trouble does not eat the request limit.
 */
export class ReconcileRetry {
  readonly #deps: ReconcileRetryDeps;
  #state: BotState | null = null;
  #attempts = 0;
  #stop: StopTimer | null = null;
  #closed = false;

  constructor(deps: ReconcileRetryDeps) {
    this.#deps = deps;
  }

  onAudit({ event, after }: Pick<Audit, "event" | "after">): void {
    if (this.#closed) return;
    const working = this.#state?.orders.working;
    this.#state = after;
    if (event.kind === "reconciled") this.#reconciled(after);
    else if (after.orders.working !== working) this.#watch(after);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #reconciled(state: BotState): void {
    this.#cancel();
    if (state.run.reconcileFailure !== null) this.#after(this.#patience(FIRST_MS), () => true);
    else {
      if (unresolved(state).length === 0) this.#attempts = 0;
      this.#watch(state);
    }
  }

  #patience(firstMs: number): number {
    return Math.min(firstMs * 2 ** this.#attempts, LIMIT_MS);
  }

  /** An appointment for the orders that are unresolved now; whoever is settled by then needs none. */
  #watch(state: BotState): void {
    if (this.#stop !== null) return;
    const watched = unresolved(state);
    if (watched.length === 0) return;
    this.#after(this.#patience(UNRESOLVED_MS), () => {
      const still = new Set(this.#state === null ? [] : unresolved(this.#state));
      if (watched.some((cloid) => still.has(cloid))) return true;
      if (this.#state !== null) this.#watch(this.#state);
      return false;
    });
  }

  #after(delayMs: number, isNeeded: () => boolean): void {
    const { clock, reconcile } = this.#deps;
    this.#stop = clock.at(ms(clock.nowMs() + delayMs), () => {
      this.#stop = null;
      if (!isNeeded()) return;
      this.#attempts++;
      reconcile();
    });
  }

  #cancel(): void {
    this.#stop?.();
    this.#stop = null;
  }
}

function unresolved({ orders }: BotState): readonly Cloid[] {
  return Object.values(orders.working)
    .filter(({ phase }) => phase === "unresolved")
    .map(({ cloid }) => cloid);
}
