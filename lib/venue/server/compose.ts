import { assert } from "../../units/assert.ts";
import { ms } from "../../units/numbers.ts";
import type { ScenarioName } from "../feeds/scenarios.ts";
import { simulatedFeed } from "../feeds/simulated.ts";
import type { MarketDef } from "../rules/types.ts";
import { Gateway } from "./gateway.ts";
import type { VenueClock } from "./localDesk.ts";
import { START_PX_TICKS, venueConfig } from "./universe.ts";

/** Where the markets come from. */
export type FeedChoice = {
  readonly kind: "sim";
  readonly seed: number;
  /** Only this coin gets a market; all that are listed when absent. */
  readonly market?: string;
  readonly scenario?: ScenarioName;
};

export type ExchangeSetup = {
  readonly feed: FeedChoice;
  /** Budgets and caps of the real venue; without them it is a mere mock. */
  readonly limits: boolean;
  readonly clock: VenueClock;
};

/** The setup asks for something that does not exist; the sentence names it and what is allowed. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

/**
 * A local exchange with its markets, at time zero of its feeds. The same setup and the same requests give the same
 * answers. @throws SetupError
 */
export function composeGateway(setup: ExchangeSetup): Gateway {
  const gateway = new Gateway(venueConfig(setup.limits), setup.clock);
  const { feed, clock } = setup;
  for (const market of simulatedMarkets(gateway, feed.market)) {
    const startPxTicks = START_PX_TICKS[market.coin];
    assert(startPxTicks !== undefined, `${market.coin} has a price to start from`);
    const source = simulatedFeed({
      coin: market.coin,
      szDecimals: market.szDecimals,
      seed: feed.seed,
      startPxTicks,
      ...(feed.scenario === undefined ? {} : { scenario: feed.scenario }),
    });
    gateway.venue.attachFeed(market.coin, source, ms(clock.epochMs));
  }
  return gateway;
}

function simulatedMarkets(gateway: Gateway, coin: string | undefined): readonly MarketDef[] {
  const listed = gateway.venue.config.dexes
    .flatMap((dex) => dex.markets)
    .filter((market) => !market.isDelisted);
  if (coin === undefined) return listed;
  const chosen = listed.filter((market) => market.coin === coin);
  if (chosen.length > 0) return chosen;
  const names = listed.map((market) => market.coin).join(" ");
  throw new SetupError(`market "${coin}" is not listed here; allowed: ${names}`);
}
