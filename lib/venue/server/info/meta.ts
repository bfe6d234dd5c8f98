import { formatDecimalPoint } from "../../../units/decimal.ts";
import { marginTableOf, singleTier } from "../../rules/marginTables.ts";
import type { MarginTable } from "../../rules/marginTables.ts";
import type { DexDef, MarketDef } from "../../rules/types.ts";
import type { Venue } from "../../rules/venue.ts";
import { usd } from "../format.ts";
import { assetContextRow, averagePx } from "../rows.ts";
import { unsignedAt } from "../shape.ts";
import { dexOf, InfoRefusal } from "./context.ts";
import type { InfoContext, InfoHandler } from "./context.ts";

/** Deployer of both Kinetiq dexes on mainnet. */
const DEPLOYER = "0x71f0019cc7fa79e4f42587fb7b9a817d8d2429ec";
/** Who takes the deployer's share, as captured: one has an address of its own. */
const FEE_RECIPIENTS: Readonly<Record<string, string>> = {
  km: "0xbcd4071d023bf2aae484d724c130b5af6f0ca0d2",
};
/** Fees here never changed since the listing. */
const NEVER = "1970-01-01T00:00:00";

/** Entry 0 is null: the main dex. */
export const perpDexs: InfoHandler = (_request, { venue }) =>
  venue.config.dexes.map((dex) =>
    dex.index === 0
      ? null
      : {
          name: dex.name,
          fullName: dex.fullName,
          deployer: DEPLOYER,
          oracleUpdater: null,
          feeRecipient: FEE_RECIPIENTS[dex.name] ?? null,
          assetToStreamingOiCap: oiCaps(dex),
          subDeployers: [],
          deployerFeeScale: "1.0",
          lastDeployerFeeScaleChangeTime: NEVER,
          assetToFundingMultiplier: [],
          assetToFundingInterestRate: [],
        },
  );

/** Caps by coin, in the dex's collateral. */
function oiCaps(dex: DexDef): readonly (readonly [string, string])[] {
  return dex.markets.flatMap(({ coin, openInterestCapUsd }) =>
    openInterestCapUsd === undefined ? [] : [[coin, formatDecimalPoint(openInterestCapUsd, 0)]],
  );
}

/** A margin table id below 50 is one tier with that leverage and is not listed (documented). */
function universeRow(market: MarketDef, venue: Venue): object {
  return {
    szDecimals: market.szDecimals,
    name: market.coin,
    maxLeverage: market.maxLeverage,
    marginTableId: marginTableOf(market).id,
    ...(market.onlyIsolated ? { onlyIsolated: true } : {}),
    ...(venue.isDelisted(market.coin) ? { isDelisted: true } : {}),
    ...(market.onlyIsolated
      ? { marginMode: market.isMarginRemovable === true ? "noCross" : "strictIsolated" }
      : {}),
    ...(market.growthMode ? { growthMode: "enabled" } : {}),
    ...(market.dex === ""
      ? {}
      : {
          lastFeeScaleChangeTime: NEVER,
          deployerFeeScale: formatDecimalPoint(Math.round(market.deployerFeeScale * 1e4), 4),
        }),
  };
}

function metaRow(dex: DexDef, venue: Venue): object {
  const tables = dex.markets.flatMap(({ marginTable }) => marginTable ?? []);
  return {
    universe: dex.markets.map((market) => universeRow(market, venue)),
    // Markets may share a table.
    marginTables: [...new Map(tables.map((table) => [table.id, marginTableRow(table)]))],
    collateralToken: dex.collateralToken,
  };
}

export const meta: InfoHandler = (request, context) =>
  metaRow(dexOf(request, context), context.venue);

export const allPerpMetas: InfoHandler = (_request, { venue }) =>
  venue.config.dexes.map((dex) => metaRow(dex, venue));

/** Contexts of a dex in the order of its universe. */
export function assetContexts(dex: DexDef, { venue }: InfoContext): readonly object[] {
  return dex.markets.map((market) => assetContextRow(venue.assetContext(market.coin), market));
}

