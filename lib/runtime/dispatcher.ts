import type { EventInput } from "./eventInput.ts";
import type { PlannedBatch } from "../messages/audit.ts";
import type { BatchTiming, CommandOutcome } from "../messages/events.ts";
import { outcomeKey, outcomeOp, unresolvedAll } from "../hyperliquid/submit.ts";
import type { UnresolvedCommand } from "../hyperliquid/resolve.ts";
import type { Store } from "../store/store.ts";
import { assert } from "../units/assert.ts";
import { ms } from "../units/numbers.ts";
import type { Ms } from "../units/numbers.ts";
import type { Clock, StopTimer } from "../units/time.ts";

/** What came back for a batch. One outcome per command, in the batch's order. */
export type SubmitAnswer = {
  readonly outcomes: readonly CommandOutcome[];
  readonly signMs: number;
  readonly roundTripMs: number | null;
  readonly queuedMs: number;
  readonly timing?: BatchTiming;
};

/** Signs and sends. A rejection means the same as no answer: the batch may have acted. */
type BatchSubmitter = { submit(batch: PlannedBatch): Promise<SubmitAnswer> };

export type DispatcherOptions = {
  readonly submitter: BatchSubmitter;
  readonly store: Pick<Store, "markSent" | "supersede" | "unanswered">;
  readonly clock: Clock;
  readonly nextNonce: () => number;
  /** Hands an event to the sequencer. */
  readonly post: (input: EventInput) => void;
  /** Asks the venue what became of commands without an answer; throws when it cannot be asked now. */
  readonly resolve: (commands: readonly UnresolvedCommand[]) => Promise<readonly CommandOutcome[]>;
  /** The venue could not be asked; it is asked again. */
  readonly onResolveError: (error: unknown) => void;
  readonly onAnswer?: (batch: PlannedBatch, answer: SubmitAnswer) => void;
  /** A contradiction: the process ends. */
  readonly onFatal: (error: Error) => void;
};

const BACKOFF_FIRST_MS = 250;
const BACKOFF_LIMIT_MS = 5000;

