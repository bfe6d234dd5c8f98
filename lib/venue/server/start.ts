import { composeGateway } from "./compose.ts";
import type { FeedChoice } from "./compose.ts";
import { serveGateway } from "./http.ts";
import type { RunningServer } from "./http.ts";
import { venueClock } from "./venueClock.ts";
import { initSigning } from "../../hyperliquid/signing/signature.ts";

/** Everything that a local exchange on a port is started with. Plain data: it crosses to the thread as JSON. */
export type ExchangeConfig = {
  readonly port: number;
  readonly hostname: string;
  readonly feed: FeedChoice;
  /** Venue seconds in a wall second. */
  readonly speed: number;
  readonly limits: boolean;
};

export type RunningExchange = RunningServer & {
  /** Venue time is this plus `speed` times the wall time since then. */
  readonly epochMs: number;
  /** Which markets live, and what feeds them. */
  readonly feeds: readonly { readonly coin: string; readonly description: string }[];
};

/**
 * Starts a local exchange in this thread; its time begins now.
 * @throws SetupError for a market or tape that does not exist, ServeError when the port cannot be had.
 */
export async function startExchange(config: ExchangeConfig): Promise<RunningExchange> {
  await initSigning();
  const clock = { epochMs: Date.now(), speed: config.speed };
  const gateway = composeGateway({ feed: config.feed, limits: config.limits, clock });
  const server = serveGateway({
    gateway,
    clock: venueClock(clock),
    port: config.port,
    hostname: config.hostname,
  });
  const feeds = gateway.venue
    .feeds()
    .map(({ coin, info }) => ({ coin, description: info.description }));
  return { ...server, epochMs: clock.epochMs, feeds };
}
