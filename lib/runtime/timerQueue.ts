type Timer = {
  readonly dueMs: number;
  readonly order: number;
  /** Null once stopped. */
  run: (() => void) | null;
};

/** Timers by due time; those due at the same time run in the order in which they were added. */
export class TimerQueue {
  /** Binary heap, soonest first. */
  #heap: Timer[] = [];
  #added = 0;
  #stopped = 0;

  get size(): number {
    return this.#heap.length - this.#stopped;
  }

  /** @returns a function that removes the timer; safe to call at any time. */
  add(dueMs: number, run: () => void): () => void {
    const timer: Timer = { dueMs, order: this.#added++, run };
    this.#heap.push(timer);
    this.#up(this.#heap.length - 1);
    return () => {
      if (timer.run === null) return;
      timer.run = null;
      this.#stopped++;
      if (this.#stopped > 64 && this.#stopped > this.#heap.length / 2) this.#compact();
    };
  }

  /** Due time of the next timer; Infinity when there is none. */
  nextMs(): number {
    this.#dropStopped();
    return this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the next timer out. */
  pop(): { readonly dueMs: number; readonly run: () => void } | null {
    this.#dropStopped();
    const timer = this.#take();
    if (timer === undefined || timer.run === null) return null;
    const { dueMs, run } = timer;
    // Stopping a timer that has run is not a removal.
    timer.run = null;
    return { dueMs, run };
  }

  #dropStopped(): void {
    while (this.#heap[0]?.run === null) {
      this.#take();
      this.#stopped--;
    }
  }

  #compact(): void {
    const kept = this.#heap.filter((timer) => timer.run !== null);
    this.#heap = kept.toSorted((a, b) => (before(a, b) ? -1 : 1));
    this.#stopped = 0;
  }

  #take(): Timer | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last === undefined || first === last) return first;
    this.#heap[0] = last;
    this.#down();
    return first;
  }

  #up(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfBefore(child, parent)) return;
      child = parent;
    }
  }

  #down(): void {
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      const soonest = this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfBefore(soonest, parent)) return;
      parent = soonest;
    }
  }

  #isBefore(i: number, j: number): boolean {
    const a = this.#heap[i];
    const b = this.#heap[j];
    return a !== undefined && b !== undefined && before(a, b);
  }

  #swapIfBefore(i: number, j: number): boolean {
    const a = this.#heap[i];
    const b = this.#heap[j];
    if (a === undefined || b === undefined || !before(a, b)) return false;
    this.#heap[i] = b;
    this.#heap[j] = a;
    return true;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
