import type { DexDef, MarketDef, VenueOutput } from "../../rules/types.ts";
import type { FundingView } from "../../rules/views.ts";
import type { Venue } from "../../rules/venue.ts";
import { aggregateFills, fillsRows } from "../fillsView.ts";
import { activeAssetData, clearinghouseRow } from "../info/accounts.ts";
import type { InfoContext } from "../info/context.ts";
import { webData2, webData3 } from "../info/webData.ts";
import { usd } from "../format.ts";
import {
  frontendOrderRow,
  fundingDelta,
  marketOf,
  orderUpdateRow,
  spotStateOf,
  transferRow,
} from "../rows.ts";
import { eventTopic, frame, periodicTopic } from "./topic.ts";
import type { Topic } from "./topic.ts";

/** How often an account's whole state is repeated; assumed. */
const STATE_PERIOD_MS = 5_000;
const SNAPSHOT_FILLS = 2000;
const SNAPSHOT_FUNDINGS = 500;

/** Endings that neither the user nor a fill brought about. */
const NON_USER_CANCELS = new Set([
  "marginCanceled",
  "selfTradeCanceled",
  "reduceOnlyCanceled",
  "delistedCanceled",
  "liquidatedCanceled",
  "openInterestCapCanceled",
  "siblingFilledCanceled",
  "scheduledCancel",
  "internalCancel",
]);

type Fill = Extract<VenueOutput, { readonly kind: "fill" }>["fill"];
type FundingOutput = Extract<VenueOutput, { readonly kind: "funding" }>;

function fillsOf(user: string, outputs: readonly VenueOutput[]): readonly Fill[] {
  return outputs.flatMap((output) =>
    output.kind === "fill" && output.fill.account === user ? [output.fill] : [],
  );
}

function fundingsOf(user: string, outputs: readonly VenueOutput[]): readonly FundingOutput[] {
  return outputs.flatMap((output) =>
    output.kind === "funding" && output.account === user ? [output] : [],
  );
}

/** Whether an output changes what the account has. */
function changesAccount(user: string): (output: VenueOutput) => boolean {
  return (output) =>
    (output.kind === "fill" && output.fill.account === user) ||
    (output.kind === "funding" && output.account === user);
}

/** Every change of every order of the user, rejections too. No snapshot; all dexes. */
export function orderUpdatesTopic({ venue }: InfoContext, user: string): Topic {
  return eventTopic(
    () => [],
    (outputs) => {
      const rows = outputs.flatMap((output) =>
        output.kind === "orderUpdate" && output.order.account === user
          ? [orderUpdateRow(output.order, marketOf(venue, output.order.coin).szDecimals)]
          : [],
      );
      return rows.length === 0 ? [] : [frame("orderUpdates", rows)];
    },
  );
}

/** Channel `user`: fills, funding, liquidations and cancels that the user did not ask for. No snapshot. */
export function userEventsTopic({ venue }: InfoContext, user: string): Topic {
  return eventTopic(
    () => [],
    (outputs) => {
      const fills = fillsOf(user, outputs);
      const cancels = outputs.flatMap((output) =>
        output.kind === "orderUpdate" &&
        output.order.account === user &&
        NON_USER_CANCELS.has(output.order.status)
          ? [{ coin: output.order.coin, oid: output.order.oid }]
          : [],
      );
      return [
        ...(fills.length === 0 ? [] : [frame("user", { fills: fillsRows(venue, fills) })]),
        ...fundingsOf(user, outputs).map((funding) =>
          frame("user", { funding: fundingEventRow(funding, venue) }),
        ),
        ...liquidationsOf(user, outputs).map((liquidation) => frame("user", { liquidation })),
        ...(cancels.length === 0 ? [] : [frame("user", { nonUserCancel: cancels })]),
      ];
    },
  );
}

function liquidationsOf(user: string, outputs: readonly VenueOutput[]): readonly object[] {
  return outputs.flatMap((output) =>
    output.kind === "liquidation" && output.liquidatedUser === user
      ? [
          {
            lid: output.lid,
            liquidator: output.liquidator,
            liquidated_user: output.liquidatedUser,
            liquidated_ntl_pos: usd(output.notionalMicroUsd),
            liquidated_account_value: usd(output.accountValueMicroUsd),
          },
        ]
      : [],
  );
}

