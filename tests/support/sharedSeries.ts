import { existsSync } from "node:fs";
import { join } from "node:path";
import { readCandleFile } from "../../lib/marketdata/history/candleFile.ts";
import { detectSession } from "../../lib/vol/bars.ts";
import type { Series } from "../../lib/vol/training/series.ts";

const FOLDER = process.env["AMM500_SHARED_DATA"] ?? join(import.meta.dir, "../../../shared/data");

/** Path of a real series that is not part of the repository; null, with the reason printed, where it is absent. */
export function sharedPath(name: string): string | null {
  const path = join(FOLDER, name);
  if (existsSync(path)) return path;
  console.log(`skipped: ${name} is not in ${FOLDER} (AMM500_SHARED_DATA)`);
  return null;
}

export async function sharedSeries(path: string): Promise<Series> {
  const { candles } = await readCandleFile(path, "auto");
  return { name: path.split("/").at(-1) ?? path, candles, session: detectSession(candles) };
}
