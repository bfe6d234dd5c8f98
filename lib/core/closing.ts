import type { Side } from "../units/grid.ts";
import { opposite } from "../units/grid.ts";
import { sizeLots } from "../units/numbers.ts";
import type { Params } from "../messages/params.ts";
import type { BotState, ClosingState } from "../messages/state.ts";
import { closingPrices, reduceReason } from "./closingPrice.ts";
import type { ClosingMarket, ClosingStage } from "./closingPrice.ts";
import { bestOwnTicks, crosses, exposureOf } from "./exposure.ts";
import { referencePx } from "./gauges.ts";
import { takeOutOwn } from "./othersBook.ts";
import { reducingSide } from "./passivePx.ts";
import type { DesiredQuote, QuotePlan } from "./quotePlan.ts";
import { quoteBlock } from "./safety.ts";
import type { Moment } from "./safety.ts";
import { capacityMicroUsd, meetsMinimum } from "./sizing.ts";

/** What rests, or takes, while the position may only shrink: at most one order. */
export type ClosingPlan = QuotePlan & {
  /** Why the one order is not what it should be, or not there; null when nothing is in the way. */
  readonly obstacle: string | null;
};

/**
 * The way to flat; null while ordinary quotes are allowed. One reduce-only order on the reducing side, never larger than
 * the position as the venue or we know it, whichever is smaller, less what ordinary orders of that side may still fill:
 * so nothing of this ever goes through zero, and of two orders that exceed the position together the venue never has to
 * cancel the older one. It rests first. In mode "flatten" it soon takes, within bounds; in mode "reduceOnly" only after
 * long patience; where quotes are merely pulled it never does.
 */
export function planClosing(state: BotState, moment: Moment, params: Params): ClosingPlan | null {
  const block = quoteBlock(state, moment, params);
  const { mode } = state.risk;
  const reducing = mode === "reduceOnly" || mode === "flatten";
  if (block === null && !reducing) return null;
  if (block !== null && !block.reducing) return nothing(block, block.reason);
  const what = block === null ? mode : "quotes are pulled";
  const lots = closableLots(state);
  const side = reducingSide(state.ledger.positionLots);
  if (side === null || lots === 0)
    return { ...nothing(block, null), notes: note("both", `${what}: the position is flat`) };
  const order = closingOrder(state, moment, params, side, lots);
  const quotes = order.quote === null ? [] : [order.quote];
  const why = order.obstacle === null ? [] : note(side, order.obstacle);
  const notes = [...note(opposite(side), `${what}: it would add to the position`), ...why];
  return { quotes, notes, block, obstacle: order.obstacle };
}

function nothing(block: QuotePlan["block"], obstacle: string | null): ClosingPlan {
  return { quotes: [], notes: [], block, obstacle };
}

function note(side: Side | "both", text: string): QuotePlan["notes"] {
  return [{ side, text }];
}

/** What keeps the position from closing now, in words without figures that move. */
export function closingObstacle(state: BotState, moment: Moment, params: Params): string | null {
  const { closing } = state.risk;
  if (closing !== null && closing !== undefined && moment.atMs < closing.postOnlyUntilMs)
    return closing.refusal;
  const obstacle = planClosing(state, moment, params)?.obstacle ?? null;
  if (obstacle !== null || closing?.mode !== "reduceOnly" || !takersRefused(state)) return obstacle;
  return "nobody trades with us, and taking is beyond its share of the volume";
}

/**
 * Lots that may be closed by what is known freshest. When the venue's reading is newer than our newest fill and the two
 * disagree, the smaller one counts, and none when they disagree about the side: the next comparison settles it.
 */
export function closableLots(state: BotState): number {
  const ours = state.ledger.positionLots;
  const { reading } = state.account;
  if (reading === null || reading.venueMs <= state.ledger.fillWatermarkMs) return Math.abs(ours);
  const theirs = reading.positionLots;
  if (theirs * ours <= 0) return 0;
  return Math.min(Math.abs(ours), Math.abs(theirs));
}

type ClosingOrder = { readonly quote: DesiredQuote | null; readonly obstacle: string | null };

