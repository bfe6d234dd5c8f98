import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Lies in the data folder while a bot runs there: how other commands find it. */
export const RUN_FILE = "run.json";

export const RunFile = z.object({
  pid: z.int().positive(),
  httpPort: z.int().min(1).max(65_535),
  startedMs: z.number(),
  mode: z.enum(["paper", "simulate", "testnet", "live"]),
  /** Where the bot trades and for whom: for commands that ask the exchange themselves. */
  exchange: z.string().optional(),
  account: z.string().optional(),
});
export type RunFile = z.infer<typeof RunFile>;

/** @returns null when there is none, or one that a bot did not finish writing. */
export function readRunFile(dataDir: string): RunFile | null {
  let text: string;
  try {
    text = readFileSync(join(dataDir, RUN_FILE), "utf8");
  } catch {
    return null;
  }
  try {
    return RunFile.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
