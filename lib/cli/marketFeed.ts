import { existsSync } from "node:fs";
import { UsageError } from "./command.ts";
import type { Io } from "./command.ts";
import { readSettings } from "./readSettings.ts";
import { upstreamAt } from "../marketdata/live/upstream.ts";
import type { Settings } from "../runtime/settings.ts";
import type { ExchangeConfig } from "../venue/server/start.ts";

/** How long `auto` waits for an exchange to answer. */
const AUTO_WAIT_MS = 3_000;

export const FEED_WORDS =
  "sim, auto (mainnet if it answers within 3 s, else sim), mainnet, testnet, an exchange's URL, or a tape";

export type FeedWish = {
  /** What `--feed` said; "sim" when nothing. */
  readonly feed: string;
  /** Coin asked for; without one a simulation takes all that are listed, a mirror takes SYMBOL. */
  readonly market?: string | undefined;
  readonly seed: number;
};

/** From the word behind `--feed` to a market. @throws UsageError for a word that is none of those */
export async function chooseFeed(
  wish: FeedWish,
  io: Io,
  /** Whether a simulation and a replay are of one market. */
  oneMarket: boolean,
): Promise<ExchangeConfig["feed"]> {
  const { feed, market, seed } = wish;
  const coin = oneMarket && market !== undefined ? { market } : {};
  if (feed === "sim") return { kind: "sim", seed, ...coin };
  const { settings } = readSettings(io, {});
  const mirrored = market ?? settings.SYMBOL;
  if (feed === "auto") {
    const url = settings.MAINNET_URL;
    const why = await upstreamAt(url, AUTO_WAIT_MS).whySilent();
    if (why === null) return { kind: "mirror", url, market: mirrored };
    const note = `SIMULATED instead of mainnet: ${why}.`;
    io.err(`warning: ${note} Nothing here happens on a real market.`);
    return { kind: "sim", seed, note, ...coin };
  }
  const url = exchangeUrl(feed, settings);
  if (url !== null) return { kind: "mirror", url, market: mirrored };
  if (existsSync(feed)) return { kind: "tape", path: feed, ...coin };
  throw new UsageError(`--feed: "${feed}" is not allowed; ${FEED_WORDS}, a file that exists`);
}

/** Address of an exchange by its word or URL; null for anything else. */
export function exchangeUrl(word: string, settings: Settings): string | null {
  if (word === "mainnet") return settings.MAINNET_URL;
  if (word === "testnet") return settings.TESTNET_URL;
  return /^https?:\/\/[^/]/.test(word) && URL.canParse(word) ? word.replace(/\/+$/, "") : null;
}