/**
 * Delivers stored batches. Every answer becomes an event. What is not answered is never called rejected: for an order
 * the venue is asked until it is known what became of it, and a cancel is sent again, with a new nonce, until the venue
 * has answered.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #timers = new Set<StopTimer>();
  #open = 0;
  #closed = false;
  #idleWaiters: (() => void)[] = [];

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Batches that were sent or are to be sent again, and whose fate is not known. */
  get open(): number {
    return this.#open;
  }

  /** Resolves when the fate of every batch is known. */
  async settled(): Promise<void> {
    if (this.#open === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idleWaiters.push(resolve);
    await promise;
  }

  /**
   * Takes over from the previous life: its cancels are sent again, and of its orders, which are too old to be sent,
   * the venue is asked. Called once, after the run has started.
   */
  start(): void {
    for (const batch of this.#options.store.unanswered()) {
      this.#open++;
      if (isCancel(batch)) this.#sendAgain(batch, batch.commands, 0);
      else {
        const outcomes = unresolvedAll(batch, "the bot ended before the answer came");
        if (batch.status !== "unresolved") this.#postOutcome(batch, outcomes, null);
        const sentMs = ms(batch.sentMs ?? this.#options.clock.nowMs());
        void this.#ask(batch, unresolvedOf(batch, outcomes, sentMs), 0);
      }
    }
  }

  /** Sends batches that are stored. */
  send(batches: readonly PlannedBatch[]): void {
    if (this.#closed) return;
    this.#open += batches.length;
    for (const batch of batches) void this.#send(batch, 0);
  }

  /** Sends nothing more and asks nothing more. What is on its way stays in the outbox for the next life. */
  close(): void {
    this.#closed = true;
    for (const stop of this.#timers) stop();
    this.#timers.clear();
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  async #send(batch: PlannedBatch, retries: number): Promise<void> {
    const { clock, store, submitter, onFatal } = this.#options;
    try {
      const sentMs = clock.nowMs();
      store.markSent(batch.nonce, sentMs);
      const answer = await submitter
        .submit(batch)
        .catch((error: unknown) => noAnswer(batch, String(error)));
      if (!this.#closed) this.#answered(batch, answer, sentMs, retries);
    } catch (cause) {
      onFatal(new Error(`sending the batch ${batch.nonce} failed: ${String(cause)}`, { cause }));
    }
  }

  #answered(batch: PlannedBatch, answer: SubmitAnswer, sentMs: Ms, retries: number): void {
    const { length } = answer.outcomes;
    const expected = batch.commands.length;
    assert(
      length === expected,
      `an answer has ${expected} outcomes, one per command, got ${length}`,
    );
    this.#options.onAnswer?.(batch, answer);
    this.#postOutcome(batch, answer.outcomes, answer.roundTripMs, answer.timing);
    const open = unresolvedOf(batch, answer.outcomes, sentMs);
    if (open.length === 0) this.#finish();
    else if (isCancel(batch)) this.#retry(batch, open, retries);
    else this.#later(0, () => this.#ask(batch, open, 0));
  }

  #retry(batch: PlannedBatch, open: readonly UnresolvedCommand[], retries: number): void {
    const names = new Set(open.map(({ cloid }) => cloid));
    const commands = batch.commands.filter((command) => names.has(outcomeKey(command)));
    this.#later(retries, () => this.#sendAgain(batch, commands, retries + 1));
  }

  #sendAgain(batch: PlannedBatch, commands: PlannedBatch["commands"], retries: number): void {
    const { clock, nextNonce, store } = this.#options;
    const { lane, kind, expiresMs } = batch;
    const again: PlannedBatch = { nonce: nextNonce(), lane, kind, commands, expiresMs };
    store.supersede(batch.nonce, again, clock.nowMs());
    void this.#send(again, retries);
  }

  async #ask(
    batch: PlannedBatch,
    open: readonly UnresolvedCommand[],
    attempts: number,
  ): Promise<void> {
    const { clock, onResolveError, post, resolve } = this.#options;
    let outcomes: readonly CommandOutcome[] = [];
    try {
      outcomes = await resolve(open);
    } catch (error) {
      if (!this.#closed) onResolveError(error);
    }
    if (this.#closed) return;
    const known = new Set(
      outcomes.filter(({ result }) => result !== "unresolved").map(({ cloid }) => cloid),
    );
    const left = open.filter(({ cloid }) => !known.has(cloid));
    if (known.size > 0)
      post({
        kind: "outcome",
        // The time tells it from answers of an earlier life.
        id: `resolved:${batch.nonce}:${clock.nowMs()}`,
        nonce: batch.nonce,
        outcomes,
        roundTripMs: null,
      });
    if (left.length === 0) this.#finish();
    else this.#later(attempts, () => this.#ask(batch, left, attempts + 1));
  }

  #postOutcome(
    batch: PlannedBatch,
    outcomes: readonly CommandOutcome[],
    roundTripMs: number | null,
    timing?: BatchTiming,
  ): void {
    const { nonce } = batch;
    this.#options.post({
      kind: "outcome",
      id: `outcome:${nonce}`,
      nonce,
      outcomes,
      roundTripMs,
      ...(timing === undefined ? {} : { timing }),
    });
  }

  #later(attempts: number, run: () => void | Promise<void>): void {
    const { clock, onFatal } = this.#options;
    const delayMs = Math.min(BACKOFF_FIRST_MS * 2 ** attempts, BACKOFF_LIMIT_MS);
    const stop = clock.at(ms(clock.nowMs() + delayMs), () => {
      this.#timers.delete(stop);
      try {
        void run();
      } catch (cause) {
        onFatal(new Error(`sending again failed: ${String(cause)}`, { cause }));
      }
    });
    this.#timers.add(stop);
  }

  #finish(): void {
    this.#open--;
    if (this.#open === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}

function isCancel(batch: PlannedBatch): boolean {
  return batch.kind === "cancel" || batch.kind === "cancelOid";
}

function noAnswer(batch: PlannedBatch, text: string): SubmitAnswer {
  return { outcomes: unresolvedAll(batch, text), signMs: 0, roundTripMs: null, queuedMs: 0 };
}

/** The commands of which nothing is known: called so, or without a word. */
function unresolvedOf(
  batch: PlannedBatch,
  outcomes: readonly CommandOutcome[],
  sentMs: Ms,
): readonly UnresolvedCommand[] {
  const known = new Set(
    outcomes.filter(({ result }) => result !== "unresolved").map(({ cloid }) => cloid),
  );
  return batch.commands
    .filter((command) => !known.has(outcomeKey(command)))
    .map((command) => ({
      cloid: outcomeKey(command),
      op: outcomeOp(command),
      sentMs,
      expiresMs: batch.expiresMs === null ? null : ms(batch.expiresMs),
    }));
}
