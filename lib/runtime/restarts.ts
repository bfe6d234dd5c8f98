export type RestartOptions = {
  /** Crashes within the window that end it. */
  readonly crashesMax: number;
  readonly windowMs: number;
};

/** How a life of the bot ended. */
export type LifeEnd = {
  /** Monotonic. */
  readonly atMs: number;
  readonly ranMs: number;
  readonly code: number | null;
  readonly signal: string | null;
  /** It ended as it was asked to: the duration over, interrupted, the tape over. */
  readonly orderly: boolean;
  /** It came as far as trading. */
  readonly wasUp: boolean;
};

export type RestartVerdict =
  | { readonly kind: "stop"; readonly code: number; readonly why: string }
  | { readonly kind: "restart"; readonly afterMs: number; readonly why: string };

const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MS_MAX = 60_000;
/** A life of this length counts as healthy: the next crash starts from the shortest pause. */
const HEALTHY_MS = 600_000;

/**
 * Decides after each life of a supervised bot whether there is to be another: after a crash, later each time, and not
 * when it crashes too often, was used wrongly, or never came up at all.
 */
export class Restarts {
  readonly #options: RestartOptions;
  #crashesMs: number[] = [];
  #inARow = 0;
  #everUp = false;

  constructor(options: RestartOptions) {
    this.#options = options;
  }

  next(end: LifeEnd): RestartVerdict {
    const { crashesMax, windowMs } = this.#options;
    const { atMs, ranMs, code, orderly, wasUp } = end;
    this.#everUp ||= wasUp;
    if (orderly || code === 0)
      return { kind: "stop", code: code ?? 1, why: "it ended as it was asked to" };
    if (code === 2) return { kind: "stop", code, why: "it was used wrongly: see above" };
    const how = howText(end);
    if (!this.#everUp) return { kind: "stop", code: code ?? 1, why: `it never came up (${how})` };
    this.#crashesMs = [...this.#crashesMs, atMs].filter((each) => each > atMs - windowMs);
    if (this.#crashesMs.length >= crashesMax)
      return {
        kind: "stop",
        code: 1,
        why: `it crashed ${this.#crashesMs.length} times within ${windowMs / 60_000} minutes, the last time by ${how}: see its log, then start it again`,
      };
    this.#inARow = ranMs >= HEALTHY_MS ? 1 : this.#inARow + 1;
    const afterMs = Math.min(BACKOFF_FIRST_MS * 2 ** (this.#inARow - 1), BACKOFF_MS_MAX);
    return { kind: "restart", afterMs, why: how };
  }
}

function howText({ code, signal, ranMs }: LifeEnd): string {
  const way = signal === null ? `exit code ${code}` : signal;
  return `${way} after ${(ranMs / 1000).toFixed(0)} s`;
}
