/** Null until it was tried. */
let prefix: Promise<readonly string[]> | null = null;

/**
 * A command that runs only while nobody else wants the processor: Linux's idle class, which a waking thread always takes the
 * processor from, where util-linux's chrt is there and may set it. Elsewhere the command as it is.
 */
export async function idleCommand(command: readonly string[]): Promise<string[]> {
  prefix ??= findPrefix();
  return [...(await prefix), ...command];
}

async function findPrefix(): Promise<readonly string[]> {
  const chrt = process.platform === "linux" ? Bun.which("chrt") : null;
  if (chrt === null) return [];
  const idle = [chrt, "--idle", "0"];
  const tried = Bun.spawn([...idle, chrt, "--version"], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  return (await tried.exited) === 0 ? idle : [];
}
