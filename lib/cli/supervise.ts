import { CommandFailure } from "./command.ts";
import type { Io } from "./command.ts";
import { sayOnce } from "../runtime/alerts/sayOnce.ts";
import { readRunFile } from "../runtime/runFile.ts";
import { Restarts } from "../runtime/restarts.ts";
import type { LifeEnd } from "../runtime/restarts.ts";
import type { Settings } from "../runtime/settings.ts";
import { SYSTEM_PROCESSES } from "../runtime/processTable.ts";
import { readBeat } from "../runtime/watchdog/heartbeat.ts";
import { Pulse } from "../runtime/watchdog/pulse.ts";

export type SuperviseOptions = {
  /** Added to the command as it was given. */
  readonly words: readonly string[];
  /** Flags with a value that are left out of it. */
  readonly without?: readonly string[];
  readonly dataDir: string;
  readonly settings: Settings;
  readonly io: Io;
};

const LOOK_EVERY_MS = 500;

/**
 * Runs this same command in a process of its own, and again after a crash: with the same words, so that paper stays paper
 * and live keeps its confirmed market and capital.
 * @returns the exit code of the last life
 */
export async function superviseCommand(options: SuperviseOptions): Promise<number> {
  const { settings, io } = options;
  const restarts = new Restarts({
    crashesMax: settings.SUPERVISE_CRASHES,
    windowMs: settings.SUPERVISE_MINUTES * 60_000,
  });
  const asked = askedToStop();
  for (;;) {
    const { said, ...end } = await oneLife(options, asked);
    const verdict = restarts.next(asked.isAsked() ? { ...end, orderly: true } : end);
    if (verdict.kind === "stop") {
      const ownWords = verdict.code === 0 || end.orderly || asked.isAsked();
      if (ownWords || (!end.wasUp && verdict.code === (end.code ?? -1))) {
        if (said !== "") io.out(said);
        return verdict.code;
      }
      const text = `the bot is not started again: ${verdict.why}`;
      const alert = { kind: "crashLoop", severity: "critical", text } as const;
      await sayOnce(settings, `supervisor of ${options.dataDir}`, alert, io.err);
      throw new CommandFailure(text);
    }
    io.err(`the bot crashed (${verdict.why}); it starts again in ${verdict.afterMs / 1000} s`);
    await Promise.race([Bun.sleep(verdict.afterMs), asked.promise]);
    if (asked.isAsked()) throw new CommandFailure("told to end while the bot was down");
  }
}

type Asked = {
  readonly promise: Promise<void>;
  readonly isAsked: () => boolean;
  /** Called at every signal, with the child that is to have it. */
  forward: ((signal: NodeJS.Signals) => void) | null;
};

function askedToStop(): Asked {
  const { promise, resolve } = Promise.withResolvers<void>();
  let is = false;
  const asked: Asked = { promise, isAsked: () => is, forward: null };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      is = true;
      resolve();
      asked.forward?.(signal);
    });
  return asked;
}

/** What a life has written to standard output is its last word, of which only the last life's is told. */
type Life = LifeEnd & { readonly said: string };

async function oneLife(options: SuperviseOptions, asked: Asked): Promise<Life> {
  const { dataDir, io, settings } = options;
  const startedMs = performance.now();
  // It never trades on unsupervised: should this process be killed, the watchdog cancels what it leaves.
  const child = Bun.spawn([process.execPath, "--no-orphans", ...commandOf(options)], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const said = new Response(child.stdout).text();
  asked.forward = (signal) => child.kill(signal);
  let wasUp = false;
  const pulse = new Pulse({
    pid: child.pid,
    started: SYSTEM_PROCESSES.startOf(child.pid),
    frozenAfterMs: settings.SUPERVISE_FROZEN_SECONDS * 1000,
  });
  const timer = setInterval(() => {
    wasUp ||= readRunFile(dataDir)?.pid === child.pid;
    if (!wasUp || pulse.look(performance.now(), readBeat(dataDir), true) !== "frozen") return;
    io.err(`the bot has been silent for ${(pulse.silentMs / 1000).toFixed(0)} s and is ended`);
    child.kill("SIGKILL");
  }, LOOK_EVERY_MS);
  await child.exited;
  clearInterval(timer);
  asked.forward = null;
  const { exitCode: code, signalCode } = child;
  const signal = signalCode === null ? null : String(signalCode);
  // One that was killed has left it there; one that went in order has taken it away, and was seen before.
  wasUp ||= readRunFile(dataDir)?.pid === child.pid;
  const beat = readBeat(dataDir);
  const orderly = beat?.pid === child.pid && (beat.phase === "ended" || beat.phase === "stopped");
  const atMs = performance.now();
  const ranMs = atMs - startedMs;
  return { atMs, ranMs, code, signal, orderly, wasUp, said: (await said).trimEnd() };
}

/** The words of this process, less those that only its supervision needs. */
function commandOf({ words, without = [] }: SuperviseOptions): readonly string[] {
  const [script = "", ...given] = process.argv.slice(1);
  const kept: string[] = [];
  for (let i = 0; i < given.length; i++) {
    const word = given[i] ?? "";
    if (word === "--supervise" || without.some((name) => word.startsWith(`${name}=`))) continue;
    if (without.includes(word)) i++;
    else kept.push(word);
  }
  return [script, ...kept, ...words];
}
