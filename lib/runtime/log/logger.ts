import { RotatingFile } from "./rotatingFile.ts";
import type { Redact } from "../redact.ts";
import type { Settings } from "../settings.ts";
import { join } from "node:path";

export const LOG_LEVELS = ["error", "warning", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Names other than `time`, `level` and `event`. */
export type LogFields = {
  readonly time?: never;
  readonly level?: never;
  readonly event?: never;
  readonly [name: string]: unknown;
};

export type LoggerOptions = {
  readonly file: RotatingFile | null;
  readonly level: LogLevel | "off";
  readonly nowMs: () => number;
  readonly redact: Redact;
};

const FOLDER = "logs";
const FLUSH_EVERY_MS = 200;
const TEXT_MAX = 2_000;

/** One JSON object a line: time, level, event, then what belongs to it. */
export class Logger {
  readonly #options: LoggerOptions;
  readonly #rank: number;
  readonly counts: { [L in LogLevel]: number } = { error: 0, warning: 0, info: 0, debug: 0 };

  constructor(options: LoggerOptions) {
    this.#options = options;
    this.#rank = options.level === "off" ? -1 : LOG_LEVELS.indexOf(options.level);
  }

  /** Ask before building fields that cost something. */
  takes(level: LogLevel): boolean {
    return this.#options.file !== null && LOG_LEVELS.indexOf(level) <= this.#rank;
  }

  /** Lines that were lost because no room or no disk was found. */
  get lost(): number {
    return this.#options.file?.lost ?? 0;
  }

  /** @param atMs time of what happened; now when left out */
  write(level: LogLevel, event: string, fields: LogFields = {}, atMs?: number): void {
    if (!this.takes(level)) return;
    this.counts[level]++;
    const time = new Date(atMs ?? this.#options.nowMs()).toISOString();
    const line = JSON.stringify({ time, level, event, ...fields }, shortened);
    this.#options.file?.add(this.#options.redact(line));
  }

  flush(): void {
    this.#options.file?.flush();
  }
}

function shortened(_key: string, value: unknown): unknown {
  return typeof value === "string" && value.length > TEXT_MAX
    ? `${value.slice(0, TEXT_MAX)}…`
    : value;
}

export type OpenLog = { readonly log: Logger; readonly close: () => void };

/** The log of a data folder. A disk that refuses is told once, and trading goes on. */
export function openLog(
  dataDir: string,
  settings: Pick<Settings, "LOG_LEVEL" | "LOG_FILE_MB" | "LOG_FILES">,
  redact: Redact,
  nowMs: () => number,
  tell: (text: string) => void,
): OpenLog {
  const { LOG_LEVEL: level, LOG_FILE_MB: megabytes, LOG_FILES: files } = settings;
  const folder = join(dataDir, FOLDER);
  const file =
    level === "off" ? null : new RotatingFile({ folder, bytesMax: megabytes * 1e6, files });
  const log = new Logger({ file, level, nowMs, redact });
  let told = false;
  const flush = (): void => {
    log.flush();
    const failure = file?.failure ?? null;
    if (failure !== null && !told) tell(`the log cannot be written: ${redact(failure)}`);
    told = failure !== null;
  };
  const timer = setInterval(flush, FLUSH_EVERY_MS);
  timer.unref();
  return {
    log,
    close: () => {
      clearInterval(timer);
      flush();
      file?.close();
    },
  };
}
