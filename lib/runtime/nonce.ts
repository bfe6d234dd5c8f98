import { assert } from "../units/assert.ts";
import type { Clock } from "../units/time.ts";

/**
 * The one source of nonces of a signer: milliseconds of the clock, or one more than the last when several fall into one
 * millisecond or the clock lags. Two counters for one key would repeat each other; the venue refuses repeats.
 */
export class NonceCounter {
  readonly #clock: Clock;
  #last: number;

  /** @param last highest nonce ever used by this key as the store knows it; 0 for a new key */
  constructor(clock: Clock, last: number) {
    assert(Number.isSafeInteger(last) && last >= 0, `a nonce is a whole number, got ${last}`);
    this.#clock = clock;
    this.#last = last;
  }

  /** Never the same twice, always rising. */
  next(): number {
    this.#last = Math.max(this.#clock.nowMs(), this.#last + 1);
    return this.#last;
  }

  /** Highest given out so far. */
  get last(): number {
    return this.#last;
  }
}
