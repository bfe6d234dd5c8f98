type Release = { readonly dueMs: number; readonly run: () => void };

/** What has happened but may not be seen outside yet. Runs in order of due time, and of entry where those are equal. */
export class ReleaseQueue {
  #waiting: Release[] = [];
  #head = 0;

  push(dueMs: number, run: () => void): void {
    let at = this.#waiting.length;
    while (at > this.#head && (this.#waiting[at - 1]?.dueMs ?? 0) > dueMs) at--;
    this.#waiting.splice(at, 0, { dueMs, run });
  }

  /** Due time of the next release; Infinity when nothing waits. */
  nextMs(): number {
    return this.#waiting[this.#head]?.dueMs ?? Infinity;
  }

  /** Runs all that is due. What a release pushes itself runs too if it is due. */
  runTo(nowMs: number): void {
    while (this.nextMs() <= nowMs) {
      const release = this.#waiting[this.#head];
      this.#head++;
      release?.run();
    }
    if (this.#head > 1024 || this.#head === this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  }
}
