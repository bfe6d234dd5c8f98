import { join } from "node:path";
import { z } from "zod";
import { askHistory, HISTORY_PATIENCE } from "../marketdata/history/askHistory.ts";
import { NoHistory } from "../marketdata/history/chain.ts";
import { historyRules } from "../runtime/volSettings.ts";
import { CommandFailure, Duration, integerBetween } from "./command.ts";
import { readSettings } from "./readSettings.ts";
import type { History, SourceReport } from "../marketdata/history/chain.ts";
import type { Io } from "./command.ts";

/** Flags of every command that asks the chain. */
export const historyFlags = {
  bar: Duration.default(300_000).describe("length of a bar: 1m, 5m (default), 15m, 1h, 1d"),
  days: integerBetween(1, 3650).default(30).describe("how far back (default 30)"),
  symbol: z.string().optional().describe("the market (default SYMBOL)"),
  exchange: z.url().optional().describe("Hyperliquid's address (HISTORY_EXCHANGE_URL)"),
  yahoo: z
    .url()
    .optional()
    .describe("an address that stands in for Yahoo's, such as a proxy (HISTORY_YAHOO_URL)"),
  data: z
    .string()
    .default("data/paper")
    .describe("folder of the bot that history and models are for (data/paper)"),
};

export type HistoryFlags = z.infer<z.ZodObject<typeof historyFlags>>;

/** Asks the chain, keeps what is new, and notes what was found. @throws CommandFailure when no source has enough. */
export async function askChain(
  flags: HistoryFlags,
  io: Io,
): Promise<{ readonly history: History; readonly symbol: string }> {
  const { settings } = readSettings(io, {});
  const symbol = flags.symbol ?? settings.SYMBOL;
  try {
    const history = await askHistory(
      {
        file: join(flags.data, "history.sqlite"),
        symbol,
        barMs: flags.bar,
        days: flags.days,
        exchangeUrl: flags.exchange ?? settings.HISTORY_EXCHANGE_URL,
        yahooUrl: flags.yahoo ?? settings.HISTORY_YAHOO_URL,
        own: null,
        rules: historyRules(settings),
        ...HISTORY_PATIENCE,
      },
      (name, instrument) => io.err(`asking ${name} (${instrument})`),
    );
    return { history, symbol };
  } catch (error) {
    if (error instanceof NoHistory) throw new CommandFailure(error.message, { cause: error });
    throw error;
  }
}

/** Where a history came from, without its bars. */
export function provenance(history: History): object {
  const { source, instrument, session, barMs, returnScale, scaleFrom, reports, rows } = history;
  return { source, instrument, session, barMs, bars: rows.length, returnScale, scaleFrom, reports };
}

/** One line per source that was asked. */
export function reportLine(report: SourceReport): string {
  const state = report.passedOver === null ? "in use" : `passed over: ${report.passedOver}`;
  const newest =
    report.newestMs === null ? "" : `, newest ${new Date(report.newestMs).toISOString()}`;
  const counts = `${report.bars} of ${report.barsExpected} bars, ${report.barsNew} new, ${report.gaps} gaps${newest}`;
  const detail = report.detail === "" ? "" : ` (${report.detail})`;
  return `${report.source} (${report.instrument}): ${state}; ${counts}${detail}`;
}
