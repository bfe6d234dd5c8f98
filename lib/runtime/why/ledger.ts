import type { Ledger, LedgerAnswer, LedgerQuestion } from "../../dashboard/stories.ts";
import type { LedgerReply, LedgerRequest } from "./ledgerThread.ts";

/** Nobody waits for more than these; a page asks one thing at a time. */
const WAITING_MAX = 16;
const IDLE_MS = 60_000;
/** Faster than a hand on the slider; a flood must not take the processor from the bot. */
const PER_SECOND_MAX = 25;

type Waiting = PromiseWithResolvers<LedgerAnswer>;

/** Asks a thread of its own. The thread starts with the first question and ends a minute after the last. */
export class LedgerReader implements Ledger {
  readonly #dataDir: string;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  readonly #nowMs: () => number;
  #second = { startMs: Number.NEGATIVE_INFINITY, questions: 0 };

  /** @param nowMs milliseconds that only go forward */
  constructor(dataDir: string, nowMs: () => number = () => performance.now()) {
    this.#dataDir = dataDir;
    this.#nowMs = nowMs;
  }

  /** @throws Error when too many wait already, or the database cannot be read. */
  async ask(question: LedgerQuestion): Promise<LedgerAnswer> {
    if (this.#waiting.size >= WAITING_MAX || !this.#hasRoom())
      throw new Error("too many questions wait for the ledger; ask again in a moment");
    clearTimeout(this.#idle);
    const thread = this.#thread ?? this.#start();
    const waiting: Waiting = Promise.withResolvers();
    const id = ++this.#asked;
    this.#waiting.set(id, waiting);
    thread.postMessage({ kind: "ask", id, question } satisfies LedgerRequest);
    return waiting.promise;
  }

  #hasRoom(): boolean {
    const nowMs = this.#nowMs();
    if (nowMs - this.#second.startMs >= 1000) this.#second = { startMs: nowMs, questions: 0 };
    this.#second.questions++;
    return this.#second.questions <= PER_SECOND_MAX;
  }

  close(): void {
    this.#end("the bot has ended");
  }

  #start(): Worker {
    const thread = new Worker(new URL("./ledgerThread.ts", import.meta.url).href);
    thread.addEventListener("message", ({ data }: MessageEvent<LedgerReply>) => this.#told(data));
    thread.addEventListener("error", (event) => {
      event.preventDefault();
      if (this.#thread === thread) this.#end(`the ledger's thread has failed: ${event.message}`);
    });
    thread.postMessage({ kind: "open", dataDir: this.#dataDir } satisfies LedgerRequest);
    this.#thread = thread;
    return thread;
  }

  #told(reply: LedgerReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (waiting === undefined) return;
    if ("answer" in reply) waiting.resolve(reply.answer);
    else waiting.reject(new Error(reply.error));
    if (this.#waiting.size > 0) return;
    this.#idle = setTimeout(() => this.#end("nobody asks"), IDLE_MS);
    this.#idle.unref();
  }

  #end(reason: string): void {
    clearTimeout(this.#idle);
    this.#thread?.terminate();
    this.#thread = null;
    for (const waiting of this.#waiting.values()) waiting.reject(new Error(reason));
    this.#waiting.clear();
  }
}
