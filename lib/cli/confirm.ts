import { createInterface } from "node:readline/promises";
import { CommandFailure, UsageError } from "./command.ts";
import type { Io } from "./command.ts";

/** What has to be typed before real orders: the network's word, the market as it was found, and the capital. */
export function confirmationPhrase(word: string, market: string, capital: number): string {
  return `${word} ${market} ${capital}`;
}

/**
 * The operator's word, from `--confirm` or typed at the terminal.
 * @throws UsageError naming the phrase when it is missing or another one; CommandFailure when it is typed wrongly
 */
export async function confirmed(phrase: string, given: string | undefined, io: Io): Promise<void> {
  if (given !== undefined) {
    if (given === phrase) return;
    throw new UsageError(`--confirm: "${given}" is not allowed; for this run it is "${phrase}"`);
  }
  if (!process.stdin.isTTY)
    throw new UsageError(`this places real orders; confirm it: --confirm "${phrase}"`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await lines.question(`This places real orders. Type "${phrase}" to go on: `);
    if (typed.trim() === phrase) return;
  } finally {
    lines.close();
  }
  io.err("nothing was sent");
  throw new CommandFailure(`not confirmed: "${phrase}" was expected`);
}
