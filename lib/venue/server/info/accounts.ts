import type { Venue } from "../../rules/venue.ts";
import type { AccountView, LeverageSetting, PositionView } from "../../rules/views.ts";
import { size, statistic, usd, px } from "../format.ts";
import { averagePx, fundingDelta, marketOf, spotStateOf, transferRow } from "../rows.ts";
import { addressAt, arrayAt, stringAt } from "../shape.ts";
import { coinOf, dexOf, InfoRefusal, timeRangeOf, userOf } from "./context.ts";
import type { InfoHandler } from "./context.ts";

const ROWS_MAX = 500;
/** All fills that could lie after a position's last change. */
const FILLS_MAX = 2000;

function leverageRow(setting: LeverageSetting, isolatedRaw: number | null): object {
  return {
    type: setting.isCross ? "cross" : "isolated",
    value: setting.leverage,
    ...(setting.isCross ? {} : { rawUsd: usd(isolatedRaw ?? 0) }),
  };
}

/** Funding since the last fill that changed the position, in micro-USD received. */
function fundingSinceChange(venue: Venue, address: string, position: PositionView): number {
  if (position.fundingSinceOpenMicroUsd === 0) return 0;
  const { coin } = position.market;
  const last = venue.latestFills(address, FILLS_MAX).find((fill) => fill.coin === coin);
  const sinceMs = last?.venueMs ?? 0;
  return venue
    .fundings(address)
    .filter((funding) => funding.coin === coin && funding.venueMs > sinceMs)
    .reduce((sum, funding) => sum + funding.microUsd, 0);
}

function positionRow(venue: Venue, address: string, position: PositionView): object {
  const { szDecimals } = position.market;
  const returnOnEquity =
    (position.unrealizedPnlMicroUsd * position.leverage.leverage) / position.entryCostMicroUsd;
  return {
    coin: position.market.coin,
    szi: size(position.positionLots, szDecimals),
    leverage: leverageRow(position.leverage, position.isolatedRawMicroUsd),
    entryPx: averagePx(position.entryPxTicks, szDecimals, 0),
    positionValue: usd(position.valueMicroUsd),
    unrealizedPnl: usd(position.unrealizedPnlMicroUsd),
    returnOnEquity: statistic(returnOnEquity, 10),
    liquidationPx:
      position.liquidationPxTicks === null
        ? null
        : averagePx(position.liquidationPxTicks, szDecimals, 4 + szDecimals),
    marginUsed: usd(position.marginUsedMicroUsd),
    maxLeverage: position.market.maxLeverage,
    cumFunding: {
      allTime: usd(-position.fundingAllTimeMicroUsd),
      sinceOpen: usd(-position.fundingSinceOpenMicroUsd),
      sinceChange: usd(-fundingSinceChange(venue, address, position)),
    },
  };
}

/** The answer's `cumFunding` counts what was paid: positive is a cost (captured). */
export function clearinghouseRow(venue: Venue, view: AccountView): object {
  return {
    marginSummary: {
      accountValue: usd(view.accountValueMicroUsd),
      totalNtlPos: usd(view.totalNtlPosMicroUsd),
      totalRawUsd: usd(view.totalRawUsdMicroUsd),
      totalMarginUsed: usd(view.totalMarginUsedMicroUsd),
    },
    crossMarginSummary: {
      accountValue: usd(view.crossAccountValueMicroUsd),
      totalNtlPos: usd(view.crossNtlPosMicroUsd),
      totalRawUsd: usd(view.crossRawUsdMicroUsd),
      totalMarginUsed: usd(view.crossMarginUsedMicroUsd),
    },
    crossMaintenanceMarginUsed: usd(view.crossMaintenanceMicroUsd),
    withdrawable: usd(view.withdrawableMicroUsd),
    assetPositions: view.positions.map((position) => ({
      type: "oneWay",
      position: positionRow(venue, view.address, position),
    })),
    time: view.venueMs,
  };
}

export const clearinghouseState: InfoHandler = (request, context) => {
  const view = context.venue.account(userOf(request), dexOf(request, context).name);
  return clearinghouseRow(context.venue, view);
};

/** The same for several users; one client asks so. */
export const batchClearinghouseStates: InfoHandler = (request, context) => {
  const dex = dexOf(request, context).name;
  return arrayAt(request["users"], "users").map((user) =>
    clearinghouseRow(context.venue, context.venue.account(addressAt(user, "users"), dex)),
  );
};

