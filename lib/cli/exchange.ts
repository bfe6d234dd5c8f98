import { z } from "zod";
import { startExchange } from "../venue/server/start.ts";
import type { ExchangeConfig, RunningExchange } from "../venue/server/start.ts";
import { isWrongUse } from "../venue/server/wrongUse.ts";
import { isUpstreamFailure } from "../marketdata/live/upstream.ts";
import {
  CommandFailure,
  defineCommand,
  integerBetween,
  numberBetween,
  Switch,
  UsageError,
} from "./command.ts";
import type { Io } from "./command.ts";
import { readFaultsFile } from "./faultsFile.ts";
import { chooseFeed, FEED_WORDS } from "./marketFeed.ts";

const flags = z.object({
  port: integerBetween(0, 65_535)
    .default(3001)
    .describe("port on this machine; 0 takes a free one (3001)"),
  feed: z.string().default("sim").describe(`${FEED_WORDS} (sim)`),
  market: z
    .string()
    .optional()
    .describe("only this coin gets a market, such as km:US500 (all; of a mirror SYMBOL)"),
  seed: integerBetween(0, 2 ** 32 - 1)
    .default(1)
    .describe("of the simulated market (1)"),
  speed: numberBetween(0.1, 1000).default(1).describe("venue seconds in a wall second (1)"),
  faults: z.string().optional().describe("file of faults to inject, see docs/EXCHANGE.md (none)"),
  "faults-port": integerBetween(0, 65_535)
    .optional()
    .describe("port on this machine where faults are arranged while it runs (none)"),
  "no-limits": Switch.describe("without rate budgets and caps: a mere mock"),
  json: Switch.describe("one JSON object on standard output"),
});

type Flags = z.infer<typeof flags>;

/** The local exchange alone, until it is interrupted. */
export const exchangeCommand = defineCommand({
  name: "exchange",
  summary: "A local Hyperliquid on this machine: unmodified clients trade against it.",
  operands: "",
  flags,
  run: async (given, _operands, io) => {
    const config = await configOf(given, io);
    const exchange = await start(config);
    announce(exchange, config, given.json, io);
    await interrupted();
    await exchange.stop();
    return 0;
  },
});

async function configOf(given: Flags, io: Io): Promise<ExchangeConfig> {
  return {
    port: given.port,
    hostname: "127.0.0.1",
    feed: await chooseFeed(given, io, true),
    speed: given.speed,
    limits: !given["no-limits"],
    ...(given.faults === undefined ? {} : { faults: readFaultsFile(given.faults) }),
    ...(given["faults-port"] === undefined ? {} : { faultsPort: given["faults-port"] }),
  };
}

async function start(config: ExchangeConfig): Promise<RunningExchange> {
  try {
    return await startExchange(config);
  } catch (error) {
    if (isWrongUse(error)) throw new UsageError(error.message, { cause: error });
    if (isUpstreamFailure(error)) throw new CommandFailure(error.message, { cause: error });
    throw error;
  }
}

function announce(exchange: RunningExchange, config: ExchangeConfig, json: boolean, io: Io): void {
  const { url, epochMs, feeds } = exchange;
  if (json) {
    io.out(
      JSON.stringify({
        url,
        ws: wsUrl(url),
        epochMs,
        speed: config.speed,
        limits: config.limits,
        faultsUrl: exchange.faultsUrl,
        feeds,
      }),
    );
    return;
  }
  io.out(`local exchange   ${url}   (WebSocket ${wsUrl(url)})`);
  for (const feed of feeds) io.out(`  ${feed.coin.padEnd(12)} ${feed.description}`);
  io.out(`  speed ${config.speed}, ${config.limits ? "limits as on the real venue" : "no limits"}`);
  if (config.faults !== undefined) io.out("  faults are injected");
  if (exchange.faultsUrl !== null) io.out(`  faults are arranged at ${exchange.faultsUrl}/faults`);
  io.out("fund an account:");
  io.out(`  curl -s ${url}/local/faucet -d '{"user":"0x…","dex":"km","usd":"1000"}'`);
  io.out("stop: Ctrl-C");
}

function wsUrl(url: string): string {
  return `${url.replace(/^http/, "ws")}/ws`;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}
