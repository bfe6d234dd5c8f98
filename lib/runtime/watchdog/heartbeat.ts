import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SYSTEM_PROCESSES } from "../processTable.ts";

const HEARTBEAT_FILE = "heartbeat";
/** Well below a second, so that one missed beat means nothing. */
const BEAT_EVERY_MS = 250;
const COUNT_DIGITS = 12;

const PHASES = ["alive", "stopped", "ended", "broke"] as const;

/** What the bot last said of itself. */
export type Beat = {
  readonly pid: number;
  /** Tells two lives of one process id apart; null when the system does not. */
  readonly started: string | null;
  /** Rises with each beat. */
  readonly count: number;
  /**
   * "ended": the bot has cancelled its orders and verified it; there is nothing left to watch. "stopped": it has ended as
   * it was asked to, and could not verify that. "broke": it ended by a contradiction, and verified it.
   */
  readonly phase: (typeof PHASES)[number];
};

const SHAPE = /^(\d+) (\d+|-) (\d+) ([a-z]+)$/;

/** The exchange has confirmed that no order of the bot is left. */
export function isNothingLeft(phase: Beat["phase"]): boolean {
  return phase === "ended" || phase === "broke";
}

/** @returns null when there is none, or one that was read while it was written. */
export function readBeat(dataDir: string): Beat | null {
  let text: string;
  try {
    text = readFileSync(join(dataDir, HEARTBEAT_FILE), "utf8");
  } catch {
    return null;
  }
  const match = SHAPE.exec(text.trimEnd());
  if (match === null) return null;
  const [, pid, started, count, word] = match;
  const phase = PHASES.find((each) => each === word);
  if (phase === undefined) return null;
  return {
    pid: Number(pid),
    started: started === "-" ? null : (started ?? null),
    count: Number(count),
    phase,
  };
}

/**
 * The bot's pulse: a counter in a file, written in place from the thread of the sequencer, so that it stands still when
 * that thread does. Every text has the same length: a reader never sees a mixture that means something else.
 */
export class Heartbeat {
  readonly #file: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #head: string;
  readonly #onError: (error: unknown) => void;
  #count = 0;
  #failed = false;

  /** Beats at once. `onError` is called once, when the file can no longer be written. */
  constructor(dataDir: string, onError: (error: unknown) => void) {
    const { own, startOf } = SYSTEM_PROCESSES;
    this.#head = `${own} ${startOf(own) ?? "-"}`;
    this.#onError = onError;
    this.#file = openSync(join(dataDir, HEARTBEAT_FILE), "w");
    this.#write("alive");
    this.#timer = setInterval(() => this.#write("alive"), BEAT_EVERY_MS);
  }

  /** @param last the last word; "alive" is none: the silence that follows is what the watchdog goes by */
  stop(last: Beat["phase"]): void {
    clearInterval(this.#timer);
    if (last !== "alive") this.#write(last);
    closeSync(this.#file);
  }

  #write(phase: Beat["phase"]): void {
    const count = String(++this.#count).padStart(COUNT_DIGITS, "0");
    try {
      writeSync(this.#file, `${this.#head} ${count} ${phase}\n`, 0);
    } catch (error) {
      if (!this.#failed) this.#onError(error);
      this.#failed = true;
    }
  }
}
