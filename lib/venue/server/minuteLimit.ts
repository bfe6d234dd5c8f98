const MINUTE_MS = 60_000;

/** At most so many in a minute; the minute begins with the first (which minute the venue counts is assumed). */
export class MinuteLimit {
  readonly #max: number;
  #count = 0;
  #startMs = -Infinity;

  constructor(max: number) {
    this.#max = max;
  }

  /** False when it is one too many; that one does not count. */
  admit(nowMs: number): boolean {
    if (nowMs >= this.#startMs + MINUTE_MS) {
      this.#startMs = nowMs;
      this.#count = 0;
    }
    if (this.#count >= this.#max) return false;
    this.#count++;
    return true;
  }
}
