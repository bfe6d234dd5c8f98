import { formatDecimalPoint } from "../../../units/decimal.ts";
import type { DexDef, MarketDef } from "../../rules/types.ts";
import { usd } from "../format.ts";
import { assetContextRow, averagePx } from "../rows.ts";
import { unsignedAt } from "../shape.ts";
import { dexOf, InfoRefusal } from "./context.ts";
import type { InfoContext, InfoHandler } from "./context.ts";

/** Deployer of both Kinetiq dexes on mainnet. */
const DEPLOYER = "0x71f0019cc7fa79e4f42587fb7b9a817d8d2429ec";
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
          feeRecipient: null,
          assetToStreamingOiCap: [],
          subDeployers: [],
          deployerFeeScale: "1.0",
          lastDeployerFeeScaleChangeTime: NEVER,
          assetToFundingMultiplier: [],
          assetToFundingInterestRate: [],
        },
  );

/** A margin table id below 50 is one tier with that leverage and is not listed (documented). */
function universeRow(market: MarketDef): object {
  return {
    szDecimals: market.szDecimals,
    name: market.coin,
    maxLeverage: market.maxLeverage,
    marginTableId: market.maxLeverage,
    ...(market.onlyIsolated ? { onlyIsolated: true } : {}),
    ...(market.isDelisted ? { isDelisted: true } : {}),
    ...(market.onlyIsolated ? { marginMode: "strictIsolated" } : {}),
    ...(market.growthMode ? { growthMode: "enabled" } : {}),
    ...(market.dex === ""
      ? {}
      : {
          lastFeeScaleChangeTime: NEVER,
          deployerFeeScale: formatDecimalPoint(Math.round(market.deployerFeeScale * 1e4), 4),
        }),
  };
}

function metaRow(dex: DexDef): object {
  return {
    universe: dex.markets.map(universeRow),
    marginTables: [],
    collateralToken: dex.collateralToken,
  };
}

export const meta: InfoHandler = (request, context) => metaRow(dexOf(request, context));

export const allPerpMetas: InfoHandler = (_request, { venue }) => venue.config.dexes.map(metaRow);

/** Contexts of a dex in the order of its universe. */
export function assetContexts(dex: DexDef, { venue }: InfoContext): readonly object[] {
  return dex.markets.map((market) => assetContextRow(venue.assetContext(market.coin), market));
}

export const metaAndAssetCtxs: InfoHandler = (request, context) => {
  const dex = dexOf(request, context);
  return [metaRow(dex), assetContexts(dex, context)];
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

/** Tokens without trading: the one pair lets clients resolve what collateral is called. */
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
  universe: [{ tokens: [360, 0], name: "@230", index: 230, isCanonical: false }],
});

export const outcomeMeta: InfoHandler = () => ({ outcomes: [], questions: [] });

export const exchangeStatus: InfoHandler = (_request, { venue }) => ({
  time: venue.nowMs(),
  specialStatuses: null,
});

/** Only single-tier tables exist here. */
export const marginTable: InfoHandler = (request) => {
  const id = unsignedAt(request["id"], "id");
  if (id < 1 || id >= 50) throw new InfoRefusal(`unknown margin table ${id}`);
  return { description: "", marginTiers: [{ lowerBound: "0.0", maxLeverage: id }] };
};

/** No open-interest cap is set on any dex here, which the venue tells by null. The main dex may not be asked. */
export const perpDexLimits: InfoHandler = (request, context) => {
  if (dexOf(request, context).index === 0) throw new InfoRefusal("the main dex has no limits");
  return null;
};

export const perpDexStatus: InfoHandler = (request, context) => ({
  totalNetDeposit: usd(context.totals.depositsMicroUsd(dexOf(request, context).name)),
});

export const perpsAtOpenInterestCap: InfoHandler = (request, context) => {
  dexOf(request, context);
  return [];
};
