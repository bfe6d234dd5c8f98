import { machineMs } from "../hyperliquid/orderWorker.ts";
import type {
  OrderWorkerAnswer,
  OrderWorkerStart,
  WorkerSent,
} from "../hyperliquid/orderWorker.ts";
import { unresolvedAll } from "../hyperliquid/submit.ts";
import type { PlannedBatch } from "../messages/audit.ts";
import type { OrderThread, SpawnOrderThread } from "./orderThread.ts";

/** A thread may fail to come up this many times in a row before its place is given up. */
const START_FAILURES_MAX = 3;
/** Beyond the post's own timeout: a thread that is silent for so long does not run any more. */
const SILENCE_MS = 2000;

type Flight = {
  readonly batch: PlannedBatch;
  readonly timer: ReturnType<typeof setTimeout>;
  readonly done: (sent: WorkerSent) => void;
};

export type SlotState = "starting" | "ready" | "failed" | "closed";

export type SlotEvents = {
  /** Something changed: work may be taken. */
  readonly onChange: () => void;
  readonly onReplaced: () => void;
};

/**
 * One place in the pool: a thread, what it holds, and its replacement when it dies. What a dead thread held is
 * unresolved: it may have been posted.
 */
export class WorkerSlot {
  readonly #spawn: SpawnOrderThread;
  readonly #start: OrderWorkerStart;
  readonly #events: SlotEvents;
  readonly #flights = new Map<number, Flight>();
  #thread: OrderThread | null = null;
  #state: SlotState = "starting";
  #failures = 0;
  #nextId = 1;
  #failure = "";
  #backend = "";

  constructor(spawn: SpawnOrderThread, start: OrderWorkerStart, events: SlotEvents) {
    this.#spawn = spawn;
    this.#start = start;
    this.#events = events;
    this.#launch();
  }

  get state(): SlotState {
    return this.#state;
  }

  get inFlight(): number {
    return this.#flights.size;
  }

  /** Why the thread last ended; "" when it never did. */
  get failure(): string {
    return this.#failure;
  }

  /** What the thread signs with, as it said itself; "" before it is ready. */
  get backend(): string {
    return this.#backend;
  }

  /** Hands a batch to the thread. Only when ready. */
  send(batch: PlannedBatch): Promise<WorkerSent> {
    return new Promise((done) => {
      const id = this.#nextId++;
      const silent = (): void => this.#thread?.terminate();
      const timer = setTimeout(silent, this.#start.timeoutMs + SILENCE_MS);
      this.#flights.set(id, { batch, timer, done });
      const bare = withoutReasons(batch);
      this.#thread?.post(JSON.stringify({ kind: "send", id, batch: bare, postedMs: machineMs() }));
    });
  }

  close(): void {
    this.#state = "closed";
    this.#thread?.terminate();
  }

  #launch(): void {
    this.#state = "starting";
    this.#thread = this.#spawn({
      onMessage: (text) => this.#receive(JSON.parse(text) as OrderWorkerAnswer),
      onEnd: (reason) => this.#ended(reason),
    });
    this.#thread.post(JSON.stringify(this.#start));
  }

  #receive(answer: OrderWorkerAnswer): void {
    if (answer.kind === "ready") {
      this.#failures = 0;
      this.#backend = answer.backend;
      if (this.#state === "starting") this.#state = "ready";
    } else {
      const flight = this.#flights.get(answer.id);
      if (flight !== undefined) this.#land(answer.id, flight, answer);
    }
    this.#events.onChange();
  }

  #land(id: number, flight: Flight, sent: WorkerSent): void {
    clearTimeout(flight.timer);
    this.#flights.delete(id);
    const { outcomes, signMs, roundTripMs, wakeMs } = sent;
    flight.done({ outcomes, signMs, roundTripMs, wakeMs });
  }

  #ended(reason: string): void {
    this.#failure = reason;
    for (const [id, flight] of this.#flights) {
      const outcomes = unresolvedAll(flight.batch, `the order worker died: ${reason}`);
      this.#land(id, flight, { outcomes, signMs: 0, roundTripMs: null, wakeMs: 0 });
    }
    if (this.#state === "closed") return;
    this.#failures++;
    if (this.#failures >= START_FAILURES_MAX) this.#state = "failed";
    else {
      this.#events.onReplaced();
      this.#launch();
    }
    this.#events.onChange();
  }
}

/** A thread needs no reasons; without them the text is a third as long. */
function withoutReasons(batch: PlannedBatch): PlannedBatch {
  const bare = batch.commands.map((command) =>
    "reason" in command ? { ...command, reason: null } : command,
  );
  return { ...batch, commands: bare };
}
