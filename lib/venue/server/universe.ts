import type { MarginTable } from "../rules/marginTables.ts";
import type { DexDef, MarketDef, TokenDef, VenueConfig } from "../rules/types.ts";

/** Tokens that collateral is held in; ids as on mainnet. */
export const TOKENS: readonly TokenDef[] = [
  {
    index: 0,
    name: "USDC",
    tokenId: "0x6d1e7cde53ba9467b783cb7c530ce054",
    szDecimals: 8,
    weiDecimals: 8,
  },
  {
    index: 360,
    name: "USDH",
    tokenId: "0x54e00a5988577cb0b0c9ab0cb6ef7f4b",
    szDecimals: 2,
    weiDecimals: 8,
  },
];

/** As on mainnet (margin-tiers; numbers of the tables: info-endpoint). */
const BTC_MARGIN: MarginTable = {
  id: 56,
  description: "tiered 40x",
  tiers: [
    { lowerBoundUsd: 0, maxLeverage: 40 },
    { lowerBoundUsd: 150_000_000, maxLeverage: 20 },
  ],
};
const ETH_MARGIN: MarginTable = {
  id: 55,
  description: "tiered 25x",
  tiers: [
    { lowerBoundUsd: 0, maxLeverage: 25 },
    { lowerBoundUsd: 100_000_000, maxLeverage: 15 },
  ],
};

/** Caps of the builder's dexes; those of the real ones are not known, so they are wide (assumed). */
const OPEN_INTEREST_CAP_USD = 100_000_000;
const DEX_OPEN_INTEREST_CAP_USD = 500_000_000;

type Listing = {
  readonly name: string;
  readonly szDecimals: number;
  readonly maxLeverage: number;
  readonly marginTable?: MarginTable;
  readonly growthMode?: boolean;
  readonly onlyIsolated?: boolean;
  readonly isDelisted?: boolean;
};

const MAIN: readonly Listing[] = [
  { name: "BTC", szDecimals: 5, maxLeverage: 40, marginTable: BTC_MARGIN },
  { name: "ETH", szDecimals: 4, maxLeverage: 25, marginTable: ETH_MARGIN },
];

const KM: readonly Listing[] = [
  { name: "US500", szDecimals: 3, maxLeverage: 25, growthMode: true },
  {
    name: "BABA",
    szDecimals: 3,
    maxLeverage: 10,
    growthMode: true,
    onlyIsolated: true,
    isDelisted: true,
  },
];

const MKTS: readonly Listing[] = [
  { name: "US500", szDecimals: 3, maxLeverage: 25, growthMode: true },
  { name: "USTECH", szDecimals: 3, maxLeverage: 25, growthMode: true },
];

/** Asset id of a perp: its place in the universe on the main dex, else the HIP-3 rule (documented, asset-ids). */
export function perpAssetId(dexIndex: number, index: number): number {
  return dexIndex === 0 ? index : 100_000 + dexIndex * 10_000 + index;
}

function market(dex: string, dexIndex: number, listing: Listing, index: number): MarketDef {
  return {
    coin: dex === "" ? listing.name : `${dex}:${listing.name}`,
    dex,
    index,
    assetId: perpAssetId(dexIndex, index),
    szDecimals: listing.szDecimals,
    maxLeverage: listing.maxLeverage,
    ...(listing.marginTable === undefined ? {} : { marginTable: listing.marginTable }),
    ...(dex === "" ? {} : { openInterestCapUsd: OPEN_INTEREST_CAP_USD }),
    onlyIsolated: listing.onlyIsolated ?? false,
    growthMode: listing.growthMode ?? false,
    deployerFeeScale: dex === "" ? 0 : 1,
    isDelisted: listing.isDelisted ?? false,
  };
}

function dexOf(
  name: string,
  fullName: string,
  index: number,
  collateralToken: number,
  listings: readonly Listing[],
): DexDef {
  return {
    name,
    fullName,
    index,
    collateralToken,
    ...(index === 0 ? {} : { openInterestCapUsd: DEX_OPEN_INTEREST_CAP_USD }),
    markets: listings.map((listing, i) => market(name, index, listing, i)),
  };
}

/**
 * What the local exchange lists: the main dex with two coins, and the US500 market once with USDH collateral, as it
 * was until June 2026, and once with USDC, as it is since. No dex is empty: one client numbers assets wrongly then.
 */
export const DEXES: readonly DexDef[] = [
  dexOf("", "Main", 0, 0, MAIN),
  dexOf("km", "Markets by Kinetiq", 1, 360, KM),
  dexOf("mkts", "Markets By Kinetiq", 2, 0, MKTS),
];

/**
 * Where simulated prices begin, in px ticks of each market: about what the coins cost in 2026. The index markets are
 * quoted at a tenth (US500) and a fortieth (USTECH) of their index.
 */
export const START_PX_TICKS: Readonly<Record<string, number>> = {
  BTC: 840_000,
  ETH: 230_000,
  "km:US500": 693_000,
  "mkts:US500": 771_000,
  "mkts:USTECH": 640_000,
};

/** Blocks about every 70 ms, visible two blocks later (documented); base tier 1.5 bp maker, 4.5 bp taker. */
export function venueConfig(limits: boolean): VenueConfig {
  return {
    dexes: DEXES,
    tokens: TOKENS,
    blockMs: 70,
    commitMs: 140,
    baseMakerMillionths: 150,
    baseTakerMillionths: 450,
    limits,
  };
}
