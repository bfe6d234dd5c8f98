import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "../support/cliProcess.ts";
import { ETH_RECORDING } from "../support/sharedData.ts";
import { summaryOf } from "../support/summarySchema.ts";
import type { Summary } from "../support/summarySchema.ts";

export type ReplayReport = { readonly summary: Summary; readonly problems: readonly string[] };

/** The whole recorded ETH market through the bot, twenty times as fast as it was. Null where it is absent. */
export async function replayRecorded(): Promise<ReplayReport | null> {
  if (ETH_RECORDING === null) return null;
  const folder = mkdtempSync(join(tmpdir(), "amm500-soak-"));
  try {
    const tape = join(folder, "eth.tape");
    const into = ["--format", "hl-csv", "--coin", "ETH", "--out", tape];
    const imported = await runCli(["tape", "import", ...into, ...ETH_RECORDING]);
    if (imported.code !== 0) throw new Error(`the import ended with: ${imported.stderr}`);
    const where = ["--port", "0", "--data", join(folder, "data")];
    const words = ["--feed", tape, "--speed", "20", ...where, "--json"];
    const { code, stdout, stderr } = await runCli(["paper", ...words]);
    if (code === 2) throw new Error(`the replay did not start: ${stderr}`);
    const summary = summaryOf(stdout);
    return { summary, problems: problemsOf(summary, code) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a finished run must not show. */
export function problemsOf(summary: Summary, code: number): string[] {
  const { fills, position, pnl, openOrdersAtEnd, errors } = summary;
  const { queue, through, taker } = fills.byCause;
  const caused = queue + through + taker;
  const problems = [...errors];
  if (code !== 0) problems.push(`exit code ${code}`);
  if (pnl.residualMicroUsd !== 0)
    problems.push(`${pnl.residualMicroUsd} micro-USD are unexplained`);
  if (position.lots !== position.venueLots)
    problems.push(`position ${position.lots} here, ${position.venueLots} there`);
  if (openOrdersAtEnd !== 0) problems.push(`${openOrdersAtEnd} orders are left`);
  if (caused !== fills.count) problems.push(`${fills.count} fills, ${caused} of them explained`);
  return problems;
}
