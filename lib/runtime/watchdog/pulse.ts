import { isNothingLeft } from "./heartbeat.ts";
import type { Beat } from "./heartbeat.ts";

/**
 * "alive": it beats, or has not been silent for long. "frozen": its process is there and silent. "dead": its process is
 * gone. "ended": it said that nothing of it is left. "replaced": another bot beats in its folder.
 */
export type Verdict = "alive" | "frozen" | "dead" | "ended" | "replaced";

export type PulseOptions = {
  readonly pid: number;
  readonly started: string | null;
  /** Silence from which the bot counts as frozen. */
  readonly frozenAfterMs: number;
};

/** A pause of our own above this is not held against the bot: this process, or the machine, was asleep. */
const OWN_PAUSE_MS = 500;

/**
 * Judges a bot by its heartbeat, on a monotonic clock. Time in which the judge itself did not look does not count: after
 * a suspended machine wakes, or when this process was starved, both had no time.
 */
export class Pulse {
  readonly #options: PulseOptions;
  #count = -1;
  #silentMs = 0;
  #lookedMs: number | null = null;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** How long the bot has been silent while we looked. */
  get silentMs(): number {
    return this.#silentMs;
  }

  /** @param nowMs of a monotonic clock; @param beat null when none can be read; @param alive whether its process is there */
  look(nowMs: number, beat: Beat | null, alive: boolean): Verdict {
    const { pid, started, frozenAfterMs } = this.#options;
    const pauseMs = this.#lookedMs === null ? 0 : nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    this.#silentMs += Math.min(pauseMs, OWN_PAUSE_MS);
    if (beat !== null && (beat.pid !== pid || beat.started !== started)) return "replaced";
    if (beat !== null && isNothingLeft(beat.phase)) return "ended";
    if (beat !== null && beat.count !== this.#count) {
      this.#count = beat.count;
      this.#silentMs = 0;
    }
    if (!alive) return "dead";
    return this.#silentMs > frozenAfterMs ? "frozen" : "alive";
  }
}
