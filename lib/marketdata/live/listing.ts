import { discoverMarket, isolatedMode, MarketNotFound } from "../../hyperliquid/discovery.ts";
import type { DiscoveryInfo } from "../../hyperliquid/discovery.ts";
import { InfoClient } from "../../hyperliquid/infoClient.ts";
import type { AssetMeta, Meta, PerpDexs, SpotMeta } from "../../hyperliquid/schemas/info.ts";
import { wireError } from "../../hyperliquid/schemas/wire.ts";
import type { Transport } from "../../hyperliquid/transport.ts";
import type { MarketSpec } from "../../messages/market.ts";

/** Fees and standing of an address that nobody has: those of the base tier. */
const NOBODY = "0x0000000000000000000000000000000000000001";

/** The exchange does not list that market live; the sentence names what it lists instead. */
export class NotListed extends Error {
  override readonly name = "NotListed";
}

/** What an exchange lists, as far as another one needs it to show a market of it. */
export type Listing = {
  /** The market that was asked for. */
  readonly spec: MarketSpec;
  /** Same order and length; the first is the validator-run dex. */
  readonly dexes: PerpDexs;
  readonly metas: readonly Meta[];
  readonly tokens: SpotMeta["tokens"];
  /** Base rates of the validator-run dex, as fractions. */
  readonly makerRate: number;
  readonly takerRate: number;
};

/**
 * Asks an exchange what it lists, and finds a market there by the bot's own rules of discovery.
 * @throws NotListed, TransportError, InfoError, WireError
 */
export async function readListing(transport: Transport, symbol: string): Promise<Listing> {
  const info = new InfoClient(transport);
  const [dexes, metas, spotMeta, fees] = await Promise.all([
    info.perpDexs(),
    info.allPerpMetas(),
    info.spotMeta(),
    info.userFees(NOBODY),
  ]);
  if (dexes.length !== metas.length)
    throw wireError("allPerpMetas", `${dexes.length} dexes, ${metas.length} universes`, "");
  const metaOf = (name: string): Meta => {
    const at = dexes.findIndex((dex, index) => (index === 0 ? "" : dex?.name) === name);
    const meta = metas[at];
    if (meta === undefined) throw wireError("allPerpMetas", `no universe of dex "${name}"`, "");
    return meta;
  };
  const known: DiscoveryInfo = {
    perpDexs: () => Promise.resolve(dexes),
    meta: (dex) => Promise.resolve(metaOf(dex)),
    spotMeta: () => Promise.resolve(spotMeta),
    userFees: () => Promise.resolve(fees),
  };
  const spec = await discoverMarket(known, symbol, NOBODY).catch((error: unknown) => {
    if (error instanceof MarketNotFound) throw new NotListed(error.message, { cause: error });
    throw error;
  });
  const { tokens } = spotMeta;
  const { userAddRate: makerRate, userCrossRate: takerRate } = fees;
  return { spec, dexes, metas, tokens, makerRate, takerRate };
}

export function isOnlyIsolated({ onlyIsolated, marginMode }: AssetMeta): boolean {
  return onlyIsolated === true || isolatedMode(marginMode);
}
