import { arrayAt, objectAt, ShapeError, stringAt } from "../shape.ts";
import type { JsonObject } from "../shape.ts";
import * as absent from "./absent.ts";
import * as accounts from "./accounts.ts";
import type { InfoContext, InfoHandler } from "./context.ts";
import { userFees } from "./fees.ts";
import * as markets from "./markets.ts";
import * as meta from "./meta.ts";
import * as orders from "./orders.ts";
import * as spot from "./spot.ts";
import * as twaps from "./twaps.ts";
import { webData2 } from "./webData.ts";

type Entry = {
  readonly answer: InfoHandler;
  /** Names of the arguments in the positional form `["l2Book", coin, …]`. */
  readonly positions: readonly string[];
};

function entry(answer: InfoHandler, ...positions: readonly string[]): Entry {
  return { answer, positions };
}

/** Every type of `/info` request that this exchange answers. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  perpDexs: entry(meta.perpDexs),
  meta: entry(meta.meta, "dex"),
  allPerpMetas: entry(meta.allPerpMetas),
  metaAndAssetCtxs: entry(meta.metaAndAssetCtxs, "dex"),
  allMids: entry(meta.allMids, "dex"),
  spotMeta: entry(meta.spotMeta),
  outcomeMeta: entry(meta.outcomeMeta),
  exchangeStatus: entry(meta.exchangeStatus),
  marginTable: entry(meta.marginTable, "id"),
  perpDexLimits: entry(meta.perpDexLimits, "dex"),
  perpDexStatus: entry(meta.perpDexStatus, "dex"),
  perpsAtOpenInterestCap: entry(meta.perpsAtOpenInterestCap, "dex"),
  l2Book: entry(markets.l2Book, "coin", "nSigFigs", "mantissa"),
  recentTrades: entry(markets.recentTrades, "coin"),
  candleSnapshot: entry(markets.candleSnapshot, "req"),
  fundingHistory: entry(markets.fundingHistory, "coin", "startTime", "endTime"),
  clearinghouseState: entry(accounts.clearinghouseState, "user", "dex"),
  batchClearinghouseStates: entry(accounts.batchClearinghouseStates, "users", "dex"),
  spotClearinghouseState: entry(accounts.spotClearinghouseState, "user"),
  userAbstraction: entry(accounts.userAbstraction, "user"),
  userDexAbstraction: entry(accounts.nothing, "user"),
  userRole: entry(accounts.userRole, "user"),
  extraAgents: entry(accounts.extraAgents, "user"),
  maxBuilderFee: entry(accounts.maxBuilderFee, "user", "builder"),
  approvedBuilders: entry(accounts.approvedBuilders, "user"),
  userRateLimit: entry(accounts.userRateLimit, "user"),
  activeAssetData: entry(accounts.activeAssetData, "user", "coin"),
  userFunding: entry(accounts.userFunding, "user", "startTime", "endTime"),
  userNonFundingLedgerUpdates: entry(
    accounts.userNonFundingLedgerUpdates,
    "user",
    "startTime",
    "endTime",
  ),
  preTransferCheck: entry(accounts.preTransferCheck, "user", "source"),
  subAccounts: entry(accounts.subAccounts, "user"),
  userToMultiSigSigners: entry(accounts.nothing, "user"),
  userFees: entry(userFees, "user"),
  openOrders: entry(orders.openOrders, "user", "dex"),
  frontendOpenOrders: entry(orders.frontendOpenOrders, "user", "dex"),
  orderStatus: entry(orders.orderStatus, "user", "oid"),
  historicalOrders: entry(orders.historicalOrders, "user"),
  userFills: entry(orders.userFills, "user", "aggregateByTime"),
  userFillsByTime: entry(orders.userFillsByTime, "user", "startTime", "endTime", "aggregateByTime"),
  webData2: entry(webData2, "user"),
  spotMetaAndAssetCtxs: entry(spot.spotMetaAndAssetCtxs),
  tokenDetails: entry(spot.tokenDetails, "tokenId"),
  predictedFundings: entry(absent.predictedFundings),
  maxMarketOrderNtls: entry(absent.maxMarketOrderNtls),
  perpDeployAuctionStatus: entry(absent.auctionStatus),
  spotPairDeployAuctionStatus: entry(absent.auctionStatus),
  spotDeployState: entry(absent.spotDeployState, "user"),
  perpAnnotation: entry(absent.perpAnnotation, "coin"),
  perpCategories: entry(absent.none),
  perpConciseAnnotations: entry(absent.none),
  liquidatable: entry(absent.none),
  outcomeTemplates: entry(absent.none),
  vaultSummaries: entry(absent.none),
  validatorSummaries: entry(absent.none),
  validatorL1Votes: entry(absent.none),
  gossipRootIps: entry(absent.none),
  vaultDetails: entry(absent.vaultDetails, "vaultAddress", "user"),
  leadingVaults: entry(absent.noneOfUser, "user"),
  userVaultEquities: entry(absent.noneOfUser, "user"),
  userTwapSliceFills: entry(twaps.userTwapSliceFills, "user"),
  userTwapSliceFillsByTime: entry(twaps.userTwapSliceFillsByTime, "user", "startTime", "endTime"),
  twapHistory: entry(twaps.twapHistory, "user"),
  delegations: entry(absent.noneOfUser, "user"),
  delegatorHistory: entry(absent.noneOfUser, "user"),
  delegatorRewards: entry(absent.noneOfUser, "user"),
  delegatorSummary: entry(absent.delegatorSummary, "user"),
  referral: entry(absent.referral, "user"),
  portfolio: entry(absent.portfolio, "user"),
  legalCheck: entry(absent.legalCheck, "user"),
  isVip: entry(absent.isVip, "user"),
  subAccounts2: entry(accounts.nothing, "user"),
};

/** Type of a request, for its weight against the limits. @throws ShapeError */
export function infoTypeOf(body: unknown): string {
  const type = Array.isArray(body) ? (body as unknown[])[0] : objectAt(body, "body")["type"];
  return stringAt(type, "type");
}

/**
 * Answers an `/info` request, given as an object or in the positional form. Unknown fields are ignored.
 * @throws ShapeError (422) for an unknown type or a wrong field
 * @throws InfoRefusal (500) for arguments that are well-typed but not allowed
 */
export function answerInfo(body: unknown, context: InfoContext): unknown {
  const type = infoTypeOf(body);
  const found = Object.hasOwn(ENTRIES, type) ? ENTRIES[type] : undefined;
  if (found === undefined) throw new ShapeError(`unknown info type ${type}`);
  const request = Array.isArray(body) ? fromPositions(body, found) : objectAt(body, "body");
  return found.answer(request, context);
}

function fromPositions(body: unknown, found: Entry): JsonObject {
  const values = arrayAt(body, "body").slice(1);
  if (values.length > found.positions.length) throw new ShapeError("too many arguments");
  return Object.fromEntries(values.map((value, i) => [found.positions[i] ?? "", value]));
}
