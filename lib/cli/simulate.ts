import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readSettings } from "./readSettings.ts";
import { lockDataFolder } from "../runtime/lock.ts";
import { OpenError } from "../runtime/openMarket.ts";
import { simulate } from "../runtime/simulate.ts";
import type { SimulateOptions, SimulateSummary } from "../runtime/simulate.ts";
import { openTape } from "../marketdata/tape/tapeReader.ts";
import { DATABASE_FILE } from "../store/database.ts";
import { openStore } from "../store/store.ts";
import type { Store } from "../store/store.ts";
import { SCENARIOS } from "../venue/feeds/scenarios.ts";
import type { ScenarioName } from "../venue/feeds/scenarios.ts";
import { isWrongUse } from "../venue/server/wrongUse.ts";
import {
  defineCommand,
  integerBetween,
  numberBetween,
  oneOf,
  Switch,
  UsageError,
} from "./command.ts";
import type { Io } from "./command.ts";
import { readFaultsFile } from "./faultsFile.ts";
import { renderRuns, summariseRuns } from "./simulateRuns.ts";
import { renderSummary } from "./summaryText.ts";
import { messageOf } from "../units/messageOf.ts";

const DAY_MS = 86_400_000;
const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

const flags = z.object({
  days: numberBetween(0.0001, 366)
    .optional()
    .describe("days of market time, a fraction is fine (1; of a tape all of it)"),
  seed: integerBetween(0, 2 ** 31 - 1)
    .default(1)
    .describe("what the market is drawn from (1)"),
  runs: integerBetween(1, 1000)
    .default(1)
    .describe("runs one after another with the seeds from --seed on, and their means (1)"),
  market: z.string().optional().describe("coin, such as US500 or mkts:US500 (SYMBOL)"),
  scenario: oneOf(...SCENARIO_NAMES)
    .optional()
    .describe(`how the market behaves: ${SCENARIO_NAMES.join(" ")} (week)`),
  tape: z.string().optional().describe("a recording as the market, in its own time (none)"),
  capital: numberBetween(10, 10_000_000)
    .optional()
    .describe("collateral to start with (COLLATERAL)"),
  faults: z.string().optional().describe("file of faults to inject, see docs/EXCHANGE.md (none)"),
  data: z
    .string()
    .min(1)
    .optional()
    .describe("folder that keeps the run's database, for report and why (none)"),
  json: Switch.describe("one JSON object on standard output"),
});
type Flags = z.infer<typeof flags>;

export const simulateCommand = defineCommand({
  name: "simulate",
  summary: "Exchange and bot in one process in virtual time: the same seed gives the same run.",
  operands: "",
  flags,
  run: async (given, _operands, io) => {
    const simulateOne = preparedRun(given, io);
    const { seed, runs } = given;
    const done: SimulateSummary[] = [];
    for (let run = 0; run < runs; run++) done.push(await simulateOne(seed + run));
    const [first] = done;
    if (first !== undefined && runs === 1) {
      const { eventLogHash } = first;
      io.out(
        given.json ? JSON.stringify(first) : `${renderSummary(first)}\nevent log ${eventLogHash}`,
      );
    } else {
      const all = summariseRuns(done);
      io.out(given.json ? JSON.stringify(all) : renderRuns(all));
    }
    return done.every(({ errors }) => errors.length === 0) ? 0 : 1;
  },
});

/** Reads what all runs share once, and says what is wrong with it before the first begins. @throws UsageError */
function preparedRun(given: Flags, io: Io): (seed: number) => Promise<SimulateSummary> {
  const { settings, params } = readSettings(io, { capital: given.capital });
  const faults = given.faults === undefined ? {} : { faults: readFaultsFile(given.faults) };
  const many = given.runs > 1;
  const market = marketOf(given, settings.SYMBOL);
  return async (seed) => {
    const folder = given.data === undefined ? null : openFresh(given.data, many ? seed : null);
    const named = many ? `seed ${seed}: ` : "";
    try {
      return await simulate({
        ...market,
        seed,
        params,
        vol: {
          horizonMs: settings.VOL_HORIZON_MINUTES * 60_000,
          prior: { statedBps: settings.VOL_PRIOR_BPS, lastRun: null },
        },
        ...faults,
        ...(folder === null ? {} : { store: folder.store }),
        onProgress: (doneMs, ofMs) =>
          io.err(`${named}simulated ${((100 * doneMs) / ofMs).toFixed(0)} %`),
        onWarning: (text) => io.err(`${named}warning: ${text}`),
      });
    } catch (error) {
      if (error instanceof OpenError || isWrongUse(error))
        throw new UsageError(error.message, { cause: error });
      throw error;
    } finally {
      folder?.close();
    }
  };
}

type Market = Pick<SimulateOptions, "symbol" | "durationMs" | "scenario" | "tape">;

/** What is traded and for how long: made up, or recorded. @throws UsageError for flags that do not go together */
function marketOf(given: Flags, symbol: string): Market {
  const { tape: path, days, market, scenario } = given;
  if (path === undefined) {
    const durationMs = Math.round((days ?? 1) * DAY_MS);
    return { symbol: market ?? symbol, durationMs, scenario: scenario ?? "week" };
  }
  if (scenario !== undefined)
    throw new UsageError("--scenario belongs to the simulated market; a tape has none");
  if (given.runs > 1)
    throw new UsageError("--runs: a tape is the same market for every seed; 1 is allowed");
  const { coin, fromMs, toMs } = headerOf(path);
  if (fromMs === null || toMs === null)
    throw new UsageError(`--tape: "${path}" has no rows to trade on`);
  const lengthMs = toMs - fromMs;
  const durationMs = Math.min(lengthMs, Math.round((days ?? Number.POSITIVE_INFINITY) * DAY_MS));
  return { symbol: market ?? coin, durationMs, tape: { path, fromMs } };
}

function headerOf(path: string) {
  try {
    return openTape(path).header;
  } catch (error) {
    const text = messageOf(error);
    throw new UsageError(`--tape: ${text}`, { cause: error });
  }
}

/**
 * A simulated account begins anew each time, so its database does too.
 * @param seed names a folder of its own within `given`; null when there is one run only
 * @throws UsageError
 */
function openFresh(
  given: string,
  seed: number | null,
): { readonly store: Store; readonly close: () => void } {
  const dir = seed === null ? given : join(given, `seed-${seed}`);
  if (existsSync(join(dir, DATABASE_FILE)))
    throw new UsageError(
      `--data: "${dir}" already holds a database; a simulation needs a folder without one`,
    );
  try {
    mkdirSync(dir, { recursive: true });
    const unlock = lockDataFolder(dir);
    const store = openStore(dir, true);
    return {
      store,
      close: () => {
        store.close();
        unlock();
      },
    };
  } catch (cause) {
    const text = messageOf(cause);
    throw new UsageError(`--data: ${text}`, { cause });
  }
}
