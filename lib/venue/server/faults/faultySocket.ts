import type { Dice } from "./dice.ts";
import type { FaultCounts } from "./faultLayer.ts";
import type { FaultPlan } from "./plan.ts";

export type SocketFaultHost = {
  readonly plan: () => FaultPlan;
  readonly dice: () => Dice;
  readonly counts: FaultCounts;
  readonly nowMs: () => number;
  readonly later: (dueMs: number, run: () => void) => void;
};

/** One connection's way out: late, twice, out of order, or silent. */
export class FaultySocket {
  readonly #host: SocketFaultHost;
  readonly #send: (text: string) => void;
  readonly #close: (code: number, reason: string) => void;
  #state: "open" | "hanging" | "closed" = "open";
  /** Frames in order do not overtake each other. */
  #lastDueMs = 0;

  constructor(
    host: SocketFaultHost,
    send: (text: string) => void,
    close: (code: number, reason: string) => void,
  ) {
    this.#host = host;
    this.#send = send;
    this.#close = close;
  }

  /** False once nothing gets through any more, in either direction. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  deliver(text: string): void {
    if (!this.isOpen) return;
    const { plan, dice, counts, nowMs } = this.#host;
    const { frames, latency } = plan();
    const dueMs = Math.max(this.#lastDueMs, nowMs() + dice().waitMs("frames", latency.frame));
    if (frames !== undefined && dice().chance("late", frames.delayChance)) {
      counts.late++;
      this.#sendAt(dueMs + dice().waitMs("late by", frames.delay), text);
      return;
    }
    this.#lastDueMs = dueMs;
    this.#sendAt(dueMs, text);
    if (frames === undefined || !dice().chance("duplicate", frames.duplicateChance)) return;
    counts.duplicated++;
    this.#sendAt(dueMs, text);
  }

  #sendAt(dueMs: number, text: string): void {
    if (dueMs <= this.#host.nowMs()) this.#send(text);
    else this.#host.later(dueMs, () => (this.isOpen ? this.#send(text) : undefined));
  }

  /** Stays open for the other side and says nothing any more. */
  hang(): void {
    if (this.isOpen) this.#state = "hanging";
  }

  close(code: number, reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#close(code, reason);
  }

  /** The other side has hung up. */
  gone(): void {
    this.#state = "closed";
  }
}
