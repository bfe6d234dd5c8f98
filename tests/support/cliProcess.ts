import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = join(import.meta.dir, "../../lib/cli/main.ts");

export type CliEnd = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type CliProcess = {
  readonly pid: number;
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<CliEnd>;
};

export type CliOptions = {
  /** Where its `.env` would lie; a folder without one when absent. */
  readonly cwd?: string;
  /** Beside what a program needs to run: nothing of the caller's settings reaches it. */
  readonly env?: { readonly [name: string]: string };
};

/**
 * Tests talk to this machine alone, however long they take: the jobs that ask the world are off. So is the watchdog, which
 * would cancel what a killed bot has left before a test looks at it; the tests of the watchdog switch it on.
 */
const NO_JOBS = { VOL_FETCH_CRON: "off", VOL_RETRAIN_CRON: "off", WATCHDOG: "false" };

const running = new Set<CliProcess>();

/** A command as a user starts it, in a process of its own. */
export function startCli(words: readonly string[], options: CliOptions = {}): CliProcess {
  return startProgram([process.execPath, MAIN, ...words], options);
}

/** Any program, with the surroundings of a command. */
export function startProgram(argv: readonly string[], { cwd, env }: CliOptions = {}): CliProcess {
  const child = Bun.spawn([...argv], {
    cwd: cwd ?? tmpdir(),
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...NO_JOBS, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const end = async (): Promise<CliEnd> => {
    const code = await child.exited;
    await Promise.all([stdout.whole, stderr.whole]);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  };
  const ended = end();
  const started: CliProcess = {
    pid: child.pid,
    stdout: stdout.text,
    stderr: stderr.text,
    kill: (signal) => child.kill(signal),
    ended,
  };
  running.add(started);
  void ended.finally(() => running.delete(started));
  return started;
}

/** A command that ends by itself. */
export function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  return startCli(words, options).ended;
}

/** Ends what a test has left running. */
export async function endProcesses(): Promise<void> {
  const left = [...running];
  for (const started of left) started.kill("SIGKILL");
  await Promise.all(left.map(({ ended }) => ended));
}

function collect(stream: ReadableStream<Uint8Array>) {
  let text = "";
  const whole = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  })();
  return { text: () => text, whole };
}