export const spotClearinghouseState: InfoHandler = (request, { venue }) =>
  spotStateOf(venue, userOf(request));

/** "default" is what an account answers that never chose (measured); it is in standard mode. */
export const userAbstraction: InfoHandler = (request, { venue }) =>
  venue.abstraction(userOf(request)) ?? "default";

export const userRole: InfoHandler = (request, { venue }) => {
  const user = userOf(request);
  const account = venue.signerToAccount(user);
  if (account === null) return { role: "missing" };
  const master = venue.masterOf(user);
  if (master !== null) return { role: "subAccount", data: { master } };
  return account === user ? { role: "user" } : { role: "agent", data: { user: account } };
};

/** Named agents; the unnamed one shows in `webData2` alone. */
export const extraAgents: InfoHandler = (request, { venue }) =>
  venue
    .agents(userOf(request))
    .filter((agent) => agent.name !== "")
    .map((agent) => ({
      name: agent.name,
      address: agent.address,
      validUntil: agent.validUntilMs,
    }));

/** In tenths of a basis point. */
export const maxBuilderFee: InfoHandler = (request, { venue }) =>
  venue.builders(userOf(request)).get(addressAt(request["builder"], "builder")) ?? 0;

export const approvedBuilders: InfoHandler = (request, { venue }) => [
  ...venue.builders(userOf(request)).keys(),
];

export const userRateLimit: InfoHandler = (request, { venue }) => {
  const limit = venue.rateLimit(userOf(request));
  return {
    cumVlm: usd(limit.cumVlmMicroUsd),
    nRequestsUsed: limit.used,
    nRequestsCap: limit.cap,
    nRequestsSurplus: limit.surplus,
  };
};

/** Leverage and what may still be traded, buying first. */
export const activeAssetData: InfoHandler = (request, context) => {
  const user = userOf(request);
  const market = coinOf(request, context);
  const { szDecimals } = market;
  const view = context.venue.assetData(user, market.coin);
  return {
    user,
    coin: market.coin,
    leverage: leverageRow(view.leverage, view.isolatedRawMicroUsd),
    maxTradeSzs: view.maxTradeLots.map((lots) => size(lots, szDecimals)),
    availableToTrade: view.availableMicroUsd.map(usd),
    markPx: px(view.markPxTicks ?? 0, szDecimals),
  };
};

/** Oldest first, at most 500, bounds inclusive. */
export const userFunding: InfoHandler = (request, { venue }) => {
  const { fromMs, toMs } = timeRangeOf(request);
  return venue
    .fundings(userOf(request))
    .filter((funding) => funding.venueMs >= fromMs && funding.venueMs <= toMs)
    .slice(0, ROWS_MAX)
    .map((funding) => ({
      time: funding.venueMs,
      hash: funding.hash,
      delta: {
        type: "funding",
        ...fundingDelta(funding, marketOf(venue, funding.coin).szDecimals),
      },
    }));
};

/** Oldest first, at most 500. @throws InfoRefusal for an end without a start (measured). */
export const userNonFundingLedgerUpdates: InfoHandler = (request, { venue }) => {
  const user = userOf(request);
  const { fromMs, toMs } = timeRangeOf(request);
  if ((request["startTime"] ?? null) === null && (request["endTime"] ?? null) !== null)
    throw new InfoRefusal("endTime without startTime");
  return venue
    .transfers(user)
    .filter((transfer) => transfer.venueMs >= fromMs && transfer.venueMs <= toMs)
    .slice(0, ROWS_MAX)
    .map((transfer) => transferRow(transfer, user, venue));
};

export const preTransferCheck: InfoHandler = (request, { venue }) => {
  const user = userOf(request);
  stringAt(request["source"], "source");
  const isKnown = venue.signerToAccount(user) === user;
  return {
    isSanctioned: false,
    userExists: isKnown,
    fee: isKnown ? "0.0" : "1.0",
    userHasSentTx: isKnown && venue.rateLimit(user).used > 0,
  };
};

/** Null for an account without any. */
export const subAccounts: InfoHandler = (request, { venue }) => {
  const master = userOf(request);
  const subs = venue.subAccounts(master).map(({ name, address }) => ({
    name,
    subAccountUser: address,
    master,
    clearinghouseState: clearinghouseRow(venue, venue.account(address, "")),
    spotState: spotStateOf(venue, address),
  }));
  return subs.length === 0 ? null : subs;
};

/** Multi-signature accounts do not exist here. */
export const nothing: InfoHandler = (request) => {
  userOf(request);
  return null;
};
