import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reason, run } from "./client.ts";
import type { Client } from "./client.ts";

const VERSION = "4.5.84";

/** ccxt from npm; its hyperliquid class with the addresses overridden. */
export const ccxtClient: Client = {
  name: "ccxt",
  limitMs: 240_000,
  install: async (folder) => {
    writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}');
    const got = await run(["bun", "add", "--exact", `ccxt@${VERSION}`], folder, 180_000);
    if (got.code !== 0) return reason("bun add ccxt", got);
    copyFileSync(join(import.meta.dir, "ccxt/session.mjs"), join(folder, "session.mjs"));
    return { version: `ccxt ${VERSION}` };
  },
  command: (folder, url) => ["bun", join(folder, "session.mjs"), url],
};
