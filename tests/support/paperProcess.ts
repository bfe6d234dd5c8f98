import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startCli } from "./cliProcess.ts";
import type { CliOptions, CliProcess } from "./cliProcess.ts";
import { until } from "./until.ts";
import {
  addressOf,
  initSigning,
  parsePrivateKey,
} from "../../lib/hyperliquid/signing/signature.ts";
import { readRunFile } from "../../lib/runtime/runFile.ts";
import { StatusReport } from "../../lib/runtime/status.ts";

export type PaperProcess = {
  readonly process: CliProcess;
  readonly dataDir: string;
  /** Of the page and the operator's door. */
  readonly url: string;
  readonly status: () => Promise<StatusReport>;
  /** An operator's order; `token` null sends none. */
  readonly post: (path: string, body: unknown, token: string | null) => Promise<PostAnswer>;
  /** The token that the bot has left in its folder. */
  readonly token: () => string;
  /** Waits until an order of its own is known to rest. */
  readonly untilQuoting: () => Promise<StatusReport>;
};

type PostAnswer = { readonly status: number; readonly body: { readonly error?: string } };

/** Limits out of the way: the test decides what the bot does, not the market's mood. */
export const NO_LIMITS = {
  REDUCE_ONLY_SKEW: "1",
  REDUCE_ONLY_LOSSES: "1000",
  REDUCE_ONLY_DRAWDOWN: "1",
  MAX_DRAWDOWN: "1",
} as const;

/** `paper` in a process of its own, up to where its page answers. It has not quoted yet. */
export async function startPaperProcess(
  dataDir: string,
  words: readonly string[],
  options: CliOptions = {},
): Promise<PaperProcess> {
  const process = startPaper(dataDir, words, options);
  return { ...(await reachPaper(process, dataDir)), process };
}

/** `paper` without waiting for anything. */
export function startPaper(
  dataDir: string,
  words: readonly string[],
  options: CliOptions = {},
): CliProcess {
  return startCli(["paper", "--port", "0", "--data", dataDir, "--json", ...words], options);
}

/** Finds the page of a started `paper`. */
export async function reachPaper(process: CliProcess, dataDir: string): Promise<PaperProcess> {
  let code: number | null = null;
  void process.ended.then((end) => {
    code = end.code;
  });
  const port = await until("the bot is up", () => {
    if (code !== null) throw new Error(`paper ended with ${code}: ${process.stderr()}`);
    const run = readRunFile(dataDir);
    return run?.pid === process.pid ? run.httpPort : null;
  });
  const url = `http://127.0.0.1:${port}`;
  const status = async (): Promise<StatusReport> => {
    const answer = await fetch(`${url}/status`);
    if (!answer.ok) throw new Error(`/status answered ${answer.status}: ${await answer.text()}`);
    return StatusReport.parse(await answer.json());
  };
  return {
    process,
    dataDir,
    url,
    status,
    token: () => readFileSync(join(dataDir, "api-token"), "utf8").trim(),
    post: async (path, body, token) => {
      const answer = await fetch(`${url}${path}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as { error?: string } };
    },
    untilQuoting: () =>
      until("the bot quotes", async () => {
        const report = await status();
        const quoting = report.phase === "quoting" && report.reconcileFailure === null;
        return quoting && report.orders.some(({ phase }) => phase === "resting") ? report : null;
      }),
  };
}

/** Address of the play-money account that a data folder keeps. */
export async function accountOf(dataDir: string): Promise<string> {
  await initSigning();
  return addressOf(parsePrivateKey(readFileSync(join(dataDir, "paper-key"), "utf8")));
}
