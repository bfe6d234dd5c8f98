import { join } from "node:path";
import type { VolJob, VolJobMessage } from "../marketdata/history/volJob.ts";

/** The process beside the bot ended without an answer. */
export class VolChildError extends Error {
  override readonly name = "VolChildError";
}

const WORKER = join(import.meta.dir, "../../workers/volJob.ts");
/** After being asked to end, this long; then it is made to. */
const END_MS = 1000;
/** Beyond the training's own limit: history, which waits for slow sources, and the way there and back. */
const GRACE_MS = 180_000;

export type VolChildCallbacks = {
  readonly onProgress: (text: string, share: number) => void;
  readonly signal: AbortSignal;
};

/**
 * One job in a process of its own at the lowest priority: it can be ended at any time and changes nothing then.
 * @throws VolChildError when it was ended, or ended on its own without an answer.
 */
export async function runVolJob(
  job: VolJob,
  { onProgress, signal }: VolChildCallbacks,
): Promise<Exclude<VolJobMessage, { kind: "progress" }>> {
  const child = Bun.spawn([process.execPath, WORKER], {
    stdin: new Blob([JSON.stringify(job)]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const end = (): void => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), END_MS).unref();
  };
  const limit = setTimeout(end, job.training.timeMsMax + GRACE_MS);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  const errors = new Response(child.stderr).text();
  let answer: Exclude<VolJobMessage, { kind: "progress" }> | null = null;
  try {
    for await (const line of lines(child.stdout)) {
      const message = parseMessage(line);
      if (message === null) continue;
      if (message.kind === "progress") onProgress(message.text, message.share);
      else answer = message;
    }
    const code = await child.exited;
    if (signal.aborted) throw new VolChildError("it was ended");
    if (answer !== null) return answer;
    const text = (await errors).trim().split("\n").slice(-3).join(" ");
    throw new VolChildError(`it ended with ${code} and no answer: ${text}`);
  } finally {
    clearTimeout(limit);
    signal.removeEventListener("abort", end);
  }
}

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

function parseMessage(line: string): VolJobMessage | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as VolJobMessage;
  } catch {
    return null;
  }
}
