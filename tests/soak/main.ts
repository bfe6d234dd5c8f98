import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { problemsOf, replayRecorded } from "./replayRecorded.ts";
import type { ReplayReport } from "./replayRecorded.ts";
import {
  defineCommand,
  helpText,
  integerBetween,
  parseArguments,
  Switch,
  UsageError,
} from "../../lib/cli/command.ts";
import { textTable } from "../../lib/cli/table.ts";
import { endProcesses } from "../support/cliProcess.ts";
import { COIN, startExchangeProcess } from "../support/exchangeProcess.ts";
import { killRounds } from "../support/killRounds.ts";
import type { RoundReport } from "../support/killRounds.ts";
import { summaryOf } from "../support/summarySchema.ts";

/*
 * What takes too long for the tests: many rounds of kill -9 against one exchange that runs on, and a whole recorded
 * market. Real processes, real sockets; a round is what the tests do twice.
 */

const flags = z.object({
  rounds: integerBetween(0, 1000).default(20).describe("of kill -9 and restart (20)"),
  seed: integerBetween(0, 2 ** 31 - 1)
    .default(1)
    .describe("of the moments, and of the simulated market (1)"),
  "no-limits": Switch.describe(
    "an exchange without request limits: rounds take a third of the time",
  ),
  "no-replay": Switch.describe("without the recorded market"),
  json: Switch.describe("one JSON object on standard output"),
});
type Flags = z.infer<typeof flags>;

const DOWN_MS_MAX = 5000;

type Kills = {
  readonly rounds: readonly RoundReport[];
  readonly ordersAccepted: number;
  readonly problemsAtEnd: readonly string[];
};

async function kill(given: Flags): Promise<Kills> {
  const folder = mkdtempSync(join(tmpdir(), "amm500-soak-"));
  try {
    const limits = given["no-limits"] ? ["--no-limits"] : [];
    const words = ["--market", COIN, "--seed", String(given.seed), ...limits];
    const exchange = await startExchangeProcess(words);
    const { reports, paper, ordersAccepted } = await killRounds({
      exchange,
      dataDir: join(folder, "data"),
      rounds: given.rounds,
      seed: given.seed,
      downMsMax: DOWN_MS_MAX,
      onRound: (report) => console.error(lineOf(report)),
    });
    paper.process.kill("SIGTERM");
    const { code, stdout } = await paper.process.ended;
    const problemsAtEnd = problemsOf(summaryOf(stdout), code);
    await exchange.stop();
    return { rounds: reports, ordersAccepted, problemsAtEnd };
  } finally {
    await endProcesses();
    rmSync(folder, { recursive: true });
  }
}

function lineOf({ round, recoveryMs, problems }: RoundReport): string {
  const verdict = problems.length === 0 ? "agreed" : problems.join("; ");
  return `round ${round}: ${verdict} ${(recoveryMs / 1000).toFixed(1)} s after the restart`;
}

function roundsTable(rounds: readonly RoundReport[]): string {
  const ms = (value: number | null): string => (value === null ? "-" : String(value));
  return textTable(
    [
      "round",
      "lived ms",
      "taken",
      "down ms",
      "again ms",
      "back s",
      "open",
      "position",
      "fills",
      "unseen",
      "problems",
    ],
    rounds.map((report) => [
      String(report.round),
      ms(report.liveMs),
      report.take,
      ms(report.downMs),
      ms(report.startUpMs),
      (report.recoveryMs / 1000).toFixed(1),
      String(report.openOrders),
      String(report.positionLots),
      String(report.fills),
      String(report.fillsWhileDead),
      report.problems.length === 0 ? "none" : report.problems.join("; "),
    ]),
  );
}

function killText({ rounds, ordersAccepted, problemsAtEnd }: Kills): string {
  const bad = rounds.filter(({ problems }) => problems.length > 0).length;
  const end = problemsAtEnd.length === 0 ? "closed its books" : problemsAtEnd.join("; ");
  return [
    roundsTable(rounds),
    "",
    `${rounds.length} rounds, ${bad} with problems; ${ordersAccepted} orders accepted, none twice unless said above`,
    `the last life ended on SIGTERM and ${end}`,
  ].join("\n");
}

function replayText(replay: ReplayReport | null): string {
  if (replay === null) return "no recorded market here";
  const { summary, problems } = replay;
  const { queue, through, taker } = summary.fills.byCause;
  return [
    summary.feed,
    textTable(
      ["fills", "queue", "through", "taken", "notional", "total pnl", "residual"],
      [
        [
          String(summary.fills.count),
          String(queue),
          String(through),
          String(taker),
          summary.fills.notionalUsd.toFixed(2),
          summary.pnl.total.toFixed(6),
          String(summary.pnl.residualMicroUsd),
        ],
      ],
    ),
    problems.length === 0 ? "no problems" : problems.join("; "),
  ].join("\n");
}

const soak = defineCommand({
  name: "soak",
  summary: "Kills and restarts the bot many times, and trades a whole recorded market.",
  operands: "",
  flags,
  run: async (given) => {
    const killed = await kill(given);
    if (!given.json) console.log(killText(killed));
    const replayed = given["no-replay"] ? null : await replayRecorded();
    if (!given.json && !given["no-replay"]) console.log(`\n${replayText(replayed)}`);
    if (given.json) console.log(JSON.stringify({ seed: given.seed, killed, replayed }));
    const problems = [
      ...killed.rounds.flatMap((round) => round.problems),
      ...killed.problemsAtEnd,
      ...(replayed?.problems ?? []),
    ];
    return problems.length === 0 ? 0 : 1;
  },
});

try {
  const parsed = parseArguments(soak, process.argv.slice(2));
  if (parsed.help) console.log(helpText(soak));
  else
    process.exitCode = await soak.run(parsed.flags, parsed.operands, {
      env: process.env,
      out: console.log,
      err: console.error,
      isTerminal: false,
    });
} catch (error) {
  console.error(error instanceof UsageError ? `error: ${error.message}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
