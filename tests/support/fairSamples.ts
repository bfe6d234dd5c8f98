import { fairValue } from "../../lib/core/fairValue.ts";
import type { FairWeights } from "../../lib/core/fairValue.ts";
import { emptyMarketView, reduceMarketView } from "../../lib/core/marketView.ts";
import type { MarketInput, MarketViewState } from "../../lib/core/marketView.ts";
import { RowKind, sideOfCode } from "../../lib/core/tape/tape.ts";
import type { TapeBlock, TapeSource } from "../../lib/core/tape/tape.ts";
import type { Level } from "../../lib/messages/market.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";

/** What a recording said at a moment, in bps of the mid, and the mid's move after it. */
export type FairSample = { readonly x: readonly number[]; readonly y: number };

/** The parts of the fair value, each as what it adds to the mid at weight 1. Flow counts -1 to 1. */
export const SIGNALS = ["microprice", "depth", "flow", "oracle"] as const;
const NONE: FairWeights = {
  fairTouchWeight: 0,
  fairDepthWeight: 0,
  fairFlowBps: 0,
  fairOracleWeight: 0,
};
/** Books come at least so far apart: what is closer together is one moment. */
const APART_MS = 500;

/** Samples of a recording: the signals as the bot would have had them, and the mid's move over the horizon. */
export function fairSamples(tape: TapeSource, horizonMs: number): FairSample[] {
  const moments = momentsOf(tape);
  const samples: FairSample[] = [];
  let ahead = 0;
  for (const { atMs, mid, x } of moments) {
    while ((moments[ahead]?.atMs ?? Infinity) < atMs + horizonMs) ahead++;
    const later = moments[ahead];
    if (later === undefined || later.atMs > atMs + 2 * horizonMs) continue;
    samples.push({ x, y: (1e4 * (later.mid - mid)) / mid });
  }
  return samples;
}

type Moment = { readonly atMs: number; readonly mid: number; readonly x: readonly number[] };

function momentsOf(tape: TapeSource): Moment[] {
  const moments: Moment[] = [];
  let state = emptyMarketView;
  let known = false;
  for (const block of tape.blocks())
    for (let row = 0; row < block.rows; row++) {
      if (block.kind[row] === RowKind.gap) {
        state = emptyMarketView;
        known = false;
        continue;
      }
      const input = inputOf(block, row);
      if (input.kind === "l2") known = true;
      state = reduceMarketView(state, input);
      const atMs = block.timeMs[row] ?? 0;
      if (!known || input.kind === "trades" || atMs < (moments.at(-1)?.atMs ?? 0) + APART_MS)
        continue;
      const moment = momentOf(state, atMs);
      if (moment !== null) moments.push(moment);
    }
  return moments;
}

function momentOf({ view }: MarketViewState, atMs: number): Moment | null {
  if (view === null) return null;
  const value = (weights: Partial<FairWeights>): number | null => {
    const fair = fairValue(view, view.flowImbalance, view.oraclePxTicks, { ...NONE, ...weights });
    return fair.ok ? fair.fairTicks : null;
  };
  const mid = value({});
  const touch = value({ fairTouchWeight: 1 });
  const depth = value({ fairDepthWeight: 1 });
  if (mid === null || touch === null || depth === null) return null;
  const bps = (px: number): number => (1e4 * (px - mid)) / mid;
  // The anchor as it is, not cut at the touch.
  const oracle = view.oraclePxTicks === null ? 0 : bps(view.oraclePxTicks);
  return { atMs, mid, x: [bps(touch), bps(depth), view.flowImbalance, oracle] };
}

function inputOf(block: TapeBlock, row: number): MarketInput {
  const venueMs = ms(block.timeMs[row] ?? 0);
  const recvMs = venueMs;
  const kind = block.kind[row];
  const px = block.px[row] ?? 0;
  if (kind === RowKind.oracle)
    return { kind: "context", recvMs, oraclePxTicks: pxTicks(px), markPxTicks: null };
  if (kind === RowKind.print) {
    const aggressor = sideOfCode(block.side[row] ?? 0);
    const lots = sizeLots(block.lots[row] ?? 0);
    const trade = { tid: row, venueMs, aggressor, pxTicks: pxTicks(px), sizeLots: lots };
    return { kind: "trades", recvMs, trades: [trade] };
  }
  const from = block.levelFrom[row] ?? 0;
  const middle = from + (block.bidCount[row] ?? 0);
  const bids = levelsOf(block, from, middle);
  const asks = levelsOf(block, middle, block.levelFrom[row + 1] ?? middle);
  if (kind === RowKind.depth) return { kind: "l2", venueMs, recvMs, bids, asks };
  return { kind: "bbo", venueMs, recvMs, bid: bids[0] ?? null, ask: asks[0] ?? null };
}

function levelsOf(block: TapeBlock, from: number, end: number): Level[] {
  const levels: Level[] = [];
  for (let i = from; i < end; i++)
    levels.push({
      pxTicks: pxTicks(block.levelPx[i] ?? 0),
      sizeLots: sizeLots(block.levelLots[i] ?? 0),
    });
  return levels;
}