function closingOrder(
  state: BotState,
  moment: Moment,
  params: Params,
  side: Side,
  lots: number,
): ClosingOrder {
  const { view } = moment;
  const { spec } = state.run;
  if (view === null || spec === null) return { quote: null, obstacle: "no book has been seen yet" };
  const others = takeOutOwn(view, state.orders.working);
  const market: ClosingMarket = { others, spec, referenceTicks: referencePx(state, moment) };
  const stage = stageOf(state, moment, params);
  const priced = closingPrices(market, side, stage, params);
  if (priced.pxTicks === null) return { quote: null, obstacle: priced.obstacle };
  const { pxTicks, taking } = priced;
  const wanted = taking ? takenLots(state, lots, params) : shownLots(state, lots, pxTicks, params);
  const { working } = state.orders;
  const room = lots - exposureOf(working).plain[side];
  const size = orderLots(pxTicks, wanted, lots, room);
  const meetsOwn = crosses(side, pxTicks, bestOwnTicks(working, opposite(side)));
  if (size === 0 || meetsOwn) return { quote: null, obstacle: cancelObstacle(state) };
  const quote: DesiredQuote = {
    side,
    pxTicks,
    sizeLots: sizeLots(size),
    reduceOnly: true,
    tif: taking ? "Ioc" : "Alo",
    toleranceTicks: priced.stepTicks * params.priceToleranceSteps,
    reason: reduceReason(market, side, pxTicks, taking, params),
  };
  return { quote, obstacle: priced.obstacle };
}

function cancelObstacle({ orders }: BotState): string {
  const refused = orders.cancelRefusals ?? null;
  const what = "ordinary orders are still being cancelled";
  return refused === null ? what : `${what}, and the venue refuses: ${refused.text}`;
}

/**
 * The venue takes a partial close only from $10 on, a whole one at any size: a slice below the minimum becomes the whole
 * position. @returns 0 when there is no room yet
 */
function orderLots(pxTicks: number, wanted: number, lots: number, room: number): number {
  const slice = Math.min(wanted, room);
  if (slice >= 1 && (slice === lots || meetsMinimum(pxTicks, slice))) return slice;
  return room >= lots ? lots : 0;
}

function stageOf(state: BotState, { atMs }: Moment, params: Params): ClosingStage {
  const closing = state.risk.closing ?? null;
  if (closing === null) return { kind: "join" };
  const takes = atMs >= closing.postOnlyUntilMs && mayTake(state, closing, atMs, params);
  if (takes) return { kind: "take", rung: closing.takes };
  if (closing.mode === "flatten") return { kind: "improve" };
  return { kind: atMs - closing.progressMs < params.reducePatienceMs ? "join" : "improve" };
}

function mayTake(state: BotState, closing: ClosingState, atMs: number, params: Params): boolean {
  if (closing.mode === "flatten") return atMs - closing.sinceMs >= params.flattenPassiveMs;
  const patient = atMs - closing.progressMs < params.reduceTakeAfterMs;
  return !patient && !takersRefused(state);
}

/** Too much of what was traded was taking: only a flatten still takes. */
export function takersRefused(state: BotState): boolean {
  return state.risk.triggers?.["takers"] !== undefined;
}

/** Where all has to go, all at once: price and depth bound it. Else slices. */
function takenLots(state: BotState, lots: number, params: Params): number {
  const closing = state.risk.closing ?? null;
  const margin = state.risk.triggers?.["margin"]?.level === "flatten";
  const liquidation = state.risk.triggers?.["liquidation"]?.level === "flatten";
  const latched =
    (state.risk.operatorFlatten ?? null) !== null || (state.risk.drawdownReason ?? null) !== null;
  const whole = latched || (closing?.mode === "flatten" && !margin && !liquidation);
  if (whole || closing === null) return lots;
  return Math.min(lots, Math.max(1, Math.ceil(closing.startLots * params.flattenSliceFraction)));
}

/** Resting: the whole position when it has to go, else at most what a side normally shows. */
function shownLots(state: BotState, lots: number, pxTicks: number, params: Params): number {
  const { reading } = state.account;
  if (state.risk.mode === "flatten" || reading === null) return lots;
  const shown = Math.floor(
    (params.sideNotionalFraction * capacityMicroUsd(reading, params)) / pxTicks,
  );
  return Math.min(lots, Math.max(1, shown));
}
