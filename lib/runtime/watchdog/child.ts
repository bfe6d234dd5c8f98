import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { livingWatchdog } from "./watchdogFile.ts";
import { alertEnv } from "../alertSettings.ts";
import type { Settings } from "../settings.ts";

/** The watchdog does not come up. */
export class WatchdogError extends Error {
  override readonly name = "WatchdogError";
}

const MAIN = join(import.meta.dir, "../../cli/main.ts");
const LOG_FILE = "watchdog.log";

const LOOK_EVERY_MS = 50;
const CHECK_EVERY_MS = 1000;
const UP_WITHIN_MS = 20_000;
const END_WITHIN_MS = 1500;

export type WatchdogChildOptions = {
  readonly dataDir: string;
  /** Names and values that it gets beside what a program needs to run: never the bot's own key. */
  readonly env: Readonly<Record<string, string>>;
  readonly onWarning: (text: string) => void;
};

/** The settings that a watchdog reads, as its environment. */
export function watchdogEnv(settings: Settings): Readonly<Record<string, string>> {
  const seconds = String(settings.WATCHDOG_FROZEN_SECONDS);
  return { WATCHDOG_FROZEN_SECONDS: seconds, ...alertEnv(settings) };
}

/**
 * Keeps a watchdog beside the bot. It is nobody's child and in a session of its own, so that what ends the bot, its group
 * or its descendants leaves it alive. One that dies is replaced.
 */
export class WatchdogChild {
  readonly #options: WatchdogChildOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #startedMs = 0;
  #wasUp = false;

  constructor(options: WatchdogChildOptions) {
    this.#options = options;
    this.#start();
    this.#timer = setInterval(() => this.#check(), CHECK_EVERY_MS);
    this.#timer.unref();
  }

  /** Process id of a watchdog that watches this process; null when there is none. */
  get pid(): number | null {
    const living = livingWatchdog(this.#options.dataDir);
    return living?.bot === process.pid ? living.pid : null;
  }

  /** Resolves when it watches this process. @throws WatchdogError when it does not come to that */
  async ready(): Promise<void> {
    const deadlineMs = performance.now() + UP_WITHIN_MS;
    while (this.pid === null) {
      if (performance.now() > deadlineMs) throw new WatchdogError(this.#missing());
      await Bun.sleep(LOOK_EVERY_MS);
    }
  }

  /** It is not replaced any more. @param clean the bot said that it ended: then it ends by itself, which is waited for */
  async close(clean: boolean): Promise<void> {
    clearInterval(this.#timer);
    const deadlineMs = performance.now() + (clean ? END_WITHIN_MS : 0);
    while (this.pid !== null && performance.now() < deadlineMs) await Bun.sleep(LOOK_EVERY_MS);
  }

  #missing(): string {
    return `the watchdog did not come up within ${UP_WITHIN_MS / 1000} s: see ${join(this.#options.dataDir, LOG_FILE)}`;
  }

  #check(): void {
    if (this.pid !== null) {
      this.#wasUp = true;
      return;
    }
    if (!this.#wasUp && performance.now() - this.#startedMs < UP_WITHIN_MS) return;
    const { dataDir, onWarning } = this.#options;
    onWarning(`the watchdog is gone; a new one is started, see ${join(dataDir, LOG_FILE)}`);
    this.#start();
  }

  #start(): void {
    this.#startedMs = performance.now();
    this.#wasUp = false;
    const { dataDir, env } = this.#options;
    const log = openSync(join(dataDir, LOG_FILE), "a", 0o600);
    // No settings file: a start in the folder of a bunfig or .env would tie it to the bot, or hand it the bot's key.
    const bun = [process.execPath, "--config=/dev/null", "--no-env-file"];
    const words = [...bun, MAIN, "watchdog", "--data", resolve(dataDir)];
    // The shell ends at once: what it leaves behind has no parent that it would have to follow.
    const shell = spawn("/bin/sh", ["-c", '"$@" &', "sh", ...words], {
      detached: true,
      stdio: ["ignore", log, log],
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...env },
    });
    closeSync(log);
    shell.on("error", (error) => this.#options.onWarning(`no watchdog: ${error.message}`));
    shell.unref();
  }
}
