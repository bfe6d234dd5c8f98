import { join } from "node:path";
import type { TrainCost, TrainJob, TrainMessage } from "./job.ts";
import type { RunReport } from "./report.ts";

/** The training did not end well. The text says why; nothing was changed. */
export class TrainingFailed extends Error {
  override readonly name = "TrainingFailed";
}

export type TrainOutcome = {
  readonly report: RunReport;
  readonly modelWritten: boolean;
  readonly cost: TrainCost;
};

export type TrainCallbacks = {
  readonly onProgress: (text: string, share: number) => void;
  /** Aborting kills the process. */
  readonly signal: AbortSignal | null;
};

/** Time beyond its own limit after which a training that does not answer is killed. */
const GRACE_MS = 20_000;

const WORKER = join(import.meta.dir, "../../../workers/trainVol.ts");

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}

/**
 * Trains in a process of its own at low priority: it can be killed at any time, gives its memory back, and never holds
 * the thread that quotes. Ending a thread inside a call of the run time would abort the whole program.
 * @throws TrainingFailed when it was cancelled, killed, out of bounds, or its data do not do.
 */
export async function trainInChild(
  job: TrainJob,
  callbacks: TrainCallbacks,
): Promise<TrainOutcome> {
  const child = Bun.spawn([process.execPath, WORKER], {
    stdin: new Blob([JSON.stringify(job)]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const kill = (): void => child.kill("SIGKILL");
  const timer = setTimeout(kill, job.timeMsMax + GRACE_MS);
  callbacks.signal?.addEventListener("abort", kill);
  if (callbacks.signal?.aborted === true) kill();
  const errors = new Response(child.stderr).text();
  let last: TrainMessage | null = null;
  try {
    for await (const line of lines(child.stdout)) {
      const message = parseMessage(line);
      if (message === null) continue;
      if (message.kind === "progress") callbacks.onProgress(message.text, message.share);
      else last = message;
    }
    const code = await child.exited;
    if (last?.kind === "done") return last;
    if (last?.kind === "failed") throw new TrainingFailed(last.reason);
    if (callbacks.signal?.aborted === true) throw new TrainingFailed("cancelled");
    const text = (await errors).trim().split("\n").slice(-3).join(" ");
    throw new TrainingFailed(`the training process ended with ${code} and no answer: ${text}`);
  } finally {
    clearTimeout(timer);
    callbacks.signal?.removeEventListener("abort", kill);
    kill();
  }
}

function parseMessage(line: string): TrainMessage | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as TrainMessage;
  } catch {
    return null;
  }
}
