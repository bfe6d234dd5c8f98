import type { RunInfo } from "../dashboard/types.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import type { LocalFeed } from "./localExchange.ts";

const FILL_MODELS: Readonly<Record<LocalFeed["info"]["source"], string>> = {
  simulated:
    "Our orders stand in the same book as the simulated crowd's and are matched by price, then time.",
  replayed:
    "Our orders queue behind the recorded size and are filled only by recorded trades: through their price, or at it once the queue ahead has traded.",
};

export type RunInfoParts = {
  readonly mode: RunInfo["mode"];
  /** Undefined when the exchange has no feed for the market: nothing trades there. */
  readonly feed: LocalFeed | undefined;
  readonly spec: MarketSpec;
  readonly startedMs: number;
  readonly speed: number;
  readonly params: Params;
};

/** What is stamped on every view and report of a run. */
export function runInfoOf({ mode, feed, spec, startedMs, speed, params }: RunInfoParts): RunInfo {
  return {
    mode,
    feed: feed?.info.description ?? "no market feed",
    seed: feed?.info.seed ?? null,
    spec,
    startedMs,
    speed,
    fillModel: feed === undefined ? "Nobody else trades here." : FILL_MODELS[feed.info.source],
    limits: params,
  };
}
