import { writeFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json";
import type { Client } from "./client.ts";

/** The public TypeScript client: the version that this project itself depends on. */
export const nktkasClient: Client = {
  name: "nktkas",
  limitMs: 240_000,
  install: async (folder) => {
    writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}');
    return Promise.resolve({
      version: `@nktkas/hyperliquid ${manifest.dependencies["@nktkas/hyperliquid"]}`,
    });
  },
  command: (_folder, url) => ["bun", join(import.meta.dir, "nktkas/session.ts"), url],
};
