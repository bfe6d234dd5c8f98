import type { Params } from "../messages/params.ts";
import type { Side } from "../units/grid.ts";
import { sideSign } from "../units/grid.ts";
import type { OthersBook } from "./othersBook.ts";

type FillRates = Pick<Params, "fillsPerSec" | "staleFillsPerSec" | "staleReachBps">;

/** What it takes to say what an order of one side is worth where it stands. */
export type ValueModel = {
  readonly side: Side;
  readonly fairTicks: number;
  /** Fair value after the inventory shift. */
  readonly reservationTicks: number;
  /** Fee and expected adverse selection of a fill. */
  readonly costBps: number;
  readonly rates: FillRates;
  /** Distance over which takers who go through the book become rarer by e. */
  readonly reachBps: number;
  /** Time for which a difference between two prices is expected to last. */
  readonly horizonSec: number;
  /** A queue of this many lots halves the fills that come from trades at the touch. */
  readonly usualLots: number;
};

/** Share of fills that wait for the queue; the rest come from takers who go through the level. */
const QUEUED_SHARE = 0.5;
/** Levels of the book that tell what is usual at one. */
const USUAL_LEVELS = 5;
/** @param volatilityBps standard deviation of the mid over the holding time */
export function valueModel(
  side: Side,
  others: OthersBook,
  fairTicks: number,
  shiftBps: number,
  costBps: number,
  volatilityBps: number,
  params: Params,
): ValueModel {
  const levels = (side === "bid" ? others.bids : others.asks).slice(0, USUAL_LEVELS);
  const lots = levels.reduce((sum, level) => sum + level.sizeLots, 0);
  return {
    side,
    fairTicks,
    reservationTicks: fairTicks * (1 + shiftBps / 1e4),
    costBps,
    rates: params,
    reachBps: Math.max(params.fillReachBps, params.fillReachVolatility * volatilityBps),
    horizonSec: params.holdingMs / 1000,
    usualLots: levels.length === 0 ? 1 : lots / levels.length,
  };
}

/** Expected gain of one fill at the price, after costs and the inventory shift, bps. */
export function edgeAtBps(model: ValueModel, pxTicks: number): number {
  const away = sideSign(model.side) * (model.reservationTicks - pxTicks);
  return (1e4 * away) / model.fairTicks - model.costBps;
}

/**
 * Expected fills per second of an order: exponential in the distance from fair value (Avellaneda and Stoikov, 2008), in
 * two parts. Takers who go through the book are rare, reach as far as the mid usually moves, and a queue ahead takes part
 * of them; those who
 * pick off what the market has come to are quick and reach no further than their own costs.
 */
export function fillRatePerSec(model: ValueModel, pxTicks: number, queueLots: number): number {
  const away = (1e4 * sideSign(model.side) * (model.fairTicks - pxTicks)) / model.fairTicks;
  const distance = Math.max(0, away);
  const { fillsPerSec, staleFillsPerSec, staleReachBps } = model.rates;
  const waiting = 2 ** (-queueLots / model.usualLots);
  const queued = 1 - QUEUED_SHARE + QUEUED_SHARE * waiting;
  const through = fillsPerSec * Math.exp(-distance / model.reachBps) * queued;
  return through + staleFillsPerSec * Math.exp(-distance / staleReachBps);
}

/** Expected gain of an order over the model's horizon, micro-USD; negative where a fill is expected to lose. */
export function orderValueMicroUsd(
  model: ValueModel,
  pxTicks: number,
  lots: number,
  queueLots: number,
): number {
  const fills = Math.min(1, fillRatePerSec(model, pxTicks, queueLots) * model.horizonSec);
  return (fills * edgeAtBps(model, pxTicks) * pxTicks * lots) / 1e4;
}
