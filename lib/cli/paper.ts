import { z } from "zod";
import {
  defineCommand,
  Duration,
  integerBetween,
  numberBetween,
  Switch,
  UsageError,
} from "./command.ts";
import type { Io } from "./command.ts";
import { interruption, untilEnd } from "./ending.ts";
import { explained } from "./explained.ts";
import { readFaultsFile } from "./faultsFile.ts";
import { chooseFeed, FEED_WORDS } from "./marketFeed.ts";
import { readSettings } from "./readSettings.ts";
import { superviseCommand } from "./supervise.ts";
import { renderSummary } from "./summaryText.ts";
import { sessionView } from "./terminalView.ts";
import { ownExchange, runningExchange } from "../runtime/exchangeOf.ts";
import type { PaperExchange } from "../runtime/exchangeOf.ts";
import { runPaper } from "../runtime/paper.ts";
import { openPaperFolder } from "../runtime/paperFolder.ts";
import type { PaperFolder } from "../runtime/paperFolder.ts";
import type { RunSummary } from "../runtime/summary.ts";

const flags = z.object({
  feed: z.string().optional().describe(`${FEED_WORDS} (sim)`),
  exchange: z.string().optional().describe("URL of a local exchange that runs already"),
  market: z.string().optional().describe("coin, such as US500 or mkts:US500 (SYMBOL)"),
  duration: Duration.optional().describe("90s, 15m, 4h, 7d of market time (until interrupted)"),
  speed: numberBetween(0.1, 1000).optional().describe("market seconds in a wall second (1)"),
  seed: integerBetween(0, 2 ** 31 - 1)
    .optional()
    .describe("of the simulated market (1)"),
  faults: z.string().optional().describe("file of faults to inject, see docs/EXCHANGE.md (none)"),
  capital: numberBetween(1, 10_000_000)
    .optional()
    .describe("collateral to start with (COLLATERAL)"),
  "reduce-only": Switch.describe("quote only what reduces a position"),
  port: integerBetween(0, 65_535).default(8500).describe("of the page; 0 takes a free one (8500)"),
  supervise: Switch.describe("start again after a crash"),
  data: z.string().default("data/paper").describe("folder for key, database, token (data/paper)"),
  json: Switch.describe("one JSON object on standard output, progress on standard error"),
});
type Flags = z.infer<typeof flags>;

export const paperCommand = defineCommand({
  name: "paper",
  summary: "The market maker on a local exchange: play money, the venue's real rules.",
  operands: "",
  flags,
  run: async (given, _operands, io) => {
    checkTogether(given);
    try {
      if (given.supervise) {
        const { settings } = readSettings(io, {});
        return await superviseCommand({ words: [], dataDir: given.data, settings, io });
      }
      const summary = await inFolder(given, io);
      io.out(given.json ? JSON.stringify(summary) : renderSummary(summary));
      return summary.errors.length === 0 ? 0 : 1;
    } catch (error) {
      throw explained(error);
    }
  },
});

/** Flags that contradict one another. */
function checkTogether({ exchange, feed, seed, speed, faults }: Flags): void {
  if (exchange === undefined) return;
  if (!/^https?:\/\/[^/]/.test(exchange) || !URL.canParse(exchange))
    throw new UsageError(
      `--exchange: "${exchange}" is not allowed; a URL such as http://127.0.0.1:3001`,
    );
  const own = Object.entries({ feed, seed, speed, faults }).filter(
    ([, value]) => value !== undefined,
  );
  for (const [name] of own)
    throw new UsageError(
      `--${name} belongs to the exchange that is started; with --exchange it runs already`,
    );
}

async function inFolder(given: Flags, io: Io): Promise<RunSummary> {
  const { settings, params } = readSettings(io, {
    capital: given.capital,
    reduceOnly: given["reduce-only"],
  });
  const folder = openPaperFolder(given.data);
  try {
    return await onExchange(given, io, folder, { settings, params });
  } finally {
    folder.release();
  }
}

async function onExchange(
  given: Flags,
  io: Io,
  folder: PaperFolder,
  { settings, params }: ReturnType<typeof readSettings>,
): Promise<RunSummary> {
  const view = sessionView(io, given.json);
  const interrupted = interruption((signal) => view.say(`${signal}: cancelling our orders`));
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  const { exchange, isOneMarket } = await exchangeFor(given, io, (error) => broken.reject(error));
  try {
    return await runPaper({
      folder,
      exchange,
      symbol: given.market ?? (isOneMarket ? await onlyCoin(exchange) : null) ?? settings.SYMBOL,
      params,
      settings,
      port: given.port,
      onWarning: (text) => view.say(`warning: ${text}`),
      onUp: view.onUp,
      ending: (clock, feed, over) =>
        Promise.race([
          untilEnd(clock, feed, given.duration ?? null, over),
          interrupted,
          broken.promise,
        ]),
    });
  } finally {
    view.stop();
    await exchange.stop();
  }
}

type Chosen = {
  readonly exchange: PaperExchange;
  /** A tape or a mirror brings its market with it. */
  readonly isOneMarket: boolean;
};

async function exchangeFor(
  given: Flags,
  io: Io,
  onFailure: (error: Error) => void,
): Promise<Chosen> {
  if (given.exchange !== undefined)
    return { exchange: await runningExchange(given.exchange), isOneMarket: false };
  const { feed = "sim", seed = 1, speed = 1, market } = given;
  const faults = given.faults === undefined ? {} : { faults: readFaultsFile(given.faults) };
  const choice = await chooseFeed({ feed, seed, market }, io, false);
  if (choice.kind === "mirror" && given.seed !== undefined && feed !== "auto")
    throw new UsageError("--seed belongs to the simulated market; a mirror has none");
  const exchange = await ownExchange({ feed: choice, speed, ...faults }, onFailure);
  if (given.faults !== undefined) io.err(`faults are injected: ${given.faults}`);
  return { exchange, isOneMarket: choice.kind !== "sim" };
}

async function onlyCoin(exchange: PaperExchange): Promise<string | null> {
  return Object.keys(await exchange.local.feeds())[0] ?? null;
}
