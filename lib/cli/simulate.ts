import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readSettings } from "./readSettings.ts";
import { lockDataFolder } from "../runtime/lock.ts";
import { OpenError } from "../runtime/openMarket.ts";
import { simulate } from "../runtime/simulate.ts";
import { DATABASE_FILE } from "../store/database.ts";
import { openStore } from "../store/store.ts";
import type { Store } from "../store/store.ts";
import { SCENARIOS } from "../venue/feeds/scenarios.ts";
import type { ScenarioName } from "../venue/feeds/scenarios.ts";
import { defineCommand, integerBetween, numberBetween, Switch, UsageError } from "./command.ts";
import { renderSummary } from "./summaryText.ts";

const DAY_MS = 86_400_000;
const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

export const simulateCommand = defineCommand({
  name: "simulate",
  summary: "Exchange and bot in one process in virtual time: the same seed gives the same run.",
  operands: "",
  flags: z.object({
    days: numberBetween(0.0001, 366)
      .default(1)
      .describe("days of market time, a fraction is fine (1)"),
    seed: integerBetween(0, 2 ** 31 - 1)
      .default(1)
      .describe("what the market is drawn from (1)"),
    market: z.string().optional().describe("coin, such as US500 or mkts:US500 (SYMBOL)"),
    scenario: z
      .enum(SCENARIO_NAMES)
      .default("week")
      .describe(`how the market behaves: ${SCENARIO_NAMES.join(" ")} (week)`),
    capital: numberBetween(10, 10_000_000)
      .optional()
      .describe("collateral to start with (COLLATERAL)"),
    data: z
      .string()
      .min(1)
      .optional()
      .describe("folder that keeps the run's database, for report and why (none)"),
    json: Switch.describe("one JSON object on standard output"),
  }),
  run: async (flags, _operands, io) => {
    const { settings, params } = readSettings(io, { capital: flags.capital });
    const folder = flags.data === undefined ? null : openFresh(flags.data);
    try {
      const summary = await simulate({
        symbol: flags.market ?? settings.SYMBOL,
        seed: flags.seed,
        durationMs: Math.round(flags.days * DAY_MS),
        scenario: flags.scenario,
        params,
        vol: { horizonMs: settings.VOL_HORIZON_MINUTES * 60_000 },
        ...(folder === null ? {} : { store: folder.store }),
        onProgress: (doneMs, ofMs) => io.err(`simulated ${((100 * doneMs) / ofMs).toFixed(0)} %`),
        onWarning: (text) => io.err(`warning: ${text}`),
      });
      io.out(
        flags.json
          ? JSON.stringify(summary)
          : `${renderSummary(summary)}\nevent log ${summary.eventLogHash}`,
      );
      return summary.errors.length === 0 ? 0 : 1;
    } catch (error) {
      if (error instanceof OpenError) throw new UsageError(error.message, { cause: error });
      throw error;
    } finally {
      folder?.close();
    }
  },
});

/** A simulated account begins anew each time, so its database does too. @throws UsageError */
function openFresh(dir: string): { readonly store: Store; readonly close: () => void } {
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
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--data: ${text}`, { cause });
  }
}
