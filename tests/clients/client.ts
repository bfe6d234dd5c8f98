/** One row of the table: what was tried with a client and how it went. */
export type Check = {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly detail: string;
};

/** A client that is installed into a folder of its own and then let loose on a local exchange. */
export type Client = {
  readonly name: string;
  /** The port that the client insists on; any free one when absent. */
  readonly port?: number;
  /** Installs; answers the version, or why it cannot be had. */
  readonly install: (folder: string) => Promise<Installed>;
  /** Runs the session; each line on its standard output is a `Check` as JSON. */
  readonly command: (folder: string, url: string) => readonly string[];
  readonly limitMs: number;
};

type Installed = { readonly version: string } | { readonly missing: string };

type Ran = { readonly code: number; readonly out: string; readonly error: string };

/** Runs a command to its end, at most `limitMs`; a command that is not there has code 127. */
export async function run(
  command: readonly string[],
  folder: string,
  limitMs: number,
): Promise<Ran> {
  try {
    const child = Bun.spawn([...command], {
      cwd: folder,
      stdout: "pipe",
      stderr: "pipe",
      timeout: limitMs,
    });
    const [out, error] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    const code = await child.exited;
    return { code: child.signalCode === null ? code : 124, out, error };
  } catch (error) {
    return { code: 127, out: "", error: error instanceof Error ? error.message : String(error) };
  }
}

/** Why a step of an installation failed, in one line. */
export function reason(what: string, { code, error }: Ran): { readonly missing: string } {
  if (code === 124) return { missing: `${what} took too long` };
  const last = error.trim().split("\n").at(-1) ?? "";
  return { missing: `${what} failed: ${last.slice(0, 200)}` };
}

/** The checks among the lines that a session printed. A session that ends badly is one failed check more. */
export function checksOf(ran: Ran): readonly Check[] {
  const checks = ran.out.split("\n").flatMap((line) => {
    try {
      const row: unknown = JSON.parse(line);
      return isCheck(row) ? [row] : [];
    } catch {
      return [];
    }
  });
  if (ran.code === 0 && checks.length > 0) return checks;
  const detail = ran.code === 124 ? "took too long" : ran.error.trim().slice(-400);
  return [...checks, { name: "the session ends well", outcome: "failed", detail }];
}

function isCheck(row: unknown): row is Check {
  return typeof row === "object" && row !== null && "name" in row && "outcome" in row;
}
