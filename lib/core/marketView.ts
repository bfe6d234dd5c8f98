import type { Level, MarketView, MidChange, PublicTrade } from "../messages/market.ts";
import type { Ms, PxTicks } from "../units/numbers.ts";
import { ms } from "../units/numbers.ts";
import { addTrade, decayFlow, emptyFlow, flowImbalance } from "./flow.ts";
import type { FlowState } from "./flow.ts";
import { addSweep, emptyIntensity, passTime, sweepStats } from "./intensity.ts";
import type { IntensityState } from "./intensity.ts";
import { addMid, emptyVolatility, sigmaBpsPerSqrtSec } from "./volatility.ts";
import type { VolatilityState } from "./volatility.ts";

/** A message of the market's stream, parsed. Levels are best first. */
export type MarketInput =
  | {
      readonly kind: "bbo";
      readonly venueMs: Ms;
      readonly recvMs: Ms;
      readonly bid: Level | null;
      readonly ask: Level | null;
    }
  | {
      readonly kind: "l2";
      readonly venueMs: Ms;
      readonly recvMs: Ms;
      readonly bids: readonly Level[];
      readonly asks: readonly Level[];
    }
  | { readonly kind: "trades"; readonly recvMs: Ms; readonly trades: readonly PublicTrade[] }
  | {
      readonly kind: "context";
      readonly recvMs: Ms;
      readonly oraclePxTicks: PxTicks | null;
      readonly markPxTicks: PxTicks | null;
    };

/** What the estimators in front of the handlers remember. Process memory, never stored. */
export type MarketViewState = {
  /** What travels inside events; null before the first book. */
  readonly view: MarketView | null;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Venue time of the newest touch and of the newest depth; null before. */
  readonly touchMs: Ms | null;
  readonly depthMs: Ms | null;
  readonly recvMs: Ms;
  readonly midChanges: readonly MidChange[];
  readonly volatility: VolatilityState;
  readonly flow: FlowState;
  readonly intensity: IntensityState;
  readonly oraclePxTicks: PxTicks | null;
  readonly markPxTicks: PxTicks | null;
  /** When the oracle's price last changed, and the mid of then. */
  readonly oracleChange: MarketView["oracleChange"] | null;
};

/** Changes kept: a fill comes at most a few blocks after its trade. */
const MID_CHANGES = 8;

export const emptyMarketView: MarketViewState = {
  view: null,
  bids: [],
  asks: [],
  touchMs: null,
  depthMs: null,
  recvMs: ms(0),
  midChanges: [],
  volatility: emptyVolatility,
  flow: emptyFlow,
  intensity: emptyIntensity,
  oraclePxTicks: null,
  markPxTicks: null,
  oracleChange: null,
};

/**
 * Folds one message into the market as known. The touch (`bbo`) comes on every change, the depth (`l2`) at intervals;
 * by venue time the newer one decides: an old depth only adds levels behind a newer touch, and an old touch is dropped.
 */
export function reduceMarketView(state: MarketViewState, input: MarketInput): MarketViewState {
  switch (input.kind) {
    case "bbo":
      return withBook(state, mergeTouch(state, input), input);
    case "l2":
      return withBook(state, mergeDepth(state, input), input);
    case "trades":
      return withView({
        ...state,
        flow: input.trades.reduce(addTrade, state.flow),
        intensity: input.trades.reduce(
          (sums, trade) => addSweep(sums, trade, midBefore(state.midChanges, trade.venueMs)),
          state.intensity,
        ),
      });
    case "context":
      return withView({
        ...state,
        oraclePxTicks: input.oraclePxTicks,
        markPxTicks: input.markPxTicks,
        oracleChange: oracleChange(state, input),
      });
  }
}

function oracleChange(
  state: MarketViewState,
  input: Extract<MarketInput, { kind: "context" }>,
): MarketViewState["oracleChange"] {
  if (input.oraclePxTicks === state.oraclePxTicks) return state.oracleChange;
  return { recvMs: input.recvMs, midX2Ticks: state.midChanges.at(-1)?.midX2Ticks ?? null };
}

type Book = { readonly bids: readonly Level[]; readonly asks: readonly Level[] };

