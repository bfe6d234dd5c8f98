import { WatchdogChild } from "./child.ts";
import type { WatchdogChildOptions } from "./child.ts";
import { Heartbeat, isNothingLeft } from "./heartbeat.ts";
import type { Beat } from "./heartbeat.ts";
import { messageOf } from "../../units/messageOf.ts";

export type GuardPlan = Pick<WatchdogChildOptions, "env"> & {
  /** Gives the watchdog its key. */
  readonly prepare: () => Promise<void>;
  /** Nothing is quoted before it watches; otherwise it comes up beside the first quotes. */
  readonly required: boolean;
};

export type GuardOptions = Omit<WatchdogChildOptions, "env"> & {
  /** Null: no process of its own; one that is started by hand finds the heartbeat. */
  readonly plan: GuardPlan | null;
};

const BESIDE_AFTER_MS = 1000;

/** The bot's side of the watchdog: its heartbeat, and the process that listens to it. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #heartbeat: Heartbeat;
  #child: WatchdogChild | null = null;
  #later: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  /** Set when the run began: orders may rest from then on. */
  began = false;
  #last: Beat["phase"] = "alive";

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#heartbeat = new Heartbeat(options.dataDir, (error) =>
      options.onWarning(`the heartbeat cannot be written: ${String(error)}`),
    );
  }

  /** @throws WatchdogError, and what `prepare` throws, where the watchdog is required */
  async start(): Promise<void> {
    this.began = true;
    const { plan, onWarning } = this.#options;
    if (plan === null) return;
    if (plan.required) {
      await this.#bringUp(plan);
      return;
    }
    // A start is busy enough: where play money is at stake, the first quotes go first.
    this.#later = setTimeout(() => {
      void this.#bringUp(plan).catch((error: unknown) =>
        onWarning(`no watchdog: ${messageOf(error)}`),
      );
    }, BESIDE_AFTER_MS);
  }

  /** The run has ended as it was asked to. @param clean the exchange has confirmed that nothing of ours is left */
  ended(clean: boolean): void {
    this.#last = clean ? "ended" : "stopped";
  }

  /** The run has ended by a contradiction. @param clean the exchange has confirmed that nothing of ours is left */
  broke(clean: boolean): void {
    this.#last = clean ? "broke" : "alive";
  }

  /** Lets go of the watchdog: after a clean end it ends too, else it cancels what is left first. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#later);
    this.#heartbeat.stop(this.#last);
    await this.#child?.close(isNothingLeft(this.#last));
  }

  async #bringUp({ env, prepare }: GuardPlan): Promise<void> {
    await prepare();
    if (this.#closed) return;
    const { dataDir, onWarning } = this.#options;
    this.#child = new WatchdogChild({ dataDir, env, onWarning });
    await this.#child.ready();
  }
}
