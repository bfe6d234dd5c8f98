import { isOnlyIsolated, NotListed } from "../../marketdata/live/listing.ts";
import type { Listing } from "../../marketdata/live/listing.ts";
import type { LiveMarket } from "../../marketdata/live/liveMarket.ts";
import type { Upstream } from "../../marketdata/live/upstream.ts";
import { ms } from "../../units/numbers.ts";
import type { Clock } from "../../units/time.ts";
import { MirroredFeed } from "../feeds/mirrored.ts";
import type { DexDef, MarketDef, TokenDef, VenueConfig } from "../rules/types.ts";
import { SetupError } from "./compose.ts";
import { Gateway } from "./gateway.ts";
import type { VenueClock } from "./localDesk.ts";
import { perpAssetId, TOKENS, venueConfig } from "./universe.ts";

/** Which market of which exchange is shown. */
export type MirrorChoice = {
  readonly kind: "mirror";
  /** Address of any Hyperliquid: mainnet, testnet, another local exchange. */
  readonly url: string;
  /** By the bot's rules of discovery: "US500", "mkts:US500". */
  readonly market: string;
};

/**
 * @throws SetupError for a market that the other exchange does not list live, and TransportError, InfoError or WireError
 * when it does not answer as one does
 */
export async function askUpstream(upstream: Upstream, market: string): Promise<Listing> {
  try {
    return await upstream.listing(market);
  } catch (error) {
    if (error instanceof NotListed) throw new SetupError(error.message, { cause: error });
    throw error;
  }
}

export type MirrorSetup = {
  readonly listing: Listing;
  /** What people read of where it comes from. */
  readonly upstream: string;
  readonly limits: boolean;
  readonly clock: VenueClock;
};

/** A local exchange that lists what the other one lists, and trades the one market that is shown. */
export function composeMirror(setup: MirrorSetup): {
  readonly gateway: Gateway;
  readonly feed: MirroredFeed;
} {
  const { listing, upstream, limits, clock } = setup;
  const { market: coin, szDecimals } = listing.spec;
  const gateway = new Gateway(mirrorConfig(listing, limits), clock);
  const feed = new MirroredFeed({ coin, szDecimals, upstream }, clock.epochMs);
  gateway.venue.attachFeed(coin, feed, ms(clock.epochMs));
  return { gateway, feed };
}

export type MirrorLink = {
  readonly upstream: Upstream;
  readonly listing: Listing;
  readonly feed: MirroredFeed;
  /** Of the local exchange. */
  readonly clock: Clock;
  readonly random: () => number;
  /** Called after something was handed to the feed: the exchange has to look when it next has work. */
  readonly onInput: () => void;
};

/** Listens to the other exchange until it is stopped. */
export function connectMirror(link: MirrorLink): LiveMarket {
  const { upstream, listing, feed, clock, random, onInput } = link;
  const { market: coin, szDecimals } = listing.spec;
  const live = upstream.market({
    coin,
    szDecimals,
    clock,
    random,
    onMessage: (message, recvMs) => {
      feed.push(message, recvMs);
      onInput();
    },
    onLive: () => feed.resumed(),
    onCut: (reason, atMs) => {
      feed.cut(reason, atMs);
      onInput();
    },
  });
  live.start();
  return live;
}

/** The other exchange's markets, with their numbers, tokens and fees; what it does not tell is as on the local one. */
export function mirrorConfig(listing: Listing, limits: boolean): VenueConfig {
  return {
    ...venueConfig(limits),
    dexes: listing.metas.map((_, index) => dexOf(listing, index)),
    tokens: tokensOf(listing),
    baseMakerMillionths: Math.round(listing.makerRate * 1e6),
    baseTakerMillionths: Math.round(listing.takerRate * 1e6),
  };
}

function dexOf({ dexes, metas }: Listing, index: number): DexDef {
  const known = dexes[index] ?? null;
  const name = index === 0 ? "" : (known?.name ?? "");
  const meta = metas[index];
  const universe = meta?.universe ?? [];
  return {
    name,
    fullName: known?.fullName ?? (index === 0 ? "Main" : name),
    index,
    collateralToken: meta?.collateralToken ?? 0,
    markets: universe.map((asset, at) => ({
      ...marginTableOf(meta, asset.marginTableId),
      ...openInterestCapOf(known, asset.name),
      coin: asset.name,
      dex: name,
      index: at,
      assetId: perpAssetId(index, at),
      szDecimals: asset.szDecimals,
      maxLeverage: asset.maxLeverage,
      onlyIsolated: isOnlyIsolated(asset),
      ...(asset.marginMode === "noCross" ? { isMarginRemovable: true } : {}),
      growthMode: asset.growthMode === "enabled",
      deployerFeeScale: index === 0 ? 0 : (asset.deployerFeeScale ?? known?.deployerFeeScale ?? 0),
      isDelisted: asset.isDelisted === true,
    })),
  };
}

type Table = Pick<MarketDef, "marginTable">;

/** Nothing for a table that is one tier with the market's highest leverage. */
function marginTableOf(meta: Listing["metas"][number] | undefined, id: number | undefined): Table {
  const found = meta?.marginTables?.find(([known]) => known === id);
  if (found === undefined) return {};
  const [, { description, marginTiers }] = found;
  const tiers = marginTiers.map(({ lowerBound, maxLeverage }) => ({
    lowerBoundUsd: lowerBound,
    maxLeverage,
  }));
  return { marginTable: { id: found[0], description, tiers } };
}

function openInterestCapOf(
  dex: Listing["dexes"][number],
  coin: string,
): { openInterestCapUsd?: number } {
  const found = dex?.assetToStreamingOiCap?.find(([name]) => name === coin);
  return found === undefined ? {} : { openInterestCapUsd: found[1] };
}

/** What the other exchange margins in. */
function tokensOf({ metas, tokens }: Listing): readonly TokenDef[] {
  const used = new Set([0, ...metas.map(({ collateralToken }) => collateralToken)]);
  return [...used].map((index) => {
    const told = tokens.find((token) => token.index === index);
    const local = TOKENS.find((token) => token.index === index);
    return {
      index,
      name: told?.name ?? local?.name ?? `token ${index}`,
      tokenId: told?.tokenId ?? local?.tokenId ?? `0x${index.toString(16).padStart(32, "0")}`,
      szDecimals: told?.szDecimals ?? local?.szDecimals ?? 2,
      weiDecimals: told?.weiDecimals ?? local?.weiDecimals ?? 8,
    };
  });
}