export function userFillsTopic({ venue }: InfoContext, user: string, aggregate: boolean): Topic {
  const rows = (oldestFirst: readonly Fill[]) =>
    fillsRows(venue, aggregate ? aggregateFills(oldestFirst) : oldestFirst);
  return eventTopic(
    () => [
      frame("userFills", {
        isSnapshot: true,
        user,
        fills: rows(venue.latestFills(user, SNAPSHOT_FILLS).toReversed()).toReversed(),
      }),
    ],
    (outputs) => {
      const fills = fillsOf(user, outputs);
      return fills.length === 0 ? [] : [frame("userFills", { user, fills: rows(fills) })];
    },
  );
}

function fundingEventRow(funding: FundingView | FundingOutput, venue: Venue): object {
  const { szDecimals } = marketOf(venue, funding.coin);
  return { time: funding.venueMs, ...fundingDelta({ hash: "", ...funding }, szDecimals) };
}

export function userFundingsTopic({ venue }: InfoContext, user: string): Topic {
  const rows = (fundings: readonly (FundingView | FundingOutput)[]) =>
    fundings.map((funding) => fundingEventRow(funding, venue));
  return eventTopic(
    () => [
      frame("userFundings", {
        isSnapshot: true,
        user,
        fundings: rows(venue.fundings(user).slice(-SNAPSHOT_FUNDINGS).toReversed()),
      }),
    ],
    (outputs) => {
      const fundings = fundingsOf(user, outputs);
      return fundings.length === 0
        ? []
        : [frame("userFundings", { user, fundings: rows(fundings) })];
    },
  );
}

/** Deposits and what liquidations moved. Noticed with the next block, or the next second. */
export function ledgerTopic({ venue }: InfoContext, user: string): Topic {
  const channel = "userNonFundingLedgerUpdates";
  let sent = venue.transfers(user).length;
  let checkMs = Infinity;
  const rows = (from: number) =>
    venue
      .transfers(user)
      .slice(from)
      .map((transfer) => transferRow(transfer, user, venue));
  return {
    snapshot: (nowMs) => {
      checkMs = nowMs + 1_000;
      return [frame(channel, { isSnapshot: true, user, nonFundingLedgerUpdates: rows(0) })];
    },
    frames: (nowMs) => {
      checkMs = nowMs + 1_000;
      const fresh = rows(sent);
      sent += fresh.length;
      return fresh.length === 0 ? [] : [frame(channel, { user, nonFundingLedgerUpdates: fresh })];
    },
    nextMs: () => checkMs,
  };
}

export function clearinghouseStateTopic({ venue }: InfoContext, user: string, dex: DexDef): Topic {
  return periodicTopic(STATE_PERIOD_MS, changesAccount(user), () =>
    frame("clearinghouseState", {
      dex: dex.name,
      user,
      clearinghouseState: clearinghouseRow(venue, venue.account(user, dex.name)),
    }),
  );
}

export function allDexsClearinghouseStateTopic({ venue }: InfoContext, user: string): Topic {
  return periodicTopic(STATE_PERIOD_MS, changesAccount(user), () =>
    frame("allDexsClearinghouseState", {
      user,
      clearinghouseStates: venue.config.dexes.map((dex) => [
        dex.name,
        clearinghouseRow(venue, venue.account(user, dex.name)),
      ]),
    }),
  );
}

export function openOrdersTopic({ venue }: InfoContext, user: string, dex: DexDef): Topic {
  return periodicTopic(
    STATE_PERIOD_MS,
    () => false,
    () =>
      frame("openOrders", {
        dex: dex.name,
        user,
        orders: venue
          .openOrders(user, dex.name)
          .map((order) => frontendOrderRow(order, marketOf(venue, order.coin).szDecimals)),
      }),
  );
}

export function spotStateTopic({ venue }: InfoContext, user: string): Topic {
  return periodicTopic(STATE_PERIOD_MS, changesAccount(user), () =>
    frame("spotState", { user, spotState: spotStateOf(venue, user) }),
  );
}

export function activeAssetDataTopic(context: InfoContext, user: string, market: MarketDef): Topic {
  return periodicTopic(STATE_PERIOD_MS, changesAccount(user), () =>
    frame("activeAssetData", activeAssetData({ user, coin: market.coin }, context)),
  );
}

export function webData2Topic(context: InfoContext, user: string): Topic {
  return periodicTopic(STATE_PERIOD_MS, changesAccount(user), () =>
    frame("webData2", webData2({ user }, context)),
  );
}

export function webData3Topic(context: InfoContext, user: string): Topic {
  return periodicTopic(
    STATE_PERIOD_MS,
    () => false,
    () => frame("webData3", webData3(user, context)),
  );
}

/** Messages from the operators of the venue: there are none. */
export function silentTopic(): Topic {
  return eventTopic(
    () => [],
    () => [],
  );
}
