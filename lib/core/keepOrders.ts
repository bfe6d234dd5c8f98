import type { WorkingOrder } from "../messages/orders.ts";
import { sideSign } from "../units/grid.ts";
import type { DesiredQuote } from "./quotePlan.ts";
import { orderValueMicroUsd } from "./quoteValue.ts";
import type { ValueModel } from "./quoteValue.ts";

export type KeepRules = {
  readonly sizeToleranceFraction: number;
  /** What a replacement has to gain, micro-USD. */
  readonly actionPriceMicroUsd: number;
};

/** A kept order is at most this share of its level's distance, and this many bps, away from where it should be. */
const DRIFT_SHARE = 0.5;
const DRIFT_BPS = 1;
/** Where nothing moves, an order is not taken to stand for ever. */
const LEAST_VOLATILITY_BPS = 0.3;
/** Pairs further apart in rank than this are not tried: ladders shift by a level or two between looks. */
const BAND = 8;

/**
 * Which resting order stands for which quote: the one-to-one assignment that loses least, where keeping an order costs
 * the expected gain that its right place would add, and every quote or order left over costs half an action, because
 * one of each make one replacement. Both lists are sorted best first, and so are the pairs: an assignment by price
 * never has to cross (dynamic programme over prefixes, as in sequence alignment).
 * @returns for each quote the index of its order, or -1
 */
export function keepOrders(
  quotes: readonly DesiredQuote[],
  orders: readonly WorkingOrder[],
  model: ValueModel,
  rules: KeepRules,
): readonly number[] {
  const loose = rules.actionPriceMicroUsd / 2;
  const wanted = quotes.map((quote) => quoteValue(quote, model));
  const standing = orders.map((order) => orderValue(order, model));
  if (eachKeepsItsOwn(quotes, orders, wanted, standing, rules)) return quotes.map((_, i) => i);
  const width = orders.length + 1;
  const costs = new Float64Array((quotes.length + 1) * width);
  const choice = new Uint8Array(costs.length);
  for (let j = 1; j < width; j++) {
    costs[j] = (costs[j - 1] ?? 0) + loose;
    choice[j] = SKIP_ORDER;
  }
  for (const [index, quote] of quotes.entries()) {
    const i = index + 1;
    const value = wanted[index] ?? 0;
    costs[i * width] = (costs[index * width] ?? 0) + loose;
    for (let j = 1; j < width; j++) {
      const at = i * width + j;
      let best = (costs[at - width] ?? 0) + loose;
      let how = SKIP_QUOTE;
      const skipped = (costs[at - 1] ?? 0) + loose;
      if (skipped < best) {
        best = skipped;
        how = SKIP_ORDER;
      }
      if (Math.abs(i - j) <= BAND) {
        const loss = value - (standing[j - 1] ?? 0);
        const kept = (costs[at - width - 1] ?? 0) + Math.max(0, loss);
        const order = orders[j - 1];
        if (kept <= best && order !== undefined && canStandFor(order, quote, rules)) {
          best = kept;
          how = KEEP;
        }
      }
      costs[at] = best;
      choice[at] = how;
    }
  }
  return backtrack(choice, quotes.length, orders.length);
}

/** Sums of a few losses may miss each other by their rounding. */
const CERTAIN = 1 - 1e-9;

/**
 * True when order for order all can stay and that loses less than a single replacement costs: every other assignment
 * leaves a quote and an order over, so none is better. Most looks at the market end here.
 */
function eachKeepsItsOwn(
  quotes: readonly DesiredQuote[],
  orders: readonly WorkingOrder[],
  wanted: readonly number[],
  standing: readonly number[],
  rules: KeepRules,
): boolean {
  if (quotes.length !== orders.length) return false;
  const most = rules.actionPriceMicroUsd * CERTAIN;
  let lost = 0;
  for (let i = 0; i < quotes.length; i++) {
    lost += Math.max(0, (wanted[i] ?? 0) - (standing[i] ?? 0));
    if (!(lost < most)) return false;
  }
  for (let i = 0; i < quotes.length; i++) {
    const quote = quotes[i];
    const order = orders[i];
    if (quote === undefined || order === undefined) return false;
    if (!canStandFor(order, quote, rules)) return false;
  }
  return true;
}

const SKIP_QUOTE = 0;
const SKIP_ORDER = 1;
const KEEP = 2;

function backtrack(choice: Uint8Array, quotes: number, orders: number): readonly number[] {
  const pairs = Array.from({ length: quotes }, () => -1);
  let i = quotes;
  let j = orders;
  while (i > 0 || j > 0) {
    const how = choice[i * (orders + 1) + j];
    if (how === KEEP) pairs[--i] = --j;
    else if (how === SKIP_ORDER) j--;
    else i--;
  }
  return pairs;
}

function quoteValue({ pxTicks, sizeLots, reason }: DesiredQuote, model: ValueModel): number {
  return orderValueMicroUsd(model, pxTicks, sizeLots, reason.queueLots ?? model.usualLots);
}

function orderValue(order: WorkingOrder, model: ValueModel): number {
  const queue = order.queueAheadLots ?? model.usualLots;
  return orderValueMicroUsd(model, order.pxTicks, order.leavesLots, queue);
}

/**
 * Expected gain of one action for a quote that no order stands for, micro-USD: of a new order, or of the order in its
 * place. A loss avoided counts once; a gain lasts until the mid has moved as far as the quote stands away, which takes
 * the square of the distance over the volatility, so that far levels are worth placing although they seldom fill.
 */
export function actionGainMicroUsd(
  quote: DesiredQuote,
  order: WorkingOrder | null,
  model: ValueModel,
): number {
  const before = order === null ? 0 : orderValue(order, model);
  const { halfSpreadBps, volatilityBps } = quote.reason;
  const life = Math.max(1, (halfSpreadBps / Math.max(LEAST_VOLATILITY_BPS, volatilityBps)) ** 2);
  const gained = Math.max(0, quoteValue(quote, model) - Math.max(0, before));
  return life * gained + Math.max(0, -before);
}

function canStandFor(order: WorkingOrder, quote: DesiredQuote, rules: KeepRules): boolean {
  if (order.reduceOnly !== quote.reduceOnly) return false;
  const off = Math.abs(order.leavesLots - quote.sizeLots);
  if (off > rules.sizeToleranceFraction * quote.sizeLots) return false;
  return Math.abs(driftBps(order, quote)) <= driftBpsMax(quote);
}

/** True when the market has left an order so far behind that it cannot stand for the quote. */
export function hasDriftedAway(order: WorkingOrder, quote: DesiredQuote): boolean {
  return driftBps(order, quote) > driftBpsMax(quote);
}

/** How much further than the quote the order stands from fair value, bps; negative when it is nearer. */
function driftBps(order: WorkingOrder, { side, pxTicks, reason }: DesiredQuote): number {
  return (1e4 * sideSign(side) * (pxTicks - order.pxTicks)) / reason.fairTicks;
}

function driftBpsMax({ side, pxTicks, reason }: DesiredQuote): number {
  const { fairTicks } = reason;
  const distance = (1e4 * sideSign(side) * (fairTicks - pxTicks)) / fairTicks;
  return DRIFT_BPS + DRIFT_SHARE * Math.max(0, distance);
}
