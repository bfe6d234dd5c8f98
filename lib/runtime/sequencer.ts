import { EventQueue } from "./eventQueue.ts";
import type { Queued } from "./eventQueue.ts";
import { stamp } from "./eventInput.ts";
import type { EventInput } from "./eventInput.ts";
import { RecentIds } from "./recentIds.ts";
import type { Audit, PlannedBatch } from "../messages/audit.ts";
import type { Approved, Command, OrderCommand, Refusal } from "../messages/commands.ts";
import type { Event } from "../messages/events.ts";
import type { Params } from "../messages/params.ts";
import type { BotState } from "../messages/state.ts";
import type { AnyHandler, Silence } from "../messages/step.ts";
import type { LoadedState } from "../store/loadState.ts";
import type { SideSilence, Store } from "../store/store.ts";
import { assert } from "../units/assert.ts";
import type { Side } from "../units/grid.ts";
import type { Clock } from "../units/time.ts";

/** The pure functions of a step. */
export type StepFunctions = {
  readonly dispatch: AnyHandler;
  readonly checkRisk: (
    state: BotState,
    commands: readonly Command[],
    event: Event,
    params: Params,
  ) => { readonly approved: readonly Approved[]; readonly refused: readonly Refusal[] };
  readonly recordInFlight: (
    state: BotState,
    approved: readonly Approved<OrderCommand>[],
    event: Event,
  ) => BotState;
  readonly planBatches: (
    approved: readonly Approved<OrderCommand>[],
    nextNonce: () => number,
    params: Params,
  ) => readonly PlannedBatch[];
};

/** Milliseconds of each part of one step. */
export type StepTimes = {
  readonly queuedMs: number;
  readonly handlerMs: number;
  readonly riskMs: number;
  readonly commitMs: number;
  readonly committed: boolean;
};

export type SequencerOptions = {
  readonly functions: StepFunctions;
  readonly params: Params;
  readonly loaded: LoadedState;
  readonly store: Pick<Store, "commitStep">;
  readonly clock: Clock;
  readonly nextNonce: () => number;
  readonly onBatches: (batches: readonly PlannedBatch[]) => void;
  readonly onReadMargin: () => void;
  readonly onReconcile: () => void;
  /** Something contradicts itself: no further event is handled. The process ends and recovers. */
  readonly onFatal: (error: Error) => void;
  /** A view failed. Trading goes on. */
  readonly onListenerError: (error: unknown) => void;
  readonly onTimes?: (times: StepTimes) => void;
  /** Events that may wait. */
  readonly capacity?: number;
  /**
   * When handling starts after an event came in: by default once the inputs that are ready have been read, so that
   * an old book never goes before a newer one that is already here. Virtual time handles at once.
   */
  readonly defer?: (run: () => void) => void;
};

const DEFAULT_CAPACITY = 2048;
const REMEMBERED_IDS = 10_000;
/** Steps before inputs are read again. */
const STEPS_PER_TURN = 256;

/** The event was handled before. Nothing happened. */
export class DuplicateEvent extends Error {
  override readonly name = "DuplicateEvent";
}

