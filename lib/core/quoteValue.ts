import type { Params } from "../messages/params.ts";
import type { Side } from "../units/grid.ts";
import { sideSign } from "../units/grid.ts";
import { extraAdverseBps } from "./adverseProfile.ts";
import type { AdverseProfile } from "./adverseProfile.ts";
import type { Intensity } from "./intensity.ts";
import type { OthersBook } from "./othersBook.ts";

type StaleRates = Pick<Params, "staleFillsPerSec" | "staleReachBps">;

/** What it takes to say what an order of one side is worth where it stands. */
export type ValueModel = {
  readonly side: Side;
  readonly fairTicks: number;
  /** Fair value after the inventory shift. */
  readonly reservationTicks: number;
  /** Fee and expected adverse selection of a near fill, and how the latter grows with distance. */
  readonly costBps: number;
  readonly profile: AdverseProfile;
  readonly stale: StaleRates;
  /** Takers who go through the book: their rate and its decay with distance. */
  readonly intensity: Intensity;
  /** Time for which a difference between two prices is expected to last. */
  readonly horizonSec: number;
  /** A queue of this many lots halves the fills that come from trades at the touch. */
  readonly usualLots: number;
};

/** Share of fills that wait for the queue; the rest come from takers who go through the level. */
const QUEUED_SHARE = 0.5;
/** Levels of the book that tell what is usual at one. */
const USUAL_LEVELS = 5;

export function valueModel(
  side: Side,
  others: OthersBook,
  fairTicks: number,
  shiftBps: number,
  cost: Pick<ValueModel, "costBps" | "profile">,
  intensity: Intensity,
  params: Params,
): ValueModel {
  const levels = (side === "bid" ? others.bids : others.asks).slice(0, USUAL_LEVELS);
  const lots = levels.reduce((sum, level) => sum + level.sizeLots, 0);
  return {
    side,
    fairTicks,
    reservationTicks: fairTicks * (1 + shiftBps / 1e4),
    costBps: cost.costBps,
    profile: cost.profile,
    stale: params,
    intensity,
    horizonSec: params.holdingMs / 1000,
    usualLots: levels.length === 0 ? 1 : lots / levels.length,
  };
}

/** Distance of a price from fair value, bps, positive on its own side. */
function distanceBps({ side, fairTicks }: ValueModel, pxTicks: number): number {
  return (1e4 * sideSign(side) * (fairTicks - pxTicks)) / fairTicks;
}

/**
 * Expected gain of one fill at the price, bps: its distance from the reservation price, which has the inventory shift in
 * it, after fee and the adverse selection of that distance. The same sum as that of a quote's reason.
 */
export function edgeAtBps(model: ValueModel, pxTicks: number): number {
  const away = sideSign(model.side) * (model.reservationTicks - pxTicks);
  const fromReservation = (1e4 * away) / model.fairTicks;
  return fromReservation - model.costBps - extraAdverseBps(model.profile, fromReservation);
}

/**
 * Expected fills per second of an order: exponential in the distance from fair value (Avellaneda and Stoikov, 2008), in
 * two parts. Takers who go through the book are rare, at the rate and the reach that were measured, and a queue ahead takes
 * part of them; those who pick off what the market has come to are quick and reach no further than their own costs.
 */
export function fillRatePerSec(model: ValueModel, pxTicks: number, queueLots: number): number {
  const distance = Math.max(0, distanceBps(model, pxTicks));
  const { staleFillsPerSec, staleReachBps } = model.stale;
  const { perSec, decayPerBp } = model.intensity;
  const waiting = 2 ** (-queueLots / model.usualLots);
  const queued = 1 - QUEUED_SHARE + QUEUED_SHARE * waiting;
  const through = perSec * Math.exp(-distance * decayPerBp) * queued;
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
