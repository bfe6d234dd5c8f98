/** So many at once, refilled at an even pace: what is over is refused, not queued. */
export class TokenBucket {
  readonly #size: number;
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #left: number;
  #atMs: number;

  /** @param nowMs a clock that never goes back */
  constructor(size: number, perSecond: number, nowMs: () => number) {
    this.#size = size;
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
    this.#left = size;
    this.#atMs = nowMs();
  }

  /** Takes one, if there is one. */
  take(): boolean {
    const nowMs = this.#nowMs();
    const refill = ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#size, this.#left + Math.max(0, refill));
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
