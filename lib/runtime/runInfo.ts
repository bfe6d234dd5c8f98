import { z } from "zod";
import type { RunInfo } from "../dashboard/types.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import { DatabaseError } from "../store/errors.ts";
import type { ReadModel } from "../store/readModel.ts";
import type { Store } from "../store/store.ts";
import type { LocalFeed } from "./localExchange.ts";

const FILL_MODELS: Readonly<Record<LocalFeed["info"]["source"], string>> = {
  simulated:
    "Our orders stand in the same book as the simulated crowd's and are matched by price, then time.",
  replayed:
    "Our orders queue behind the recorded size and are filled only by recorded trades: through their price, or at it once the queue ahead has traded.",
  mirrored:
    "Our orders queue behind the size that the other exchange shows and are filled only by trades told from there: through their price, or at it once the queue ahead has traded; by none while its book is not known.",
};

export type RunInfoParts = {
  readonly mode: RunInfo["mode"];
  /** Undefined when the exchange has no feed for the market: nothing trades there. */
  readonly feed: LocalFeed | undefined;
  /** What the market is, where no feed says it and it is not the network's own. */
  readonly feedText?: string;
  readonly spec: MarketSpec;
  readonly startedMs: number;
  readonly speed: number;
  readonly params: Params;
};

const REAL_FEEDS = { testnet: "Hyperliquid testnet", live: "Hyperliquid mainnet" } as const;

const REAL_FILLS = "The exchange's own matching: nothing is modelled.";

/** What is stamped on every view and report of a run. */
export function runInfoOf(parts: RunInfoParts): RunInfo {
  const { mode, feed, feedText, spec, startedMs, speed, params } = parts;
  const common = { mode, seed: feed?.info.seed ?? null, spec, startedMs, speed, limits: params };
  if (feed === undefined && (mode === "testnet" || mode === "live"))
    return {
      ...common,
      feed: feedText ?? REAL_FEEDS[mode],
      source: "exchange",
      fillModel: REAL_FILLS,
    };
  return {
    ...common,
    feed: feed?.info.description ?? "no market feed",
    ...(feed === undefined ? {} : { source: feed.info.source }),
    fillModel: feed === undefined ? "Nobody else trades here." : FILL_MODELS[feed.info.source],
  };
}

const RUN_INFO_META = "runInfo";

/** What the reports of this data folder are stamped with, and the settings that its decisions were made under. */
export type StoredRun = Omit<RunInfo, "limits"> & { readonly params: Params };

const StoredRunShape = z.looseObject({
  mode: z.enum(["paper", "simulate", "testnet", "live"]),
  feed: z.string(),
  seed: z.number().nullable(),
  spec: z.looseObject({ market: z.string(), szDecimals: z.int(), collateralName: z.string() }),
  startedMs: z.number(),
  speed: z.number(),
  fillModel: z.string(),
  params: z.looseObject({ leverage: z.number(), markoutHorizonMs: z.number() }),
});

/** The newest start is what counts: a data folder serves one market of one exchange. */
export function keepRunInfo(store: Pick<Store, "putMeta">, run: RunInfo, params: Params): void {
  const { mode, feed, seed, spec, startedMs, speed, fillModel } = run;
  const stored: StoredRun = { mode, feed, seed, spec, startedMs, speed, fillModel, params };
  store.putMeta(RUN_INFO_META, JSON.stringify(stored));
}

/** @returns null for a database of a version that did not keep it. @throws DatabaseError when it is damaged. */
export function readRunInfo(read: Pick<ReadModel, "meta">): StoredRun | null {
  const text = read.meta(RUN_INFO_META);
  if (text === null) return null;
  try {
    return StoredRunShape.parse(JSON.parse(text)) as unknown as StoredRun;
  } catch (cause) {
    throw new DatabaseError(`the stored description of the run is damaged: ${String(cause)}`, {
      cause,
    });
  }
}
