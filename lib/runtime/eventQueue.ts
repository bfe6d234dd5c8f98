import type { Event } from "../messages/events.ts";

export type Queued = {
  readonly event: Event;
  readonly enqueuedMs: number;
  /** Called when the event will never be handled. */
  readonly onDropped: ((why: string) => void) | null;
};

/** First in, first out, bounded. When it is full, older books make room: the newest one says it all. */
export class EventQueue {
  #items: Queued[] = [];
  #head = 0;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** @returns how many books were dropped to make room, or null when there is no room. */
  push(item: Queued): number | null {
    let dropped = 0;
    if (this.size >= this.#capacity) dropped = this.#dropBooks(item.event.kind === "book");
    if (this.size >= this.#capacity) return null;
    this.#items.push(item);
    return dropped;
  }

  shift(): Queued | null {
    const item = this.#items[this.#head];
    if (item === undefined) return null;
    this.#head++;
    if (this.#head === this.#items.length || this.#head >= 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Empties it, telling whoever waits. */
  clear(why: string): void {
    for (const item of this.#items.slice(this.#head)) item.onDropped?.(why);
    this.#items = [];
    this.#head = 0;
  }

  #dropBooks(newerComes: boolean): number {
    const waiting = this.#items.slice(this.#head);
    const newest = newerComes ? -1 : waiting.findLastIndex(({ event }) => event.kind === "book");
    const kept = waiting.filter(({ event }, i) => event.kind !== "book" || i === newest);
    for (const item of waiting) if (!kept.includes(item)) item.onDropped?.("a newer book came");
    this.#items = kept;
    this.#head = 0;
    return waiting.length - kept.length;
  }
}
