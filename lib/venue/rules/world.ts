import { assert } from "../../units/assert.ts";
import { ms } from "../../units/numbers.ts";
import { newMarket } from "./model.ts";
import type { Market, World } from "./model.ts";
import { NonceBook } from "./nonces.ts";
import type { VenueConfig, VenueOutput } from "./types.ts";

/** An exchange without accounts, before its first block. @throws AssertionError for a coin or asset id that is configured twice. */
export function newWorld(config: VenueConfig, emit: (output: VenueOutput) => void): World {
  const markets = new Map<string, Market>();
  const byAssetId = new Map<number, Market>();
  for (const dex of config.dexes) {
    for (const def of dex.markets) {
      assert(!markets.has(def.coin), `coin ${def.coin} is configured once`);
      assert(!byAssetId.has(def.assetId), `asset id ${def.assetId} is configured once`);
      const market = newMarket(config, dex, def);
      markets.set(def.coin, market);
      byAssetId.set(def.assetId, market);
    }
  }
  return {
    config,
    dexes: new Map(config.dexes.map((dex) => [dex.name, dex])),
    markets,
    byAssetId,
    accounts: new Map(),
    agentOwners: new Map(),
    nonces: new NonceBook(),
    house: { rawMicroUsd: new Map(), lots: new Map(), feesMicroUsd: new Map() },
    emit,
    armed: new Set(),
    haltsDue: new Set(),
    delistingsDue: new Set(),
    postOnlyUntilMs: Number.NEGATIVE_INFINITY,
    groups: new Set(),
    moved: new Map(),
    twaps: new Map(),
    nextTwapId: 1,
    nextLid: 1,
    nextOid: 1,
    nowMs: ms(0),
    txIndex: 0,
    solvencyChanged: false,
    deleveraged: false,
  };
}
