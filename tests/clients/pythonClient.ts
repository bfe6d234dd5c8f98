import { join } from "node:path";
import { reason, run } from "./client.ts";
import type { Client } from "./client.ts";

const VERSION = "0.24.0";

/** The official Python SDK from PyPI, in a virtual environment. */
export const pythonClient: Client = {
  name: "python",
  limitMs: 240_000,
  install: async (folder) => {
    const made = await run(["python3", "-m", "venv", "venv"], folder, 60_000);
    if (made.code !== 0) return reason("python3 -m venv", made);
    const pip = join(folder, "venv/bin/pip");
    const got = await run(
      [pip, "install", "-q", `hyperliquid-python-sdk==${VERSION}`],
      folder,
      180_000,
    );
    if (got.code !== 0) return reason("pip install hyperliquid-python-sdk", got);
    return { version: `hyperliquid-python-sdk ${VERSION}` };
  },
  command: (folder, url) => [
    join(folder, "venv/bin/python"),
    join(import.meta.dir, "python/session.py"),
    url.replace("127.0.0.1", "localhost"),
  ],
};
