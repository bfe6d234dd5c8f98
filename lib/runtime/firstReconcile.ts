import { ms } from "../units/numbers.ts";
import type { Clock, StopTimer } from "../units/time.ts";

/** A stream that is not there after this is not waited for: what an earlier life has left must be seen. */
const WAIT_MS = 1_000;

export type FirstReconcileDeps = {
  readonly clock: Clock;
  /** True once the account's own stream is live. */
  readonly isLive: () => boolean;
  readonly reconcile: () => void;
};

/**
 * The account is asked for at the start, and once more when its stream has come, because only what is read from then on
 * is followed without a hole. Where the stream comes within a second, the first of the two is left out: it costs a tenth of
 * the requests of a minute, and nothing is quoted on it.
 */
export class FirstReconcile {
  readonly #deps: FirstReconcileDeps;
  #isOver = false;
  #stop: StopTimer | null = null;

  constructor(deps: FirstReconcileDeps) {
    this.#deps = deps;
  }

  ask(): void {
    const { clock, isLive } = this.#deps;
    if (this.#isOver || isLive()) return this.#reconcile();
    this.#stop ??= clock.at(ms(clock.nowMs() + WAIT_MS), () => this.#reconcile());
  }

  close(): void {
    this.#isOver = true;
    this.#stop?.();
  }

  #reconcile(): void {
    this.close();
    this.#deps.reconcile();
  }
}