/** The levels behind a touch: those strictly worse than it. Without a touch the side is empty. */
function behind(touch: Level | null, levels: readonly Level[], side: "bid" | "ask"): Level[] {
  if (touch === null) return [];
  const worse = levels.filter((level) =>
    side === "bid" ? level.pxTicks < touch.pxTicks : level.pxTicks > touch.pxTicks,
  );
  return [touch, ...worse];
}

function mergeTouch(
  state: MarketViewState,
  input: Extract<MarketInput, { kind: "bbo" }>,
): Book | null {
  const newest = Math.max(state.touchMs ?? 0, state.depthMs ?? 0);
  if (input.venueMs < newest) return null;
  return {
    bids: behind(input.bid, state.bids, "bid"),
    asks: behind(input.ask, state.asks, "ask"),
  };
}

function mergeDepth(
  state: MarketViewState,
  input: Extract<MarketInput, { kind: "l2" }>,
): Book | null {
  if (input.venueMs < (state.depthMs ?? 0)) return null;
  if (input.venueMs >= (state.touchMs ?? 0)) return { bids: input.bids, asks: input.asks };
  return {
    bids: behind(state.bids[0] ?? null, input.bids, "bid"),
    asks: behind(state.asks[0] ?? null, input.asks, "ask"),
  };
}

function withBook(
  state: MarketViewState,
  book: Book | null,
  input: Extract<MarketInput, { kind: "bbo" | "l2" }>,
): MarketViewState {
  if (book === null) return state;
  const times =
    input.kind === "bbo"
      ? { touchMs: input.venueMs }
      : { depthMs: input.venueMs, ...touchOf(state, input.venueMs) };
  const bid = book.bids[0];
  const ask = book.asks[0];
  const midX2 = bid === undefined || ask === undefined ? null : bid.pxTicks + ask.pxTicks;
  const volatility =
    midX2 === null ? state.volatility : addMid(state.volatility, midX2 / 2, input.venueMs);
  const midChanges = withMid(state.midChanges, midX2, input.venueMs);
  const recvMs = ms(Math.max(state.recvMs, input.recvMs));
  const flow = decayFlow(state.flow, input.venueMs);
  const intensity = passTime(state.intensity, input.venueMs);
  return withView({ ...state, ...book, ...times, recvMs, midChanges, volatility, flow, intensity });
}

/** Within one block only the last mid counts. */
function withMid(
  changes: readonly MidChange[],
  midX2Ticks: number | null,
  venueMs: Ms,
): readonly MidChange[] {
  const last = changes.at(-1);
  if (midX2Ticks === null || midX2Ticks === last?.midX2Ticks) return changes;
  const earlier = last?.venueMs === venueMs ? changes.slice(0, -1) : changes;
  return [...earlier, { venueMs, midX2Ticks }].slice(-MID_CHANGES);
}

/**
 * Twice the mid, in ticks, as it was before the block of `venueMs`: what a fill of that block is measured against. The
 * book that is known when the fill arrives has often moved already, by the very trade that filled us.
 * @returns null when the view does not reach back
 */
export function midX2Before(view: MarketView | null, venueMs: Ms): number | null {
  return midBefore(view?.midChanges ?? [], venueMs);
}

function midBefore(changes: readonly MidChange[], venueMs: Ms): number | null {
  return changes.findLast((change) => change.venueMs < venueMs)?.midX2Ticks ?? null;
}

/** A depth message carries a touch as well. */
function touchOf(state: MarketViewState, venueMs: Ms): { readonly touchMs: Ms } {
  return { touchMs: ms(Math.max(state.touchMs ?? 0, venueMs)) };
}

function withView(state: MarketViewState): MarketViewState {
  if (state.touchMs === null) return state;
  return {
    ...state,
    view: {
      bookVenueMs: state.touchMs,
      bookRecvMs: state.recvMs,
      bids: state.bids,
      asks: state.asks,
      sigmaBpsPerSqrtSec: sigmaBpsPerSqrtSec(state.volatility),
      flowImbalance: flowImbalance(state.flow),
      sweeps: sweepStats(state.intensity),
      oraclePxTicks: state.oraclePxTicks,
      markPxTicks: state.markPxTicks,
      midChanges: state.midChanges,
      depthKnown: state.depthMs !== null && state.depthMs >= state.touchMs,
      ...(state.oracleChange === null || state.oracleChange === undefined
        ? {}
        : { oracleChange: state.oracleChange }),
    },
  };
}