export const metaAndAssetCtxs: InfoHandler = (request, context) => {
  const dex = dexOf(request, context);
  return [metaRow(dex, context.venue), assetContexts(dex, context)];
};

/** Middle of each book of a dex, the last trade where a side is empty; a coin that never had a price is absent. */
export function midsOf(dex: DexDef, { venue }: InfoContext): Readonly<Record<string, string>> {
  const mids: Record<string, string> = {};
  for (const market of dex.markets) {
    const ticks = venue.prices(market.coin).midPxTicks;
    if (ticks !== null) mids[market.coin] = averagePx(ticks, market.szDecimals, 1);
  }
  return mids;
}

export const allMids: InfoHandler = (request, context) => midsOf(dexOf(request, context), context);

/** Number of USDH's pair on mainnet. */
const FIRST_PAIR = 230;

/** Tokens without trading: the pairs let clients resolve what collateral is called. */
export const spotMeta: InfoHandler = (_request, { venue }) => ({
  tokens: venue.config.tokens.map((token) => ({
    name: token.name,
    szDecimals: token.szDecimals,
    weiDecimals: token.weiDecimals,
    index: token.index,
    tokenId: token.tokenId,
    isCanonical: token.index === 0,
    evmContract: null,
    fullName: null,
    deployerTradingFeeShare: "0.0",
  })),
  universe: venue.config.tokens
    .filter(({ index }) => index !== 0)
    .map(({ index }, at) => ({
      tokens: [index, 0],
      name: `@${FIRST_PAIR + at}`,
      index: FIRST_PAIR + at,
      isCanonical: false,
    })),
});

export const outcomeMeta: InfoHandler = () => ({ outcomes: [], questions: [] });

export const exchangeStatus: InfoHandler = (_request, { venue }) => ({
  time: venue.nowMs(),
  specialStatuses: null,
});

function marginTableRow({ description, tiers }: MarginTable): object {
  return {
    description,
    marginTiers: tiers.map(({ lowerBoundUsd, maxLeverage }) => ({
      lowerBound: formatDecimalPoint(lowerBoundUsd, 0),
      maxLeverage,
    })),
  };
}

/** Below 50 a table is one tier with that leverage; others are those of listed markets. */
export const marginTable: InfoHandler = (request, { venue }) => {
  const id = unsignedAt(request["id"], "id");
  if (id >= 1 && id < 50) return marginTableRow(singleTier(id));
  const markets = venue.config.dexes.flatMap((dex) => dex.markets);
  const found = markets.find((market) => market.marginTable?.id === id)?.marginTable;
  if (found === undefined) throw new InfoRefusal(`unknown margin table ${id}`);
  return marginTableRow(found);
};

/** Size cap of every perp (documented), and the largest transfer (assumed: as captured of another dex). */
const OI_SIZE_CAP = "1000000000.0";
const MAX_TRANSFER = "100000000.0";

/** Open-interest caps of a dex. The main dex may not be asked; null for a dex without caps. */
export const perpDexLimits: InfoHandler = (request, context) => {
  const dex = dexOf(request, context);
  if (dex.index === 0) throw new InfoRefusal("the main dex has no limits");
  if (dex.openInterestCapUsd === undefined) return null;
  return {
    totalOiCap: formatDecimalPoint(dex.openInterestCapUsd, 0),
    oiSzCapPerPerp: OI_SIZE_CAP,
    maxTransferNtl: MAX_TRANSFER,
    coinToOiCap: oiCaps(dex),
  };
};

export const perpDexStatus: InfoHandler = (request, context) => ({
  totalNetDeposit: usd(context.totals.depositsMicroUsd(dexOf(request, context).name)),
});

export const perpsAtOpenInterestCap: InfoHandler = (request, context) =>
  context.venue.atOpenInterestCap(dexOf(request, context).name);