/** Handles one event at a time, in the order of arrival, and makes each step durable before anything is sent. */
export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #queue: EventQueue;
  readonly #recent = new RecentIds(REMEMBERED_IDS);
  readonly #defer: (run: () => void) => void;
  readonly #listeners: ((audit: Audit) => void)[] = [];
  readonly #waiting = new Map<Event, Waiting>();
  #current: LoadedState;
  #view: Event["view"] = null;
  #phase: "idle" | "scheduled" | "running" | "ended" = "idle";
  #stepSeq = 0;
  #duplicates = 0;
  #booksDropped = 0;
  #refusalKey = "";
  readonly #silenceKeys: { [S in Side]: string | null | undefined } = {
    bid: undefined,
    ask: undefined,
  };

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#current = options.loaded;
    this.#queue = new EventQueue(options.capacity ?? DEFAULT_CAPACITY);
    this.#defer = options.defer ?? ((run) => void setImmediate(run));
  }

  get state(): BotState {
    return this.#current.state;
  }

  /** Newest view of the market that an event brought. */
  get view(): Event["view"] {
    return this.#view;
  }

  isIdle(): boolean {
    return this.#phase !== "running" && this.#queue.size === 0;
  }

  counts(): {
    readonly steps: number;
    readonly waiting: number;
    readonly duplicates: number;
    readonly booksDropped: number;
  } {
    return {
      steps: this.#stepSeq,
      waiting: this.#queue.size,
      duplicates: this.#duplicates,
      booksDropped: this.#booksDropped,
    };
  }

  /** Called after each step, committed or not. */
  onAudit(listener: (audit: Audit) => void): void {
    this.#listeners.push(listener);
  }

  /** Hands an event in. Never blocks and never handles it before it returns to its caller's step. */
  post(input: EventInput): void {
    this.#enqueue(input, null);
  }

  /** Like `post`; resolves when the event was handled and stored. @throws DuplicateEvent, or what ended the sequencer. */
  async ask(input: EventInput): Promise<Audit> {
    const { promise, resolve, reject } = Promise.withResolvers<Audit>();
    this.#enqueue(input, { resolve, reject });
    return promise;
  }

  /** No further event is handled; whoever waits is told. */
  end(why: string): void {
    this.#phase = "ended";
    this.#queue.clear(why);
  }

  #enqueue(input: EventInput, waiting: Waiting | null): void {
    if (this.#phase === "ended") {
      waiting?.reject(new Error("the bot has ended and handles no further events"));
      return;
    }
    const event = stamp(input, this.#options.clock.nowMs(), this.#view);
    if (event.view !== null) this.#view = event.view;
    if (waiting !== null) this.#waiting.set(event, waiting);
    const dropped = this.#queue.push(this.#queued(event));
    if (dropped === null) {
      const { size } = this.#queue;
      const error = new Error(`${size} events wait, no room for "${event.kind}" (${event.id})`);
      this.#settle(event, (waiter) => waiter.reject(error));
      this.#fatal(error);
      return;
    }
    this.#booksDropped += dropped;
    this.#schedule();
  }

  #queued(event: Event): Queued {
    return {
      event,
      enqueuedMs: this.#options.onTimes === undefined ? 0 : this.#options.clock.monotonicMs(),
      onDropped: (why) => this.#settle(event, (waiting) => waiting.reject(new Error(why))),
    };
  }

  #schedule(): void {
    if (this.#phase !== "idle") return;
    this.#phase = "scheduled";
    this.#defer(() => this.#drain());
  }

  #drain(): void {
    if (this.#phase !== "scheduled") return;
    this.#phase = "running";
    for (let n = 0; n < STEPS_PER_TURN && this.#isRunning(); n++) {
      const item = this.#queue.shift();
      if (item === null) break;
      this.#guard(item);
    }
    if (!this.#isRunning()) return;
    this.#phase = "idle";
    if (this.#queue.size > 0) this.#schedule();
  }

  /** A method, because the phase changes inside steps. */
  #isRunning(): boolean {
    return this.#phase === "running";
  }

  #guard(item: Queued): void {
    try {
      this.#step(item);
    } catch (cause) {
      const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      const { kind, id } = item.event;
      const error = new Error(`handling "${kind}" (${id}) failed: ${text}`, { cause });
      this.#settle(item.event, (waiting) => waiting.reject(error));
      this.#fatal(error);
    }
  }

  #step({ event, enqueuedMs }: Queued): void {
    if (!this.#recent.add(event.id)) return this.#duplicate(event);
    const { functions, params, clock, store, onTimes } = this.#options;
    const measure = onTimes === undefined ? () => 0 : () => clock.monotonicMs();
    const startMs = measure();
    const { state: before, versions } = this.#current;
    const handled = functions.dispatch(event, before, params);
    const handledMs = measure();
    const planned = this.#plan(event, handled.state, handled.commands);
    const plannedMs = measure();
    const { after, batches } = planned;
    const news = this.#newRefusals(planned);
    const silences = this.#newSilences(handled.silence);
    const committed =
      after !== before ||
      batches.length > 0 ||
      news.length > 0 ||
      silences.length > 0 ||
      event.kind === "outcome";
    if (committed) {
      const step = { event, before, after, versions, batches, refused: news, silences };
      const result = store.commitStep(step);
      if (result.kind === "duplicate") return this.#duplicate(event);
      this.#current = { state: after, versions: result.versions };
    }
    onTimes?.({
      queuedMs: startMs - enqueuedMs,
      handlerMs: handledMs - startMs,
      riskMs: plannedMs - handledMs,
      commitMs: measure() - plannedMs,
      committed,
    });
    this.#act(planned);
    const { approved, refused } = planned;
    this.#tell({ stepSeq: ++this.#stepSeq, event, before, after, approved, refused, committed });
  }

  #plan(event: Event, state: BotState, commands: readonly Command[]): Planned {
    if (commands.length === 0) return { after: state, approved: [], refused: [], batches: [] };
    const { functions, params, nextNonce } = this.#options;
    const { approved, refused } = functions.checkRisk(state, commands, event, params);
    const orders = approved.filter(isOrder);
    if (orders.length === 0) return { after: state, approved, refused, batches: [] };
    const after = functions.recordInFlight(state, orders, event);
    const batches = functions.planBatches(orders, nextNonce, params);
    const inBatches = batches.reduce((sum, batch) => sum + batch.commands.length, 0);
    assert(
      inBatches === orders.length,
      `every approved order is in one batch: ${orders.length} approved, ${inBatches} in batches`,
    );
    return { after, approved, refused, batches };
  }

  /** What is to be stored of the refusals: the same reasons over and over are stored once. */
  #newRefusals({ approved, refused }: Planned): readonly Refusal[] {
    // A step that asked for nothing says nothing about what would be refused.
    if (approved.length === 0 && refused.length === 0) return [];
    const key = refusalKey(refused);
    if (key === this.#refusalKey) return [];
    this.#refusalKey = key;
    return refused;
  }

  /** A side that falls silent for another cause than before, or is quoted again; figures alone are no news. */
  #newSilences(silence: Silence | undefined): readonly SideSilence[] {
    if (silence === undefined) return [];
    const news: SideSilence[] = [];
    for (const side of ["bid", "ask"] as const) {
      const text = silence[side];
      const key = text?.split(":")[0] ?? null;
      if (key === this.#silenceKeys[side]) continue;
      this.#silenceKeys[side] = key;
      news.push({ side, text });
    }
    return news;
  }

  #act({ approved, batches }: Planned): void {
    const { onBatches, onReadMargin, onReconcile } = this.#options;
    if (batches.length > 0) onBatches(batches);
    if (approved.some(({ kind }) => kind === "readMargin")) onReadMargin();
    if (approved.some(({ kind }) => kind === "reconcile")) onReconcile();
  }

  #tell(audit: Audit): void {
    for (const listener of this.#listeners) {
      try {
        listener(audit);
      } catch (error) {
        this.#options.onListenerError(error);
      }
    }
    this.#settle(audit.event, (waiting) => waiting.resolve(audit));
  }

  #duplicate(event: Event): void {
    this.#duplicates++;
    this.#settle(event, (waiting) =>
      waiting.reject(new DuplicateEvent(`the event ${event.id} was handled before`)),
    );
  }

  #settle(event: Event, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(event);
    if (waiting === undefined) return;
    this.#waiting.delete(event);
    how(waiting);
  }

  #fatal(error: Error): void {
    this.end(error.message);
    this.#options.onFatal(error);
  }
}

type Waiting = {
  readonly resolve: (audit: Audit) => void;
  readonly reject: (error: Error) => void;
};

type Planned = {
  readonly after: BotState;
  readonly approved: readonly Approved[];
  readonly refused: readonly Refusal[];
  readonly batches: readonly PlannedBatch[];
};

function isOrder(command: Approved): command is Approved<OrderCommand> {
  return command.kind !== "readMargin" && command.kind !== "reconcile";
}

function refusalKey(refused: readonly Refusal[]): string {
  const reasons = new Set(refused.map(({ reason }) => reason));
  return [...reasons].toSorted().join(" ");
}
