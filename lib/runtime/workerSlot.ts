import { machineMs } from "../hyperliquid/orderWorker.ts";
import type {
  OrderWorkerAnswer,
  OrderWorkerRequest,
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
  /** Null while it is only being signed. */
  posting: {
    readonly timer: ReturnType<typeof setTimeout>;
    readonly done: (sent: WorkerSent) => void;
  } | null;
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
    const flight: Flight = { batch, posting: null };
    const id = this.#nextId++;
    this.#flights.set(id, flight);
    const sent = this.#answerTo(flight);
    this.#tell({ kind: "send", id, batch: withoutReasons(batch), postedMs: machineMs() });
    return sent;
  }

  /** Lets the thread wake, build and sign; it posts nothing before `go`. @returns the name for `go` and `drop` */
  prepare(batch: PlannedBatch): number {
    const id = this.#nextId++;
    this.#flights.set(id, { batch, posting: null });
    this.#tell({ kind: "sign", id, batch: withoutReasons(batch) });
    return id;
  }

  /** Posts what was prepared. @returns null when the thread that signed it is gone, and nothing of it has left */
  go(id: number): Promise<WorkerSent> | null {
    const flight = this.#flights.get(id);
    if (flight === undefined) return null;
    const sent = this.#answerTo(flight);
    this.#tell({ kind: "go", id, postedMs: machineMs() });
    return sent;
  }

  /** What was prepared is forgotten. */
  drop(id: number): void {
    if (this.#flights.delete(id)) this.#tell({ kind: "drop", id });
  }

  #answerTo(flight: Flight): Promise<WorkerSent> {
    return new Promise((done) => {
      const silent = (): void => this.#thread?.terminate();
      const timer = setTimeout(silent, this.#start.timeoutMs + SILENCE_MS);
      flight.posting = { timer, done };
    });
  }

  #tell(request: OrderWorkerRequest): void {
    this.#thread?.post(JSON.stringify(request));
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
    this.#tell(this.#start);
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
    this.#flights.delete(id);
    if (flight.posting === null) return;
    clearTimeout(flight.posting.timer);
    const { outcomes, signMs, roundTripMs, wakeMs } = sent;
    flight.posting.done({ outcomes, signMs, roundTripMs, wakeMs });
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
