export type StubProcess = { readonly url: string; readonly stop: () => void };

/** Starts a stub in a process of its own; it prints its port first. */
export async function startStub(file: URL, ...args: readonly string[]): Promise<StubProcess> {
  const path = Bun.fileURLToPath(file);
  const child = Bun.spawn([process.execPath, path, ...args], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await child.stdout.getReader().read();
  const port = new TextDecoder().decode(value).trim();
  if (port === "") throw new Error(`the stub ${file.pathname} did not start`);
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}
