import { join } from "node:path";
import type { RunFigures, Setting } from "./runFigures.ts";

const SCRIPT = join(import.meta.dir, "../sim/ablation.ts");

type Child = {
  readonly process: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly lines: AsyncIterator<string>;
};

/** Processes that run variants: one line in, one line out. */
export class SpareProcesses {
  readonly #idle: Child[];
  readonly #all: readonly Child[];

  constructor(count: number) {
    this.#all = Array.from({ length: count }, startChild);
    this.#idle = [...this.#all];
  }

  /** At most as many at once as there are processes. @throws Error when the process ends without an answer */
  async run(name: string, setting: Setting): Promise<RunFigures> {
    const child = this.#idle.pop();
    if (child === undefined) throw new Error("every process is busy");
    await child.process.stdin.write(`${JSON.stringify({ name, setting })}\n`);
    await child.process.stdin.flush();
    const { value, done } = await child.lines.next();
    if (done === true) throw new Error(`the process that ran "${name}" ended without a result`);
    this.#idle.push(child);
    return JSON.parse(value) as RunFigures;
  }

  end(): void {
    for (const { process: child } of this.#all) child.kill();
  }
}

function startChild(): Child {
  const child = Bun.spawn([process.execPath, SCRIPT, "--worker"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  return { process: child, lines: linesOf(child.stdout) };
}

/** Lines of text as they come. */
export async function* linesOf(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
