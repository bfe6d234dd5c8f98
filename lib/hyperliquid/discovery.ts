import type { MarketSpec } from "../messages/market.ts";
import { effectiveFees } from "./fees.ts";
import type { InfoClient } from "./infoClient.ts";
import type { AssetMeta, Meta, PerpDexs } from "./schemas/info.ts";

/** The market cannot be traded: it is unknown or delisted. The text says which exist. */
export class MarketNotFound extends Error {
  override readonly name = "MarketNotFound";
}

/** Short names resolve over these dexes first: "" is the validator-run one. */
const DEX_ORDER = ["", "km", "mkts"];
const CLOSE_NAMES_MAX = 6;
/** So few are named outright when no name is close. */
const ALL_NAMES_MAX = 12;

type Listing = {
  readonly dex: string;
  readonly dexIndex: number;
  readonly index: number;
  readonly asset: AssetMeta;
  readonly collateralToken: number;
  /** Of the dex, from older answers; null where the asset carries its own. */
  readonly dexFeeScale: number | null;
};

/** What the part of discovery needs of the client: easier to fake than the whole. */
export type DiscoveryInfo = Pick<InfoClient, "perpDexs" | "meta" | "spotMeta" | "userFees">;

/**
 * Finds a market and everything about it that an order needs.
 *
 * @param symbol "US500" (looked for on the validator-run dex, then `km`, `mkts`, then the others; live listings only),
 *   or with its dex, "km:US500"
 * @param account address that trades: the fees are its own
 * @throws MarketNotFound for an unknown or delisted market, naming what there is instead
 */
export async function discoverMarket(
  info: DiscoveryInfo,
  symbol: string,
  account: string,
): Promise<MarketSpec> {
  const wanted = symbol.trim();
  const dexs = await info.perpDexs();
  const names = dexs.map((dex, index) => (index === 0 ? "" : (dex?.name ?? "")));
  const colon = wanted.indexOf(":");
  const ordered = searchOrder(names, colon < 0 ? null : wanted.slice(0, colon));
  const seen: Listing[] = [];
  for (const dexIndex of ordered) {
    const dex = names[dexIndex] ?? "";
    const listings = listingsOf(dexs, dex, dexIndex, await info.meta(dex));
    const found = listings.find(
      (listing) => matches(listing, wanted) && listing.asset.isDelisted !== true,
    );
    if (found !== undefined) return describe(info, found, account);
    seen.push(...listings);
  }
  throw notFound(wanted, seen);
}

/** Dexes in the order they are asked. A named dex that exists is asked first; the rest is for the error's advice. */
function searchOrder(names: readonly string[], named: string | null): number[] {
  const first = named === null ? DEX_ORDER : [named.toLowerCase(), ...DEX_ORDER];
  const rank = (name: string): number => {
    const at = first.indexOf(name);
    return at < 0 ? first.length : at;
  };
  return names
    .map((name, index) => ({ name, index }))
    .filter(({ name, index }) => index === 0 || name !== "")
    .toSorted((a, b) => rank(a.name) - rank(b.name) || a.index - b.index)
    .map(({ index }) => index);
}

function listingsOf(dexs: PerpDexs, dex: string, dexIndex: number, meta: Meta): Listing[] {
  return meta.universe.map((asset, index) => ({
    dex,
    dexIndex,
    index,
    asset,
    collateralToken: meta.collateralToken,
    dexFeeScale: dexs[dexIndex]?.deployerFeeScale ?? null,
  }));
}

function shortName(listing: Listing): string {
  return listing.asset.name.slice(listing.asset.name.indexOf(":") + 1);
}

function matches(listing: Listing, wanted: string): boolean {
  const name = wanted.includes(":") ? listing.asset.name : shortName(listing);
  return name.toLowerCase() === wanted.toLowerCase();
}

async function describe(
  info: DiscoveryInfo,
  { dex, dexIndex, index, asset, collateralToken, dexFeeScale }: Listing,
  account: string,
): Promise<MarketSpec> {
  const [fees, spotMeta] = await Promise.all([info.userFees(account), info.spotMeta()]);
  const token = spotMeta.tokens.find((item) => item.index === collateralToken);
  if (token === undefined) {
    throw new MarketNotFound(
      `the collateral of ${asset.name} is token ${collateralToken}, which the venue's token list does not name`,
    );
  }
  const growthMode = asset.growthMode === "enabled";
  const deployerFeeScale = dexIndex === 0 ? 0 : feeScale(asset, dexFeeScale);
  return {
    market: asset.name,
    dex,
    assetId: assetIdOf(dexIndex, index),
    szDecimals: asset.szDecimals,
    maxLeverage: asset.maxLeverage,
    onlyIsolated: asset.onlyIsolated === true || isolatedMode(asset.marginMode),
    collateralToken,
    collateralName: token.name,
    growthMode,
    deployerFeeScale,
    ...effectiveFees(fees, deployerFeeScale, growthMode),
  };
}

/** Number of an asset in actions: its place in the universe, above 100,000 on the dexes of builders (HIP-3). */
export function assetIdOf(dexIndex: number, index: number): number {
  return dexIndex === 0 ? index : 100_000 + dexIndex * 10_000 + index;
}

/** The scale is per asset since August 2026, per dex before. */
function feeScale(asset: AssetMeta, dexFeeScale: number | null): number {
  const scale = asset.deployerFeeScale ?? dexFeeScale;
  if (scale === null) {
    throw new MarketNotFound(
      `the venue names no deployer fee scale for ${asset.name}: its fees cannot be known, so it is not traded`,
    );
  }
  return scale;
}

/** Whether a margin mode allows isolated positions alone. */
export function isolatedMode(marginMode: string | undefined): boolean {
  return marginMode === "strictIsolated" || marginMode === "noCross";
}

function notFound(wanted: string, seen: readonly Listing[]): MarketNotFound {
  const live = seen.filter((listing) => listing.asset.isDelisted !== true);
  const delisted = seen.filter((listing) => matches(listing, wanted));
  const short = wanted.slice(wanted.indexOf(":") + 1).toLowerCase();
  if (delisted.length > 0) {
    const same = live.filter((listing) => shortName(listing).toLowerCase() === short);
    const names = same.map((listing) => listing.asset.name).join(", ");
    return new MarketNotFound(
      `${delisted.map((listing) => listing.asset.name).join(" and ")} is delisted: it takes no orders; ` +
        (names === "" ? "no other dex lists it live" : `live instead: ${names}`),
    );
  }
  const close = live
    .map((listing) => ({
      name: listing.asset.name,
      distance: nameDistance(short, shortName(listing).toLowerCase()),
    }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(short.length / 2)))
    .toSorted((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, CLOSE_NAMES_MAX)
    .map(({ name }) => name);
  return new MarketNotFound(
    `no market "${wanted}" on ${live.length} live listings; ` +
      (close.length > 0 ? `close names: ${close.join(", ")}` : allNames(live)),
  );
}

function allNames(live: readonly Listing[]): string {
  if (live.length > ALL_NAMES_MAX) return "no name is close to it";
  return `allowed: ${live.map((listing) => listing.asset.name).join(", ")}`;
}

/** Edits between two names; a name that contains the other is one edit away. */
function nameDistance(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length >= 2 && b.length >= 2 && (a.includes(b) || b.includes(a))) return 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      current.push(
        Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + same),
      );
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
