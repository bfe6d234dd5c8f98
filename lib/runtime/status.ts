import { z } from "zod";
import { actionEconomy, reserveAdvice } from "../core/budget.ts";
import { defaultParams } from "../core/params.ts";
import { VolStatus, volStatusOf } from "./volStatus.ts";
import { orderRows, pnlOf } from "../dashboard/live.ts";
import type { RunInfo, RuntimeStats } from "../dashboard/types.ts";
import type { MarketView } from "../messages/market.ts";
import type { BotState } from "../messages/state.ts";
import { ms } from "../units/numbers.ts";

const side = z.enum(["bid", "ask"]);
const feedWord = z.enum(["live", "stale", "lost"]);
const percentiles = z.object({ p50: z.number().nullable(), p99: z.number().nullable() });

const orderStatus = z.object({
  cloid: z.string(),
  oid: z.number().nullable(),
  side,
  pxTicks: z.number(),
  leavesLots: z.number(),
  origLots: z.number(),
  phase: z.enum(["opening", "resting", "cancelling", "unresolved"]),
  reduceOnly: z.boolean(),
  placedMs: z.number(),
  queueAheadLots: z.number().nullable(),
  level: z.number().nullable(),
  edgeBps: z.number().nullable(),
});

/** Answer of GET /status. Prices in ticks, sizes in lots, money in micro-USD; `spec` says what those are. */
export const StatusReport = z.object({
  /** False when this is what the database last knew. */
  running: z.boolean(),
  /** Null when the bot does not run: how it was run is not stored. */
  run: z
    .object({
      mode: z.enum(["paper", "simulate", "testnet", "live"]),
      feed: z.string(),
      seed: z.number().nullable(),
      speed: z.number(),
      startedMs: z.number(),
      fillModel: z.string(),
    })
    .nullable(),
  spec: z
    .object({
      market: z.string(),
      szDecimals: z.number(),
      collateralName: z.string(),
      makerFeeBps: z.number(),
    })
    .nullable(),
  /** Time of the newest thing in this report. */
  atMs: z.number(),
  phase: z.enum(["starting", "quoting", "stopping"]),
  feeds: z.object({ market: feedWord, account: feedWord }),
  reconcileFailure: z.string().nullable(),
  touch: z.object({ bidPxTicks: z.number().nullable(), askPxTicks: z.number().nullable() }),
  positionLots: z.number(),
  pnlMicroUsd: z.object({
    total: z.number(),
    spread: z.number(),
    adverse: z.number(),
    inventory: z.number(),
    funding: z.number(),
    fees: z.number(),
  }),
  fills: z.object({ count: z.number(), maker: z.number(), taker: z.number() }),
  tradedMicroUsd: z.object({ maker: z.number(), taker: z.number() }),
  risk: z.object({
    mode: z.enum(["normal", "widened", "reduceOnly", "flatten", "halted"]),
    reason: z.string(),
    sinceMs: z.number(),
    haltReason: z.string().nullable(),
  }),
  account: z
    .object({
      equityMicroUsd: z.number(),
      marginUsedMicroUsd: z.number(),
      withdrawableMicroUsd: z.number(),
      readMs: z.number(),
    })
    .nullable(),
  /** Null until the venue's count was read. */
  actionsLeft: z.number().nullable(),
  /** How the action budget will last; null until the venue's count was read. */
  actionForecast: z
    .object({
      mode: z.enum(["free", "lean", "scarce", "spent", "throttled"]),
      /** Whether quotes may be placed: at will, one in some ten seconds, or not at all because cancels run short. */
      placing: z.enum(["free", "paced", "none"]),
      spentPerHour: z.number(),
      earnedPerHour: z.number(),
      /** Until nothing is left to place with, at this pace; null when it lasts for ever. */
      runwayHours: z.number().nullable(),
      advice: z.string(),
    })
    .nullable(),
  volatility: VolStatus,
  latencyMs: z.object({ eventToWire: percentiles, roundTrip: percentiles }).nullable(),
  /** Asks from the best out, then bids from the best out. */
  orders: z.array(orderStatus),
});
export type StatusReport = z.infer<typeof StatusReport>;

/** @param run null when the state was read from the database of a bot that does not run. */
export function statusOf(
  state: BotState,
  view: MarketView | null,
  run: RunInfo | null,
  stats: RuntimeStats | null,
): StatusReport {
  const { ledger, risk, account } = state;
  const { spec } = state.run;
  const { reading, budget } = account;
  return {
    running: run !== null,
    run: run === null ? null : runStatus(run),
    spec:
      spec === null
        ? null
        : {
            market: spec.market,
            szDecimals: spec.szDecimals,
            collateralName: spec.collateralName,
            makerFeeBps: spec.makerFeeBps,
          },
    atMs: newestMs(state, view),
    phase: state.run.phase,
    feeds: state.run.feeds,
    reconcileFailure: state.run.reconcileFailure,
    touch: {
      bidPxTicks: view?.bids[0]?.pxTicks ?? null,
      askPxTicks: view?.asks[0]?.pxTicks ?? null,
    },
    positionLots: ledger.positionLots,
    pnlMicroUsd: pnlOf(ledger),
    fills: ledger.fills,
    tradedMicroUsd: ledger.notionalMicroUsd,
    risk: {
      mode: risk.mode,
      reason: risk.reason,
      sinceMs: risk.sinceMs,
      haltReason: risk.haltReason,
    },
    account:
      reading === null
        ? null
        : {
            equityMicroUsd: reading.equityMicroUsd,
            marginUsedMicroUsd: reading.marginUsedMicroUsd,
            withdrawableMicroUsd: reading.withdrawableMicroUsd,
            readMs: account.readMs,
          },
    actionsLeft: budget === null ? null : budget.cap - budget.used - account.usedSinceRead,
    actionForecast: actionForecast(state, newestMs(state, view)),
    volatility: volStatusOf(state.vol, stats?.vol ?? null),
    latencyMs: stats?.latencyMs ?? null,
    orders: orderStatuses(state),
  };
}

function actionForecast(state: BotState, atMs: number): StatusReport["actionForecast"] {
  if (state.account.budget === null) return null;
  // No setting changes what the forecast takes of the parameters.
  const economy = actionEconomy(state, ms(atMs), defaultParams);
  const { mode, levels, spentPerHour, earnedPerHour, runwayHours } = economy;
  const isOver = mode === "spent" || mode === "throttled";
  const placing = levels === 0 ? "none" : isOver ? "paced" : "free";
  return {
    mode,
    placing,
    spentPerHour,
    earnedPerHour,
    runwayHours,
    advice: reserveAdvice(economy),
  };
}

function runStatus(run: RunInfo): NonNullable<StatusReport["run"]> {
  const { mode, feed, seed, speed, startedMs, fillModel } = run;
  return { mode, feed, seed, speed, startedMs, fillModel };
}

function orderStatuses(state: BotState): StatusReport["orders"] {
  return orderRows(state).map(({ why, ...order }) => ({
    ...order,
    level: why?.level ?? null,
    edgeBps: why?.edgeBps ?? null,
  }));
}

function newestMs(state: BotState, view: MarketView | null): number {
  return Math.max(
    view?.bookRecvMs ?? 0,
    state.account.readMs,
    state.orders.lastQuoteMs,
    state.run.reconciledMs ?? 0,
    state.risk.sinceMs,
    state.ledger.fillWatermarkMs,
  );
}
